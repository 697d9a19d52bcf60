/**
 * How a grid is partitioned: process rows × process columns, a block for each rank, and which ranks are neighbours. No MPI
 * here.
 *
 * Halos are deep: with T layers one exchange serves T sweeps, in which kernels that sweep several times a pass keep
 * their tiles in cache. Nothing is swept while halos travel: it would cut passes into border and inside, and gain at
 * most 3 % from 2048² points on (docs/cluster.md, `deno task bench:halos`). Small parts, where a message takes longer
 * than a sweep, get a deeper halo instead (`depthFor`).
 *
 * @module
 */

import type { Block, Stencil } from "../../core/contract.ts";
import type { LevelSize } from "../../core/kernels/distributed.ts";
import { partRange } from "../../core/kernels/distributed.ts";
import { ConfigError, counted } from "../../core/errors.ts";

/** Ranks in rows and columns, in order of rank along the rows. */
export interface Partition {
  readonly grid: readonly [rows: number, cols: number];
  /** The block that each of the `grid[0] * grid[1]` ranks owns; further ranks own nothing. */
  readonly blocks: readonly Block[];
}

/** A rank keeps at least two rows and two columns: kernels store three, of which one at most is halo or edge. */
const LEAST = 2;

/**
 * Local. Partitions a grid.
 *
 * @param shape ny, nx
 * @param wanted process rows and columns; default: as many ranks as find something to do, in blocks as square as possible
 * @throws ConfigError if what is asked for needs another number of ranks
 */
export function partition(
  [ny, nx]: readonly [number, number],
  ranks: number,
  wanted?: readonly [rows: number, cols: number],
  { unit = 1, least = LEAST, whole = [false, false] }: PartRules = {},
): Partition {
  if (wanted && wanted[0] * wanted[1] !== ranks) {
    throw new ConfigError(
      `Setting "grid" is ${wanted.join("x")}, which is ${
        wanted[0] * wanted[1]
      } ranks: there are ${ranks}; start so many, ` +
        `or leave it out`,
    );
  }
  const most = [ny, nx].map((n, axis) => whole[axis] ? 1 : Math.max(1, Math.floor(n / least))) as [number, number];
  const grid = wanted
    ? [Math.min(wanted[0], most[0]), Math.min(wanted[1], most[1])] as const
    : square([ny, nx], ranks, most);
  const blocks = Array.from({ length: grid[0] * grid[1] }, (_, rank): Block => ({
    rows: unitRange(ny, unit, grid[0], Math.floor(rank / grid[1])),
    cols: unitRange(nx, unit, grid[1], rank % grid[1]),
  }));
  return { grid, blocks };
}

/** Rules for the parts of a direction. */
interface PartRules {
  /** They begin at multiples of it. */
  readonly unit?: number;
  /** Each has so many, or about so many. */
  readonly least?: number;
  /** Directions that must not be split. */
  readonly whole?: readonly [rows: boolean, cols: boolean];
}

function unitRange(n: number, unit: number, parts: number, index: number): readonly [number, number] {
  const [from, to] = partRange(Math.ceil(n / unit), parts, index);
  return [from * unit, Math.min(n, to * unit)];
}

/** Rows, or columns, of the smallest block in a direction that is split; infinite if none is. */
export function smallestPart({ grid, blocks }: Partition): number {
  const shortest = (axis: 0 | 1) =>
    grid[axis] === 1 ? Infinity : Math.min(
      ...blocks.map((block) => {
        const [from, to] = axis === 0 ? block.rows : block.cols;
        return to - from;
      }),
    );
  return Math.min(shortest(0), shortest(1));
}

/** A partition for multigrid. */
export interface LevelPartition extends Partition {
  /** Levels that each rank makes of its own block. */
  readonly levels: number;
  /** Layers of halo that a cycle over these levels uses up; infinite where one rank has all of the grid. */
  readonly depth: number;
}

/** A rank makes at most this many levels of its own block. */
const MOST_LEVELS = 8;

/**
 * The cost in a cycle of a point of the shared level, where a point of a halo costs 1: every rank receives it, copies it and
 * solves the levels below. Measured on two ranks at 2049², 4097² and 8193², where one level more or less took up to twice as long.
 */
const SHARED = 4;

/**
 * Local. Partitions a grid for multigrid, where each rank makes some levels of its own block. More levels make the level that
 * all ranks share smaller, and the halo wider. Their number is the one of least cost that leaves no rank without work.
 *
 * @param below the levels that the grid has
 * @throws ConfigError as above
 */
