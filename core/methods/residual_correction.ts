/**
 * Residual correction: how a method that needs the whole field works over kernels that only sweep. It solves for the error
 * that belongs to the residual, and the result is added to the iterate.
 *
 * So `direct` and `spectral` know neither boundary conditions nor backends, and a second sweep of `direct` is iterative
 * refinement.
 *
 * @module
 */

import type { Stencil } from "../contract.ts";
import { type Kernels, larger } from "../kernels/kernels.ts";

/**
 * Local. Each call computes r = sweep(u) − u, `shape` points in C order, which `solve` replaces by the correction of u. Fixed
 * points of a weighted stencil must have their values.
 *
 * @returns a function that returns max |u_new − u_old|.
 */
export function residualCorrection<G>(
  kernels: Kernels<G>,
  grid: G,
  { kind, shape: [ny, nx] }: Stencil,
): (solve: (r: Float64Array) => void) => Promise<number> {
  const ring = kind === "weighted" ? 1 : 0;
  const region = { rows: [ring, ny + ring], cols: [ring, nx + ring] } as const;
  const r = new Float64Array(ny * nx);
  return async (solve) => {
    const u = await kernels.read(grid, region);
    await kernels.sweep(grid, 1);
    const v = await kernels.read(grid, region);
    for (let k = 0; k < r.length; k++) r[k] = v[k]! - u[k]!;
    solve(r);
    let change = 0;
    for (let k = 0; k < u.length; k++) {
      const old = u[k]!;
      u[k] = old + r[k]!;
      change = larger(change, Math.abs(u[k]! - old));
    }
    await kernels.write(grid, "u", region, u);
    return change;
  };
}
