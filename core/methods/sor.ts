/**
 * Successive over-relaxation in red-black order: first the points where row + column is even, then the others. Points
 * of one colour depend only on the other, so the order within a colour, and the number of ranks, do not matter.
 *
 * Around a periodic direction the number of points must be even: otherwise two neighbours share a colour, and their
 * order would matter.
 *
 * @module
 */

import type { Stencil } from "../contract.ts";
import type { Analysis } from "../analysis.ts";
import { type Kernels, larger } from "../kernels/kernels.ts";
import type { Neighbours, Step } from "./stepper.ts";

/** D. M. Young, Iterative Solution of Large Linear Systems (1971), ch. 5 to 7. */
export function sor<G>(kernels: Kernels<G>, grid: G, { depth, exchange }: Neighbours): Step {
  if (!kernels.relax) throw new Error("Cannot step with sor: the kernels do not relax");
  const relax = kernels.relax.bind(kernels);
  // With a halo of two layers or more a whole sweep passes between exchanges, with one a half-sweep does.
  const run = depth === 1 ? 1 : 2 * Math.floor(depth / 2);
  return async (sweeps, omega = 1) => {
    let before = 0;
    let change = 0;
    for (let done = 0; done < 2 * sweeps; done += run) {
      await exchange();
      before = change;
      change = await relax(grid, omega, (done & 1) as 0 | 1, Math.min(2 * sweeps - done, run));
    }
    return { change: run === 1 ? larger(before, change) : change };
  };
}

/**
 * Local. Young's optimal factor 2 / (1 + sqrt(1 − rho²)), rho = 1 − gap the spectral radius of Jacobi.
 *
 * Only + − × ÷ √ occur, so that all JavaScript engines give the same bits.
 */
export function optimalOmega({ spectralGap }: Pick<Analysis, "spectralGap">): number {
  return 2 / (1 + Math.sqrt(spectralGap * (2 - spectralGap)));
}

/**
 * Local. Why red-black order does not exist here, or undefined: around a periodic direction of odd length two
 * neighbours would have the same colour.
 */
export function redBlackFails({ periodic, shape }: Stencil): string | undefined {
  const axis = periodic[0] && shape[0] % 2 === 1 ? 0 : periodic[1] && shape[1] % 2 === 1 ? 1 : undefined;
  if (axis === undefined) return undefined;
  return `red-black order needs an even number of points around a periodic direction, and ${
    axis === 0 ? "ny" : "nx"
  } is ${shape[axis]}`;
}
