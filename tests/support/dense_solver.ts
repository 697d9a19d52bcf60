/**
 * A problem's equations, assembled face by face into a dense matrix and solved by Gaussian elimination: an opinion on
 * `core/discretize/lower.ts` that shares nothing with it but the problem. For small grids; not a test itself.
 *
 * @module
 */

import type { FieldInput, NdArray } from "../../core/problem/field.ts";
import type { EdgeName, Problem, SectionInput } from "../../core/problem/problem.ts";

/** The solution of a problem, and which of its points are held at a value. */
export interface Exact {
  readonly u: Float64Array;
  readonly fixed: readonly (number | undefined)[];
}

/** Reads a field in whatever form at a node; along an edge, `along` is the position on it. */
export function read(
  input: FieldInput,
  [, nx]: readonly [number, number],
  i: number,
  j: number,
  along?: number,
): number {
  if (typeof input === "number") return input;
  if (typeof input === "function") return input(i, j);
  if ("stride" in input) {
    const { data, stride, offset } = input as NdArray;
    if (along === undefined) return data[offset + i * stride[0]! + j * stride[1]!]!;
    return data[offset + along * stride.at(-1)!]!;
  }
  return (input as ArrayLike<number>)[along ?? i * nx + j]!;
}

/** Reads a section of a problem at any node, or `fallback` where the problem has none. */
export function section({ shape }: Problem, input: SectionInput | undefined, fallback: number) {
  return (i: number, j: number): number => {
    if (input === undefined) return fallback;
    const field = typeof input === "object" && "value" in input ? input.value as FieldInput : input as FieldInput;
    return read(field, shape, i, j);
  };
}

/** Solves a problem that holds the solution somewhere; a singular one if `zeroMean` is set, for its zero-mean solution. */
export function solveDense(problem: Problem, zeroMean = false): Exact {
  const { shape, spacing: [dy, dx] = [1, 1], edges = {} } = problem;
  const [ny, nx] = shape;
  const size = ny * nx;
  const k = section(problem, problem.conductivity, 1);
  const f = section(problem, problem.source, 0);
  const wraps = [edges.north === "periodic", edges.west === "periodic"] as const;
  const fixed = paint(problem);
  const matrix = Array.from({ length: size }, () => new Float64Array(size + 1));

  // A cell reaches half way to its neighbours, and no further than the edge.
  const height = (i: number) => wraps[0] || (i > 0 && i < ny - 1) ? dy : dy / 2;
  const width = (j: number) => wraps[1] || (j > 0 && j < nx - 1) ? dx : dx / 2;
  const face = (a: readonly [number, number], b: readonly [number, number], length: number, distance: number) => {
    const conductance = 2 / (1 / k(...a) + 1 / k(...b)) * length / distance;
    const [p, q] = [a[0] * nx + a[1], b[0] * nx + b[1]];
    for (const [here, there] of [[p, q], [q, p]] as const) {
      matrix[here]![here]! += conductance;
      matrix[here]![there]! -= conductance;
    }
  };
  for (let i = 0; i < ny; i++) {
    for (let j = 0; j < nx; j++) {
      matrix[i * nx + j]![size]! += f(i, j) * height(i) * width(j);
      if (i + 1 < ny || wraps[0]) face([i, j], [(i + 1) % ny, j], width(j), dy);
      if (j + 1 < nx || wraps[1]) face([i, j], [i, (j + 1) % nx], height(i), dx);
    }
  }
  const border = (name: EdgeName, i: number, j: number, along: number, length: number) => {
    const edge = edges[name];
    if (typeof edge !== "object") return;
    const row = matrix[i * nx + j]!;
    if ("flux" in edge) row[size]! += read(edge.flux, shape, i, j, along) * length;
    if (!("convection" in edge)) return;
    const h = read(edge.convection.h, shape, i, j, along);
    row[i * nx + j]! += h * length;
    row[size]! += h * read(edge.convection.ambient, shape, i, j, along) * length;
  };
  for (let j = 0; j < nx; j++) {
    border("north", 0, j, j, width(j));
    border("south", ny - 1, j, j, width(j));
  }
  for (let i = 0; i < ny; i++) {
    border("west", i, 0, i, height(i));
    border("east", i, nx - 1, i, height(i));
  }
  fixed.forEach((value, p) => {
    if (value === undefined) return;
    matrix[p]!.fill(0);
    matrix[p]![p] = 1;
    matrix[p]![size] = value;
  });
  if (zeroMean) {
    // The equations sum to zero: one of them is exchanged for the mean.
    for (let i = 0; i < ny; i++) for (let j = 0; j < nx; j++) matrix[0]![i * nx + j] = height(i) * width(j);
    matrix[0]![size] = 0;
  }
  return { u: eliminate(matrix), fixed };
}

/** Which points are held: edges, then the mask, then shapes. */
export function paint({ shape, spacing: [dy, dx] = [1, 1], edges = {}, fixed = {} }: Problem): (number | undefined)[] {
  const [ny, nx] = shape;
  const held: (number | undefined)[] = Array.from({ length: ny * nx });
  for (const name of ["north", "south", "west", "east"] as const) {
    const edge = edges[name] ?? 0;
    if (edge === "periodic" || (typeof edge === "object" && ("flux" in edge || "convection" in edge))) continue;
    const lengthwise = name === "north" || name === "south";
    for (let n = 0; n < (lengthwise ? nx : ny); n++) {
      const [i, j] = lengthwise ? [name === "north" ? 0 : ny - 1, n] : [n, name === "west" ? 0 : nx - 1];
      held[i * nx + j] = read(edge as FieldInput, shape, i, j, n);
    }
  }
  for (let i = 0; i < ny; i++) {
    for (let j = 0; j < nx; j++) {
      if (fixed.mask !== undefined && read(fixed.mask, shape, i, j) !== 0) {
        held[i * nx + j] = read(fixed.values!, shape, i, j);
      }
      for (const item of fixed.shapes ?? []) {
        const [y, x] = [i * dy, j * dx];
        const inside = item.kind === "rect"
          ? y >= item.from[0] && y <= item.to[0] && x >= item.from[1] && x <= item.to[1]
          : (y - item.center[0]) ** 2 + (x - item.center[1]) ** 2 <= item.radius ** 2;
        if (inside) held[i * nx + j] = item.value;
      }
    }
  }
  return held;
}

/** Gaussian elimination with partial pivoting. Destroys the matrix; its last column is the right-hand side. */
export function eliminate(matrix: Float64Array[]): Float64Array {
  const n = matrix.length;
  for (let p = 0; p < n; p++) {
    let best = p;
    for (let q = p + 1; q < n; q++) if (Math.abs(matrix[q]![p]!) > Math.abs(matrix[best]![p]!)) best = q;
    [matrix[p], matrix[best]] = [matrix[best]!, matrix[p]!];
    for (let q = p + 1; q < n; q++) {
      const factor = matrix[q]![p]! / matrix[p]![p]!;
      if (factor === 0) continue;
      for (let c = p; c <= n; c++) matrix[q]![c]! -= factor * matrix[p]![c]!;
    }
  }
  const x = new Float64Array(n);
  for (let p = n - 1; p >= 0; p--) {
    let sum = matrix[p]![n]!;
    for (let c = p + 1; c < n; c++) sum -= matrix[p]![c]! * x[c]!;
    x[p] = sum / matrix[p]![p]!;
  }
  return x;
}
