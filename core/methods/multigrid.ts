/**
 * Multigrid: coarse-grid corrections reduce the smooth part of an error, a smoother the rest, so that a V-cycle reduces all
 * of it by a factor that does not depend on the size of the grid. A sweep is a cycle. Here is the order of operations;
 * `hierarchy.ts` has the levels, and kernels do the arithmetic.
 *
 * The core decides for every backend which axes are coarsened, the smallest level, the first guess, and when cycles
 * become a preconditioner. How a backend smooths, stores and rounds its levels is its own: the conformance suite checks
 * where cycles lead and how fast.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import type { Stencil } from "../contract.ts";
import type { Halo } from "../kernels/distributed.ts";
import { roundoff } from "../dtype.ts";
import type { Aggregation, Kernels, Multigrid, Norms } from "../kernels/kernels.ts";
import { comparisonFactor } from "./comparison_function.ts";
import { Hierarchy, levelSizes, POST, PRE } from "./hierarchy.ts";
import { createDistributed, rhsHalo } from "./distributed_hierarchy.ts";
import { conjugate } from "./cg.ts";
import { roughness } from "./roughness.ts";
import type { Neighbours, Step } from "./stepper.ts";

/** So many cycles in turn that each leave more than this of the residual are slow: a few errors escape smoother and levels. */
const SLOW = 0.3, TIMES = 3;

/**
 * Two slow cycles in turn that leave more than `HOPELESS` together; or so many steps of conjugate gradients with a cycle as
 * preconditioner that leave more than `POOR` of ⟨r, z⟩; or a conductivity that is rougher than `ROUGH`: then aggregates are the
 * better preconditioner. Their cycle takes two to three times as long, and a step leaves 0.4 of the residual.
 */
const HOPELESS = 0.5, POOR = 0.05, STEPS = 3, ROUGH = 1.4;

/**
 * Of full multigrid: cycles on each grid but the finest, and on the coarsest, which has at most so many points a side. On a
 * smaller one, opening it would take longer than the cycles that it saves.
 */
const CYCLES = 1, COARSEST_CYCLES = 4, COARSEST_SIDE = 257;

/** A. Brandt, Math. Comp. 31 (1977) 333; U. Trottenberg et al., Multigrid (2001). */
export function multigrid<G, L>(
  kernels: Kernels<G, L>,
  grid: G,
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
  // A single unknown: any sweep solves it.
  if (levelSizes(stencil).length === 0) return async (sweeps) => ({ change: await kernels.sweep(grid, sweeps) });

  let hierarchy: Promise<Hierarchy<L>> | undefined;
  /** What ranks exchange besides the iterate. */
  let rhs: Halo | undefined;
  const open = async () => {
    const created =
      await (alone
        ? Hierarchy.createBelow(operations, grid, stencil)
        : createDistributed(operations, grid, stencil, shared!));
    atEnd(() => created.free());
    if (!alone) rhs = rhsHalo(operations.levels, created.first, stencil, shared!);
    return created;
  };
  let guessed = false;
  let begun: number | undefined;
  /** Conjugate gradients with a preconditioner, where cycles alone are too slow. */
  let directed: Step | undefined;
  let aggregation: Aggregation | undefined;
  atEnd(() => aggregation?.free());
  const { preconditionedResidual, aggregate: aggregateWeighted } = (alone && kernels.cg) || {};
  const aggregate = stencil.kind === "weighted" ? aggregateWeighted : undefined;
  const pace = paceOf(stencil);
  /** @param levels absent: aggregates from the first step on */
  const directions = (levels?: Hierarchy<L>) =>
    preconditionedResidual && conjugate(kernels, grid, { writes }, stencil, async (correction, product) => {
      if (aggregate && !aggregation && (!levels || pace.stepsArePoor(product))) {
        aggregation = await aggregate(correction);
      }
      await (aggregation ? aggregation.cycle() : levels!.cycle(operations, correction));
    });
  const isRough = preconditionedResidual && aggregate && roughness(stencil) > ROUGH;

  const step = async (sweeps: number): Promise<Norms> => {
    if (isRough) directed ??= directions();
    if (directed) return await directed(sweeps);
    const levels = await (hierarchy ??= open());
    let norms: Norms = { change: 0 };
    for (let n = 0; n < sweeps; n++) {
      await exchange();
      if (begun !== writes()) {
        // A field that was written, or given, is the better first guess.
        if (alone && !guessed && writes() === 0 && stencil.coarsen && operations.prolongSolution) {
          await guess(kernels, operations, grid, neighbours, stencil);
        }
        await operations.smoothAndRestrict(grid, levels.first, PRE);
        [guessed, begun] = [true, writes()];
      }
      if (directed) return await directed(sweeps - n);
      if (rhs) await shared!.domain.exchange(rhs);
      await levels.solve();
      norms = await operations.prolongSmoothRestrict(grid, levels.first, POST, PRE);
      const found = pace.cycle(norms.residual!);
      if (found !== "fast") directed = directions(found === "hopeless" && aggregate ? undefined : levels);
    }
    return norms;
  };
  const prepare = async () => {
    if (!isRough) return void await (hierarchy ??= open());
    aggregation ??= await aggregate!(await preconditionedResidual!(grid));
  };
  const errorFactor = async () => {
    // Cycles would be too slow for it, too.
    if (isRough || aggregation) return undefined;
    // It overwrites the levels and the preconditioned residual, so the next step starts the cycle anew.
    begun = directed = undefined;
    return await comparisonFactor(kernels, grid, await (hierarchy ??= open()), stencil);
  };
  return Object.assign(step, { prepare, ...(stencil.kind === "weighted" && alone && { errorFactor }) });
}

