/**
 * Lowers a problem to a stencil, so that no kernel knows about boundary conditions. Vertex-centred finite volumes:
 * a node on a free edge owns half a cell, at a free corner a quarter (Patankar 1980, practice A; the harmonic mean
 * of k at faces is his eq. 4.9).
 *
 * @module
 */

import { everyOther, halves } from "./coarser.ts";
import type { Block, Dtype, GridData, Stencil, StencilBlock } from "./contract.ts";
import { ProblemError } from "./errors.ts";
import { type FieldInput, isField, type Sampler, sampler } from "./field.ts";
import { fixedPoints } from "./fixed.ts";
import { type EdgeInput, type EdgeName, EDGES, type Problem, type SectionInput } from "./problem.ts";

/** A free edge: k du/dn = flux + h (ambient − u). A fixed edge: its values. */
type Edge =
  | { readonly kind: "fixed"; readonly value: Sampler }
  | { readonly kind: "free"; readonly flux: Sampler; readonly h: Sampler; readonly ambient: Sampler }
  | { readonly kind: "periodic" };

/** The edges of a problem, ready to be read. */
export type Edges = { readonly [E in EdgeName]: Edge };

/**
 * Local. Lowers a validated problem.
 *
 * @throws ProblemError for a field of the wrong size, a value that is not finite, a conductivity that is not positive,
 * or sources and fluxes that do not balance where nothing else holds the solution.
 */
