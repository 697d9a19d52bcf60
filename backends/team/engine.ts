/**
 * What one thread computes with: plain loops, or an instance of WebAssembly. The team says which rows or strips, and
 * when.
 *
 * @module
 */

import type { GridData } from "../../core/contract.ts";
import type { FieldName, Norms } from "../../core/kernels.ts";
import type { Strip } from "./strips.ts";

/** Change and residual; 0 where nothing was asked for. */
export type Both = Required<Norms>;

/** The arithmetic on one grid, in one thread. `current` says which of the two iterates is u. */
export interface Engine {
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
}

/** The arrays of a grid as the main thread sees them. */
export interface Store<S> {
  /** Points from one row to the next. */
  readonly stride: number;
  readonly iterates: readonly [GridData, GridData];
  readonly fields: Readonly<Record<Exclude<FieldName, "u">, GridData>>;
  /** What a thread makes its engine of: can be posted. */
  readonly shared: S;
  /** Lets go of memory. */
  free(): void;
}