/**
 * Full multigrid: solves the same problem on every other row and column, which takes its own first guess from there, and
 * prolongs the solution. After one more cycle the error of a smooth solution is about that of the discretisation. Brandt
 * 1977, section 6.
 */
async function guess<G, L>(
  kernels: Kernels<G, L>,
  operations: Multigrid<G, L>,
  grid: G,
  neighbours: Neighbours<G>,
  stencil: Stencil,
): Promise<void> {
  const coarseStencil = stencil.coarsen!();
  const coarse = await neighbours.open(coarseStencil);
  try {
    const levels = await Hierarchy.createBelow(operations, coarse, coarseStencil);
    try {
      const coarsest = !coarseStencil.coarsen || Math.max(...coarseStencil.shape) <= COARSEST_SIDE;
      if (!coarsest) await guess(kernels, operations, coarse, neighbours, coarseStencil);
      for (let n = 0; n < (coarsest ? COARSEST_CYCLES : CYCLES); n++) await levels.cycle(operations, coarse);
      await operations.prolongSolution!(grid, coarse);
    } finally {
      await levels.free();
    }
  } finally {
    await kernels.free(coarse);
  }
}

/**
 * Detects what is slow, though rounding is far below what is left. Conjugate gradients remove the few errors that neither
 * smoother nor levels reduce: C. W. Oosterlee and T. Washio, SIAM J. Sci. Comput. 19 (1998) 87.
 */
function paceOf({ dtype, magnitude }: Pick<Stencil, "dtype" | "magnitude">) {
  const floor = 1e3 * roundoff(dtype) * magnitude;
  const residuals: number[] = [];
  const products: number[] = [];
  let slow = 0;
  return {
    /** Of cycles alone, given the residual that one leaves. */
    cycle(residual: number): "fast" | "slow" | "hopeless" {
      const before = residuals.at(-1) ?? Infinity;
      slow = residual > SLOW * before && residual > floor ? slow + 1 : 0;
      residuals.push(residual);
      if (slow > 1 && residual > HOPELESS * residuals.at(-3)!) return "hopeless";
      return slow >= TIMES ? "slow" : "fast";
    },
    /** Of conjugate gradients with cycles, given ⟨r, z⟩ of the step before; 0 before the first. */
    stepsArePoor(product: number): boolean {
      const before = products.at(-STEPS);
      if (product > 0) products.push(product);
      return before !== undefined && product > POOR * before;
    },
  };
}
