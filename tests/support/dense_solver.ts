/**
 * A problem's equations, assembled face by face and solved by elimination: an opinion on `core/discretize/lower.ts` that
 * shares nothing with it but the problem. For small grids; not a test itself.
 *
 * @module
 */

import type { NdArray } from "../../core/problem/field.ts";
import type { ConductivityInput, EdgeName, Problem, QuantityInput } from "../../core/problem/problem.ts";

/** The solution of a problem, and which of its points are held at a value. */
export interface Exact {
  readonly u: Float64Array;
  readonly fixed: readonly (number | undefined)[];
  /** The largest of the terms that u is the sum of: its roundings are relative to it. */
  readonly size: number;
}

/** Reads a field in whatever form but a formula at a node; along an edge, `along` is the position on it. */
export function read(
  input: QuantityInput,
  [, nx]: readonly [number, number],
  i: number,
  j: number,
  along?: number,
): number {
  if (typeof input === "number") return input;
  if (typeof input === "function") return input(i, j);
  if (typeof input === "string" || "formula" in input) throw new Error("formulas are not read here");
  if ("stride" in input) {
    const { data, stride, offset } = input as NdArray;
    if (along === undefined) return data[offset + i * stride[0]! + j * stride[1]!]!;
    return data[offset + along * stride.at(-1)!]!;
  }
  return (input as ArrayLike<number>)[along ?? i * nx + j]!;
}

/** Reads a section of a problem at any node, or `fallback` where the problem has none. */
export function section({ shape }: Problem, input: ConductivityInput | undefined, fallback: number) {
  return (i: number, j: number): number => {
    if (input === undefined) return fallback;
    const field = typeof input === "object" && "value" in input ? input.value : input as QuantityInput;
    return read(field, shape, i, j);
  };
}

/**
 * Solves a problem that holds the solution somewhere; a singular one if `zeroMean` is set, for its zero-mean solution.
 *
 * Elimination keeps conductances and losses apart instead of their sum, the diagonal, and only adds: each has a small
 * relative error, whatever jumps there are. A. S. Alfa, J. Xue, Q. Ye, Math. Comp. 71 (2002) 217.
 */
export function solveDense(problem: Problem, zeroMean = false): Exact {
  const { fixed, conductances, losses, inflow, areas, reference } = assembleEquations(problem);
  const count = fixed.length;
  // What flows in and out apart, so that the sums have one sign each.
  const sides = [inflow.map((b) => Math.max(b, 0)), inflow.map((b) => Math.max(-b, 0))] as const;
  const pivots = new Float64Array(count);
  const free = Array.from({ length: count }, (_, p) => p).filter((p) => fixed[p] === undefined);
  for (const p of free) {
    const neighbours = [...conductances[p]!];
    const pivot = neighbours.reduce((sum, [, c]) => sum + c, losses[p]!);
    pivots[p] = pivot;
    for (const [q, c] of neighbours) {
      conductances[q]!.delete(p);
      for (const [r, other] of neighbours) {
        if (r !== q) conductances[q]!.set(r, (conductances[q]!.get(r) ?? 0) + c / pivot * other);
      }
      losses[q]! += c / pivot * losses[p]!;
      for (const side of sides) side[q]! += c / pivot * side[p]!;
    }
  }
  const solve = (side: Float64Array) => {
    const v = new Float64Array(count);
    for (const p of free.toReversed()) {
      let sum = side[p]!;
      for (const [q, c] of conductances[p]!) sum += c * v[q]!;
      // The last point of a singular problem has no pivot; its value is free.
      v[p] = pivots[p] === 0 ? 0 : sum / pivots[p]!;
    }
    return v;
  };
  const [up, down] = sides.map(solve) as [Float64Array, Float64Array];
  const size = up.reduce((most, value, p) => Math.max(most, value + down[p]!), Math.abs(reference));
  const u = up.map((value, p) => fixed[p] ?? reference + (value - down[p]!));
  if (zeroMean) {
    const area = areas.reduce((sum, one) => sum + one);
    const mean = u.reduce((sum, value, p) => sum + value * areas[p]!, 0) / area;
    for (let p = 0; p < count; p++) u[p]! -= mean;
  }
  return { u, fixed, size };
}

