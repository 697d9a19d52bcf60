/**
 * A barrier in shared memory: nobody passes before all have come. Its places are counted anew for each phase.
 *
 * @module
 */

/** Indices of the words, each in its own cache line. */
const ARRIVED = 0, PHASE = 16, BROKEN = 32;

/** Looks at the phase so often before it sleeps: some microseconds, about what waking up would cost. */
const SPINS = 2000;

/** @returns the memory of a barrier, to be shared with all who meet there. */
export function createBarrier(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(48 * Int32Array.BYTES_PER_ELEMENT));
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
