/**
 * Where the threads of a team meet, in shared memory: a barrier that nobody passes before all have come, and a dealer
 * of tasks. Places at the barrier are counted anew for each phase.
 *
 * @module
 */

/** Indices of the words, each in its own cache line. */
const ARRIVED = 0, PHASE = 16, BROKEN = 32, DEALT = [48, 64] as const, WORDS = 80;

/** Looks at the phase so often before it sleeps: some microseconds, about what waking up would cost. */
const SPINS = 2000;

/** @returns the memory of a barrier, to be shared with all who meet there; or just for the calling thread. */
export function createBarrier(shared = true): Int32Array {
  return shared ? new Int32Array(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT)) : new Int32Array(WORDS);
}

/**
 * Waits for the others; all that they wrote before is seen after. Blocks, so not for the main thread.
 *
 * @throws Error if the barrier is broken: one of the others will not come.
 */
export function meet(barrier: Int32Array, parties: number): void {
  const phase = Atomics.load(barrier, PHASE);
  if (Atomics.add(barrier, ARRIVED, 1) === parties - 1) {
    // Before the phase ends: whoever leaves may be back at once.
    Atomics.store(barrier, ARRIVED, 0);
    Atomics.add(barrier, PHASE, 1);
    Atomics.notify(barrier, PHASE);
  } else {
    for (let n = 0; n < SPINS && Atomics.load(barrier, PHASE) === phase; n++);
    while (Atomics.load(barrier, PHASE) === phase) Atomics.wait(barrier, PHASE, phase);
  }
  if (Atomics.load(barrier, BROKEN) === 1) throw new Error("another thread failed");
}

/** Lets everybody go who waits, for good. Never blocks. */
export function breakBarrier(barrier: Int32Array): void {
  Atomics.store(barrier, BROKEN, 1);
  Atomics.add(barrier, PHASE, 1);
  Atomics.notify(barrier, PHASE);
}

/**
 * Deals tasks, each number to one thread. Passes take turns at two counters: who works on one pass cannot disturb the
 * other's, and clears it, since all have left it at the barrier in between.
 *
 * @returns the next number, from 0 on, in a pass
 */
export function deal(barrier: Int32Array, pass: number): number {
  const number = Atomics.add(barrier, DEALT[(pass & 1) as 0 | 1], 1);
  if (number === 0) Atomics.store(barrier, DEALT[(pass & 1 ^ 1) as 0 | 1], 0);
  return number;
}

/** Starts dealing anew, while nobody works. */
export function clearDealt(barrier: Int32Array): void {
  for (const word of DEALT) Atomics.store(barrier, word, 0);
}
