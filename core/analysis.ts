/**
 * What the core knows of a stencil besides: for the stop rule, the relaxation factor and the bound on the error.
 * `core/discretize/lower.ts` finds it out.
 *
 * @module
 */

import type { GridData, Session, Stencil } from "./contract.ts";
import type { Results } from "./results.ts";

/** What the core knows of a stencil, and no backend needs. */
export interface Analysis {
  /** Least of the held values and the ambients, in units of u; Infinity where there are none. */
  readonly low: number;
  /** The largest of them; -Infinity where there are none. */
  readonly high: number;
  /** The source that was subtracted everywhere, where roundings of data kept source and fluxes from balancing; else 0. */
  readonly surplus: number;
  /** Whether sources or fluxes take the field beyond these. */
  readonly supplied: boolean;
  /** The largest sum of absolute parts of a constant term on an edge, in units of u: its roundings are relative to it. */
  readonly gross: number;
  /** |u − u_discrete| <= errorPerResidual * residual; a guide only, unless it is `boundProven`. 0 if no point is free. */
  readonly errorPerResidual: number;
  /** Whether that is proven: for plain stencils, and where no point is free. For others a session may find a factor. */
  readonly boundProven: boolean;
  /** 1 less the spectral radius of Jacobi; an estimate for weighted stencils. */
  readonly spectralGap: number;
}

/** A residual, and what it leaves out. */
export interface Residual {
  /** What a Jacobi update would add at each point, C order, in units of u; zero at Dirichlet points. */
  readonly r: Float64Array;
  /** max |r|; NaN if any is. */
  readonly size: number;
  /** Its rounding errors are at most this. */
  readonly rounding: number;
  /** How far Dirichlet points are from their values; `r` is that of a field with these values. */
  readonly off: number;
}

/** Conductors that float: each has one value, which is not known, and a total flux, which is. */
export interface Floating {
  /** Their names. */
  readonly names: readonly string[];
  /** What flows out of each into the domain. */
  readonly charges: readonly number[];
  /** Whether nothing else is held: values are known up to a constant, though the stencil, which holds what floats, is not. */
  readonly singular: boolean;
}

/** A stencil with its analysis. */
export interface Lowered extends Stencil {
  /** What the core needs besides. */
  readonly analysis: Analysis;
  /** Local. The same in f64. */
  inDouble(): Lowered;
  /** Local. Subtracts from a whole field its mean by cells. */
  removeMean(u: GridData): void;
  /** The parts that float; undefined where there are none. */
  readonly floating: Floating | undefined;
  /** Local. The sum of the diagonal over all nodes, in units of a flux over one of u. */
  diagonalSum(): number;
  /** Local. The residual of a whole field against the problem itself, in f64 and by differences of neighbours. */
  residual(u: GridData): Residual;
  /**
   * Collective. What a solve answers besides its field.
   *
   * @param u the field at the nodes that this rank owns, C order; of a singular problem on one rank, without its mean
   */
  results(u: GridData, ranks: Pick<Session, "rank" | "ranks" | "owned" | "collective">): Promise<Results>;
  /** Local. Of a field that is not finite: which source or flux is too large for the precision, in one line, if one is. */
  excess(): string | undefined;
  /** Local. See {@linkcode Stencil.coarsen}. */
  coarsen?(): Lowered;
}

/** How large the values of a problem are, in units of u: what a tolerance is relative to, and what roundings are. */
export interface Scale {
  /** Their range; where all are the same, their absolute value, unless they are known up to a constant. */
  readonly spread: number;
  /** The largest absolute value, and at least the range. */
  readonly size: number;
}

/** Local. The scale of values from `low` to `high`; zero where there are none. */
export function scaleOf({ low, high }: Pick<Analysis, "low" | "high">, singular = false): Scale {
  const largest = Math.max(-low, high, 0);
  const spread = high > low ? high - low : singular ? 0 : largest;
  return { spread, size: Math.max(spread, largest) };
}
