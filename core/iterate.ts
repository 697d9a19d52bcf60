/**
 * The solve loop: defaults, stop rules, batches, history, cancellation. It knows no backend.
 *
 * @module
 */

import type { Backend, Batch, Method, Pass, Session, SweepOptions } from "./contract.ts";
import type { Lowered } from "./analysis.ts";
import { roundoff } from "./dtype.ts";
import { ConfigError, suggest } from "./errors.ts";
import { larger } from "./kernels/kernels.ts";
import { yieldToEvents } from "./session.ts";
import { type SolvePlan, sweepOptions } from "./methods/plan.ts";
import { redBlackFails } from "./methods/sor.ts";
import { traits } from "./methods/traits.ts";

/** What ends a solve: a bound on the error, the residual, or the change of a sweep. */
export type StopRule = "error" | "residual" | "change";
/** The stop rules, the default first. */
export const STOP_RULES: readonly StopRule[] = ["error", "residual", "change"];

/** How a solve ended. All but `converged` leave the field as it was last. */
export type Status = "converged" | "limit" | "stalled" | "diverged" | "interrupted";

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
  /** For `error` and `residual`, relative to the spread of the fixed values; default 1e-6, or what the dtype can reach. */
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
  readonly stop: StopRule;
  /** The error, residual or change that was asked for, in units of u. */
  readonly asked: number;
  /** What the default would have asked for, in units of u, were the precision not too low for it; else undefined. */
  readonly loosenedFrom: number | undefined;
  /** The change or residual, in units of u, at which the solve has converged. */
  readonly target: number;
  readonly checkEvery: number;
  readonly maxSweeps: number;
}

