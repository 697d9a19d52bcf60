/**
 * Jacobi's method: every point is computed from its neighbours' old values. About N² sweeps per decimal digit.
 *
 * @module
 */

import type { Kernels } from "../kernels/kernels.ts";
import type { Neighbours, Step } from "./stepper.ts";

/** C. G. J. Jacobi, Astron. Nachr. 22 (1845). */
export function jacobi<G>(kernels: Kernels<G>, grid: G, { depth, exchange }: Neighbours): Step {
  return async (sweeps) => {
    let change = 0;
    for (let left = sweeps; left > 0; left -= depth) {
      await exchange();
      // A residual is one sweep more, for which the halo must be deep enough.
      if (left < depth && kernels.advance) return await kernels.advance(grid, left);
      change = await kernels.sweep(grid, Math.min(left, depth));
    }
    return { change };
  };
}
