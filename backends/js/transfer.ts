/**
 * Restriction and prolongation between a level and the grid or level above it, row by row. No state: `workers` runs the
 * same functions on shared memory.
 *
 * @module
 */

import type { GridData } from "../../core/contract.ts";
import type { Layout } from "../../core/kernels/kernels.ts";
import type { CoarseLevel } from "./level.ts";

/** The residual of a grid in rows [from, to), in conductances: r = d (sweep(u) − u); v holds sweep(u). */
export function scaledResidualRows(
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

/** max |u − before| at the points of rows [from, to) that count in norms. */
export function changeOfRows(
  { shape: [, nx], inner: { rows, cols } }: Layout,
  u: GridData,
  before: GridData,
  from: number,
  to: number,
): number {
  let most = 0;
  for (let i = Math.max(from, rows[0]); i < Math.min(to, rows[1]); i++) {
    for (let k = i * nx + cols[0]; k < i * nx + cols[1]; k++) {
      const moved = Math.abs(u[k]! - before[k]!);
      if (moved > most || moved !== moved) most = moved;
    }
  }
  return most;
}

/** Coarse row `row` of f becomes that of Pᵀ r, and of the correction zero. */
export function restrictRow(
  r: Float64Array,
  { prolongation, operator, correction, f }: CoarseLevel,
  row: number,
): void {
  const { shape: [, nx], rows: { low, high, dependents }, cols, weights: [ll, lh, hl, hh] } = prolongation;
  const { shape: [my, mx], periodic } = operator;
  const at = row * mx;
  f.fill(0, at, at + mx);
  correction.fill(0, at, at + mx);
  if (periodic[0] && row === 1) correction.fill(0, (my - 1) * mx);
  if (periodic[0] && row === my - 2) correction.fill(0, 0, mx);
  for (const i of dependents[row]!) {
    if (low[i] === row) addRestricted(r, i * nx, nx, ll, lh, cols, f, at);
    if (high[i] === row) addRestricted(r, i * nx, nx, hl, hh, cols, f, at);
  }
}

/** Adds what a fine row contributes to a coarse one. */
function addRestricted(
  r: Float64Array,
  start: number,
  nx: number,
  toLow: Float64Array,
  toHigh: Float64Array,
  { low, high }: CoarseLevel["prolongation"]["cols"],
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

/** u += P e in rows [from, to), e the correction of the coarse level. The ghost layer of u stays as it is. */
export function addCorrection(
  u: GridData,
  { prolongation, operator, correction: e }: CoarseLevel,
  from: number,
  to: number,
): void {
  const { shape: [, nx], rows, cols, weights: [ll, lh, hl, hh] } = prolongation;
  const stride = operator.shape[1];
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
