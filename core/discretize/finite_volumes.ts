/**
 * The balance of every cell of a row: what it conducts to its neighbours, loses by convection, and takes in. Evaluated a
 * row at a time, each face between two cells once; as if no point were held.
 *
 * @module
 */

import type { Edge, Edges } from "../problem/edges.ts";
import { ProblemError } from "../errors.ts";
import type { Sampler } from "../problem/field.ts";

/** What a problem says of the region between its edges, and of these. */
export interface Medium {
  readonly shape: readonly [ny: number, nx: number];
  readonly spacing: readonly [dy: number, dx: number];
  readonly edges: Edges;
  /** Conductivity. */
  readonly k: Sampler;
  /** Source. */
  readonly f: Sampler;
}

/** The conductances of a row of cells; the arrays are those of the next row too. */
export interface Conductances {
  readonly north: Float64Array;
  readonly south: Float64Array;
  readonly west: Float64Array;
  readonly east: Float64Array;
  /** Sum of the four, and what convects. */
  readonly diagonal: Float64Array;
}

/** Reads the cells of a row, between two columns. */
export interface CellRows {
  conductances(row: number): Conductances;
  /** What flows in, a constant; `held` has numbers where points are held and nothing is to be evaluated. */
  constants(row: number, held?: Float64Array): Float64Array;
}

/** Local. Gives a reader of the cells in columns [from, to), fastest if it is asked for one row after the other. */
export function cellRows(
  { shape: [ny, nx], spacing: [dy, dx], edges, k, f }: Medium,
  [from, to]: readonly [number, number],
): CellRows {
  const count = to - from;
  const rowsWrap = edges.north.kind === "periodic";
  const colsWrap = edges.west.kind === "periodic";
  const lengthwiseAt = (i: number) =>
    rowsWrap ? undefined : i === 0 ? edges.north : i === ny - 1 ? edges.south : undefined;
  // The columns whose cells are of half the width, by their place here.
  const ends = colsWrap ? [] : ([[0, edges.west], [nx - 1, edges.east]] as const)
    .flatMap(([j, edge]) => j >= from && j < to ? [{ at: j - from, edge }] : []);

  // k of two rows, with a neighbour on either side.
  let here = new Float64Array(count + 2);
  let below = new Float64Array(count + 2);
  const readK = (i: number, out: Float64Array) => {
    k.read(i, from, to, out.subarray(1, count + 1));
    out[0] = from > 0 ? k.at(i, from - 1) : colsWrap ? k.at(i, nx - 1) : out[1]!;
    out[count + 1] = to < nx ? k.at(i, to) : colsWrap ? k.at(i, 0) : out[count]!;
  };
  let north = new Float64Array(count);
  let south = new Float64Array(count);
  const across = (out: Float64Array) => {
    facesAcross(here, below, dx, dy, out);
    for (const { at } of ends) out[at] = mean(here[at + 1]!, below[at + 1]!) * (dx / 2) / dy;
  };
  const faces = new Float64Array(count + 1);
  const [west, east] = [faces.subarray(0, count), faces.subarray(1)];
  const diagonal = new Float64Array(count);
  const constant = new Float64Array(count);
  /** The row whose conductances are there. */
  let last = NaN;

  return {
    conductances(i) {
      const lengthwise = lengthwiseAt(i);
      const height = lengthwise ? dy / 2 : dy;
      const follows = i === last + 1;
      const alike = follows && k.uniform !== undefined && !lengthwise && !lengthwiseAt(last);
      if (!alike) {
        if (!follows) {
          readK(i === 0 ? ny - 1 : i - 1, here);
          readK(i, below);
          across(south);
        }
        [north, south] = [south, north];
        [here, below] = [below, here];
        readK(i === ny - 1 ? 0 : i + 1, below);
        across(south);
        facesAlong(here, height, dx, faces);
        if (lengthwise) (i === 0 ? north : south).fill(0);
        for (const { at } of ends) (from + at === 0 ? west : east)[at] = 0;
        addUp(north, south, west, east, diagonal);
      }
      last = i;
      if (lengthwise) { for (let j = 0; j < count; j++) diagonal[j]! += loss(lengthwise, 0, from + j, dx); }
      // At a corner the two pieces are added first: a transposed problem then has the same weights, bit for bit.
      for (const { at, edge } of ends) {
        const pieces = (lengthwise ? loss(lengthwise, 0, from + at, dx / 2) : 0) + loss(edge, i, 0, height);
        diagonal[at] = ((north[at]! + south[at]!) + (west[at]! + east[at]!)) + pieces;
      }
      return { north, south, west, east, diagonal };
    },

    constants(i, held) {
      const lengthwise = lengthwiseAt(i);
      const height = lengthwise ? dy / 2 : dy;
      const free = (j: number) => held === undefined || held[j] !== held[j];
      f.read(i, from, to, constant, held);
      const values = ends.map(({ at }) => constant[at]!);
      scale(constant, height * dx);
      if (lengthwise) {
        for (let j = 0; j < count; j++) if (free(j)) constant[j]! += gain(lengthwise, 0, from + j, dx);
      }
      ends.forEach(({ at, edge }, n) => {
        if (!free(at)) return;
        const pieces = (lengthwise ? gain(lengthwise, 0, from + at, dx / 2) : 0) + gain(edge, i, 0, height);
        constant[at] = values[n]! * (height * (dx / 2)) + pieces;
      });
      return constant;
    },
  };
}

