/**
 * A bound on the error of a field that multigrid has found, point by point. B = I − W, times its diagonal d, is an M-matrix, so
 * any w >= 0 with B w >= |r| at all points has |u − u_discrete| <= w there, r being the residual. Such a w knows where the
 * residual is; the product of max w for B w = 1 and max |r| is up to 1e9 times the error.
 *
 * The method goes on first: where it moves the field by v, and leaves r', |u − u_discrete| <= |v| + w for B w >= |r'|. r' is
 * so small that a rough w is good enough: a few steps on B w = |r'| + margin / d, until the margin covers what they leave.
 * R. S. Varga, Matrix Iterative Analysis (1962), ch. 3.
 *
 * @module
 */

import type { Block, GridData } from "../contract.ts";
import { roundoff } from "../dtype.ts";
import type { Comparison, Kernels } from "../kernels/kernels.ts";

/** The part of its residual at which the method has gone on far enough, and the share of the steps that this may take. */
const FURTHER = 1e-3, OF_STEPS = 0.4;

/**
 * The margin, relative to the largest residual times its diagonal: at least, and at most where few steps are left. They reduce
 * what must be covered by it as they reduce a residual, from so many times the largest on.
 */
const LEAST = 0.01, MOST = 3, FIRST = 1e4;

/**
 * Local. The bound for a weighted grid in f64, in units of u; the iterate and the constant term of the grid are lost.
 *
 * @param inner the points inside the ghost layer
 * @param rounding what roundings hide of a residual of u, in units of u
 * @param step of the method that has found u; `begin` has it begin anew
 * @param most steps at most
 * @param ofStep what a step has left of a residual, as a rule: where `most` are too few for that, none is begun
 * @returns undefined if so many steps do not find one
 */
export async function errorBound<G, L>(
  kernels: Kernels<G, L>,
  grid: G,
  inner: Block,
  comparison: Comparison<G>,
  { step, begin }: { readonly step: () => unknown; readonly begin: () => void },
  rounding: number,
  most: number,
  ofStep: number,
): Promise<number | undefined> {
  const further = Math.ceil(OF_STEPS * most);
  const shareAfter = (steps: number) => Math.max(LEAST, FIRST * ofStep ** (most - steps + 1));
  if (shareAfter(further) > MOST) return undefined;
  const u = await kernels.read(grid, inner);
  const found = await kernels.residual(grid);
  let [steps, left] = [0, found];
  for (; steps < further && left > FURTHER * found; steps++) {
    await step();
    left = await kernels.residual(grid);
  }
  const moved = largestDifference(u, await kernels.read(grid, inner));
  const margin = await comparison.compare(grid, shareAfter(steps), rounding);
  begin();
  while (steps < most) {
    await step();
    steps++;
    const { shortfall, most: w } = await comparison.shortfall(grid, 0);
    if (shortfall > margin) continue;
    if ((await comparison.shortfall(grid, 8 * roundoff("f64") * w)).shortfall <= margin) return moved + w;
  }
  return undefined;
}

function largestDifference(a: GridData, b: GridData): number {
  let most = 0;
  for (let k = 0; k < a.length; k++) {
    const difference = Math.abs(a[k]! - b[k]!);
    if (difference > most) most = difference;
  }
  return most;
}
