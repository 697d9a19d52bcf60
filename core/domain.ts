/**
 * A domain: which part of the grid this rank owns, and how ranks exchange halos, agree on norms and gather.
 * The serial domain owns everything and exchanges nothing.
 *
 * @module
 */

import type { Block, GridData, MaybePromise } from "./contract.ts";

/** The iterate of one rank, addressed by global rows and columns; across a periodic edge they run on past the grid. */
export interface Halo {
  /** All that this rank stores: what it owns and its halo. */
  readonly stored: Block;
  /** Copies points of the iterate out, in C order. */
  read(block: Block): MaybePromise<GridData>;
  /** Copies points in C order into the iterate. */
  write(block: Block, data: GridData): MaybePromise<void>;
}

/** One rank's view of the whole. */
export interface Domain {
  /** This rank, from 0. */
  readonly rank: number;
  /** How many ranks take part. */
  readonly ranks: number;
  /** The rows and columns that this rank keeps: at least two of each, so that kernels store at least three. */
  readonly owned: Block;
  /** Layers of halo towards each neighbouring rank: as many half-sweeps as may pass between exchanges. */
  readonly depth: number;
  /** Whether a direction is split between ranks: then a periodic edge is an exchange, not a local image. */
  readonly split: readonly [rows: boolean, cols: boolean];
  /** Collective. Fills the halo from the neighbours' owned points. */
  exchange(halo: Halo): MaybePromise<void>;
  /** Collective. The largest of each value over all ranks; NaN wins. */
  max(values: readonly number[]): MaybePromise<readonly number[]>;
  /** Collective. The whole field on rank 0, undefined elsewhere. */
  gather(owned: GridData): MaybePromise<GridData | undefined>;
  /** Local. This rank failed: release its peers. */
  abort?(cause: Error): void;
  /** Collective. Leaves the domain. */
  close?(): MaybePromise<void>;
}

/** Gives the domain of a single rank, which owns a whole grid of `shape`. */
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

/** Gives the half-open range of part `index` when `n` points are dealt to `parts`, in order and as evenly as can be. */
export function share(n: number, parts: number, index: number): readonly [number, number] {
  return [Math.floor(n * index / parts), Math.floor(n * (index + 1) / parts)];
}
