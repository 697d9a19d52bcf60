/**
 * The interface of a method: it steps a grid, and knows how far halos go.
 *
 * @module
 */

import type { MaybePromise, Stencil } from "../contract.ts";
import type { Kernels, Norms } from "../kernels/kernels.ts";
import type { Shared } from "./distributed_hierarchy.ts";

/** What a method needs of the session around it: halos, other grids, and when to release what it has made. */
export interface Neighbours<G = unknown> {
  /** Half-sweeps, or sweeps, between exchanges; infinite for a serial run. */
  readonly depth: number;
  /** Collective. Fills the halos. */
  exchange(): Promise<void>;
  /** How often the iterate was written from outside: each time, what a method has derived from it is void. */
  writes(): number;
  /** Local. Makes a grid of a coarser stencil, filled, for the same plan; the method frees it. */
  open(coarser: Stencil): Promise<G>;
  /** What levels need to know of several ranks; undefined where the domain is not made for multigrid. */
  readonly shared: Shared | undefined;
  /** Registers what the method has allocated: it is released when the session ends, before the grid. */
  atEnd(release: () => MaybePromise<void>): void;
}

/** Steps a grid. */
export interface Step {
  /** Does so many sweeps; `omega` is the relaxation factor of sor. @returns the norms of this rank's points. */
  (sweeps: number, omega?: number): MaybePromise<Norms>;
  /** Makes what the first step would make otherwise. */
  prepare?(): MaybePromise<void>;
  /** A proven factor from residual to error; absent where the method finds none. */
  errorFactor?(): MaybePromise<number | undefined>;
}

/** A method, ready to step one grid. */
export type Stepper = <G, L>(
  kernels: Kernels<G, L>,
  grid: G,
  neighbours: Neighbours<G>,
  stencil: Stencil,
) => Step;