export function lower(problem: Problem): Stencil {
  const { shape, spacing = [1, 1], dtype = "f64" } = problem;
  const [ny, nx] = shape;
  const [dy, dx] = spacing;
  const field = (path: string, input: SectionInput | undefined, fallback: number) =>
    sampler(path, input === undefined ? fallback : isField(input) ? input : input.value, shape);
  const k = field("conductivity", problem.conductivity, 1);
  requirePositive(k, shape);
  const f = field("source", problem.source, 0);
  const initial = field("initial", problem.initial, 0);
  const edges = readEdges(problem);
  const fixed = fixedPoints(problem, edges);
  const periodic = [edges.north.kind === "periodic", edges.west.kind === "periodic"] as const;

  const plain = k.uniform !== undefined && !fixed.inside && EDGES.every((name) => edges[name].kind === "fixed");
  const convects = EDGES.some((name) => {
    const edge = edges[name];
    return edge.kind === "free" && edge.h.uniform !== 0;
  });
  const singular = !fixed.any && !convects;
  const [sx, sy] = [dy * dy, dx * dx];
  const cx = dx === dy ? 0.25 : sx / (2 * (sx + sy));
  const cy = dx === dy ? 0.25 : sy / (2 * (sx + sy));
  const round = dtype === "f32" ? Math.fround : (x: number) => x;
  const side = Math.min((ny - 1) * dy, (nx - 1) * dx);

  const weights = faceWeights(shape, spacing, edges, k, f);
  if (singular) requireBalance(shape, weights);
  const edgeGap = spectralGap(edges, shape, spacing);
  const gap = fixed.any || singular ? edgeGap : Math.min(edgeGap, constantGap(shape, weights));

  return {
    kind: plain ? "plain" : "weighted",
    dtype,
    shape,
    spacing,
    periodic,
    cx: round(cx),
    cy: round(cy),
    source: f.uniform !== 0,
    spread: fixed.spread,
    size: Math.max(fixed.spread, fixed.largest),
    singular,
    // The second is what the first amounts to on a square.
    errorFactor: plain ? (side * side / 8) * 2 * (1 / (dx * dx) + 1 / (dy * dy)) : Math.PI * Math.PI / 4 / gap,
    gap,
    evaluate: (block) => plain ? evaluatePlain(block) : evaluateWeighted(block),
    ...(plain && initial.uniform === 0 && !problem.fixed && halves(shape) && {
      coarser: () => lower(everyOther(problem, edges, f)),
    }),
  };

  function evaluatePlain(block: Block): StencilBlock {
    const u = evaluateIterate(block);
    if (f.uniform === 0) return { u };
    // f enters as f / (k (2/dx² + 2/dy²)); at a fixed point g is not read.
    const g = array(dtype, block);
    const scale = (dx === dy ? 0.25 * sx : sx * sy / (2 * (sx + sy))) / k.uniform!;
    forEachPoint(block, (i, j, at) => g[at] = f.at(i, j) * scale);
    return { u, g };
  }

  function evaluateIterate(block: Block): GridData {
    const u = array(dtype, block);
    const [c0, c1] = block.cols;
    const width = c1 - c0;
    if (initial.uniform !== undefined) u.fill(initial.uniform);
    else forEachPoint(block, (i, j, at) => u[at] = initial.at(i, j));
    for (let i = block.rows[0]; i < block.rows[1]; i++) {
      const start = (i - block.rows[0]) * width - c0;
      fixed.visit(i, (j, value) => {
        if (j >= c0 && j < c1) u[start + j] = value;
      });
    }
    return u;
  }

  function evaluateWeighted(block: Block): StencilBlock {
    const u = evaluateIterate(block);
    const an = array(dtype, block);
    const as = array(dtype, block);
    const aw = array(dtype, block);
    const ae = array(dtype, block);
    const g = array(dtype, block);
    const d = array(dtype, block);
    const width = block.cols[1] - block.cols[0];
    const row = new Float64Array(nx);
    // With a uniform conductivity all cells off the edges are alike.
    const inner = { ...weights(1, 1) };
    const [n, s, w, e] = [inner.north, inner.south, inner.west, inner.east].map((side) => side / inner.diagonal);
    for (let i = block.rows[0]; i < block.rows[1]; i++) {
      row.fill(NaN);
      fixed.visit(i, (j, value) => row[j] = value);
      const alike = k.uniform !== undefined && i > 0 && i < ny - 1;
      let at = (i - block.rows[0]) * width;
      for (let j = block.cols[0]; j < block.cols[1]; j++, at++) {
        if (row[j] === row[j]) {
          g[at] = row[j]!;
          continue;
        }
        if (alike && j > 0 && j < nx - 1) {
          an[at] = n!;
          as[at] = s!;
          aw[at] = w!;
          ae[at] = e!;
          g[at] = f.at(i, j) * (dy * dx) / inner.diagonal;
          d[at] = inner.diagonal;
          continue;
        }
        const p = weights(i, j);
        an[at] = p.north / p.diagonal;
        as[at] = p.south / p.diagonal;
        aw[at] = p.west / p.diagonal;
        ae[at] = p.east / p.diagonal;
        g[at] = p.constant / p.diagonal;
        d[at] = p.diagonal;
      }
    }
    return { u, an, as, aw, ae, g, d };
  }
}

/** The balance of one node's cell: conductances to its neighbours, their sum with convection, and what flows in. */
interface Cell {
  north: number;
  south: number;
  west: number;
  east: number;
  diagonal: number;
  constant: number;
}

type FaceWeights = (row: number, col: number) => Cell;

