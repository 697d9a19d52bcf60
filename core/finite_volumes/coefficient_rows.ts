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

import { addUp, facesAcross, facesAlong, mean, overlayFaces, readCellRow, replace, scale } from "./faces.ts";
import type { Radii } from "./radii.ts";
import type { Section } from "./section.ts";
import type { Edge, Edges } from "../problem/edges.ts";
import type { Sampler } from "../problem/field.ts";
import { cellShape } from "../problem/frame.ts";

/** The region of a problem and its edges. */
export interface Medium {
  readonly shape: readonly [ny: number, nx: number];
  readonly spacing: readonly [dy: number, dx: number];
  readonly edges: Edges;
  /** Conductivity. */
  readonly k: Sampler;
  /** Source. */
  readonly f: Sampler;
  /** Radii, of axisymmetric problems: columns are at distances from an axis. */
  readonly radii?: Radii;
  /** Conductivity of the cells between four nodes, in place of `k`. */
  readonly cells?: Sampler;
  /** Conductivity at the nodes of parts that lie over cells, NaN elsewhere: links between two of them have it. */
  readonly overlay?: Sampler;
  /** Parts with outlines of their own. */
  readonly section?: Section;
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
  { shape: [ny, nx], spacing: [dy, dx], edges, k, f, radii, cells, overlay, section }: Medium,
  [from, to]: readonly [number, number],
) {
  const count = to - from;
  const rowsWrap = edges.north.kind === "periodic";
  const colsWrap = edges.west.kind === "periodic";
  const lengthwiseAt = (i: number) =>
    rowsWrap ? undefined : i === 0 ? edges.north : i === ny - 1 ? edges.south : undefined;
  // The columns whose cells are of half the width, by their place here.
  const ends = colsWrap ? [] : ([[0, edges.west, radii?.west], [nx - 1, edges.east, radii?.east]] as const)
    .flatMap(([j, edge, radius = 1]) => j >= from && j < to ? [{ at: j - from, edge, radius }] : []);
  /** The mean radius of cells, by their place here; 1 where there is no axis. */
  const radius = (j: number) => radii?.cells[from + j] ?? 1;
  const varies = k.uniform === undefined || cells !== undefined || section !== undefined;

  // k of two rows, with a neighbour on either side; or of the cells above and below a row.
  let here = new Float64Array(count + 2);
  let below = new Float64Array(count + 2);
  // The same at nodes of parts over cells.
  let partsHere = new Float64Array(overlay ? count + 2 : 0);
  let partsBelow = new Float64Array(overlay ? count + 2 : 0);
  const readNodes = (k: Sampler, i: number, out: Float64Array) => {
    k.read(i, from, to, out.subarray(1, count + 1));
    out[0] = from > 0 ? k.at(i, from - 1) : colsWrap ? k.at(i, nx - 1) : out[1]!;
    out[count + 1] = to < nx ? k.at(i, to) : colsWrap ? k.at(i, 0) : out[count]!;
  };
  const readK = (i: number, out: Float64Array, parts: Float64Array) => {
    if (overlay) readNodes(overlay, i, parts);
    if (!cells) return readNodes(k, i, out);
    readCellRow(cells, cellShape([ny, nx], [rowsWrap, colsWrap]), [rowsWrap, colsWrap], i - 1, from - 1, out);
  };
  let north = new Float64Array(count);
  let south = new Float64Array(count);
  /** Conductances between row `i` and the next one. */
  const across = (i: number, out: Float64Array) => {
    if (cells) {
      for (let j = 0; j < count; j++) out[j] = (below[j]! + below[j + 1]!) * (dx / 2) / dy;
      if (overlay) {
        overlayFaces(partsHere.subarray(1), partsBelow.subarray(1), dx, dy, out);
        for (const { at } of ends) {
          overlayFaces(partsHere.subarray(at + 1), partsBelow.subarray(at + 1), dx / 2, dy, out.subarray(at, at + 1));
        }
      }
    } else {
      facesAcross(here, below, dx, dy, out);
      for (const { at } of ends) out[at] = mean(here[at + 1]!, below[at + 1]!) * (dx / 2) / dy;
    }
    if (radii) { for (let j = 0; j < count; j++) out[j]! *= radii.cells[from + j]!; }
    if (section) replace(section.south[(i + ny) % ny]!, from, out);
  };
  /** Conductances in row `i`, from the neighbour before the first column on. */
  const along = (i: number, height: number) => {
    if (cells) {
      for (let j = 0; j <= count; j++) faces[j] = (here[j]! + below[j]!) * (dy / 2) / dx;
      if (overlay) overlayFaces(partsHere, partsHere.subarray(1), height, dx, faces);
    } else facesAlong(here, height, dx, faces);
    if (radii) {
      for (let j = from === 0 ? 1 : 0; j <= count && from + j < nx; j++) faces[j]! *= radii.faces[from + j - 1]!;
    }
    if (!section) return;
    replace(section.east[i]!, from - 1, faces);
    if (colsWrap && from === 0) replace(section.east[i]!, nx - 1, faces);
  };
  const faces = new Float64Array(count + 1);
  const [west, east] = [faces.subarray(0, count), faces.subarray(1)];
  const diagonal = new Float64Array(count);
  const robin = new Float64Array(count);
  const constant = new Float64Array(count);
  /** The open part of a side that lies on an edge. */
  const openAt = (i: number, j: number, across: boolean) => {
    const open = section?.openEdges;
    if (!open) return 1;
    return across ? open[j === 0 ? "west" : "east"][i]! : open[i === 0 ? "north" : "south"][j]!;
  };
  /** The row whose conductances are there. */
  let last = NaN;

  return {
    coefficients(i: number): Coefficients {
      const lengthwise = lengthwiseAt(i);
      const height = lengthwise ? dy / 2 : dy;
      const follows = i === last + 1;
      const alike = follows && !varies && !lengthwise && !lengthwiseAt(last);
      if (!alike) {
        if (!follows) {
          readK(i === 0 ? ny - 1 : i - 1, here, partsHere);
          readK(i, below, partsBelow);
          across(i - 1, south);
        }
        [north, south] = [south, north];
        [here, below] = [below, here];
        [partsHere, partsBelow] = [partsBelow, partsHere];
        readK(i === ny - 1 ? 0 : i + 1, below, partsBelow);
        across(i, south);
        along(i, height);
        if (lengthwise) (i === 0 ? north : south).fill(0);
        for (const { at } of ends) (from + at === 0 ? west : east)[at] = 0;
        addUp(north, south, west, east, diagonal);
      }
      last = i;
      if (!alike) robin.fill(0);
      if (lengthwise) {
        for (let j = 0; j < count; j++) {
          const length = dx * radius(j) * openAt(i, from + j, false);
          diagonal[j]! += robin[j] = robinDiagonal(lengthwise, 0, from + j, length);
        }
      }
      // At a corner the terms of both edges are added first: a transposed problem then has the same weights, bit for bit.
      for (const { at, edge, radius: edgeRadius } of ends) {
        const [along, across] = [dx / 2 * radius(at), height * edgeRadius];
        robin[at] = (lengthwise ? robinDiagonal(lengthwise, 0, from + at, along * openAt(i, from + at, false)) : 0) +
          robinDiagonal(edge, i, 0, across * openAt(i, from + at, true));
        diagonal[at] = ((north[at]! + south[at]!) + (west[at]! + east[at]!)) + robin[at]!;
      }
      if (section) {
        const { cols, conductances } = section.sinks[i]!;
        for (let n = 0; n < cols.length; n++) {
          const j = cols[n]! - from;
          if (j < 0 || j >= count) continue;
          robin[j]! += conductances[n]!;
          diagonal[j]! += conductances[n]!;
        }
        // A node without a link is held.
        for (let j = 0; j < count; j++) if (diagonal[j] === 0) diagonal[j] = 1;
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
      if (radii) { for (let j = 0; j < count; j++) constant[j]! *= radii.cells[from + j]!; }
      if (gross) { for (let j = 0; j < count; j++) gross[j] = Math.abs(constant[j]!); }
      if (lengthwise) {
        for (let j = 0; j < count; j++) {
          if (!free(j)) continue;
          const part = robinInflow(lengthwise, 0, from + j, dx * radius(j) * openAt(i, from + j, false), v?.[j]);
          constant[j]! += part;
          if (gross) gross[j]! += Math.abs(part);
        }
      }
      ends.forEach(({ at, edge, radius: edgeRadius }, n) => {
        if (!free(at)) return;
        const own = values[n]! * (height * (dx / 2)) * radius(at);
        const length = dx / 2 * radius(at) * openAt(i, from + at, false);
        const along = lengthwise ? robinInflow(lengthwise, 0, from + at, length, v?.[at]) : 0;
        const across = robinInflow(edge, i, 0, height * edgeRadius * openAt(i, from + at, true), v?.[at]);
        constant[at] = own + (along + across);
        if (gross) gross[at] = Math.abs(own) + Math.abs(along) + Math.abs(across);
      });
      if (section) {
        const { cols, conductances, values } = section.sinks[i]!;
        for (let n = 0; n < cols.length; n++) {
          const j = cols[n]! - from;
          if (j < 0 || j >= count || !free(j)) continue;
          const part = conductances[n]! * (values[n]! - (v?.[j] ?? 0));
          constant[j]! += part;
          if (gross) gross[j]! += Math.abs(part);
        }
      }
      return constant;
    },
  };
}

/** The Robin term h × length of a part of an edge, on the diagonal. */
function robinDiagonal(edge: Edge, row: number, col: number, length: number): number {
  return edge.kind === "free" ? edge.h.at(row, col) * length : 0;
}

/** Local. What flows in at a part of an edge where the field is v: (flux + h (ambient − v)) × length. */
export function robinInflow(edge: Edge, row: number, col: number, length: number, v = 0): number {
  if (edge.kind !== "free") return 0;
  return (edge.flux.at(row, col) + edge.h.at(row, col) * (edge.ambient.at(row, col) - v)) * length;
}
