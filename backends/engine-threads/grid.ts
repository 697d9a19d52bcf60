/**
 * A grid on a pool of threads, and what its kernels are made of: the parts that differ between backends, and the
 * dispatch of operations to threads.
 *
 * @module
 */

import type { MaybePromise, Pass } from "../../core/contract.ts";
import type { Layout } from "../../core/kernels/kernels.ts";
import type { Iterates } from "../js/next_sweep.ts";
import { fillGhosts } from "../js/sweep.ts";
import type { BothNorms, Engine, LevelStore, Store } from "./engine.ts";
import type { Operation, ThreadContext } from "./worker_loop.ts";

/** A grid as the main thread sees it. */
export interface Grid<S> extends Pick<Iterates, "nextSweepChange" | "ghostsStale"> {
  readonly id: number;
  readonly layout: Layout;
  readonly store: Store<S>;
  /** Which iterate is u. */
  current: 0 | 1;
  /** Its temporal tiles; undefined: it is swept row by row. */
  readonly block: Pass | undefined;
  /** Threads that work on it. */
  readonly threads: number;
  readonly barrier: Int32Array;
  /** Whether the calling thread has an engine for it, besides those of a pool. */
  hasLocalEngine: boolean;
  /** Of conjugate gradients with a preconditioner: the grid whose iterate is z. */
  preconditionedResidual: Grid<S> | undefined;
}

/** What differs between the backends on a pool. */
export interface EngineFactory<S, L> {
  /** Makes an engine in the calling thread. */
  createEngine(context: ThreadContext<S>): Engine<L>;
  /** The temporal tiles of a grid; undefined: none. Absent if the engine has no temporal blocking. */
  block?(layout: Layout): Pass | undefined;
  /** Allocates the arrays of a grid, all zero, and what each of so many threads needs besides for such tiles. */
  allocate(layout: Layout, threads: number, block: Pass | undefined): Store<S>;
  /** Makes the level below a grid, or below a level of it. */
  coarsen(grid: S, layout: Layout, fine: L | undefined, axes: Axes): LevelStore<L>;
  /** Whether its engines have `prolongSolution`. */
  readonly prolongsSolution?: boolean;
  /** A grid of the same weights, its constant term the vector r, its iterate z. */
  preconditionedResidual(grid: S, layout: Layout): Store<S>;
}

/** What is coarsened: every other row, or column, is left out. */
export type Axes = readonly [rows: boolean, cols: boolean];

/** How the main thread has operations carried out. */
export interface Dispatcher<S, L> {
  /** By a grid's threads, so many at most, or by the calling one where there are few points. */
  run(grid: Grid<S>, points: number, operation: Operation<S, L>, most?: number): MaybePromise<BothNorms>;
  /** By every thread that may work on so many points, the calling one included, whether or not it has an engine. */
  broadcast(grid: Grid<S>, points: number, operation: Operation<S, L>): MaybePromise<unknown>;
  /** Allocates nothing, but creates the threads' engines for a grid. */
  createGrid(layout: Layout, store: Store<S>, block: Pass | undefined): Promise<Grid<S>>;
}

/** Fills the periodic ghosts of an iterate that was written from outside. */
export function refreshGhosts<S>(grid: Grid<S>): void {
  if (grid.ghostsStale) fillGhosts(grid.layout, grid.store.iterates[grid.current], grid.store.stride);
  grid.ghostsStale = false;
}
