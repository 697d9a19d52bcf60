/**
 * What one thread computes with: plain loops, or an instance of WebAssembly. The pool decides which rows or tiles, and
 * when.
 *
 * @module
 */

import type { GridData } from "../../core/contract.ts";
import type { Norms } from "../../core/kernels/kernels.ts";
import type { Fields } from "../js/grid.ts";
import type { Tile } from "./tiling.ts";

/** Change and residual; 0 where not asked for. */
export type BothNorms = Required<Norms>;
/** Of what has no norms. */
export const NO_NORMS: BothNorms = { change: 0, residual: 0 };

/** The arithmetic on one grid, in one thread. `current` says which of the two iterates is u. */
export interface Engine<L = unknown> {
  /** One sweep of stored rows [from, to), into the other iterate. @returns its change if `norm`. */
  sweep(current: 0 | 1, from: number, to: number, norm: boolean): number;
  /** One half-sweep of stored rows [from, to), in place. @returns its change if `norm`. */
  relax(current: 0 | 1, omega: number, colour: number, from: number, to: number, norm: boolean): number;
  /**
   * Several sweeps of a temporal tile, into the other iterate; absent if the engine has no temporal blocking.
   *
   * @param norms 1: the change of the last sweep; 2: also the residual
   */
  sweepTile?(current: 0 | 1, sweeps: number, norms: 0 | 1 | 2, tile: Tile): BothNorms;
  /** The steps of a pass through a level of this grid, or through the grid itself; `coarse` is the level right below. */
  passSteps(current: 0 | 1, fine: L | undefined, coarse: L): PassSteps;
  /** The steps of conjugate gradients. */
  readonly vectors: VectorEngine;
  /**
   * Cubic interpolation from a coarser plate, whose stored points lie in the other iterate, a row and a column on:
   * first the rows that coarse ones lie in (0), then those between (1). Absent: the main thread does it.
   */
  prolongSolution?(current: 0 | 1, half: 0 | 1, from: number, to: number): void;
}

/**
 * What a V-cycle does to stored rows [from, to) of a grid or level. A step at a row reads the results of the previous
 * step in that row and those beside it, and no more, periodic rows apart.
 */
export interface PassSteps {
  /** Colours of a smoothing sweep, each of them a step. */
  readonly colours: number;
  /** Adds the prolonged correction of the coarse level. A grid keeps its old values, for `computeResidual`. */
  addCorrection(from: number, to: number): void;
  /** Updates the points of one colour. */
  smooth(colour: number, from: number, to: number): void;
  /** Computes the residual; of a grid also the norms. */
  computeResidual(from: number, to: number): void;
  /** Of the rows that are coarse: the right-hand side of the coarse level; its correction becomes zero. */
  restrict(from: number, to: number): void;
  /** Fills the periodic ghost rows. Each step fills the ghost columns. */
  fillGhostRows(): void;
  /** Of all `computeResidual`: how far the iterate is from its value before `addCorrection`, and the residual. */
  norms(): BothNorms;
}

/**
 * Conjugate gradients in stored rows [from, to): see core/kernels/kernels.ts. A sum for each row goes into the store,
 * for the main thread to add up in order, so that the result does not depend on the number of threads.
 */
export interface VectorEngine {
  /** r = sweep(u) − u; sums: ⟨r, r⟩. @returns max |r|. */
  computeResidual(current: 0 | 1, from: number, to: number): number;
  /** p = z + beta p, periodic ghosts included; z is the preconditioned residual, or r. */
  updateDirection(beta: number, preconditioned: boolean, from: number, to: number): void;
  /** q = B p; sums: ⟨p, q⟩. */
  applyOperator(from: number, to: number): void;
  /** u += alpha p, r −= alpha q; sums: ⟨r, r⟩. @returns max |alpha p|, and max |r|. */
  step(current: 0 | 1, alpha: number, from: number, to: number): BothNorms;
  /** z becomes zero. */
  clearPreconditioned(from: number, to: number): void;
  /** Sums: ⟨r, z⟩, and the second ones: ⟨q, z⟩. */
  dots(from: number, to: number): void;
}

/** The arrays of a grid as the main thread sees them. */
export interface Store<S> {
  /** Points from one row to the next. */
  readonly stride: number;
  readonly iterates: readonly [GridData, GridData];
  readonly fields: Fields;
  /** Two sums for each stored row; empty without conjugate gradients. */
  readonly rowDots: readonly [Float64Array, Float64Array];
  /** What a thread makes its engine of: can be posted. */
  readonly shared: S;
}

/** A level as the main thread sees it. */
export interface LevelStore<L> {
  /** Stored rows and columns, ghost layer included. */
  readonly shape: readonly [rows: number, cols: number];
  /** Whether ghost rows, and ghost columns, repeat the opposite side. */
  readonly periodic: readonly [rows: boolean, cols: boolean];
  /** What a thread must know of it: can be posted. */
  readonly shared: L;
  /** Points from one row to the next. */
  readonly stride: number;
  readonly correction: GridData;
  /** The right-hand side. */
  readonly f: GridData;
  /** As in `LevelKernels`. */
  readOperator(): Float64Array;
}