/** @returns a function that evaluates a node's cell as if it were free; the object it returns is reused. */
function faceWeights(
  [ny, nx]: readonly [number, number],
  [dy, dx]: readonly [number, number],
  edges: Edges,
  k: Sampler,
  f: Sampler,
): FaceWeights {
  const cell: Cell = { north: 0, south: 0, west: 0, east: 0, diagonal: 0, constant: 0 };
  const rowsWrap = edges.north.kind === "periodic";
  const colsWrap = edges.west.kind === "periodic";
  // What one piece of a free edge adds to the diagonal, and to the constant.
  const loss = (edge: Edge, row: number, col: number, length: number) =>
    edge.kind === "free" ? edge.h.at(row, col) * length : 0;
  const gain = (edge: Edge, row: number, col: number, length: number) =>
    edge.kind === "free" ? (edge.flux.at(row, col) + edge.h.at(row, col) * edge.ambient.at(row, col)) * length : 0;
  return (i, j) => {
    const atNorth = i === 0 && !rowsWrap, atSouth = i === ny - 1 && !rowsWrap;
    const atWest = j === 0 && !colsWrap, atEast = j === nx - 1 && !colsWrap;
    const height = atNorth || atSouth ? dy / 2 : dy;
    const width = atWest || atEast ? dx / 2 : dx;
    const here = k.at(i, j);
    cell.north = atNorth ? 0 : mean(here, k.at(i === 0 ? ny - 1 : i - 1, j)) * width / dy;
    cell.south = atSouth ? 0 : mean(here, k.at(i === ny - 1 ? 0 : i + 1, j)) * width / dy;
    cell.west = atWest ? 0 : mean(here, k.at(i, j === 0 ? nx - 1 : j - 1)) * height / dx;
    cell.east = atEast ? 0 : mean(here, k.at(i, j === nx - 1 ? 0 : j + 1)) * height / dx;
    cell.diagonal = (cell.north + cell.south) + (cell.west + cell.east);
    cell.constant = f.at(i, j) * (height * width);
    const lengthwise = atNorth ? edges.north : atSouth ? edges.south : undefined;
    const crosswise = atWest ? edges.west : atEast ? edges.east : undefined;
    if (!lengthwise && !crosswise) return cell;
    // At a corner the two pieces are added first: a transposed problem then has the same weights, bit for bit.
    cell.diagonal += (lengthwise ? loss(lengthwise, 0, j, width) : 0) + (crosswise ? loss(crosswise, i, 0, height) : 0);
    cell.constant += (lengthwise ? gain(lengthwise, 0, j, width) : 0) + (crosswise ? gain(crosswise, i, 0, height) : 0);
    return cell;
  };
}

/** Harmonic mean: exact for equal values, the same in both orders, free of overflow. */
function mean(a: number, b: number): number {
  const [low, high] = a < b ? [a, b] : [b, a];
  return 2 * low / (1 + low / high);
}

function readEdges(problem: Problem): Edges {
  const [ny, nx] = problem.shape;
  const read = (name: EdgeName): Edge => {
    const path = `edges.${name}`;
    const shape = name === "north" || name === "south" ? [1, nx] as const : [ny, 1] as const;
    const field = (key: string, input: FieldInput) => sampler(`${path}${key}`, along(name, input), shape);
    const input: EdgeInput = problem.edges?.[name] ?? 0;
    if (input === "periodic") return { kind: "periodic" };
    if (isField(input)) return { kind: "fixed", value: field("", input) };
    const none = field("", 0);
    if ("flux" in input) return { kind: "free", flux: field(".flux", input.flux), h: none, ambient: none };
    let h = field(".convection.h", input.convection.h);
    let convects = false;
    for (let n = 0; n < (h.uniform === undefined ? shape[0] * shape[1] : 1); n++) {
      const value = shape[0] === 1 ? h.at(0, n) : h.at(n, 0);
      if (value < 0) throw new ProblemError(`${path}.convection.h must not be negative: it is ${value}`);
      if (value > 0) convects = true;
    }
    // Zero all along, given as an array: insulated, and nothing that could hold a solution.
    if (!convects) h = none;
    return { kind: "free", flux: none, h, ambient: field(".convection.ambient", input.convection.ambient) };
  };
  /** A function of (row, column) is called with the numbers of the grid, not of the edge. */
  const along = (name: EdgeName, input: FieldInput): FieldInput => {
    if (typeof input !== "function") return input;
    if (name === "south") return (_, col) => input(ny - 1, col);
    if (name === "east") return (row) => input(row, nx - 1);
    return input;
  };
  return { north: read("north"), south: read("south"), west: read("west"), east: read("east") };
}

function requirePositive(k: Sampler, [ny, nx]: readonly [number, number]): void {
  const rows = k.uniform === undefined ? ny : 1;
  const cols = k.uniform === undefined ? nx : 1;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const value = k.at(i, j);
      if (!(value > 0)) {
        throw new ProblemError(`conductivity must be greater than 0: at row ${i}, column ${j} it is ${value}`);
      }
    }
  }
}