/** For each point p: the sum over free neighbours q of conductance (u_p − u_q), + loss u_p = inflow. */
interface Equations {
  readonly fixed: readonly (number | undefined)[];
  readonly conductances: readonly Map<number, number>[];
  /** To held points and to ambients. */
  readonly losses: Float64Array;
  /** Of sources, fluxes, held points and ambients, for u − reference. */
  readonly inflow: Float64Array;
  /** Of the cells. */
  readonly areas: Float64Array;
  /** The smallest held value or ambient; 0 if there is none. */
  readonly reference: number;
}

/** Local. Assembles the equations of a problem face by face. */
function assembleEquations(problem: Problem): Equations {
  const { shape, spacing: [dy, dx] = [1, 1], edges = {} } = problem;
  const [ny, nx] = shape;
  const size = ny * nx;
  const k = section(problem, problem.conductivity, 1);
  const f = section(problem, problem.source, 0);
  const wraps = [edges.north === "periodic", edges.west === "periodic"] as const;
  const fixed = paint(problem);
  const conductances = Array.from({ length: size }, () => new Map<number, number>());
  const [losses, inflow, areas] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
  /** From a point, through a conductance, to a given value. */
  const outlets: [p: number, conductance: number, value: number][] = [];

  // A cell reaches half way to its neighbours, and no further than the edge.
  const height = (i: number) => wraps[0] || (i > 0 && i < ny - 1) ? dy : dy / 2;
  const width = (j: number) => wraps[1] || (j > 0 && j < nx - 1) ? dx : dx / 2;
  const face = (a: readonly [number, number], b: readonly [number, number], length: number, distance: number) => {
    const [low, high] = [k(...a), k(...b)].sort((one, other) => one - other) as [number, number];
    const conductance = 2 * low / (1 + low / high) * length / distance;
    const [p, q] = [a[0] * nx + a[1], b[0] * nx + b[1]];
    for (const [here, there] of [[p, q], [q, p]] as const) {
      if (fixed[here] !== undefined) continue;
      const value = fixed[there];
      if (value !== undefined) outlets.push([here, conductance, value]);
      else conductances[here]!.set(there, (conductances[here]!.get(there) ?? 0) + conductance);
    }
  };
  const border = (name: EdgeName, i: number, j: number, along: number, length: number) => {
    const edge = edges[name];
    const p = i * nx + j;
    if (typeof edge !== "object") return;
    if ("flux" in edge) inflow[p]! += read(edge.flux, shape, i, j, along) * length;
    if (!("convection" in edge)) return;
    const h = read(edge.convection.h, shape, i, j, along);
    if (h > 0) outlets.push([p, h * length, read(edge.convection.ambient, shape, i, j, along)]);
  };
  for (let i = 0; i < ny; i++) {
    for (let j = 0; j < nx; j++) {
      areas[i * nx + j] = height(i) * width(j);
      inflow[i * nx + j]! += f(i, j) * height(i) * width(j);
      if (i + 1 < ny || wraps[0]) face([i, j], [(i + 1) % ny, j], width(j), dy);
      if (j + 1 < nx || wraps[1]) face([i, j], [i, (j + 1) % nx], height(i), dx);
    }
  }
  for (let j = 0; j < nx; j++) {
    border("north", 0, j, j, width(j));
    border("south", ny - 1, j, j, width(j));
  }
  for (let i = 0; i < ny; i++) {
    border("west", i, 0, i, height(i));
    border("east", i, nx - 1, i, height(i));
  }
  const reference = outlets.length === 0 ? 0 : outlets.reduce((least, [, , value]) => Math.min(least, value), Infinity);
  for (const [p, conductance, value] of outlets) {
    losses[p]! += conductance;
    inflow[p]! += conductance * (value - reference);
  }
  return { fixed, conductances, losses, inflow, areas, reference };
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
      held[i * nx + j] = read(edge as QuantityInput, shape, i, j, n);
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
