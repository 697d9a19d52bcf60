/**
 * What a bound on the error needs, in plain loops over the arrays of a weighted grid: `js` calls it, and the backends on
 * threads from the main thread.
 *
 * @module
 */

import type { GridData } from "../../core/contract.ts";
import { larger } from "../../core/kernels/kernels.ts";

/** A grid whose `v` is the next sweep: stored rows and columns, `stride` numbers from one row to the next. */
export interface Compared {
  readonly shape: readonly [rows: number, cols: number];
  readonly stride: number;
  readonly u: GridData;
  readonly v: GridData;
  readonly d: GridData;
  readonly g: GridData;
}

/** g = |v − u| + rounding + margin / d, 0 at fixed points, and u = 0. @returns the margin: `share` times max d |v − u| */
export function compare(grid: Compared, share: number, rounding: number): number {
  const { u, v, d, g } = grid;
  let most = 0;
  eachPoint(grid, (k) => most = larger(most, d[k]! * Math.abs(v[k]! - u[k]!)));
  const margin = share * most;
  eachPoint(grid, (k) => {
    g[k] = d[k]! > 0 ? Math.abs(v[k]! - u[k]!) + rounding + margin / d[k]! : 0;
    u[k] = 0;
  });
  return margin;
}

/** max d (v − u + rounding), and max u. */
export function shortfall(grid: Compared, rounding: number): { readonly shortfall: number; readonly most: number } {
  const { u, v, d } = grid;
  let [worst, most] = [0, 0];
  eachPoint(grid, (k) => {
    worst = larger(worst, d[k]! * (v[k]! - u[k]! + rounding));
    most = larger(most, u[k]!);
  });
  return { shortfall: worst, most };
}

function eachPoint({ shape: [ny, nx], stride }: Compared, visit: (k: number) => void): void {
  for (let i = 1; i < ny - 1; i++) {
    for (let k = i * stride + 1, end = i * stride + nx - 1; k < end; k++) visit(k);
  }
}
