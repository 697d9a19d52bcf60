/**
 * Finite volumes: the coefficients of every cell of a row, that is its conductances to the neighbours, the Robin terms of
 * convecting edges, and the constant of source and fluxes (Neumann). Evaluated a row at a time, each face between two cells
 * once; Dirichlet points are the business of `assemble.ts`.
 *
 * @module
 */

import type { Edge, Edges } from "../problem/edges.ts";
import { ProblemError } from "../errors.ts";
import type { Sampler } from "../problem/field.ts";

/** The region of a problem and its edges. */
export interface Medium {
  readonly shape: readonly [ny: number, nx: number];
  readonly spacing: readonly [dy: number, dx: number];
  readonly edges: Edges;
  /** Conductivity. */
  readonly k: Sampler;
  /** Source. */
  readonly f: Sampler;
}

/** The coefficients of a row of cells; the next row overwrites the arrays. */
export interface Coefficients {
  readonly north: Float64Array;
  readonly south: Float64Array;
  readonly west: Float64Array;
  readonly east: Float64Array;
  /** Sum of the four, and of the Robin terms. */
  readonly diagonal: Float64Array;
}

/** Local. A reader of the cells in columns [from, to), fastest if rows are read in order. */
export function coefficientRows(
  { shape: [ny, nx], spacing: [dy, dx], edges, k, f }: Medium,
  [from, to]: readonly [number, number],
) {
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
    coefficients(i: number): Coefficients {
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
      if (lengthwise) { for (let j = 0; j < count; j++) diagonal[j]! += robinDiagonal(lengthwise, 0, from + j, dx); }
      // At a corner the terms of both edges are added first: a transposed problem then has the same weights, bit for bit.
      for (const { at, edge } of ends) {
        const both = (lengthwise ? robinDiagonal(lengthwise, 0, from + at, dx / 2) : 0) +
          robinDiagonal(edge, i, 0, height);
        diagonal[at] = ((north[at]! + south[at]!) + (west[at]! + east[at]!)) + both;
      }
      return { north, south, west, east, diagonal };
    },

    /** What flows in, a constant; `held` has numbers at Dirichlet points, where nothing is evaluated. */
    constants(i: number, held?: Float64Array): Float64Array {
      const lengthwise = lengthwiseAt(i);
      const height = lengthwise ? dy / 2 : dy;
      const free = (j: number) => held === undefined || held[j] !== held[j];
      f.read(i, from, to, constant, held);
      const values = ends.map(({ at }) => constant[at]!);
      scale(constant, height * dx);
      if (lengthwise) {
        for (let j = 0; j < count; j++) if (free(j)) constant[j]! += robinSource(lengthwise, 0, from + j, dx);
      }
      ends.forEach(({ at, edge }, n) => {
        if (!free(at)) return;
        const both = (lengthwise ? robinSource(lengthwise, 0, from + at, dx / 2) : 0) + robinSource(edge, i, 0, height);
        constant[at] = values[n]! * (height * (dx / 2)) + both;
      });
      return constant;
    },
  };
}

/** Local. What flows in, by source and edges, as if no point were held; and the sum of its absolute parts. */
export function inflow(medium: Medium): { sum: number; size: number } {
  const [ny, nx] = medium.shape;
  const { constants } = coefficientRows(medium, [0, nx]);
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
 * Local. Checks that source and fluxes balance: a singular problem (pure Neumann, periodic) has no solution otherwise.
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

/** Local. The factor by which a sweep reduces a constant error where nothing is fixed, less 1: Robin terms over diagonals. */
export function constantGap(medium: Medium): number {
  const [ny, nx] = medium.shape;
  const { coefficients } = coefficientRows(medium, [0, nx]);
  let convected = 0;
  let all = 0;
  for (let i = 0; i < ny; i++) {
    const { north, south, west, east, diagonal } = coefficients(i);
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

/** The Robin term h × length of a part of an edge, on the diagonal. */
function robinDiagonal(edge: Edge, row: number, col: number, length: number): number {
  return edge.kind === "free" ? edge.h.at(row, col) * length : 0;
}

/** The Neumann and Robin terms of a part of an edge, in the constant: (flux + h ambient) × length. */
function robinSource(edge: Edge, row: number, col: number, length: number): number {
  return edge.kind === "free" ? (edge.flux.at(row, col) + edge.h.at(row, col) * edge.ambient.at(row, col)) * length : 0;
}