/** Free everywhere, a solution exists only if what flows in flows out. */
function requireBalance([ny, nx]: readonly [number, number], weights: FaceWeights): void {
  let sum = 0;
  let size = 0;
  for (let i = 0; i < ny; i++) {
    for (let j = 0; j < nx; j++) {
      const { constant } = weights(i, j);
      sum += constant;
      size += Math.abs(constant);
    }
  }
  if (Math.abs(sum) > 1e-9 * size) {
    throw new ProblemError(
      `source and fluxes do not balance: ${sum} flows in and nothing takes it out; fix a point, add convection or balance them`,
    );
  }
}

/**
 * 1 less the spectral radius of Jacobi: how much of the slowest error mode a sweep takes away. Exact for plain stencils;
 * otherwise an estimate that knows edges, but neither jumps of k nor points fixed inside.
 *
 * The slowest mode is half a wave between two fixed edges, a quarter from a fixed one to a free one, constant between two
 * free ones. Convection lengthens its side by the extrapolation length k / h.
 */
function spectralGap(edges: Edges, [ny, nx]: readonly [number, number], [dy, dx]: readonly [number, number]): number {
  const angle = (one: Edge, other: Edge, n: number, d: number) => {
    if (one.kind === "periodic") return 0;
    const beyond = (edge: Edge) => {
      if (edge.kind === "fixed") return 0;
      return edge.kind === "free" && edge.h.uniform ? Math.min(n - 1, 1 / (edge.h.uniform * d)) : n - 1;
    };
    const [a, b] = [beyond(one), beyond(other)];
    return a >= n - 1 && b >= n - 1 ? 0 : Math.PI / (n - 1 + a + b);
  };
  let y = angle(edges.north, edges.south, ny, dy);
  let x = angle(edges.west, edges.east, nx, dx);
  if (y === 0 && x === 0) {
    // Nothing is held at an edge. The constant aside, the slowest mode is half a wave, or one, along the long side.
    const free = (n: number, edge: Edge) => (edge.kind === "periodic" ? 2 : 1) * Math.PI / n;
    [y, x] = [free(ny, edges.north), free(nx, edges.west)];
    if (y / dy < x / dx) x = 0;
    else y = 0;
  }
  const scale = dx * dx + dy * dy;
  return (dy * dy / scale) * oneMinusCos(x) + (dx * dx / scale) * oneMinusCos(y);
}

/** 1 − cos t for 0 <= t <= pi by its series, to rounding: Math.cos differs in bits between JavaScript engines. */
function oneMinusCos(t: number): number {
  let term = t * t / 2;
  let sum = 0;
  for (let n = 4; term !== 0 && n < 60; n += 2) {
    sum += term;
    term *= -(t * t) / (n * (n - 1));
  }
  return sum;
}

/** The part of a constant error that a sweep takes away where nothing is fixed: what convects, of all conductances. */
function constantGap([ny, nx]: readonly [number, number], weights: FaceWeights): number {
  let convected = 0;
  let all = 0;
  for (let i = 0; i < ny; i++) {
    for (let j = 0; j < nx; j++) {
      const { north, south, west, east, diagonal } = weights(i, j);
      convected += diagonal - ((north + south) + (west + east));
      all += diagonal;
    }
  }
  return convected / all;
}

function array(dtype: Dtype, { rows, cols }: Block): GridData {
  const length = (rows[1] - rows[0]) * (cols[1] - cols[0]);
  return dtype === "f32" ? new Float32Array(length) : new Float64Array(length);
}

function forEachPoint({ rows, cols }: Block, visit: (row: number, col: number, at: number) => void): void {
  let at = 0;
  for (let i = rows[0]; i < rows[1]; i++) for (let j = cols[0]; j < cols[1]; j++) visit(i, j, at++);
}
