/**
 * Probes: what is asked about the field at points, along lines and in parts. u is bilinear between nodes. The flux comes from
 * the conductances of the equations: each of its components is known at the faces between two nodes, and linear from face to
 * face; beyond the last face, half a cell from an edge, it is extrapolated. Near outlines `local_fit.ts` takes over.
 *
 * @module
 */

import type { Equations } from "../finite_volumes/assemble.ts";
import { coefficientRows } from "../finite_volumes/coefficient_rows.ts";
import { fitNear } from "./local_fit.ts";
import { ProblemError, suggest } from "../errors.ts";
import type { LineResult, PointResult } from "../results.ts";
import type { NodeGrid } from "../geometry/region.ts";
import type { ResolvedProblem } from "../problem/resolve.ts";

/** A position, [y, x], y up, in the coordinates of the problem. */
export type Point = readonly [y: number, x: number];

/** A probe whose places are known. */
export type Probe =
  | { readonly kind: "point"; readonly name: string; readonly place: Place }
  | { readonly kind: "line"; readonly name: string; readonly places: readonly Place[] }
  | { readonly kind: "average"; readonly name: string; readonly part: string };

/** A position, and where it lies between nodes: row 0 is the top one. */
export interface Place {
  readonly at: Point;
  readonly row: number;
  readonly col: number;
}

/**
 * Local. Reads the probes of a validated problem.
 *
 * @param parts the names of its parts
 * @throws ProblemError for a part that is not there
 */
export function readProbes(given: ResolvedProblem, parts: readonly string[]): readonly Probe[] {
  const placeOf = placesOf(given);
  return given.probes.map((probe, n): Probe => {
    const { name } = probe;
    const path = `probes[${n}]`;
    if (probe.kind === "part") {
      if (parts.includes(probe.part)) return { kind: "average", name, part: probe.part };
      throw new ProblemError(`${path}.part is no part: it is "${probe.part}"${suggest(probe.part, parts)}`);
    }
    if (probe.kind === "point") return { kind: "point", name, place: placeOf(probe.at) };
    const { from, to, points } = probe;
    const places = Array.from({ length: points }, (_, m) => {
      const t = m / (points - 1);
      return placeOf([(1 - t) * from[0] + t * to[0], (1 - t) * from[1] + t * to[1]]);
    });
    return { kind: "line", name, places };
  });
}

/** Local. The position of a node. */
export function positionOf({ shape: [ny], spacing, origin }: NodeGrid, i: number, j: number): Point {
  return [origin[0] + (ny - 1 - i) * spacing[0], origin[1] + j * spacing[1]];
}

/** Local. The field at a place. @param u at a node; called for the same nodes every time */
export function pointResult(equations: Equations, place: Place, u: (i: number, j: number) => number): PointResult {
  const near = fitNear(equations, place, u);
  if (near) return near;
  const { shape: [ny, nx], spacing: [dy, dx], edges, radii } = equations;
  const [rowsWrap, colsWrap] = [edges.north.kind === "periodic", edges.west.kind === "periodic"];
  const rowAt = (i: number) => rowsWrap ? (i + ny) % ny : i;
  const colAt = (j: number) => colsWrap ? (j + nx) % nx : j;
  const excluded = equations.section?.excluded;
  // In holes there is no field.
  const value = (i: number, j: number) => {
    const found = u(rowAt(i), colAt(j));
    return excluded?.[rowAt(i) * nx + colAt(j)] ? NaN : found;
  };
  // Between nodes, of which there are n, or faces, one less.
  const rows = between(place.row, ny, rowsWrap), cols = between(place.col, nx, colsWrap);
  const across = between(place.row - 0.5, ny - 1, rowsWrap), along = between(place.col - 0.5, nx - 1, colsWrap);
  const linksOf = (i: number, j: number) => coefficientRows(equations, [colAt(j), colAt(j) + 1]).coefficients(rowAt(i));
  /** −k du/dx at the face to the east of a node, −k du/dy, y up, at the one to the south. */
  const eastward = (i: number, j: number) => {
    const height = !rowsWrap && (i === 0 || i === ny - 1) ? dy / 2 : dy;
    return linksOf(i, j).east[0]! * (value(i, j) - value(i, j + 1)) / (height * (radii?.faces[colAt(j)] ?? 1));
  };
  const northward = (i: number, j: number) => {
    const width = !colsWrap && (j === 0 || j === nx - 1) ? dx / 2 : dx;
    return linksOf(i, j).south[0]! * (value(i + 1, j) - value(i, j)) / (width * (radii?.cells[colAt(j)] ?? 1));
  };
  return {
    value: bilinear(value, rows, cols),
    flux: [bilinear(northward, across, cols), bilinear(eastward, rows, along)],
  };
}

/** Local. The results at the places of a line. */
export function lineResult(places: readonly Place[], points: readonly PointResult[]): LineResult {
  const at = places.map(({ at }) => at);
  return {
    distance: at.map(([y, x]) => Math.hypot(y - at[0]![0], x - at[0]![1])),
    at,
    value: points.map(({ value }) => value),
    flux: points.map(({ flux }) => flux),
  };
}

// ---- helpers ----

/** Makes a reader of positions on the grid. A periodic direction is one spacing longer: the last node's neighbour is the first. */
function placesOf({ grid, extent: [tall, wide] }: ResolvedProblem): (at: Point) => Place {
  const { shape: [ny], spacing: [dy, dx], origin } = grid;
  const [height, width] = [Math.round(tall / dy), Math.round(wide / dx)];
  /** Spacings from the first node, a whole number where it is one but for roundings. */
  const steps = (x: number, first: number, step: number, most: number) => {
    const exact = (x - first) / step;
    const near = Math.round(exact);
    const rounding = 2 ** -50 * (1 + (Math.abs(x) + Math.abs(first)) / step);
    return Math.max(0, Math.min(most, Math.abs(exact - near) <= rounding ? near : exact));
  };
  return (at) => ({
    at,
    row: ny - 1 - steps(at[0], origin[0], dy, height),
    col: steps(at[1], origin[1], dx, width),
  });
}

/** Two neighbours and how far a place is from the first to the second; beyond both where it lies outside of all. */
interface Between {
  readonly first: number;
  readonly part: number;
}

function between(at: number, n: number, wraps: boolean): Between {
  const first = wraps ? Math.floor(at) : Math.max(0, Math.min(n - 2, Math.floor(at)));
  return { first, part: at - first };
}

function bilinear(f: (i: number, j: number) => number, rows: Between, cols: Between): number {
  const row = (i: number) => linear((j) => f(i, j), cols);
  return linear(row, rows);
}

function linear(f: (n: number) => number, { first, part }: Between): number {
  return part === 0 ? f(first) : (1 - part) * f(first) + part * f(first + 1);
}
