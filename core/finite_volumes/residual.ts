/**
 * The residual of a field against the problem itself, in f64 and by differences of neighbours: it keeps the digits that the
 * sums of a sweep round away.
 *
 * @module
 */

import type { Equations } from "./assemble.ts";
import { coefficientRows } from "./coefficient_rows.ts";
import type { Residual } from "../analysis.ts";
import type { GridData } from "../contract.ts";
import { roundoff } from "../dtype.ts";
import { larger } from "../kernels/kernels.ts";

/** Local. The residual of a field of `shape` points, in C order. */
export function residualOf(equations: Equations, u: GridData): Residual {
  const { shape: [ny, nx], fixed } = equations;
  const cells = coefficientRows(equations, [0, nx]);
  const r = new Float64Array(ny * nx);
  const gross = new Float64Array(nx);
  let [size, flows, off] = [0, 0, 0];
  const rowOf = (i: number) => {
    const at = (i + ny) % ny;
    const [values, held] = [Float64Array.from(u.subarray(at * nx, at * nx + nx)), new Float64Array(nx)];
    fixed.read(at, 0, nx, held);
    for (let j = 0; j < nx; j++) {
      if (held[j] !== held[j]) continue;
      off = larger(off, Math.abs(values[j]! - held[j]!));
      values[j] = held[j]!;
    }
    return { values, held };
  };
  let [above, here] = [rowOf(-1), rowOf(0)];
  for (let i = 0; i < ny; i++) {
    const below = rowOf(i + 1);
    const { north, south, west, east, diagonal } = cells.coefficients(i);
    const v = here.values;
    const inflow = cells.inflow(i, here.held, v, gross);
    for (let j = 0; j < nx; j++) {
      if (here.held[j] === here.held[j]) continue;
      const n = north[j]! * (above.values[j]! - v[j]!);
      const s = south[j]! * (below.values[j]! - v[j]!);
      const w = west[j]! * (v[j === 0 ? nx - 1 : j - 1]! - v[j]!);
      const e = east[j]! * (v[j === nx - 1 ? 0 : j + 1]! - v[j]!);
      const b = inflow[j]!;
      r[i * nx + j] = (((n + s) + (w + e)) + b) / diagonal[j]!;
      size = larger(size, Math.abs(r[i * nx + j]!));
      const sum = Math.abs(n) + Math.abs(s) + Math.abs(w) + Math.abs(e) + gross[j]!;
      flows = larger(flows, sum / diagonal[j]!);
    }
    [above, here] = [here, below];
  }
  // A conductance has a few roundings, a term two more, and it takes part in four sums.
  return { r, size, rounding: 8 * roundoff("f64") * flows, off };
}

/**
 * Local. The largest sum of absolute parts of a constant term on an edge, in units of u: sources and fluxes may cancel there, but
 * not their roundings.
 */
export function grossInflow(equations: Equations): number {
  const { shape: [ny, nx], fixed } = equations;
  let most = 0;
  for (
    const [rows, [from, to]] of [
      [[0, ny - 1], [0, nx]],
      [Array.from({ length: ny - 2 }, (_, i) => i + 1), [0, 1]],
      [Array.from({ length: ny - 2 }, (_, i) => i + 1), [nx - 1, nx]],
    ] as const
  ) {
    const cells = coefficientRows(equations, [from, to]);
    const [held, gross] = [new Float64Array(to - from), new Float64Array(to - from)];
    for (const i of rows) {
      fixed.read(i, from, to, held);
      cells.inflow(i, held, undefined, gross);
      const { diagonal } = cells.coefficients(i);
      for (let j = 0; j < to - from; j++) if (held[j] !== held[j]) most = larger(most, gross[j]! / diagonal[j]!);
    }
  }
  return most;
}
