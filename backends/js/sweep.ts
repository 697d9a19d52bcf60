/**
 * Sweeps over some rows of a stored array, in plain loops. No state: `workers` runs the same functions on shared
 * memory.
 *
 * @module
 */

import type { Layout } from "../../core/kernels/kernels.ts";
import { larger } from "../../core/kernels/kernels.ts";
import * as f32 from "./rows_f32.ts";
import * as f64 from "./rows_f64.ts";

/** The arrays of a stencil, all of the stored shape; those that the layout does not use are empty. */
export interface Coefficients<A> {
  readonly g: A;
  readonly an: A;
  readonly as: A;
  readonly aw: A;
  readonly ae: A;
}

/** The row kernels of one precision. */
type Rows<A> = typeof f64 extends infer R ? { [K in keyof R]: Retyped<R[K], A> } : never;
type Retyped<F, A> = F extends (...args: infer P) => infer R
  ? (...args: { [I in keyof P]: P[I] extends number ? P[I] : A }) => R
  : never;

/** @returns the row kernels of a precision. */
function rowsOf<A extends Float32Array | Float64Array>(dtype: Layout["dtype"]): Rows<A> {
  return (dtype === "f32" ? f32 : f64) as unknown as Rows<A>;
}

/** out = the stencil's formula at the points of stored row `i`, the first result at `to`. */
function evaluate<A extends Float32Array | Float64Array>(
  rows: Rows<A>,
  layout: Layout,
  coefficients: Coefficients<A>,
  u: A,
  i: number,
  out: A,
  to: number,
): void {
  const stride = layout.shape[1];
  const at = i * stride + 1;
  const count = stride - 2;
  if (layout.kind === "weighted") {
    const { an, as, aw, ae, g } = coefficients;
    rows.weighted(u, at, out, to, count, stride, an, as, aw, ae, g);
    return;
  }
  if (layout.cx === 0.25 && layout.cy === 0.25) rows.square(u, at, out, to, count, stride);
  else rows.stretched(u, at, out, to, count, stride, layout.cx, layout.cy);
  if (layout.source) rows.add(coefficients.g, at, out, to, count);
}

/**
 * One Jacobi sweep of stored rows [from, to): v = the stencil's formula, from the neighbours in u.
 *
 * @returns max |v − u| over the inner points of these rows if `norm`, else 0.
 */
export function sweepRows<A extends Float32Array | Float64Array>(
  layout: Layout,
  coefficients: Coefficients<A>,
  u: A,
  v: A,
  from: number,
  to: number,
  norm: boolean,
): number {
  const rows = rowsOf<A>(layout.dtype);
  const stride = layout.shape[1];
  const { rows: [r0, r1], cols: [c0, c1] } = layout.inner;
  let most = 0;
  for (let i = from; i < to; i++) {
    const at = i * stride;
    evaluate(rows, layout, coefficients, u, i, v, at + 1);
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
export function relaxRows<A extends Float32Array | Float64Array>(
  layout: Layout,
  coefficients: Coefficients<A>,
  u: A,
  omega: number,
  colour: number,
  from: number,
  to: number,
  scratch: A,
  norm: boolean,
): number {
  const rows = rowsOf<A>(layout.dtype);
  const stride = layout.shape[1];
  const { rows: [r0, r1], cols: [c0, c1] } = layout.inner;
  let most = 0;
  for (let i = from; i < to; i++) {
    evaluate(rows, layout, coefficients, u, i, scratch, 1);
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
function fillRowGhosts<A extends Float32Array | Float64Array>(
  { shape: [ny, nx], periodic }: Layout,
  u: A,
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
export function fillGhosts<A extends Float32Array | Float64Array>(
  layout: Layout,
  u: A,
  stride?: number,
  from = 1,
  to: number = layout.shape[0] - 1,
): void {
  for (let i = from; i < to; i++) fillRowGhosts(layout, u, i, 1, 1, stride);
}