export function partitionForLevels(
  { kind, shape, periodic }: Pick<Stencil, "kind" | "shape" | "periodic">,
  ranks: number,
  wanted: readonly [number, number] | undefined,
  below: readonly LevelSize[],
): LevelPartition {
  let best: LevelPartition | undefined;
  let least = Infinity;
  for (let n = 1; n <= Math.max(1, Math.min(MOST_LEVELS, below.length)); n++) {
    const unit = 2 ** n;
    const depth = haloFor(n) + (kind === "weighted" ? 1 : 0); // stored blocks begin with a ring
    // Across a periodic edge, too, coarse rows must alternate with fine ones.
    const whole = [periodic[0] && shape[0] % unit > 0, periodic[1] && shape[1] % unit > 0] as const;
    const parts = partition(shape, ranks, wanted, { unit, least: depth + unit, whole });
    if (parts.blocks.length === 1) break;
    if (best && parts.blocks.length < best.blocks.length) break;
    const { rows, cols } = parts.blocks[0]!;
    const halo = (parts.grid[0] > 1 ? cols[1] - cols[0] : 0) + (parts.grid[1] > 1 ? rows[1] - rows[0] : 0);
    const { shape: [ny, nx] } = below[n - 1]!;
    const cost = SHARED * ny * nx + 2 * depth * halo;
    if (cost < least) [best, least] = [{ ...parts, levels: n, depth }, cost];
  }
  return best ?? { ...partition(shape, 1), levels: 0, depth: Infinity };
}

/**
 * A sweep of a level makes two rows at its border wrong; restriction, interpolation and a residual one each; and a row of a
 * level is two of the level above. Summed over a V-cycle, and over two sweeps of the grid before the first one, that is less
 * than eight rows of the last level.
 */
function haloFor(levels: number): number {
  return 8 * 2 ** levels;
}

/** Of the largest number of ranks that can be used, the factors whose blocks have the shortest borders. */
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
      // Columns of a halo are copied number by number, rows at once: slabs win a tie.
      const border = (rows - 1) * nx + (cols - 1) * ny;
      if (border <= shortest) [best, shortest] = [[rows, cols], border];
    }
    if (best) return best;
  }
}

/** The ranks beside a block, -1 where the grid ends. */
export interface NeighbourRanks {
  readonly north: number;
  readonly south: number;
  readonly west: number;
  readonly east: number;
}

/** Local. The neighbours of a rank; a periodic axis that is split continues at its other end. */
export function neighbourRanks(
  rank: number,
  [rows, cols]: Partition["grid"],
  periodic: readonly [boolean, boolean],
): NeighbourRanks {
  const [p, q] = [Math.floor(rank / cols), rank % cols];
  const along = (n: number, count: number, wraps: boolean) =>
    n >= 0 && n < count ? n : wraps && count > 1 ? (n + count) % count : -1;
  const at = (row: number, col: number) => {
    const [i, j] = [along(row, rows, periodic[0]), along(col, cols, periodic[1])];
    return i < 0 || j < 0 ? -1 : i * cols + j;
  };
  return { north: at(p - 1, q), south: at(p + 1, q), west: at(p, q - 1), east: at(p, q + 1) };
}

/** The deepest halo that passes of many sweeps make use of; and the part of a block that is worth sweeping twice. */
const DEEPEST = 32, WORTH = 1 / 64;

/** Points swept in the time of the shortest exchange: twice a few microseconds, a nanosecond each. */
const EXCHANGE = 20_000;

/**
 * Local. Layers of halo: both neighbours sweep each of them, which saves a message. Infinite for one rank.
 *
 * @param name of the plugin, for the error
 * @param wanted as asked for; default: as many as are worth it
 * @throws ConfigError if the smallest part has not so many rows or columns
 */
export function depthFor(name: string, parts: Partition, wanted: number | undefined): number {
  if (parts.blocks.length === 1) return Infinity;
  const least = smallestPart(parts);
  if (wanted !== undefined && wanted > least) {
    throw new ConfigError(
      `Setting "halo" of "${name}" is ${wanted}: the smallest part has ${counted(least, "row")} or ${
        least === 1 ? "column" : "columns"
      }`,
    );
  }
  if (wanted !== undefined) return wanted;
  // On a small part the exchange dominates: T layers more are swept T times for each exchange.
  const { rows, cols } = parts.blocks[0]!;
  const layer = 2 * ((parts.grid[0] > 1 ? cols[1] - cols[0] : 0) + (parts.grid[1] > 1 ? rows[1] - rows[0] : 0));
  const cheapest = Math.min(Math.sqrt(EXCHANGE / layer), least / 4);
  return Math.max(1, Math.min(DEEPEST, Math.floor(Math.max(cheapest, least * WORTH))));
}
