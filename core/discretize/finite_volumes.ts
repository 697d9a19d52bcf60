/**
 * Finite volumes: the coefficients of every cell of a row, that is its conductances to the neighbours, the Robin terms of
 * convecting edges, and the constant of source and fluxes (Neumann). Evaluated a row at a time, each face between two cells
 * once; Dirichlet points are the business of `assemble.ts`.
 *
 * Vertex-centred: a node on a free edge owns half a cell, at a free corner a quarter (Patankar 1980, practice A; the harmonic
 * mean of k at faces is his eq. 4.9).
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
  /** The Robin terms: as a difference of the others they would lose their digits where convection is weak. */
  readonly robin: Float64Array;
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
  const robin = new Float64Array(count);
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
      if (!alike) robin.fill(0);
      if (lengthwise) {
        for (let j = 0; j < count; j++) diagonal[j]! += robin[j] = robinDiagonal(lengthwise, 0, from + j, dx);
      }
      // At a corner the terms of both edges are added first: a transposed problem then has the same weights, bit for bit.
      for (const { at, edge } of ends) {
        robin[at] = (lengthwise ? robinDiagonal(lengthwise, 0, from + at, dx / 2) : 0) +
          robinDiagonal(edge, i, 0, height);
        diagonal[at] = ((north[at]! + south[at]!) + (west[at]! + east[at]!)) + robin[at]!;
      }
      return { north, south, west, east, diagonal, robin };
    },

    /**
     * What flows in, of sources and edges, where the field is `v`, zero if absent: then it is the constant term. `held` has
     * numbers at Dirichlet points, where nothing is evaluated; `gross` gets the sum of its absolute parts.
     */
    inflow(i: number, held?: Float64Array, v?: Float64Array, gross?: Float64Array): Float64Array {
      const lengthwise = lengthwiseAt(i);
      const height = lengthwise ? dy / 2 : dy;
      const free = (j: number) => held === undefined || held[j] !== held[j];
      f.read(i, from, to, constant, held);
      const values = ends.map(({ at }) => constant[at]!);
      scale(constant, height * dx);
      if (gross) { for (let j = 0; j < count; j++) gross[j] = Math.abs(constant[j]!); }
      if (lengthwise) {
        for (let j = 0; j < count; j++) {
          if (!free(j)) continue;
          const part = robinInflow(lengthwise, 0, from + j, dx, v?.[j]);
          constant[j]! += part;
          if (gross) gross[j]! += Math.abs(part);
        }
      }
      ends.forEach(({ at, edge }, n) => {
        if (!free(at)) return;
        const own = values[n]! * (height * (dx / 2));
        const along = lengthwise ? robinInflow(lengthwise, 0, from + at, dx / 2, v?.[at]) : 0;
        const across = robinInflow(edge, i, 0, height, v?.[at]);
        constant[at] = own + (along + across);
        if (gross) gross[at] = Math.abs(own) + Math.abs(along) + Math.abs(across);
      });
      return constant;
    },
  };
}

/** Local. What flows in, by source and edges, as if no point were held; and the sum of its absolute parts. */
export function inflow(medium: Medium): { sum: number; size: number } {
  const [ny, nx] = medium.shape;
  const cells = coefficientRows(medium, [0, nx]);
  let sum = 0;
  let size = 0;
  for (let i = 0; i < ny; i++) {
    const row = cells.inflow(i);
    for (let j = 0; j < nx; j++) {
      sum += row[j]!;
      size += Math.abs(row[j]!);
    }
  }
  return { sum, size };
}

/**
 * What may be missing from a balance, relative to all that flows: by rounding of the sum, of data that was written with ten
 * digits, and of data that was f32.
 */
const ROUNDED = 1e-13, BALANCED = 1e-9, SINGLE_BALANCED = 1e-6;

/**
 * Local. Checks that source and fluxes balance: a singular problem (pure Neumann, periodic) has no solution otherwise.
 *
 * @returns the source that is too much everywhere, because data are rounded; 0 where they balance
 * @throws ProblemError if they do not.
 */
export function balance(medium: Medium): number {
  const { shape: [ny, nx], spacing: [dy, dx], edges, f } = medium;
  const { sum, size } = inflow(medium);
  if (Math.abs(sum) <= ROUNDED * size) return 0;
  const single = [f, ...Object.values(edges).flatMap((edge) => edge.kind === "free" ? [edge.flux] : [])]
    .some((field) => field.single);
  if (Math.abs(sum) > (single ? SINGLE_BALANCED : BALANCED) * size) {
    throw new ProblemError(
      `source and fluxes do not balance: ${sum} flows in and nothing takes it out; fix a point, add convection or ` +
        "balance them (the source of a node on an edge counts a half, at a corner a quarter)",
    );
  }
  const [rowsWrap, colsWrap] = [edges.north.kind === "periodic", edges.west.kind === "periodic"];
  return sum / ((rowsWrap ? ny : ny - 1) * dy * (colsWrap ? nx : nx - 1) * dx);
}

/** Local. The factor by which a sweep reduces a constant error where nothing is fixed, less 1: Robin terms over diagonals. */
export function constantGap(medium: Medium): number {
  const [ny, nx] = medium.shape;
  const { coefficients } = coefficientRows(medium, [0, nx]);
  let convected = 0;
  let all = 0;
  for (let i = 0; i < ny; i++) {
    const { diagonal, robin } = coefficients(i);
    for (let j = 0; j < nx; j++) {
      convected += robin[j]!;
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

/** What flows in at a part of an edge where the field is v: (flux + h (ambient − v)) × length. */
function robinInflow(edge: Edge, row: number, col: number, length: number, v = 0): number {
  if (edge.kind !== "free") return 0;
  return (edge.flux.at(row, col) + edge.h.at(row, col) * (edge.ambient.at(row, col) - v)) * length;
}
