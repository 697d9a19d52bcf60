/**
 * The field and its gradient near outlines, where it bends: from a quadratic function that fits the free nodes around a place
 * best, on its side of the outlines between materials and of thin walls, and what is held where outlines cut links.
 *
 * @module
 */

import type { Equations } from "../finite_volumes/assemble.ts";
import { coefficientRows } from "../finite_volumes/coefficient_rows.ts";
import type { Sinks } from "../finite_volumes/section.ts";
import type { PointResult } from "../results.ts";
import { solveDense } from "../dense.ts";

/** A place in rows and columns. */
interface GridPlace {
  readonly row: number;
  readonly col: number;
}

/** Nodes and outlines as far as this from a place, in links, make its fit. */
const REACH = 2;

/** A node that has an equation, and its distance from the place. */
interface FreeNode {
  readonly i: number;
  readonly j: number;
  readonly layer: number;
  readonly distance: number;
}

/** What is fitted: a value at a place, relative to that of the fit. */
interface Sample {
  readonly down: number;
  readonly right: number;
  readonly value: number;
}

/**
 * Local. The field at a place that is near an outline.
 *
 * @param u at a node; called for the same nodes every time
 * @returns undefined where no outline is near, or too few nodes are free
 */
export function fitNear(
  equations: Equations,
  place: GridPlace,
  u: (i: number, j: number) => number,
): PointResult | undefined {
  const { section, shape: [ny, nx], spacing: [dy, dx], fixed } = equations;
  if (!section) return undefined;
  const { layers, sinks, excluded, voids } = section;
  const [top, bottom] = [Math.max(0, Math.ceil(place.row - REACH)), Math.min(ny - 1, Math.floor(place.row + REACH))];
  const [left, right] = [Math.max(0, Math.ceil(place.col - REACH)), Math.min(nx - 1, Math.floor(place.col + REACH))];
  const held = new Float64Array(right - left + 1);
  const free: FreeNode[] = [];
  let near = false;
  for (let i = top; i <= bottom; i++) {
    fixed.read(i, left, right + 1, held);
    for (let j = left; j <= right; j++) {
      const n = i * nx + j;
      near ||= layers[n] !== layers[top * nx + left] || (voids?.[n] ?? 0) > 0;
      const isHeld = held[j - left] === held[j - left];
      // On edges values are held, but by no part.
      if (excluded?.[n] || (voids?.[n] ?? 0) > 0.5 || (isHeld && layers[n]! >= 0)) continue;
      free.push({ i, j, layer: layers[n]!, distance: Math.hypot(i - place.row, j - place.col) });
    }
    near ||= sinks[i]!.cols.some((col) => col >= left && col <= right);
  }
  if (!near) return undefined;
  const sees = (node: FreeNode) => !isBehind(place, node, sinks[node.i]!);
  const nearest = nearestOf(free.filter(sees)) ?? nearestOf(free);
  if (!nearest) return undefined;
  const nodes = connected(equations, free.filter(({ layer }) => layer === nearest.layer), nearest);
  const samples: Sample[] = nodes.map(({ i, j }) => ({ down: i - place.row, right: j - place.col, value: u(i, j) }));
  for (const { i, j } of nodes) {
    const { cols, endRows, endCols, values } = sinks[i]!;
    for (let n = cols.indexOf(j); n >= 0; n = cols.indexOf(j, n + 1)) {
      const [down, right] = [endRows[n]! - place.row, endCols[n]! - place.col];
      if (Math.max(Math.abs(down), Math.abs(right)) <= REACH) samples.push({ down, right, value: values[n]! });
    }
  }
  const fit = quadratic(samples);
  if (!fit) return undefined;
  const conductivity = conductivityAt(equations, place, nearest);
  return { value: fit.value, flux: [conductivity * fit.down / dy, -conductivity * fit.right / dx] };
}

function nearestOf(nodes: readonly FreeNode[]): FreeNode | undefined {
  return nodes.reduce<FreeNode | undefined>((a, b) => a && a.distance <= b.distance ? a : b, undefined);
}

/** Whether a place lies beyond an outline at which a link of a node ends. */
function isBehind(place: GridPlace, { i, j }: FreeNode, { cols, endRows, endCols }: Sinks): boolean {
  for (let n = cols.indexOf(j); n >= 0; n = cols.indexOf(j, n + 1)) {
    const [down, right] = [endRows[n]! - i, endCols[n]! - j];
    if ((place.row - i) * down + (place.col - j) * right > down * down + right * right) return true;
  }
  return false;
}

/** The nodes that links between them connect with one of them: none is behind a wall, be it thinner than a cell. */
function connected(equations: Equations, nodes: readonly FreeNode[], start: FreeNode): readonly FreeNode[] {
  const [left, right] = [Math.min(...nodes.map(({ j }) => j)), Math.max(...nodes.map(({ j }) => j))];
  const cells = coefficientRows(equations, [left, right + 1]);
  const rows = new Map(nodes.map(({ i }) => {
    const { south, east } = cells.coefficients(i);
    return [i, { south: south.slice(), east: east.slice() }];
  }));
  const conducts = (a: FreeNode, b: FreeNode) => {
    if (Math.abs(a.i - b.i) + Math.abs(a.j - b.j) !== 1) return false;
    const { south, east } = rows.get(Math.min(a.i, b.i))!;
    return (a.i === b.i ? east : south)[Math.min(a.j, b.j) - left]! > 0;
  };
  const found = new Set([start]);
  for (const node of found) {
    for (const other of nodes) if (!found.has(other) && conducts(node, other)) found.add(other);
  }
  return [...found];
}

/** The conductivity of a node's layer, or of the cell that a place is in. */
function conductivityAt(
  { k, cells, overlay, shape: [ny, nx] }: Equations,
  place: GridPlace,
  { i, j }: { i: number; j: number },
): number {
  const own = overlay?.at(i, j) ?? NaN;
  if (own === own) return own;
  return cells
    ? cells.at(Math.min(Math.floor(place.row), ny - 2), Math.min(Math.floor(place.col), nx - 2))
    : k.at(i, j);
}

/** The least-squares fit, nearer samples counting more: its value and slopes; linear where samples are few. */
function quadratic(samples: readonly Sample[]): { value: number; down: number; right: number } | undefined {
  const terms = samples.length >= 8 ? 6 : 3;
  if (samples.length < terms) return undefined;
  const basis = ({ down: y, right: x }: Sample) => [1, y, x, y * y, x * y, x * x].slice(0, terms);
  const matrix = Array.from({ length: terms }, () => new Array<number>(terms).fill(0));
  const sums = new Array<number>(terms).fill(0);
  for (const sample of samples) {
    const row = basis(sample);
    const weight = 1 / (0.1 + sample.down ** 2 + sample.right ** 2);
    row.forEach((a, p) => {
      sums[p]! += weight * a * sample.value;
      row.forEach((b, q) => matrix[p]![q]! += weight * a * b);
    });
  }
  const [value, down, right] = solveDense(matrix, sums);
  return [value, down, right].every(Number.isFinite) ? { value: value!, down: down!, right: right! } : undefined;
}
