/**
 * Multigrid: what is smooth of an error is found on coarser grids, so that a cycle takes as much of the long waves as of
 * the short ones, whatever the size of the grid. A sweep is a cycle. Decided here is what follows what; `levels.ts` has
 * the levels, and kernels do the arithmetic.
 *
 * The core decides for every backend which axes are coarsened, the smallest level, the first guess, and when cycles
 * become a preconditioner. How a backend smooths, stores and rounds its levels is its own: the conformance suite checks
 * where cycles lead and how fast.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import type { Halo, Plan, Stencil } from "../contract.ts";
import { roundoff } from "../dtype.ts";
import type { Kernels, Norms } from "../kernels/kernels.ts";
import { comparisonFactor } from "./comparison_function.ts";
import { Hierarchy, levelSizes, POST, PRE } from "./hierarchy.ts";
import { createDistributed, rhsHalo } from "./distributed_hierarchy.ts";
import { conjugate } from "./cg.ts";
import type { Neighbours, Step } from "./stepper.ts";

/** Cycles that leave more than this of the residual, so often in turn, are slow: a few errors escape smoothing and levels. */
const SLOW = 0.3, TIMES = 3;

/**
 * Of full multigrid: cycles on each grid but the finest, and on the first, which has so many points a side at most. From there
 * on down, opening a grid would take longer than the cycles that it saves.
 */
const CYCLES = 1, FIRST_CYCLES = 4, FIRST = 257;

/** A. Brandt, Math. Comp. 31 (1977) 333; U. Trottenberg et al., Multigrid (2001). */
export function multigrid<G>(
  kernels: Kernels<G>,
  grid: G,
  _plan: Plan,
  neighbours: Neighbours<G>,
  stencil: Stencil,
): Step {
  const { depth, writes, atEnd, exchange, shared } = neighbours;
  const { multigrid: operations } = kernels;
  if (!operations) throw new Error("Cannot step with multigrid: the kernels have no levels");
  const alone = depth === Infinity;
  if (!alone && !shared) {
    throw new ConfigError(`Cannot use method "multigrid": the domain has no levels; use "jacobi" or "sor"`);
  }
  // A single unknown: any sweep gives its value.
  if (levelSizes(stencil).length === 0) return async (sweeps) => ({ change: await kernels.sweep(grid, sweeps) });

  let below: Promise<Hierarchy<G>> | undefined;
  /** Of several ranks: what they exchange besides the iterate. */
  let rightSide: Halo | undefined;
  const open = async () => {
    const levels =
      await (alone
        ? Hierarchy.createBelow(kernels, grid, stencil)
        : createDistributed(kernels, grid, stencil, shared!));
    atEnd(() => levels.free());
    if (!alone) rightSide = rhsHalo(kernels, levels.first, stencil, shared!);
    return levels;
  };
  let guessed = false;
  let begun: number | undefined;
  /** Conjugate gradients with a cycle as preconditioner, where cycles alone are too slow. */
  let directed: Step | undefined;
  const directions = (levels: Hierarchy<G>) =>
    alone && kernels.cg?.preconditionedResidual
      ? conjugate(kernels, grid, { writes }, stencil, (correction) => levels.cycle(correction))
      : undefined;
  const slow = slowness(stencil);

  const step = async (sweeps: number): Promise<Norms> => {
    const levels = await (below ??= open());
    let norms: Norms = { change: 0 };
    for (let n = 0; n < sweeps; n++) {
      await exchange();
      if (begun !== writes()) {
        // Of a field that was written, or given, the guess is better kept.
        if (alone && !guessed && writes() === 0 && stencil.coarsen && operations.prolongSolution) {
          await guess(kernels, grid, neighbours, stencil);
        }
        await operations.smoothAndRestrict(grid, levels.first, PRE);
        [guessed, begun] = [true, writes()];
      }
      if (directed) return await directed(sweeps - n);
      if (rightSide) await shared!.domain.exchange(rightSide);
      await levels.solve();
      norms = await operations.prolongSmoothRestrict(grid, levels.first, POST, PRE);
      if (slow(norms.residual!)) directed = directions(levels);
    }
    return norms;
  };
  const errorFactor = async () => {
    // It needs the levels, and the correction, for itself: what they held is lost.
    begun = directed = undefined;
    return await comparisonFactor(kernels, grid, await (below ??= open()), stencil);
  };
  return stencil.boundProven || !alone ? step : Object.assign(step, { errorFactor });
}

/**
 * Full multigrid: solves the same problem on every other row and column, which takes its own first guess from there, and
 * refines. After one cycle more the error of a smooth solution is about that of the discretisation. Brandt 1977, section 6.
 */
async function guess<G>(kernels: Kernels<G>, grid: G, neighbours: Neighbours<G>, stencil: Stencil): Promise<void> {
  const operations = kernels.multigrid!;
  const coarser = stencil.coarsen!();
  const coarse = await neighbours.open(coarser);
  try {
    const levels = await Hierarchy.createBelow(kernels, coarse, coarser);
    try {
      const first = !coarser.coarsen || Math.max(...coarser.shape) <= FIRST;
      if (!first) await guess(kernels, coarse, neighbours, coarser);
      for (let n = 0; n < (first ? FIRST_CYCLES : CYCLES); n++) await levels.cycle(coarse);
      await operations.prolongSolution!(grid, coarse);
    } finally {
      await levels.free();
    }
  } finally {
    await kernels.free(coarse);
  }
}

/**
 * Notices cycles that are slow, though rounding is far below what is left. A few errors that neither smoothing nor levels
 * see are what conjugate gradients are good at: C. W. Oosterlee and T. Washio, SIAM J. Sci. Comput. 19 (1998) 87.
 */
function slowness({ dtype, magnitude: size }: Pick<Stencil, "dtype" | "magnitude">): (residual: number) => boolean {
  const floor = 1e3 * roundoff(dtype) * size;
  let before = Infinity;
  let times = 0;
  return (residual) => {
    times = residual > SLOW * before && residual > floor ? times + 1 : 0;
    before = residual;
    return times >= TIMES;
  };
}
