/**
 * The Dirichlet points of a problem, which are held at a value: edges, then the mask, then shapes; the later win.
 *
 * @module
 */

import { ProblemError } from "../errors.ts";
import { largestValue } from "../dtype.ts";
import { rangeOf } from "../grid_data.ts";
import type { Edge, Edges } from "./edges.ts";
import { sampler } from "./field.ts";
import type { Problem, Shape } from "./problem.ts";

/** The fixed points of a problem. */
export interface FixedPoints {
  readonly any: boolean;
  /** Whether no point is free. */
  readonly all: boolean;
  /** Whether a mask or a shape fixes points. */
  readonly inside: boolean;
  /** Least and largest fixed value; Infinity and -Infinity where nothing is fixed. */
  readonly low: number;
  readonly high: number;
  /** Writes the values held in columns [from, to) of a row into `held`, NaN elsewhere. @returns whether there are any */
  read(row: number, from: number, to: number, held: Float64Array): boolean;
  /** The same of the mask and the shapes alone, which win over edges. */
  readInside(row: number, from: number, to: number, held: Float64Array): boolean;
}

/**
 * Local. Collects the fixed points. Where two fixed edges meet, west and east win.
 *
 * @throws ProblemError for a mask of the wrong size, or a shape that covers no point.
 */
export function fixedPoints(problem: Problem, edges: Edges): FixedPoints {
  const { shape, spacing = [1, 1], fixed = {} } = problem;
  const [ny, nx] = shape;
  const most = largestValue(problem.dtype ?? "f64");
  const mask = fixed.mask === undefined ? undefined : sampler("fixed.mask", fixed.mask, shape);
  const values = fixed.values === undefined ? undefined : sampler("fixed.values", fixed.values, shape, most);
  const regions = (fixed.shapes ?? []).map((item, n) => {
    if (!covers(item, shape, spacing)) throw new ProblemError(`fixed.shapes[${n}] covers no point of the grid`);
    sampler(`fixed.shapes[${n}].value`, item.value, shape, most);
    return region(item, shape, spacing);
  });
  const inside = mask !== undefined || regions.length > 0;

  const markers = new Float64Array(mask ? nx : 0);
  const { north, south, west, east } = edges;
  /** The columns that the north and the south edge fix, where they do. */
  const [first, last] = [west.kind === "fixed" ? 1 : 0, east.kind === "fixed" ? nx - 1 : nx];
  const lengthwise = (i: number) => i === 0 ? north : i === ny - 1 ? south : undefined;
  const readEdges = (i: number, from: number, to: number, held: Float64Array): boolean => {
    let any = false;
    const edge = lengthwise(i);
    const [start, end] = [Math.max(first, from), Math.min(last, to)];
    if (edge?.kind === "fixed" && start < end) {
      edge.value.read(0, start, end, held.subarray(start - from));
      any = true;
    }
    if (west.kind === "fixed" && from <= 0 && to > 0) {
      held[-from] = west.value.at(i, 0);
      any = true;
    }
    if (east.kind === "fixed" && from < nx && to >= nx) {
      held[nx - 1 - from] = east.value.at(i, 0);
      any = true;
    }
    return any;
  };
  const addInside = (i: number, from: number, to: number, held: Float64Array): boolean => {
    let any = false;
    if (mask && values) {
      mask.read(i, from, to, markers);
      for (let j = 0; j < to - from; j++) {
        if (markers[j] === 0) continue;
        held[j] = values.at(i, from + j);
        any = true;
      }
    }
    for (const { rows, value, span } of regions) {
      if (i < rows[0] || i >= rows[1]) continue;
      const [start, end] = span(i).map((j) => Math.max(0, Math.min(j, to) - from));
      held.fill(value, start, end);
      any ||= start! < end!;
    }
    return any;
  };
  const read = (i: number, from: number, to: number, held: Float64Array): boolean => {
    held.fill(NaN, 0, to - from);
    const onEdge = readEdges(i, from, to, held);
    return addInside(i, from, to, held) || onEdge;
  };
  const readInside = (i: number, from: number, to: number, held: Float64Array): boolean => {
    held.fill(NaN, 0, to - from);
    return addInside(i, from, to, held);
  };

  let [low, high] = [Infinity, -Infinity];
  let all = true;
  const row = new Float64Array(nx);
  // The rows between the first and the last are alike where nothing is held inside and no edge changes along them.
  const changes = (edge: Edge) => edge.kind === "fixed" && edge.value.uniform === undefined;
  const alike = !inside && !changes(west) && !changes(east);
  for (let i = 0; i < ny; i = alike && i === 1 ? Math.max(2, ny - 1) : i + 1) {
    if (!read(i, 0, nx, row)) {
      all = false;
      continue;
    }
    const held = rangeOf(row);
    [low, high] = [Math.min(low, held[0]), Math.max(high, held[1])];
    all &&= !row.some(Number.isNaN);
  }
  return { any: high >= low, all, inside, low, high, read, readInside };
}

/** The points of a shape: a range of rows, and of columns in each. Lengths are compared with a slack of rounding. */
interface Region {
  readonly rows: readonly [number, number];
  readonly value: number;
  span(row: number): readonly [number, number];
}

const SLACK = 1e-9;

/** Local. Whether a shape covers any point of a grid. */
export function covers(item: Shape, size: readonly [number, number], spacing: readonly [number, number]): boolean {
  const { rows: [first, end], span } = region(item, size, spacing);
  for (let i = first; i < end; i++) {
    const [from, to] = span(i);
    if (from < to) return true;
  }
  return false;
}

function region(shape: Shape, [ny, nx]: readonly [number, number], [dy, dx]: readonly [number, number]): Region {
  const range = (low: number, high: number, n: number): readonly [number, number] => [
    Math.max(0, Math.ceil(low - SLACK)),
    Math.min(n, Math.floor(high + SLACK) + 1),
  ];
  if (shape.kind === "rect") {
    const cols = range(shape.from[1] / dx, shape.to[1] / dx, nx);
    return { rows: range(shape.from[0] / dy, shape.to[0] / dy, ny), value: shape.value, span: () => cols };
  }
  const { center: [y, x], radius } = shape;
  return {
    rows: range((y - radius) / dy, (y + radius) / dy, ny),
    value: shape.value,
    span(i) {
      const half = Math.sqrt(Math.max(0, radius * radius * (1 + SLACK) - (i * dy - y) ** 2));
      return range((x - half) / dx, (x + half) / dx, nx);
    },
  };
}
