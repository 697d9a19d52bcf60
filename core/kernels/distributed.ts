/**
 * One rank's part of a distributed grid: what ranks exchange, and how a distributed backend carries it. Types, the domain
 * of a run without ranks, and how a grid is shared out.
 *
 * @module
 */

import type { Block, Dtype, GridData, MaybePromise } from "../grid_data.ts";

/**
 * One rank's part of the grid, and how ranks exchange halos, agree on norms and gather. A distributed backend opens a local
 * one with it.
 */
export interface Domain {
  /** This rank, from 0. */
  readonly rank: number;
  /** How many ranks take part. */
  readonly ranks: number;
  /** The rows and columns that this rank keeps: at least two of each, so that kernels store at least three. */
  readonly owned: Block;
  /** Layers of halo towards each neighbouring rank: as many half-sweeps as may pass between exchanges. */
  readonly depth: number;
  /** Whether a direction is split between ranks: then a periodic edge is an exchange, not a local ghost layer. */
  readonly split: readonly [rows: boolean, cols: boolean];
  /** Collective. Fills a halo from the neighbours' owned points. The same object every time: messages may be kept for it. */
  exchange(halo: Halo): MaybePromise<void>;
  /** Collective. The largest of each value over all ranks; NaN wins. */
  max(values: readonly number[]): MaybePromise<readonly number[]>;
  /** Collective. The whole field on rank 0, undefined elsewhere. */
  gather(owned: GridData): MaybePromise<GridData | undefined>;
  /** Collective. Writes the whole field into a file, each rank what it owns; see `Collective.store` of the contract. */
  store?(owned: GridData, file: string | undefined, offset: number): MaybePromise<void>;
  /**
   * Levels of multigrid that a rank makes of its own part alone, where a direction is split: blocks begin at multiples of
   * 2^levels, and so does what is stored. Absent: the domain is not made for multigrid.
   */
  readonly levels?: number;
  /** Collective. Assembles a level of all ranks, to solve on it what is left below those levels. */
  agglomerate?(level: SharedLevel): MaybePromise<CoarseSolver>;
  /** Local. This rank failed: release its peers. */
  abort?(cause: Error): void;
  /** Collective. Leaves the domain. */
  close?(): MaybePromise<void>;
}

/**
 * What ranks exchange: one rank's part of an array that all of them have together, the iterate or, for multigrid, the right
 * side of the level below it. Rows and columns are those of the whole array; across a periodic edge they run on past it.
 */
export interface Halo {
  /** Precision of what is read and written. */
  readonly dtype: Dtype;
  /** Rows and columns of the whole array. */
  readonly shape: readonly [rows: number, cols: number];
  /** What this rank keeps. */
  readonly owned: Block;
  /** All that it stores: besides, its halo. */
  readonly stored: Block;
  /** Rows of halo towards each neighbouring rank, and columns. */
  readonly layers: readonly [rows: number, cols: number];
  /** Copies points out, in C order. */
  read(block: Block): MaybePromise<GridData>;
  /** Copies points in C order in. */
  write(block: Block, data: GridData): MaybePromise<void>;
}

/**
 * A level of multigrid that each rank has made of its own part, and what is known of all of it. Rows and columns are those
 * of its unknowns, from 0; across a periodic edge they run on past the level.
 */
export interface SharedLevel {
  /** Unknowns of all ranks together. */
  readonly shape: readonly [rows: number, cols: number];
  /** Whether the first row and the last are neighbours, and the first column and the last. */
  readonly periodic: readonly [rows: boolean, cols: boolean];
  /** Whether its equations leave a constant open. */
  readonly singular: boolean;
  /** Whether even rows and columns are the coarse ones, of which the level below consists; else odd ones are. */
  readonly firstIsCoarse: boolean;
  /** The unknowns that this rank has. */
  readonly stored: Block;
  /** Those of them that no other owns. */
  readonly owned: Block;
  /** Nine coefficients of A at each stored unknown, C order: nw n ne w c e sw s se. Those at the border may be wrong. */
  readonly operator: Float64Array;
  /** The levels below: how many unknowns, and which axes are coarsened on the way there. */
  readonly below: readonly LevelSize[];
  /**
   * Local. Makes what solves on all of the level with the kernels of this rank; absent where these cannot.
   *
   * @param operator nine coefficients at each unknown of all ranks
   */
  readonly solver?: (operator: Float64Array) => MaybePromise<CoarseSolver>;
}

/** What is known of a level without asking the kernels. */
export interface LevelSize {
  /** Rows and columns of unknowns. */
  readonly shape: readonly [rows: number, cols: number];
  /** Which axes were coarsened on the way to it. */
  readonly axes: readonly [rows: boolean, cols: boolean];
}

/** What ends a cycle of multigrid: where there are no more levels below. */
export interface CoarseSolver {
  /**
   * Collective. Solves A e = f, exactly or nearly so.
   *
   * @param f at the unknowns of a level, C order; of those that this rank stores, if ranks share it
   * @returns e, likewise
   */
  solve(f: Float64Array): MaybePromise<Float64Array>;
  /** Local. Releases what it keeps, before the levels above are. */
  free?(): MaybePromise<void>;
}

/** The domain of a single rank, which owns a whole grid of `shape`. */
export function serial(shape: readonly [number, number]): Domain {
  return {
    rank: 0,
    ranks: 1,
    owned: { rows: [0, shape[0]], cols: [0, shape[1]] },
    depth: Infinity,
    split: [false, false],
    exchange: () => {},
    max: (values) => values,
    gather: (owned) => owned,
  };
}

/** The half-open range of part `index` of `n` points, shared out to `parts` in order and as evenly as can be. */
export function partRange(n: number, parts: number, index: number): readonly [number, number] {
  return [Math.floor(n * index / parts), Math.floor(n * (index + 1) / parts)];
}
