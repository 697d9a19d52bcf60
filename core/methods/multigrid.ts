/**
 * Multigrid: errors that are smooth are found on coarser grids, so that a cycle takes nearly as much of the long waves as
 * of the short ones. What is coarsened, how and when is decided here; kernels do the arithmetic.
 *
 * @module
 */

import type { Plan } from "../contract.ts";
import type { Kernels } from "../kernels.ts";
import type { Neighbours, Step } from "./stepper.ts";

/** A. Brandt, Math. Comp. 31 (1977) 333. */
export function multigrid<G>(kernels: Kernels<G>, _grid: G, _plan: Plan, _neighbours: Neighbours): Step {
  if (!kernels.multigrid) throw new Error("Cannot step with multigrid: the kernels have none");
  throw new Error("Cannot step with multigrid: not written yet");
}
