/**
 * The way between a level and the grid or level above it, row by row: residuals down, corrections up. No state: `workers`
 * runs the same functions on shared memory.
 *
 * @module
 */

import type { GridData } from "../../core/contract.ts";
import type { Layout } from "../../core/kernels/kernels.ts";
import type { Level } from "./level.ts";

/** What is left of the equations of a grid in rows [from, to), in conductances: d (sweep(u) − u); v holds sweep(u). */
export function subtractSwept(
  { kind, shape: [, nx] }: Pick<Layout, "kind" | "shape">,
  u: GridData,
  v: GridData,
  d: GridData,
  r: Float64Array,
  from: number,
  to: number,
): void {
  const [start, end] = [from * nx, to * nx];
  if (kind === "plain") { for (let k = start; k < end; k++) r[k] = v[k]! - u[k]!; }
  else for (let k = start; k < end; k++) r[k] = d[k]! * (v[k]! - u[k]!);
}

/** Coarse row `row` of f becomes that of Pᵀ r, and of the iterate zero. */
export function restrictRow(r: Float64Array, { transfer, equations, iterate, f }: Level, row: number): void {
  const { shape: [, nx], rows: { low, high, seen }, cols, weights: [ll, lh, hl, hh] } = transfer;
  const { shape: [my, mx], periodic } = equations;
  const at = row * mx;
  f.fill(0, at, at + mx);
  iterate.fill(0, at, at + mx);
  if (periodic[0] && row === 1) iterate.fill(0, (my - 1) * mx);
  if (periodic[0] && row === my - 2) iterate.fill(0, 0, mx);
  for (const i of seen[row]!) {
    if (low[i] === row) gather(r, i * nx, nx, ll, lh, cols, f, at);
    if (high[i] === row) gather(r, i * nx, nx, hl, hh, cols, f, at);
  }
}

/** What the points of a row give to a coarse one. */
function gather(
  r: Float64Array,
  start: number,
  nx: number,
  toLow: Float64Array,
  toHigh: Float64Array,
  { low, high }: Level["transfer"]["cols"],
  f: Float64Array,
  at: number,
): void {
  for (let j = 1; j < nx - 1; j++) {
    const k = start + j;
    const value = r[k]!;
    f[at + low[j]!]! += toLow[k]! * value;
    f[at + high[j]!]! += toHigh[k]! * value;
  }
}

/** u += P e in rows [from, to), e the iterate of the coarse level. The ring of u is left as it is. */
export function addInterpolated(
  u: GridData,
  { transfer, equations, iterate: e }: Level,
  from: number,
  to: number,
): void {
  const { shape: [, nx], rows, cols, weights: [ll, lh, hl, hh] } = transfer;
  const stride = equations.shape[1];
  for (let i = from; i < to; i++) {
    const [low, high] = [rows.low[i]! * stride, rows.high[i]! * stride];
    for (let j = 1; j < nx - 1; j++) {
      const k = i * nx + j;
      const [left, right] = [cols.low[j]!, cols.high[j]!];
      u[k]! += ll[k]! * e[low + left]! + lh[k]! * e[low + right]! +
        (hl[k]! * e[high + left]! + hh[k]! * e[high + right]!);
    }
  }
}
