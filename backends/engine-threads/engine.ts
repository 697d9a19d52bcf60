/**
 * What one thread computes with: plain loops, or an instance of WebAssembly. The team says which rows or strips, and
 * when.
 *
 * @module
 */

import type { Block, GridData } from "../../core/contract.ts";
import type { FieldName, Norms } from "../../core/kernels/kernels.ts";
import type { Strip } from "./wavefront.ts";

/** Change and residual; 0 where nothing was asked for. */
export type Both = Required<Norms>;

/** The arithmetic on one grid, in one thread. `current` says which of the two iterates is u. */
export interface Engine<L = unknown> {
  /** One sweep of stored rows [from, to), into the other iterate. @returns its change if `norm`. */
  sweep(current: 0 | 1, from: number, to: number, norm: boolean): number;
  /** One half-sweep of stored rows [from, to), in place. @returns its change if `norm`. */
  relax(current: 0 | 1, omega: number, colour: number, from: number, to: number, norm: boolean): number;
  /**
   * Several sweeps of a strip, into the other iterate; absent if the engine cannot block in time.
   *
   * @param norms 1: the change of the last sweep; 2: also the residual
   */
  strip?(current: 0 | 1, sweeps: number, norms: 0 | 1 | 2, strip: Strip): Both;
  /** The steps through a level of this grid, or through the grid itself, which has a level below. */
  steps(current: 0 | 1, fine: L | undefined, below: L): Steps;
  /** What conjugate gradients do. */
  readonly vectors: VectorEngine;
  /**
   * Cubic interpolation from a coarser plate, whose stored points lie in the other iterate, a row and a column on: first the
   * rows that coarse ones lie in (0), then those between (1). Absent: the main thread does it.
   */
  refine?(current: 0 | 1, half: 0 | 1, from: number, to: number): void;
}

/**
 * What is done to stored rows [from, to) of a grid or level on the way down and up. A step at a row reads what the step
 * before it left in the rows beside it, and no more, periodic rows apart.
 */
export interface Steps {
  /** Colours of a smoothing sweep, each of them a step. */
  readonly colours: number;
  /** Adds the interpolated correction from below. A grid remembers what was there, for `leave`. */
  enter(from: number, to: number): void;
  /** Moves the points of one colour. */
  smooth(colour: number, from: number, to: number): void;
  /** Takes what is left of the equations; of a grid also the norms. */
  leave(from: number, to: number): void;
  /** Of the rows that are coarse: the right side of the level below; its iterate becomes zero. */
  restrict(from: number, to: number): void;
  /** Renews ring rows of the iterate that repeat others. Ring columns are renewed by each step. */
  renew(): void;
  /** What `leave` has seen: how far the iterate is from what `enter` found, and the residual. */
  norms(): Both;
}

/**
 * Conjugate gradients in stored rows [from, to): see core/kernels/kernels.ts. Sums go row by row into the store, for the main thread
 * to add up in order, so that they do not depend on the number of threads.
 */
export interface VectorEngine {
  /** r = sweep(u) − u; sums: ⟨r, r⟩. @returns max |r|. */
  remainder(current: 0 | 1, from: number, to: number): number;
  /** p = z + beta p, also where it is repeated across periodic edges; z is the correction, or r. */
  combine(beta: number, corrected: boolean, from: number, to: number): void;
  /** q = B p; sums: ⟨p, q⟩. */
  apply(from: number, to: number): void;
  /** u += alpha p, r −= alpha q; sums: ⟨r, r⟩. @returns max |alpha p|, and max |r|. */
  move(current: 0 | 1, alpha: number, from: number, to: number): Both;
  /** The correction becomes zero. */
  clear(from: number, to: number): void;
  /** Sums: ⟨r, z⟩, and the second ones: ⟨q, z⟩. */
  products(from: number, to: number): void;
}

/** The arrays of a grid as the main thread sees them. */
export interface Store<S> {
  /** Points from one row to the next. */
  readonly stride: number;
  readonly iterates: readonly [GridData, GridData];
  readonly fields: Readonly<Record<Exclude<FieldName, "u">, GridData>>;
  /** One number a stored row, twice; empty where conjugate gradients are not asked for. */
  readonly sums: readonly [Float64Array, Float64Array];
  /** What a thread makes its engine of: can be posted. */
  readonly shared: S;
  /** Lets go of memory. */
  free(): void;
}

/** A level as the main thread sees it. */
export interface LevelStore<L> {
  /** Stored rows and columns, ring included. */
  readonly shape: readonly [rows: number, cols: number];
  /** Whether ring rows, and ring columns, repeat the opposite side. */
  readonly periodic: readonly [rows: boolean, cols: boolean];
  /** What a thread must know of it: can be posted. */
  readonly shared: L;
  /** As in `Multigrid`. */
  equations(): Float64Array;
  rightSide(block?: Block): Float64Array;
  setRightSide(block: Block, values: Float64Array): void;
  correct(values: Float64Array): void;
  /** Lets go of memory; the last level first. */
  free(): void;
}
