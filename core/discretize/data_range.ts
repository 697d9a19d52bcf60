/**
 * Ranges of given values: by the maximum principle a field without a source stays within that of what is held.
 *
 * @module
 */

import { rangeOf } from "../grid_data.ts";
import type { Edges } from "../problem/edges.ts";
import type { Sampler } from "../problem/field.ts";
import type { FixedPoints } from "../problem/fixed.ts";
import { EDGES } from "../problem/problem.ts";

/** Least and largest value; Infinity and −Infinity of nothing. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Local. The smallest range with all of two. */
export function union(one: Range, other: Range): Range {
  return { low: Math.min(one.low, other.low), high: Math.max(one.high, other.high) };
}

/** Local. The range of a field. */
export function rangeOfField(field: Sampler, [ny, nx]: readonly [ny: number, nx: number]): Range {
  const row = new Float64Array(nx);
  let range: Range = { low: Infinity, high: -Infinity };
  for (let i = 0; i < (field.uniform === undefined ? ny : 1); i++) {
    field.read(i, 0, nx, row);
    const [low, high] = rangeOf(row);
    range = union(range, { low, high });
  }
  return range;
}

/** Local. The range of the fixed values, and of the ambients of edges that convect. */
export function dataRange(fixed: FixedPoints, edges: Edges, [ny, nx]: readonly [ny: number, nx: number]): Range {
  let { low, high } = fixed;
  for (const name of EDGES) {
    const edge = edges[name];
    if (edge.kind !== "free" || edge.h.uniform === 0) continue;
    const lengthwise = name === "north" || name === "south";
    const uniform = edge.h.uniform !== undefined && edge.ambient.uniform !== undefined;
    for (let n = 0; n < (uniform ? 1 : lengthwise ? nx : ny); n++) {
      const [i, j] = lengthwise ? [0, n] : [n, 0];
      if (!(edge.h.at(i, j) > 0)) continue;
      const ambient = edge.ambient.at(i, j);
      [low, high] = [Math.min(low, ambient), Math.max(high, ambient)];
    }
  }
  return { low, high };
}

/** Local. The mean of a field over nodes. */
export function meanOf(field: Sampler, [ny, nx]: readonly [ny: number, nx: number]): number {
  if (field.uniform !== undefined) return field.uniform;
  const row = new Float64Array(nx);
  let sum = 0;
  for (let i = 0; i < ny; i++) {
    field.read(i, 0, nx, row);
    for (const value of row) sum += value / (ny * nx);
  }
  return sum;
}
