/**
 * Cubic interpolation from a plate with fixed edges to one with twice the points, for full multigrid.
 *
 * @module
 */

import type { GridData } from "../../core/contract.ts";
import type { Layout } from "../../core/kernels/kernels.ts";

/** An iterate; `stride` points from one row to the next, where rows are padded. */
interface Iterate {
  readonly u: GridData;
  readonly layout: Pick<Layout, "shape">;
  readonly stride?: number;
}

/** Half way between the second and third of four points, and between the first and second. */
const MIDDLE = [-1 / 16, 9 / 16, 9 / 16, -1 / 16] as const;
const FIRST = [5 / 16, 15 / 16, -5 / 16, 1 / 16] as const;

/** Local. The iterate of `fine` inside its ghost layer becomes that of `coarse`, both of four points a side or more. */
export function prolongSolution({ u, layout: { shape: [ny, nx] }, stride = nx }: Iterate, coarse: Iterate): void {
  const { u: from, layout: { shape: [my, mx] } } = coarse;
  const step = coarse.stride ?? mx;
  for (let i = 2; i < ny - 1; i += 2) {
    const [row, at] = [(i / 2) * step, i * stride];
    for (let j = 2; j < nx - 1; j += 2) u[at + j] = from[row + j / 2]!;
    for (let j = 0; j < mx - 1; j++) u[at + 2 * j + 1] = midpoint(from, row, j, mx, 1);
  }
  // Now every other row of `fine` is known, its edges included.
  for (let i = 0; i < my - 1; i++) {
    for (let j = 1; j < nx - 1; j++) u[(2 * i + 1) * stride + j] = midpoint(u, j, i, my, 2 * stride);
  }
}

/** The value half way between points k and k + 1 of a line of n, which starts at `at`, its points `step` apart. */
function midpoint(a: Float32Array | Float64Array, at: number, k: number, n: number, step: number): number {
  const first = Math.min(Math.max(k - 1, 0), n - 4);
  const [p, q, r, s] = k === 0 || k === n - 2 ? FIRST : MIDDLE;
  const [from, on] = k === n - 2 ? [at + (n - 1) * step, -step] : [at + first * step, step];
  return p * a[from]! + q * a[from + on]! + (r * a[from + 2 * on]! + s * a[from + 3 * on]!);
}
