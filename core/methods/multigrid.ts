/**
 * Multigrid: what is smooth of an error is found on coarser grids, so that a cycle takes as much of the long waves as of
 * the short ones, whatever the size of the grid. A sweep is a cycle. Decided here is what follows what; `levels.ts` has
 * the levels, and kernels do the arithmetic.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import type { Plan, Stencil } from "../contract.ts";
import type { Kernels, Norms } from "../kernels.ts";
import { Levels, POST, PRE, sizesBelow } from "./levels.ts";
import type { Neighbours, Step } from "./stepper.ts";

/** A. Brandt, Math. Comp. 31 (1977) 333; U. Trottenberg et al., Multigrid (2001). */
export function multigrid<G>(
  kernels: Kernels<G>,
  grid: G,
  _plan: Plan,
  { depth, writes, atEnd }: Neighbours,
  stencil: Stencil,
): Step {
  const { multigrid: operations } = kernels;
  if (!operations) throw new Error("Cannot step with multigrid: the kernels have no levels");
  if (depth !== Infinity) {
    throw new ConfigError(
      `Cannot use method "multigrid": its levels are those of one rank only; use "jacobi" or "sor"`,
    );
  }
  // A single unknown: any sweep gives its value.
  if (sizesBelow(stencil).length === 0) return async (sweeps) => ({ change: await kernels.sweep(grid, sweeps) });

  let below: Levels<G> | undefined;
  let begun: number | undefined;
  return async (sweeps) => {
    if (!below) {
      below = await Levels.below(operations, grid, stencil);
      const { levels } = below;
      atEnd(async () => {
        for (const level of levels.toReversed()) await kernels.free(level);
      });
    }
    if (begun !== writes()) {
      await operations.descend(grid, below.first, PRE);
      begun = writes();
    }
    let norms: Norms = { change: 0 };
    for (let n = 0; n < sweeps; n++) {
      await below.solve();
      norms = await operations.turn(grid, below.first, POST, PRE);
    }
    return norms;
  };
}
