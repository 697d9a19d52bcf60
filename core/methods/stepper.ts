/**
 * What a method is to the core: something that steps a grid.
 *
 * @module
 */

import type { MaybePromise, Plan, Stencil } from "../contract.ts";
import type { Kernels, Norms } from "../kernels/kernels.ts";
import type { Shared } from "./distributed_hierarchy.ts";

/** How far a method may go before halos are stale, and how to renew them. */
export interface Neighbours<G = unknown> {
  /** Half-sweeps, or sweeps, between exchanges; infinite for a serial run. */
  readonly depth: number;
  exchange(): Promise<void>;
  /** How often the iterate was written from outside: what a method keeps besides is worth nothing then. */
  writes(): number;
  /** Local. Makes a grid of a coarser stencil, filled, for the same plan; the method frees it. */
  open(coarser: Stencil): Promise<G>;
  /** Of several ranks, where the domain is made for multigrid: what levels need to know. */
  readonly shared: Shared | undefined;
  /** Has something released when the session ends, before the grid is: what a method allocated beside it. */
  atEnd(release: () => MaybePromise<void>): void;
}

/** What steps a grid. */
export interface Step {
  /** Does so many sweeps; `omega` is the relaxation factor of sor. @returns the norms of this rank's points. */
  (sweeps: number, omega?: number): MaybePromise<Norms>;
  /** A proven factor from residual to error, where the method can find one. */
  errorFactor?(): MaybePromise<number | undefined>;
}

/** A method, ready to step one grid. */
export type Stepper = <G, L>(
  kernels: Kernels<G, L>,
  grid: G,
  plan: Plan,
  neighbours: Neighbours<G>,
  stencil: Stencil,
) => Step;
