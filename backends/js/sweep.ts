/**
 * Sweeps over some rows of a stored array, in plain loops. No state: `workers` runs the same functions on shared
 * memory.
 *
 * @module
 */

import type { GridData } from "../../core/contract.ts";
import { larger, type Layout } from "../../core/kernels/kernels.ts";
import type { Fields } from "./grid.ts";
import * as f32 from "./rows_f32.ts";
import * as f64 from "./rows_f64.ts";

/** @returns the row kernels of a layout's precision. */
function rowsOf({ dtype }: Layout): typeof f64 {
  return dtype === "f32" ? f32 : f64;
}

/** out = the stencil's formula at the points of stored row `i`, the first result at `to`. */
function evaluate(layout: Layout, fields: Fields, u: GridData, i: number, out: GridData, to: number): void {
  const rows = rowsOf(layout);
  const { kind, cx, cy, source } = layout;
  // By its number: JavaScriptCore takes the way of an iterator for a pattern, a third of the time of a row.
  const stride = layout.shape[1];
  const at = i * stride + 1;
  if (kind === "weighted") return rows.weighted(u, at, out, to, stride, fields);
  if (cx === 0.25 && cy === 0.25) rows.square(u, at, out, to, stride);
  else rows.stretched(u, at, out, to, stride, cx, cy);
  if (source) rows.add(fields.g, at, out, to, stride - 2);
}

/**
 * One Jacobi sweep of stored rows [from, to): v = the stencil's formula, from the neighbours in u.
 *
 * @returns max |v − u| over the inner points of these rows if `norm`, else 0.
 */
export function sweepRows(
  layout: Layout,
  fields: Fields,
  u: GridData,
  v: GridData,
  from: number,
  to: number,
  norm: boolean,
): number {
  const rows = rowsOf(layout);
  const stride = layout.shape[1];
  const { rows: [r0, r1], cols: [c0, c1] } = layout.inner;
  let most = 0;
  for (let i = from; i < to; i++) {
    const at = i * stride;
    evaluate(layout, fields, u, i, v, at + 1);
    fillRowGhosts(layout, v, i, 1, 1);
    if (norm && i >= r0 && i < r1) most = larger(most, rows.difference(v, at + c0, u, at + c0, c1 - c0, 1));
  }
  return most;
}

/**
 * One half-sweep of stored rows [from, to): at the points of one colour, u += omega * (formula − u).
 *
 * @param scratch at least one stored row
 * @returns max |u_new − u_old| over the inner points of these rows if `norm`, else 0.
 */
export function relaxRows(
  layout: Layout,
  fields: Fields,
  u: GridData,
  omega: number,
  colour: number,
  from: number,
  to: number,
  scratch: GridData,
  norm: boolean,
): number {
  const rows = rowsOf(layout);
  const stride = layout.shape[1];
  const { rows: [r0, r1], cols: [c0, c1] } = layout.inner;
  let most = 0;
  for (let i = from; i < to; i++) {
    evaluate(layout, fields, u, i, scratch, 1);
    const at = i * stride;
    const first = 1 + ((1 + i + layout.parity + colour) & 1);
    rows.relax(u, at + first, scratch, first, stride - 1 - first, omega);
    if (norm && i >= r0 && i < r1) {
      const j = c0 + ((c0 + first) & 1);
      most = larger(most, rows.difference(u, at + j, scratch, j, c1 - j, 2));
    }
    fillRowGhosts(layout, u, i, first, 2);
  }
  return most;
}

/** Fills the periodic ghosts of row `i`, just written at columns first, first + step, …. */
function fillRowGhosts(
  { shape: [ny, nx], periodic }: Layout,
  u: GridData,
  i: number,
  first: number,
  step: number,
  stride: number = nx,
): void {
  const at = i * stride;
  if (periodic[1]) {
    u[at] = u[at + nx - 2]!;
    u[at + nx - 1] = u[at + 1]!;
  }
  if (!periodic[0]) return;
  // With two inner rows or fewer, a row can have both ghosts.
  for (const ghost of [i === 1 ? ny - 1 : -1, i === ny - 2 ? 0 : -1]) {
    if (ghost < 0) continue;
    for (let j = first; j < nx - 1; j += step) u[ghost * stride + j] = u[at + j]!;
  }
}

/**
 * Fills all periodic ghosts of an iterate that was written from outside, or those of rows [from, to) only.
 *
 * @param stride points from one row to the next, where rows are padded
 */
export function fillGhosts(
  layout: Layout,
  u: GridData,
  stride?: number,
  from = 1,
  to: number = layout.shape[0] - 1,
): void {
  for (let i = from; i < to; i++) fillRowGhosts(layout, u, i, 1, 1, stride);
}
