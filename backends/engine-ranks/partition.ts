/**
 * How a grid is dealt to ranks: process rows × process columns, a block for each, and who lies next to whom. No MPI here.
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
import { share } from "../../core/kernels/distributed.ts";
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
  { unit = 1, least = LEAST, whole = [false, false] }: Shares = {},
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
    rows: shareOfUnits(ny, unit, grid[0], Math.floor(rank / grid[1])),
    cols: shareOfUnits(nx, unit, grid[1], rank % grid[1]),
  }));
  return { grid, blocks };
}

/** What shares of rows, or columns, must be like. */
interface Shares {
  /** They begin at multiples of it. */
  readonly unit?: number;
  /** Each has so many, or about so many. */
  readonly least?: number;
  /** Directions that must not be split. */
  readonly whole?: readonly [rows: boolean, cols: boolean];
}

function shareOfUnits(n: number, unit: number, parts: number, index: number): readonly [number, number] {
  const [from, to] = share(Math.ceil(n / unit), parts, index);
  return [from * unit, Math.min(n, to * unit)];
}

/** Rows, or columns, of the smallest block in a direction that is split; infinite if none is. */
export function smallest({ grid, blocks }: Partition): number {
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
  /** Levels that a rank makes of its own part. */
  readonly levels: number;
  /** Layers of halo that a cycle over so many uses up; infinite where one rank has it all. */
  readonly depth: number;
}

/** Levels of its own that a rank has at the most. */
const MOST_LEVELS = 8;

/**
 * What a point of the level that all share costs in a cycle, where one of a halo costs 1: every rank is sent it, copies it and
 * does what is below it. Measured on two ranks at 2049², 4097² and 8193², where one level more or less took up to twice as long.
 */
const SHARED = 4;

/**
 * Deals a grid to ranks for multigrid, which makes some levels of each block: the more of them, the smaller the level that all
 * ranks share, and the wider the halo. As many are made as cost least, but none that would leave a rank without work.
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
    // Around a periodic direction coarse rows must follow each other at the seam, too.
    const whole = [periodic[0] && shape[0] % unit > 0, periodic[1] && shape[1] % unit > 0] as const;
    const dealt = partition(shape, ranks, wanted, { unit, least: depth + unit, whole });
    if (dealt.blocks.length === 1) break;
    if (best && dealt.blocks.length < best.blocks.length) break;
    const { rows, cols } = dealt.blocks[0]!;
    const halo = (dealt.grid[0] > 1 ? cols[1] - cols[0] : 0) + (dealt.grid[1] > 1 ? rows[1] - rows[0] : 0);
    const { shape: [ny, nx] } = below[n - 1]!;
    const cost = SHARED * ny * nx + 2 * depth * halo;
    if (cost < least) [best, least] = [{ ...dealt, levels: n, depth }, cost];
  }
  return best ?? { ...partition(shape, 1), levels: 0, depth: Infinity };
}

/**
 * A sweep of a level spoils two rows of its border, what restricts, interpolates or takes a residual one each, and a row of a
 * level is two of the one above. Added up on the way down and up again, and over two sweeps of the grid before the first cycle,
 * that is less than eight rows of the last level.
 */
function haloFor(levels: number): number {
  return 8 * 2 ** levels;
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

/** What a kernel with passes of many sweeps can make use of; and the part of what a rank owns that is worth doing twice. */
const DEEPEST = 32, WORTH = 1 / 64;

/** Points that are swept in the time that an exchange takes at least: two times a few microseconds, a nanosecond each. */
const EXCHANGE = 20_000;

/**
 * Local. Layers of halo: each is swept twice, by both neighbours, and saves a message. Infinite for one rank.
 *
 * @param name of the plugin, for the error
 * @param wanted as asked for; else as many as are worth it
 * @throws ConfigError if the smallest part has not so many rows or columns
 */
export function depthFor(name: string, dealt: Partition, wanted: number | undefined): number {
  if (dealt.blocks.length === 1) return Infinity;
  const least = smallest(dealt);
  if (wanted !== undefined && wanted > least) {
    throw new ConfigError(`Setting "halo" of "${name}" is ${wanted}: the smallest part has ${least} rows or columns`);
  }
  if (wanted !== undefined) return wanted;
  // Of a small part the exchange is what takes the time: T layers more are swept T times for one of it.
  const { rows, cols } = dealt.blocks[0]!;
  const layer = 2 * ((dealt.grid[0] > 1 ? cols[1] - cols[0] : 0) + (dealt.grid[1] > 1 ? rows[1] - rows[0] : 0));
  const cheapest = Math.min(Math.sqrt(EXCHANGE / layer), least / 4);
  return Math.max(1, Math.min(DEEPEST, Math.floor(Math.max(cheapest, least * WORTH))));
}
