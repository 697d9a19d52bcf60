/**
 * What the core knows of a stencil besides: for the stop rule, the relaxation factor and the bound on the error.
 * `core/discretize/lower.ts` finds it out. Types only.
 *
 * @module
 */

import type { Stencil } from "./contract.ts";

/** What the core knows of a stencil, and no backend needs. */
export interface Analysis {
  /** Range of the fixed values, in units of u; 1 where there is none. */
  readonly spread: number;
  /** |u − u_discrete| <= errorPerResidual * residual; a guide only, unless it is `boundProven`. 0 if no point is free. */
  readonly errorPerResidual: number;
  /** Whether that is proven: for plain stencils, and where no point is free. For others a session may find a factor. */
  readonly boundProven: boolean;
  /** 1 less the spectral radius of Jacobi; an estimate for weighted stencils. */
  readonly spectralGap: number;
}

/** A stencil with its analysis. */
export interface Lowered extends Stencil {
  /** What the core needs besides. */
  readonly analysis: Analysis;
  /** Local. See {@linkcode Stencil.coarsen}. */
  coarsen?(): Lowered;
}
