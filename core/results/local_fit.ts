/**
 * The field and its gradient near outlines, where it bends: from a quadratic function that fits the free nodes around a place
 * best, on its side of the outlines between materials, and what is held where outlines cut links.
 *
 * @module
 */

import type { Equations } from "../finite_volumes/assemble.ts";
import type { PointResult } from "../results.ts";
import { solveDense } from "../dense.ts";

/** A place in rows and columns. */
interface GridPlace {
  readonly row: number;
  readonly col: number;
}

/** Nodes and outlines as far as this from a place, in links, make its fit. */
const REACH = 2;

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
  const free: { i: number; j: number; layer: number; distance: number }[] = [];
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
  const nearest = free.reduce<typeof free[0] | undefined>((a, b) => a && a.distance <= b.distance ? a : b, undefined);
  if (!near || !nearest) return undefined;
  const samples: Sample[] = free.filter(({ layer }) => layer === nearest.layer)
    .map(({ i, j }) => ({ down: i - place.row, right: j - place.col, value: u(i, j) }));
  for (let i = top; i <= bottom; i++) {
    const { cols, endRows, endCols, values } = sinks[i]!;
    cols.forEach((col, n) => {
      const [down, right] = [endRows[n]! - place.row, endCols[n]! - place.col];
      if (layers[i * nx + col] !== nearest.layer || Math.max(Math.abs(down), Math.abs(right)) > REACH) return;
      samples.push({ down, right, value: values[n]! });
    });
  }
  const fit = quadratic(samples);
  if (!fit) return undefined;
  const conductivity = conductivityAt(equations, place, nearest);
  return { value: fit.value, flux: [conductivity * fit.down / dy, -conductivity * fit.right / dx] };
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
