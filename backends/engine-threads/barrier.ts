/**
 * Synchronisation of a pool's threads in shared memory: a barrier, and a counter that assigns tasks.
 *
 * @module
 */

/** Indices of the words, each in its own cache line. */
const ARRIVED = 0, PHASE = 16, BROKEN = 32, NEXT_TASK = [48, 64] as const, WORDS = 80;

/** A thread reads the phase so often before it sleeps: some microseconds, about what waking up would cost. */
const SPINS = 2000;

/** @returns the memory of a barrier, shared with all threads that wait there, or for the calling thread alone. */
export function createBarrier(shared = true): Int32Array {
  return shared ? new Int32Array(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT)) : new Int32Array(WORDS);
}

/**
 * Waits for the others; all that they wrote before is seen after. Blocks, so not for the main thread. Arrivals are
 * counted anew for each phase.
 *
 * @throws Error if the barrier is broken: one of the others will not come.
 */
export function barrierWait(barrier: Int32Array, threads: number): void {
  const phase = Atomics.load(barrier, PHASE);
  if (Atomics.add(barrier, ARRIVED, 1) === threads - 1) {
    // Before the phase ends: a thread that passes may be back at once.
    Atomics.store(barrier, ARRIVED, 0);
    Atomics.add(barrier, PHASE, 1);
    Atomics.notify(barrier, PHASE);
  } else {
    for (let n = 0; n < SPINS && Atomics.load(barrier, PHASE) === phase; n++);
    while (Atomics.load(barrier, PHASE) === phase) Atomics.wait(barrier, PHASE, phase);
  }
  if (Atomics.load(barrier, BROKEN) === 1) throw new Error("another thread failed");
}

/** Releases all threads that wait, for good. Never blocks. */
export function breakBarrier(barrier: Int32Array): void {
  Atomics.store(barrier, BROKEN, 1);
  Atomics.add(barrier, PHASE, 1);
  Atomics.notify(barrier, PHASE);
}

/**
 * Assigns tasks, each number to one thread. Passes alternate between two counters: a thread in one pass cannot disturb
 * the counter of the other, and resets it, since all have left that pass at the barrier in between.
 *
 * @returns the next number, from 0 on, in a pass
 */
export function nextTask(barrier: Int32Array, pass: number): number {
  const number = Atomics.add(barrier, NEXT_TASK[(pass & 1) as 0 | 1], 1);
  if (number === 0) Atomics.store(barrier, NEXT_TASK[(pass & 1 ^ 1) as 0 | 1], 0);
  return number;
}

/** Starts again at task 0, while no thread works. */
export function resetTasks(barrier: Int32Array): void {
  for (const word of NEXT_TASK) Atomics.store(barrier, word, 0);
}
