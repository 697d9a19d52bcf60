/**
 * Divides a grid into temporal tiles for one pass of several sweeps: windows of columns, and slabs of rows where there
 * are more threads than windows. A window overlaps its neighbours by a point a time step, and computes those points
 * twice.
 *
 * @module
 */

import { partRange } from "../../core/kernels/distributed.ts";

/** One task: a window, and what of it is written. Half-open ranges of stored rows and columns. */
export interface Tile {
  /** First column of the window. */
  readonly left: number;
  /** Columns of the window, a multiple of {@linkcode WIDTH_MULTIPLE}: the last ones may lie beyond the grid. */
  readonly width: number;
  readonly cols: readonly [number, number];
  readonly rows: readonly [number, number];
}

/** Widths are multiples of this: four vectors of four numbers. */
export const WIDTH_MULTIPLE = 16;

/** @returns the least multiple of {@linkcode WIDTH_MULTIPLE} that is not below `n`. */
export function padded(n: number): number {
  return Math.ceil(n / WIDTH_MULTIPLE) * WIDTH_MULTIPLE;
}

/** So many that no thread waits long for the last task. */
const TASKS_PER_THREAD = 8;

/**
 * Local. The tiles of all points inside the ghost layer.
 *
 * @param depth time steps of the pass: sweeps, and one for a residual
 * @param width columns of a window, about; at least 4 * depth
 */
export function tiling([ny, nx]: readonly [number, number], depth: number, width: number, threads: number): Tile[] {
  const halo = 2 * depth;
  const windows = nx <= width ? 1 : Math.ceil((nx - halo) / (width - halo));
  // All equally wide, and then as many as that takes.
  const wide = padded(windows === 1 ? nx : Math.ceil((nx - halo) / windows) + halo);
  const step = wide - halo;
  const count = windows === 1 ? 1 : Math.ceil((nx - halo) / step);
  // Slabs cost 2 * depth rows each: as many as balance the threads well, but eight times as high as that.
  const high = (rows: number) => Math.max(1, Math.floor((ny - 2) / rows));
  const slabs = threads === 1 ? 1 : Math.max(
    Math.min(Math.ceil(threads / count), high(halo)),
    Math.min(Math.ceil(TASKS_PER_THREAD * threads / count), high(8 * halo)),
  );
  const tiles: Tile[] = [];
  for (let n = 0; n < count; n++) {
    const left = Math.min(n * step, padded(nx) - wide);
    const cols = [n === 0 ? 1 : n * step + depth, n === count - 1 ? nx - 1 : (n + 1) * step + depth] as const;
    for (let slab = 0; slab < slabs; slab++) {
      const [from, to] = partRange(ny - 2, slabs, slab);
      tiles.push({ left, width: wide, cols, rows: [from + 1, to + 1] });
    }
  }
  return tiles;
}

/** Splits sweeps into passes of about the same number, none above `most`. */
export function splitSweeps(count: number, most: number): number[] {
  const n = Math.ceil(count / most);
  return Array.from({ length: n }, (_, k) => {
    const [from, to] = partRange(count, n, k);
    return to - from;
  });
}
