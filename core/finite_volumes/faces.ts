/**
 * Conductances of the faces of a row of cells. What is done for every point is a function of its own, which engines optimize.
 *
 * @module
 */

import type { Sampler } from "../problem/field.ts";
import type { Sparse } from "./section.ts";

/** Local. Puts the values of some columns into a row that begins at column `from`. */
export function replace({ cols, values }: Sparse, from: number, out: Float64Array): void {
  for (let n = 0; n < cols.length; n++) {
    const at = cols[n]! - from;
    if (at >= 0 && at < out.length) out[at] = values[n]!;
  }
}

/** Local. Cells of a row from a column on; 0 beyond the last ones, where nothing conducts. Around a period they repeat. */
export function readCellRow(
  cells: Sampler,
  [rows, cols]: readonly [number, number],
  [rowsWrap, colsWrap]: readonly [boolean, boolean],
  row: number,
  from: number,
  out: Float64Array,
): void {
  out.fill(0);
  const i = rowsWrap ? (row + rows) % rows : row;
  if (i < 0 || i >= rows) return;
  const [first, last] = [Math.max(0, from), Math.min(cols, from + out.length)];
  cells.read(i, first, last, out.subarray(first - from));
  if (!colsWrap) return;
  if (from < 0) out[0] = cells.at(i, cols - 1);
  for (let j = last; j < from + out.length; j++) out[j - from] = cells.at(i, j % cols);
}

/** Local. Conductances of the faces between two rows, whose arrays begin a column further west. */
export function facesAcross(
  one: Float64Array,
  other: Float64Array,
  length: number,
  distance: number,
  out: Float64Array,
) {
  for (let j = 0; j < out.length; j++) out[j] = mean(one[j + 1]!, other[j + 1]!) * length / distance;
}

/** Local. Conductances of the faces between neighbours in a row. */
export function facesAlong(row: Float64Array, length: number, distance: number, out: Float64Array) {
  for (let j = 0; j < out.length; j++) out[j] = mean(row[j]!, row[j + 1]!) * length / distance;
}

/** Local. Conductances of the faces between nodes that both have a conductivity. */
export function overlayFaces(
  one: Float64Array,
  other: Float64Array,
  length: number,
  distance: number,
  out: Float64Array,
) {
  for (let j = 0; j < out.length; j++) {
    const k = mean(one[j]!, other[j]!);
    if (k === k) out[j] = k * length / distance;
  }
}

/** Local. The sums of four rows. */
export function addUp(n: Float64Array, s: Float64Array, w: Float64Array, e: Float64Array, out: Float64Array) {
  for (let j = 0; j < out.length; j++) out[j] = (n[j]! + s[j]!) + (w[j]! + e[j]!);
}

/** Local. Multiplies a row. */
export function scale(row: Float64Array, factor: number) {
  for (let j = 0; j < row.length; j++) row[j]! *= factor;
}

/** Local. Harmonic mean: exact for equal values, the same in both orders, free of overflow. */
export function mean(a: number, b: number): number {
  if (a === b) return a;
  const low = a < b ? a : b;
  const high = a < b ? b : a;
  return 2 * low / (1 + low / high);
}
