/**
 * Sums over one row of nodes. What is done for every point is a function of its own, over arrays alone, which engines
 * optimize.
 *
 * @module
 */

import type { Coefficients } from "../finite_volumes/coefficient_rows.ts";
import { addNodes } from "./totals.ts";

/**
 * Local. Sums over a row of nodes with a neighbour on either side: G (Δu)² over the links to the south and the east, and the
 * widths of cells times u; then the range of u.
 */
export function rowSums(
  here: Float64Array,
  below: Float64Array,
  { south, east }: Coefficients,
  widths: Float64Array,
  found: Float64Array,
): void {
  let down = 0, along = 0, sum = 0, low = Infinity, high = -Infinity;
  let u = here[1]!;
  for (let j = 0; j < widths.length; j++) {
    const next = here[j + 2]!;
    const s = below[j + 1]! - u;
    const e = next - u;
    down += south[j]! * s * s;
    along += east[j]! * e * e;
    sum += widths[j]! * u;
    if (u < low) low = u;
    if (u > high) high = u;
    u = next;
  }
  found[0] = down + along;
  found[1] = sum;
  found[2] = low;
  found[3] = high;
}

/**
 * Local. Of a row with holes: the areas that these leave open, over the height of cells, and these times u; the range of u at
 * nodes that have equations, and how many these are.
 */
export function openSums(
  values: Float64Array,
  widths: Float64Array,
  voids: Float64Array,
  excluded: Uint8Array | undefined,
  out: Float64Array,
): void {
  let width = 0, sum = 0, low = Infinity, high = -Infinity, nodes = 0;
  for (let j = 0; j < values.length; j++) {
    if (excluded !== undefined && excluded[j] === 1) continue;
    const u = values[j]!;
    const open = widths[j]! * (1 - voids[j]!);
    width += open;
    sum += open * u;
    nodes++;
    if (u < low) low = u;
    if (u > high) high = u;
  }
  out[0] = width;
  out[1] = sum;
  out[2] = low;
  out[3] = high;
  out[4] = nodes;
}

/** Local. The first node with a value, of those that have equations. */
export function firstWith(value: number, values: Float64Array, excluded: Uint8Array | undefined): number {
  let j = values.indexOf(value);
  while (excluded?.[j] === 1) j = values.indexOf(value, j + 1);
  return j;
}

/** Local. Multiplies a row by the areas of its cells. @returns the sum */
export function scaled(row: Float64Array, widths: Float64Array, height: number): number {
  let sum = 0;
  for (let j = 0; j < row.length; j++) sum += row[j]! *= widths[j]! * height;
  return sum;
}

/** Local. What leaves a node by its links. */
export function outflow(
  above: Float64Array,
  here: Float64Array,
  below: Float64Array,
  { north, south, west, east }: Coefficients,
  j: number,
): number {
  const u = here[j + 1]!;
  return (north[j]! * (u - above[j + 1]!) + south[j]! * (u - below[j + 1]!)) +
    (west[j]! * (u - here[j]!) + east[j]! * (u - here[j + 2]!));
}

/** Local. The sum of the defects of columns [from, to), of those that are held. */
export function sumDefects(
  above: Float64Array,
  here: Float64Array,
  below: Float64Array,
  links: Coefficients,
  supply: Float64Array,
  held: Float64Array,
  from: number,
  to: number,
): number {
  let sum = 0;
  for (let j = from; j < to; j++) {
    if (held[j] === held[j]) sum += outflow(above, here, below, links, j) - supply[j]!;
  }
  return sum;
}

/** Local. Where the nodes of a row that have the label of one of them end. */
export function endOfRun(labels: Int32Array, from: number): number {
  const label = labels[from];
  let j = from + 1;
  while (j < labels.length && labels[j] === label) j++;
  return j;
}

/** Local. Adds the nodes in columns [from, to) to an entry, all but a flux. */
export function addRun(
  values: Float64Array,
  widths: Float64Array,
  height: number,
  from: number,
  to: number,
  entries: Float64Array,
  at: number,
): void {
  let area = 0, sum = 0, low = Infinity, high = -Infinity;
  for (let j = from; j < to; j++) {
    const u = values[j]!;
    area += widths[j]!;
    sum += widths[j]! * u;
    if (u < low) low = u;
    if (u > high) high = u;
  }
  addNodes(entries, at, area * height, sum * height, to - from, low, high);
}
