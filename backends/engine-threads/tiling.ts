/**
 * One thread's part of a pass through a grid or level of multigrid. All steps of a pass (correction from below, half-sweeps,
 * residual) are done in one go over memory: each follows the one before it, a row behind.
 *
 * Threads share the rows. In its own each does what depends on nobody: of each step a row less at a border than of the
 * step before. What is missing there, a triangle in rows and steps, is done after a barrier. So a pass has one barrier,
 * however many steps. C. Weiss, W. Karl, M. Kowarschik and U. Ruede, Memory characteristics of iterative methods, SC'99,
 * have the same order of red-black sweeps for one thread.
 *
 * @module
 */

import { partRange } from "../../core/kernels/distributed.ts";
import { meet } from "./barrier.ts";
import type { Steps } from "./engine.ts";

/** What a pass consists of. */
export interface Course {
  /** Whether a correction from below is added first. */
  readonly enter: boolean;
  /** Smoothing sweeps. */
  readonly sweeps: number;
  /** Whether the residual goes down at last. */
  readonly leave: boolean;
}

/** Who does a pass: thread `index` of so many, which meet at the barrier. */
interface Crew {
  readonly index: number;
  readonly parties: number;
  readonly barrier: Int32Array;
}

type Step = (from: number, to: number) => void;

/** Points that stay in a thread's cache: there one step after the other is as good, and simpler. */
const CACHED = 1 << 13;

/** So many steps a pass has. A thread's share must have twice as many rows. */
export function stepsOf({ enter, sweeps, leave }: Course, colours: number): number {
  return Number(enter) + sweeps * colours + 2 * Number(leave);
}

/** Local. Does this thread's part of a pass over stored rows 1 to ny − 2. */
export function pass(
  steps: Steps,
  { enter, sweeps, leave }: Course,
  [ny, nx]: readonly [rows: number, cols: number],
  around: boolean,
  crew: Crew,
): void {
  const all: Step[] = [];
  if (enter) all.push((from, to) => steps.enter(from, to));
  for (let n = 0; n < sweeps * steps.colours; n++) {
    const colour = n % steps.colours;
    all.push((from, to) => steps.smooth(colour, from, to));
  }
  if (leave) {
    all.push((from, to) => steps.leave(from, to));
    all.push((from, to) => steps.restrict(from, to));
  }
  if (around) return inTurn(all, ny, crew, () => steps.renew());
  if (crew.parties > 1 || ny * nx > CACHED) return wave(all, ny, crew);
  for (const step of all) step(1, ny - 1);
}

/** Periodic rows: a step begins when the last one is done everywhere, ring rows too. */
function inTurn(steps: readonly Step[], ny: number, { index, parties, barrier }: Crew, renew: () => void): void {
  const [from, to] = partRange(ny - 2, parties, index);
  for (const step of steps) {
    step(from + 1, to + 1);
    if (parties > 1) meet(barrier, parties);
    if (index === 0) renew();
    if (parties > 1) meet(barrier, parties);
  }
}

/**
 * Step h is done at row i when step h − 1 has been done at rows i − 1 to i + 1, and before step h + 1 is done there.
 *
 * No race: a step in place moves points of one colour, and reads those of others. What a thread reads across a border in
 * its first step, its neighbour moves in later steps only, which there have to wait for the barrier.
 */
function wave(steps: readonly Step[], ny: number, { index, parties, barrier }: Crew): void {
  const [first, end] = partRange(ny - 2, parties, index);
  const [a, b] = [first + 1, end + 1];
  const [north, south] = [index > 0 ? 1 : 0, index < parties - 1 ? 1 : 0];
  for (let front = a; front < b + steps.length - 1; front++) {
    for (let h = 0; h < steps.length; h++) {
      const i = front - h;
      if (i >= a + north * h && i < b - south * h) steps[h]!(i, i + 1);
    }
  }
  if (parties === 1) return;
  meet(barrier, parties);
  if (south === 0) return;
  for (let h = 1; h < steps.length; h++) steps[h]!(b - h, b + h);
}
