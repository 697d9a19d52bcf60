/**
 * The finest grid under the algebraic preconditioner: red-black relaxation of B z = r, row by row, on the arrays of the grid.
 * z is its iterate, r its constant term.
 *
 * Differences are taken first: strong couplings times the rounding of z would hide the weak ones.
 *
 * @module
 */

import type { GridData } from "../../../core/contract.ts";
import { fillGhosts } from "../sweep.ts";
import { rest, roundingOf, type WeightedGrid } from "./grid_operator.ts";

/** Red points are those whose row and column add up to an even number. */
export const RED = 0, BLACK = 1;

/** Local. z relaxed from zero at the red points, and zero at the black ones. */
export function startRed({ layout, stride, fields: { g: r } }: WeightedGrid, z: GridData): void {
  const { shape: [ny, nx] } = layout;
  for (let i = 1; i < ny - 1; i++) {
    for (let j = 1; j < nx - 1; j++) z[i * stride + j] = ((i + j) & 1) === RED ? r[i * stride + j]! : 0;
  }
  fillGhosts(layout, z, stride);
}

/**
 * Local. Relaxes the points of one colour.
 *
 * @param order of rows, which matters where neighbours have one colour: around a periodic edge of an odd number of points
 */
export function relax(grid: WeightedGrid, z: GridData, colour: number, order: "down" | "up"): void {
  const { layout, stride } = grid;
  const { shape: [ny, nx] } = layout;
  const left = new Float64Array(stride);
  for (let n = 1; n < ny - 1; n++) {
    const i = order === "up" ? ny - 1 - n : n;
    const first = 1 + ((i + 1 + colour) & 1);
    computeLeft(grid, z, i, first, 2, left);
    for (let j = first; j < nx - 1; j += 2) z[i * stride + j]! += left[j]!;
    fillGhosts(layout, z, stride, i, i + 1);
  }
}

/** Local. What z leaves of r, in conductances, added up in f of the first level. */
export function restrictGrid(grid: WeightedGrid, z: GridData, aggregate: Int32Array, f: Float64Array): void {
  const { layout: { shape: [ny, nx] }, stride, fields: { d } } = grid;
  const left = new Float64Array(stride);
  f.fill(0);
  for (let i = 1; i < ny - 1; i++) {
    computeLeft(grid, z, i, 1, 1, left);
    for (let j = 1; j < nx - 1; j++) {
      const to = aggregate[i * stride + j]!;
      if (to >= 0) f[to]! += d[i * stride + j]! * left[j]!;
    }
  }
}

/** Local. z += e of the first level. */
export function correctGrid(
  { layout, stride }: WeightedGrid,
  z: GridData,
  aggregate: Int32Array,
  e: Float64Array,
): void {
  const { shape: [ny, nx] } = layout;
  for (let i = 1; i < ny - 1; i++) {
    for (let j = 1; j < nx - 1; j++) {
      const from = aggregate[i * stride + j]!;
      if (from >= 0) z[i * stride + j]! += e[from]!;
    }
  }
  fillGhosts(layout, z, stride);
}

/**
 * Local. Makes the mean of z zero, the diagonal being the weight, where the operator is singular. Else what rounding has left of
 * the mean of r, times that of z, would be most of ⟨r, z⟩ in the end.
 */
export function removeMean({ layout, stride, fields: { d } }: WeightedGrid, z: GridData): void {
  const { shape: [ny, nx] } = layout;
  let [sum, weight] = [0, 0];
  for (let i = 1; i < ny - 1; i++) {
    for (let k = i * stride + 1; k < i * stride + nx - 1; k++) {
      sum += d[k]! * z[k]!;
      weight += d[k]!;
    }
  }
  const mean = sum / weight;
  for (let i = 1; i < ny - 1; i++) {
    for (let k = i * stride + 1; k < i * stride + nx - 1; k++) if (d[k]! > 0) z[k]! -= mean;
  }
  fillGhosts(layout, z, stride);
}

/** left = r − B z in row i, at every `step`-th column from `first` on. */
function computeLeft(
  { layout, stride, fields: { an, as, aw, ae, g: r } }: WeightedGrid,
  z: GridData,
  i: number,
  first: number,
  step: number,
  left: Float64Array,
): void {
  const { shape: [, nx] } = layout;
  const rounding = roundingOf(layout);
  for (let j = first; j < nx - 1; j += step) {
    const k = i * stride + j;
    const here = z[k]!, n = an[k]!, s = as[k]!, w = aw[k]!, e = ae[k]!;
    const around = (n * (z[k - stride]! - here) + s * (z[k + stride]! - here)) +
      (w * (z[k - 1]! - here) + e * (z[k + 1]! - here));
    left[j] = r[k]! + around - rest((n + s) + (w + e), rounding) * here;
  }
}
