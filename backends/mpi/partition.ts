/**
 * How a grid is dealt to ranks: process rows × process columns, a block for each, and who lies next to whom. No MPI here.
 *
 * @module
 */

import type { Block } from "../../core/contract.ts";
import { share } from "../../core/domain.ts";
import { ConfigError } from "../../core/errors.ts";

/** Ranks in rows and columns, in order of rank along the rows. */
export interface Partition {
  readonly grid: readonly [rows: number, cols: number];
  /** What each of the `grid[0] * grid[1]` ranks owns; those beyond own nothing. */
  readonly blocks: readonly Block[];
}

/** A rank keeps so many rows, and columns, at least: kernels store three, and there is one of halo or edge at most. */
const LEAST = 2;

/**
 * Deals a grid to ranks.
 *
 * @param shape ny, nx
 * @param wanted process rows and columns, as asked for; else the most of `ranks` that have something to do, in blocks as
 * square as can be
 * @throws ConfigError if what is asked for needs another number of ranks
 */
export function partition(
  [ny, nx]: readonly [number, number],
  ranks: number,
  wanted?: readonly [rows: number, cols: number],
): Partition {
  if (wanted && wanted[0] * wanted[1] !== ranks) {
    throw new ConfigError(
      `Setting "grid" is ${wanted.join("x")}, which is ${wanted[0] * wanted[1]} ranks: there are ${ranks}`,
    );
  }
  const most = [Math.floor(ny / LEAST), Math.floor(nx / LEAST)] as const;
  const grid = wanted
    ? [Math.min(wanted[0], most[0]), Math.min(wanted[1], most[1])] as const
    : square([ny, nx], ranks, most);
  const blocks = Array.from({ length: grid[0] * grid[1] }, (_, rank): Block => ({
    rows: share(ny, grid[0], Math.floor(rank / grid[1])),
    cols: share(nx, grid[1], rank % grid[1]),
  }));
  return { grid, blocks };
}

/** The factors of the largest number of ranks that can be used whose blocks have the shortest borders. */
function square(
  [ny, nx]: readonly [number, number],
  ranks: number,
  most: readonly [number, number],
): readonly [number, number] {
  for (let used = ranks;; used--) {
    let best: readonly [number, number] | undefined;
    let shortest = Infinity;
    for (let rows = 1; rows <= used; rows++) {
      const cols = used / rows;
      if (!Number.isInteger(cols) || rows > most[0] || cols > most[1]) continue;
      // Columns of a halo are copied number by number, rows at once: where it makes no difference, slabs.
      const border = (rows - 1) * nx + (cols - 1) * ny;
      if (border <= shortest) [best, shortest] = [[rows, cols], border];
    }
    if (best) return best;
  }
}

/** The ranks beside a block, -1 where the grid ends. */
export interface Beside {
  readonly north: number;
  readonly south: number;
  readonly west: number;
  readonly east: number;
}

/** Local. Who lies next to a rank; around a periodic axis that is split, the grid goes on. */
export function beside(rank: number, [rows, cols]: Partition["grid"], periodic: readonly [boolean, boolean]): Beside {
  const [p, q] = [Math.floor(rank / cols), rank % cols];
  const at = (n: number, count: number, wraps: boolean) =>
    n >= 0 && n < count ? n : wraps && count > 1 ? (n + count) % count : -1;
  const [up, down] = [at(p - 1, rows, periodic[0]), at(p + 1, rows, periodic[0])];
  const [left, right] = [at(q - 1, cols, periodic[1]), at(q + 1, cols, periodic[1])];
  return {
    north: up < 0 ? -1 : up * cols + q,
    south: down < 0 ? -1 : down * cols + q,
    west: left < 0 ? -1 : p * cols + left,
    east: right < 0 ? -1 : p * cols + right,
  };
}
