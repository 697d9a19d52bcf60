/**
 * A grid on a team of threads, and what its kernels are made of: what differs between backends, and how the main thread
 * has something done.
 *
 * @module
 */

import type { MaybePromise } from "../../core/contract.ts";
import type { Layout } from "../../core/kernels/kernels.ts";
import type { BlockSize } from "../../core/block_setting.ts";
import { renewAllImages } from "../js/sweep.ts";
import type { Both, Engine, LevelStore, Store } from "./engine.ts";
import type { Command, Share } from "./worker_loop.ts";

/** A grid as the main thread sees it. */
export interface Grid<S> {
  readonly id: number;
  readonly layout: Layout;
  readonly store: Store<S>;
  /** Which iterate is u. */
  current: 0 | 1;
  /** How its sweeps are blocked in time; undefined: not at all. */
  readonly block: BlockSize | undefined;
  /** Threads that work on it. */
  readonly parties: number;
  readonly barrier: Int32Array;
  /** The change of the next sweep, where the other iterate holds its result already: a residual computes it. */
  ahead: number | undefined;
  /** Whether images across periodic edges must be renewed. */
  stale: boolean;
  /** Whether the calling thread has an engine for it, beside the team's. */
  home: boolean;
  /** Of conjugate gradients with a preconditioner: the grid whose iterate is z. */
  correction: Grid<S> | undefined;
}

/** What differs between the backends that share a team. */
export interface Engines<S, L> {
  /** Makes an engine in the calling thread. */
  open(share: Share<S>): Engine<L>;
  /** How the sweeps of a grid are blocked in time; undefined: not at all. Absent if the engine cannot. */
  block?(layout: Layout): BlockSize | undefined;
  /** Allocates the arrays of a grid, all zero, and what each of so many threads needs besides to block like that. */
  allocate(layout: Layout, parties: number, block: BlockSize | undefined): Store<S>;
  /** Makes the level below a grid, or below a level of it. */
  coarsen(grid: Store<S>, layout: Layout, fine: LevelStore<L> | undefined, axes: Axes): LevelStore<L>;
  /** Whether its engines refine. */
  readonly refines?: boolean;
  /** A grid of the same weights, its constant term the vector r, its iterate z. */
  correction(grid: Store<S>): Store<S>;
}

type Axes = readonly [rows: boolean, cols: boolean];

/** How the main thread has its commands done. */
export interface Hands<S, L> {
  /** Has it done by a grid's threads, so many at most, or by the calling one where there are few points. */
  share(grid: Grid<S>, points: number, most: number, command: (parties: number) => Command<S, L>): MaybePromise<Both>;
  /** Tells all who may have to do with it. */
  tell(grid: Grid<S>, points: number, command: Command<S, L>): MaybePromise<unknown>;
  /** Allocates nothing, but lets threads know of a grid. */
  open(layout: Layout, store: Store<S>, block: BlockSize | undefined): Promise<Grid<S>>;
}

/** Renews the images of an iterate that was written from outside. */
export function refresh<S>(grid: Grid<S>): void {
  if (grid.stale) renewAllImages(grid.layout, grid.store.iterates[grid.current], grid.store.stride);
  grid.stale = false;
}