/** How a solve ended, and the way there. */
export interface Outcome {
  /** How it ended. */
  readonly status: Status;
  /** The last batch. */
  readonly last: Progress;
  /** One entry per check. */
  readonly history: readonly Batch[];
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

/** Local. Fills in the defaults of a stop rule. @param limits that {@linkcode checkLimits} accepts */
export function criterionFor(stencil: Lowered, method: Method, limits: Limits): Criterion {
  const { stop = "error", eps = 1e-4 } = limits;
  const { spread, errorPerResidual, boundProven } = stencil.analysis;
  // The rounding error of a value as large as the fixed ones, in units of u.
  const unit = roundoff(stencil.dtype) * stencil.magnitude;
  const rule = traits[method];
  // A residual cannot fall much below the rounding of an update, so the default never asks for it.
  const reachable = rule.roundings(stencil) * unit / spread;
  const reach = stop === "error" ? reachable * errorPerResidual : reachable;
  // Nor for a bound wider than the range of the field: such a solve ends as stalled.
  const { tol = Math.max(DEFAULT_TOL, Math.min(reach, 1)) } = limits;
  const every = stop === "change" ? rule.everyChange?.(stencil) ?? 1000 : rule.every(stencil);
  const { checkEvery = every, maxSweeps = rule.most ?? 10_000_000 } = limits;
  const relative = tol * spread;
  // Of a factor that was computed, less than two roundings say nothing more; but a bound as wide as the field is none.
  const computed = stencil.kind === "weighted" && boundProven;
  const least = computed && 2 * unit * errorPerResidual <= spread ? 2 * unit : 0;
  const target = stop === "change"
    ? eps
    : stop === "residual"
    ? relative
    : Math.max(relative / errorPerResidual, least);
  const loosened = stop !== "change" && limits.tol === undefined && tol > DEFAULT_TOL;
  return {
    stop,
    asked: stop === "change" ? eps : relative,
    loosenedFrom: loosened ? DEFAULT_TOL * spread : undefined,
    target,
    checkEvery,
    maxSweeps,
  };
}

const DEFAULT_TOL = 1e-6;

/**
 * Batches are cut so that one takes about this long, in seconds: signals and progress wait no longer. A batch takes two
 * norms, so that much shorter ones would slow large grids.
 */
const BATCH_SECONDS = 0.2;

/**
 * Collective. Sweeps until the criterion holds, the limit is reached, the residual stalls, or the signal aborts.
 * Where it checks depends on sweeps alone, so that every backend stops at the same one.
 */
export async function iterate(
  session: Session,
  stencil: Lowered,
  plan: SolvePlan,
  criterion: Criterion,
  { signal, onBatch }: Pick<Limits, "signal" | "onBatch"> = {},
): Promise<Outcome> {
  const { stop, target, checkEvery, maxSweeps } = criterion;
  const start = performance.now();
  const history: Batch[] = [];
  let sweeping = sweepOptions(plan);
  let stalls = stallDetector(stencil, plan.method, sweeping, checkEvery);
  let last: Progress = { sweeps: 0, change: NaN, residual: NaN, errorBound: undefined, seconds: 0, target };
  let perBatch = 1;
  const end = (status: Status): Outcome => ({ status, last, history });

  while (true) {
    // Ranks agree on what one of them sees, a signal or a clock: otherwise they would wait for each other in different places.
    const seen = [signal?.aborted ? 1 : 0, -perBatch];
    const [aborted, longest] = await session.collective?.agree(seen) ?? seen;
    if (aborted) return end("interrupted");
    perBatch = -longest!;
    const check = Math.min(maxSweeps, (Math.floor(last.sweeps / checkEvery) + 1) * checkEvery);
    const count = Math.min(perBatch, check - last.sweeps);
    const before = performance.now();
    const batch = await session.advance(count, sweeping);
    const now = performance.now();
    if (batch.sweeps !== last.sweeps + count) {
      throw new Error(`the session counts ${batch.sweeps} sweeps where ${last.sweeps + count} were asked for`);
    }
    // Ranks that cannot agree keep to the checks.
    const agreed = session.ranks === 1 || session.collective;
    perBatch = agreed ? nextBatch(count, (now - before) / 1000, session.pass?.()) : checkEvery;
    const errorBound = boundOf(stencil, batch);
    last = { ...batch, errorBound, seconds: (now - start) / 1000, target };
    onBatch?.(last);
    await yieldToEvents();
    if (!Number.isFinite(batch.change) || !Number.isFinite(batch.residual)) return end("diverged");
    if (batch.sweeps < check) continue;
    history.push(batch);
    if ((stop === "change" ? batch.change : batch.residual) <= target) return end("converged");
    if (batch.sweeps >= maxSweeps) return end("limit");
    const stalled = stalls(batch);
    if (stalled === undefined) continue;
    // Over-relaxation keeps rounding errors alive, about 1 / (2 − omega) of them, corrections make new ones; Gauss-Seidel
    // lets them settle.
    const { omega = 1, gaussSeidel = false } = sweeping;
    if (omega > 1) sweeping = { omega: 1 };
    else if (!gaussSeidel && endsWithGaussSeidel(plan.method, stalled) && !redBlackFails(stencil)) {
      sweeping = { gaussSeidel: true };
    } else return end("stalled");
    stalls = stallDetector(stencil, plan.method, sweeping, checkEvery);
  }
}

function endsWithGaussSeidel(method: Method, stalled: "low" | "high"): boolean {
  const when = traits[method].gaussSeidel;
  return when === "always" || when === stalled;
}

/**
 * Local. The bound on the error after a batch, in units of u; undefined where none is known. A residual below the roundings
 * of an update, four of them, says nothing more about the error.
 *
 * @param size the largest absolute value of the field, where it is known: what roundings are relative to
 */
export function boundOf(
  stencil: Lowered,
  { residual }: Pick<Batch, "residual">,
  size: number = stencil.magnitude,
): number | undefined {
  const { dtype, magnitude, analysis: { boundProven, errorPerResidual } } = stencil;
  const rounding = 4 * roundoff(dtype) * larger(size, magnitude);
  return boundProven ? errorPerResidual * larger(residual, rounding) : undefined;
}

/** As many sweeps as fill a batch at the rate just seen, growing at most tenfold at a time, in whole passes over memory. */
function nextBatch(count: number, seconds: number, pass?: Pass): number {
  return wholePasses(Math.min(10 * count, Math.floor(count * BATCH_SECONDS / Math.max(seconds, 1e-9))), pass);
}

/**
 * Local. About so many sweeps, such that they fill passes over memory, one at least; the residual takes a sweep's place. A
 * pass of many sweeps takes little longer than one of a few, so that a large grid would else stay with short ones.
 */
export function wholePasses(sweeps: number, pass?: Pass): number {
  const { sweeps: depth } = pass ?? { sweeps: 1 };
  return Math.max(1, depth * Math.max(1, Math.floor((sweeps + 1) / depth)) - 1);
}

/** Local. How a session's sweeps pass over memory, `off` being one at a time; undefined where the plugin has no choice. */
export function passOf({ settings = {} }: Backend, session: Session): Pass | "off" | undefined {
  return session.pass?.() ?? (session.pass && Object.hasOwn(settings, "block") ? "off" : undefined);
}

/** Gauss-Seidel sweeps without a new low of the residual, after which only rounding is left. */
const LAST_SWEEPS = 50;

/** Detects that the residual has reached no new low for a long while: `low` where it is as small as rounding. */
function stallDetector(
  stencil: Lowered,
  method: Method,
  { gaussSeidel = false }: SweepOptions,
  checkEvery: number,
): (batch: Batch) => "low" | "high" | undefined {
  const { patience, checks = 5 } = traits[method];
  const [ny, nx] = stencil.shape;
  let magnitude = 0;
  let lowest = Infinity;
  let since = 0;
  return ({ sweeps, residual }) => {
    // Values are as large as the fixed ones, or what sources make: as the square of the side to the first residual.
    if (lowest === Infinity) magnitude = Math.max(1e3 * stencil.magnitude, (ny * ny + nx * nx) * residual);
    if (residual < lowest) [lowest, since] = [residual, sweeps];
    const low = lowest <= roundoff(stencil.dtype) * magnitude;
    const patient = Math.max(gaussSeidel ? LAST_SWEEPS : patience(stencil, low), checks * checkEvery);
    return sweeps - since < patient ? undefined : low ? "low" : "high";
  };
}