/** Local. What flows in, by source and edges, as if no point were held; and the sum of its absolute parts. */
export function inflow(medium: Medium): { sum: number; size: number } {
  const [ny, nx] = medium.shape;
  const { constants } = cellRows(medium, [0, nx]);
  let sum = 0;
  let size = 0;
  for (let i = 0; i < ny; i++) {
    const row = constants(i);
    for (let j = 0; j < nx; j++) {
      sum += row[j]!;
      size += Math.abs(row[j]!);
    }
  }
  return { sum, size };
}

/**
 * Local. Checks that what flows in flows out: free everywhere, a problem has no solution otherwise.
 *
 * @throws ProblemError if it does not.
 */
export function requireBalance(medium: Medium): void {
  const { sum, size } = inflow(medium);
  if (Math.abs(sum) > 1e-9 * size) {
    throw new ProblemError(
      `source and fluxes do not balance: ${sum} flows in and nothing takes it out; fix a point, add convection or balance them`,
    );
  }
}

/** Local. The part of a constant error that a sweep takes away where nothing is fixed: what convects, of all conductances. */
export function constantGap(medium: Medium): number {
  const [ny, nx] = medium.shape;
  const { conductances } = cellRows(medium, [0, nx]);
  let convected = 0;
  let all = 0;
  for (let i = 0; i < ny; i++) {
    const { north, south, west, east, diagonal } = conductances(i);
    for (let j = 0; j < nx; j++) {
      convected += diagonal[j]! - ((north[j]! + south[j]!) + (west[j]! + east[j]!));
      all += diagonal[j]!;
    }
  }
  return convected / all;
}

// ---- helpers: what is done for every point is a function of its own, which engines optimize ----

/** Conductances of the faces between two rows, whose arrays begin a column further west. */
function facesAcross(one: Float64Array, other: Float64Array, length: number, distance: number, out: Float64Array) {
  for (let j = 0; j < out.length; j++) out[j] = mean(one[j + 1]!, other[j + 1]!) * length / distance;
}

/** Conductances of the faces between neighbours in a row. */
function facesAlong(row: Float64Array, length: number, distance: number, out: Float64Array) {
  for (let j = 0; j < out.length; j++) out[j] = mean(row[j]!, row[j + 1]!) * length / distance;
}

function addUp(n: Float64Array, s: Float64Array, w: Float64Array, e: Float64Array, out: Float64Array) {
  for (let j = 0; j < out.length; j++) out[j] = (n[j]! + s[j]!) + (w[j]! + e[j]!);
}

function scale(row: Float64Array, factor: number) {
  for (let j = 0; j < row.length; j++) row[j]! *= factor;
}

/** Harmonic mean: exact for equal values, the same in both orders, free of overflow. */
function mean(a: number, b: number): number {
  if (a === b) return a;
  const low = a < b ? a : b;
  const high = a < b ? b : a;
  return 2 * low / (1 + low / high);
}

/** What a piece of a free edge adds to the diagonal. */
function loss(edge: Edge, row: number, col: number, length: number): number {
  return edge.kind === "free" ? edge.h.at(row, col) * length : 0;
}

/** What a piece of a free edge adds to the constant. */
function gain(edge: Edge, row: number, col: number, length: number): number {
  return edge.kind === "free" ? (edge.flux.at(row, col) + edge.h.at(row, col) * edge.ambient.at(row, col)) * length : 0;
}
