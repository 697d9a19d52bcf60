/**
 * One thread's part of a pass through a grid or level of multigrid. All steps of a pass (correction from below,
 * half-sweeps, residual) are done in one pass over memory: each follows the one before it, a row behind.
 *
 * Threads split the rows. Each does in its own rows what depends on no other thread: of each step a row less at a
 * border than of the step before. The rest, a triangle in rows and steps, is done after a barrier. So a pass has one
 * barrier, however many steps. C. Weiss, W. Karl, M. Kowarschik and U. Ruede, Memory characteristics of iterative
 * methods, SC'99, have the same order of red-black sweeps for one thread.
 *
 * @module
 */

import { partRange } from "../../core/kernels/distributed.ts";
import { barrierWait } from "./barrier.ts";
import type { PassSteps } from "./engine.ts";

/** What a pass consists of. */
export interface PassPlan {
  /** Whether the correction of the coarse level is prolonged and added first. */
  readonly prolong: boolean;
  /** Smoothing sweeps. */
  readonly sweeps: number;
  /** Whether the residual is computed and restricted at last. */
  readonly restrict: boolean;
}

/** One of the threads that do a pass together, and their barrier. */
export interface Participant {
  readonly index: number;
  readonly threads: number;
  readonly barrier: Int32Array;
}

type Step = (from: number, to: number) => void;

/** Points that stay in a thread's cache: there one step after the other is as good, and simpler. */
const CACHED_POINTS = 1 << 13;

/** The number of steps in a pass. A thread's part must have twice as many rows. */
export function stepCount({ prolong, sweeps, restrict }: PassPlan, colours: number): number {
  return Number(prolong) + sweeps * colours + 2 * Number(restrict);
}

/** Local. Does this thread's part of a pass over stored rows 1 to ny − 2. */
export function runPass(
  steps: PassSteps,
  { prolong, sweeps, restrict }: PassPlan,
  [ny, nx]: readonly [rows: number, cols: number],
  periodicRows: boolean,
  participant: Participant,
): void {
  const all: Step[] = [];
  if (prolong) all.push((from, to) => steps.addCorrection(from, to));
  for (let n = 0; n < sweeps * steps.colours; n++) {
    const colour = n % steps.colours;
    all.push((from, to) => steps.smooth(colour, from, to));
  }
  if (restrict) {
    all.push((from, to) => steps.computeResidual(from, to));
    all.push((from, to) => steps.restrict(from, to));
  }
  if (periodicRows) return runInLockstep(all, ny, participant, () => steps.fillGhostRows());
  if (participant.threads > 1 || ny * nx > CACHED_POINTS) return runWavefront(all, ny, participant);
  for (const step of all) step(1, ny - 1);
}

/** Periodic rows: a step begins when the last one is done everywhere, ghost rows included. */
function runInLockstep(
  steps: readonly Step[],
  ny: number,
  { index, threads, barrier }: Participant,
  fillGhostRows: () => void,
): void {
  const [from, to] = partRange(ny - 2, threads, index);
  for (const step of steps) {
    step(from + 1, to + 1);
    if (threads > 1) barrierWait(barrier, threads);
    if (index === 0) fillGhostRows();
    if (threads > 1) barrierWait(barrier, threads);
  }
}

/**
 * Step h is done at row i after step h − 1 at rows i − 1 to i + 1, and before step h + 1 there.
 *
 * No race: a step in place updates points of one colour, and reads those of others. What a thread reads across a border
 * in its first step, its neighbour updates in later steps only, which wait for the barrier there.
 */
function runWavefront(steps: readonly Step[], ny: number, { index, threads, barrier }: Participant): void {
  const [first, end] = partRange(ny - 2, threads, index);
  const [a, b] = [first + 1, end + 1];
  const [north, south] = [index > 0 ? 1 : 0, index < threads - 1 ? 1 : 0];
  for (let front = a; front < b + steps.length - 1; front++) {
    for (let h = 0; h < steps.length; h++) {
      const i = front - h;
      if (i >= a + north * h && i < b - south * h) steps[h]!(i, i + 1);
    }
  }
  if (threads === 1) return;
  barrierWait(barrier, threads);
  if (south === 0) return;
  for (let h = 1; h < steps.length; h++) steps[h]!(b - h, b + h);
}
