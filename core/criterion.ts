/**
 * The stop rules: what is asked for, and from which residual or bound on it is reached.
 *
 * @module
 */

import type { Batch, Method } from "./contract.ts";
import { type Lowered, type Scale, scaleOf } from "./analysis.ts";
import { roundoff, smallest } from "./dtype.ts";
import { ConfigError, suggest } from "./errors.ts";
import { traits } from "./methods/traits.ts";

/** What may end a solve, the default first: a bound on the error, the residual, or the change of a sweep. */
export const STOP_RULES = ["error", "residual", "change"] as const;
/** One of them. */
export type StopRule = typeof STOP_RULES[number];

/** A batch, with what is known of the error. */
export interface Progress extends Batch {
  /** |u − u_discrete| is at most this, in units of u; undefined where no bound is known. */
  readonly errorBound: number | undefined;
  /** Since the first sweep. */
  readonly seconds: number;
  /** The change, or the residual, that the stop rule waits for; in units of u. */
  readonly target: number;
}

/** When to stop. What is absent has its default. */
export interface Limits {
  /** What must be small enough; default `error`. */
  readonly stop?: StopRule | undefined;
  /**
   * For `error` and `residual`, relative to the range of the held values, the ambients and the field; default 1e-6, or what the
   * dtype can reach.
   */
  readonly tol?: number | undefined;
  /** For `change`, in units of u; default 1e-4. */
  readonly eps?: number | undefined;
  /**
   * Sweeps between checks. The default depends on the method: one cycle or solve; a sixteenth of the shorter side for sor and
   * cg; else 100, or for `change` 1000, and for spectral what shrinks the slowest mode to a tenth.
   */
  readonly checkEvery?: number | undefined;
  /**
   * Default ten million; 1000 for the cycles of multigrid; for spectral, which counts Jacobi's without doing them, a thousand
   * million million.
   */
  readonly maxSweeps?: number | undefined;
  /** Ends the solve between two batches, with status `interrupted`. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each batch, about five times a second. */
  readonly onBatch?: ((progress: Progress) => void) | undefined;
}

/** A stop rule with its numbers filled in. */
export interface Criterion {
  /** The rule. */
  readonly stop: StopRule;
  /** What `asked` is relative to, in units of u: the range of the held values, the ambients and the field. */
  readonly spread: number;
  /** The error, residual or change that was asked for, in units of u. */
  readonly asked: number;
  /** What the default would have asked for, in units of u, were the precision not too low for it; else undefined. */
  readonly loosenedFrom: number | undefined;
  /** The change or residual, in units of u, at which that is reached. */
  readonly target: number;
  /** What a residual cannot fall much below, in units of u. */
  readonly lowest: number;
  /** Sweeps between checks. */
  readonly checkEvery: number;
  /** The limit of sweeps. */
  readonly maxSweeps: number;
}

/**
 * Local. Checks what was given of a stop rule.
 *
 * @throws ConfigError for an unknown rule, or a number out of range.
 */
export function checkLimits({ stop, tol, eps, checkEvery, maxSweeps }: Limits): void {
  if (stop !== undefined && !STOP_RULES.includes(stop)) {
    throw new ConfigError(`Unknown stop rule "${stop}"${suggest(stop, STOP_RULES)}`);
  }
  for (const [name, value] of [["tol", tol], ["eps", eps]] as const) {
    if (value === undefined || (value > 0 && value < Infinity)) continue;
    throw new ConfigError(`${name} must be greater than 0: it is ${value}`);
  }
  for (const [name, value] of [["check-every", checkEvery], ["max-sweeps", maxSweeps]] as const) {
    if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) continue;
    throw new ConfigError(`${name} must be a whole number of at least 1: it is ${value}`);
  }
}

/**
 * Local. Fills in the defaults of a stop rule.
 *
 * @param limits that {@linkcode checkLimits} accepts
 * @param scale of the field and its data
 */
export function criterionFor(
  stencil: Lowered,
  method: Method,
  limits: Limits,
  { spread, size }: Scale = scaleOf(stencil.analysis, stencil.singular),
): Criterion {
  const { stop = "error", eps = 1e-4 } = limits;
  const { errorPerResidual } = stencil.analysis;
  const rule = traits[method];
  // A residual cannot fall much below the rounding of an update, so the default never asks for it.
  const lowest = rule.roundings(stencil) * roundoff(stencil.dtype) * size;
  const reach = stop === "error" ? (lowest + roundingOf(stencil, size)) * errorPerResidual : lowest;
  const { tol = Math.max(DEFAULT_TOL, spread > 0 ? Math.min(reach / spread, MOST_TOL) : 0) } = limits;
  const every = stop === "change" ? rule.everyChange?.(stencil) ?? 1000 : rule.every(stencil);
  const { checkEvery = every, maxSweeps = rule.most ?? 10_000_000 } = limits;
  const asked = stop === "change" ? eps : tol * spread;
  const loosened = stop !== "change" && limits.tol === undefined && tol > DEFAULT_TOL;
  return {
    stop,
    spread,
    asked,
    loosenedFrom: loosened ? DEFAULT_TOL * spread : undefined,
    target: stop === "error" ? Math.max(0, asked / errorPerResidual - roundingOf(stencil, size)) : asked,
    lowest,
    checkEvery,
    maxSweeps,
  };
}

/** The default, and what it becomes at most where the precision is low: a wider bound says too little. */
const DEFAULT_TOL = 1e-6, MOST_TOL = 0.01;

/**
 * Local. The bound on the error after a batch, in units of u; undefined where none is known. What roundings of weights and
 * sums hide of the residual counts in full.
 *
 * @param scale of the field and its data: what roundings are relative to
 */
export function boundOf(
  stencil: Lowered,
  { residual }: Pick<Batch, "residual">,
  { size }: Pick<Scale, "size"> = scaleOf(stencil.analysis, stencil.singular),
): number | undefined {
  const { boundProven, errorPerResidual } = stencil.analysis;
  return boundProven ? errorPerResidual * (residual + roundingOf(stencil, size)) : undefined;
}

/** Local. What rounding hides of a residual, in units of u: about four roundings of the largest value. */
export function roundingOf({ dtype, analysis: { supplied, gross } }: Lowered, size: number): number {
  // A source that is too small for the precision has become zero.
  return size > 0 || supplied ? 4 * (roundoff(dtype) * (size + gross) + smallest(dtype)) : 0;
}
