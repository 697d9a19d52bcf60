/**
 * The solve loop: batches, checks, history, cancellation. It knows no backend.
 *
 * @module
 */

import { counted } from "./errors.ts";
import type { Backend, Batch, Method, Pass, Session, SweepOptions } from "./contract.ts";
import { type Lowered, type Scale, scaleOf } from "./analysis.ts";
import { boundOf, type Criterion, criterionFor, type Limits, type Progress, roundingOf } from "./criterion.ts";
import { roundoff } from "./dtype.ts";
import { yieldToEvents } from "./session.ts";
import { rangeOf } from "./grid_data.ts";
import { type SolvePlan, sweepOptions } from "./methods/plan.ts";
import { redBlackFails } from "./methods/sor.ts";
import { traits } from "./methods/traits.ts";

/** How a solve ended. All but `converged` leave the field as it was last. */
export type Status = "converged" | "limit" | "stalled" | "diverged" | "interrupted";

/** How a solve ended, and the way there. */
export interface Outcome {
  /** How it ended. */
  readonly status: Status;
  /** The last batch. */
  readonly last: Progress;
  /** One entry per check. */
  readonly history: readonly Batch[];
  /** What was waited for, by the last scale. */
  readonly criterion: Criterion;
  /** How large the field is at the end. */
  readonly scale: Scale;
}

/**
 * Batches are cut so that one takes about this long, in seconds: signals and progress wait no longer. A batch takes two
 * norms, so that much shorter ones would slow large grids.
 */
const BATCH_SECONDS = 0.2;

/**
 * Collective. Sweeps until what was asked for is reached, or the limit; until the residual stalls, or the signal aborts.
 * Where it checks depends on sweeps alone, so that every backend stops at the same one.
 *
 * The scale of a field with sources or fluxes is its own. It is measured at the first check, and again where
 * the field can be so wide that the solve would end.
 *
 * @param narrowBound finds a narrower bound for the iterate as it is: called where rounding keeps the usual one from what is asked
 */
export async function iterate(
  session: Session,
  stencil: Lowered,
  plan: SolvePlan,
  limits: Limits = {},
  narrowBound: () => Promise<number | undefined> = () => Promise.resolve(undefined),
): Promise<Outcome> {
  const { signal, onBatch } = limits;
  const { supplied, boundProven } = stencil.analysis;
  let scale = scaleOf(stencil.analysis, stencil.singular);
  let criterion = criterionFor(stencil, plan.method, limits, scale);
  const { stop, checkEvery, maxSweeps } = criterion;
  const start = performance.now();
  const history: Batch[] = [];
  let sweeping = sweepOptions(plan);
  let stalls = stallDetector(stencil, plan.method, sweeping, checkEvery);
  let last: Progress = {
    sweeps: 0,
    change: NaN,
    residual: NaN,
    errorBound: undefined,
    seconds: 0,
    target: criterion.target,
  };
  let perBatch = 1;
  /** The widest that the field can be by what the last measurement leaves open. */
  let widest = supplied ? Infinity : scale.spread;
  const reached = ({ change, residual }: Batch, { asked, target } = criterion) => {
    const bound = stop === "error" ? boundOf(stencil, { residual }, scale) : undefined;
    return bound === undefined ? (stop === "change" ? change : residual) <= target : bound <= asked;
  };
  let measuredAt = 0;
  const measure = async () => {
    measuredAt = last.sweeps;
    scale = await scaleOfField(session, stencil);
    criterion = criterionFor(stencil, plan.method, limits, scale);
    last = { ...last, errorBound: boundOf(stencil, last, scale), target: criterion.target };
    widest = scale.spread + 2 * stencil.analysis.errorPerResidual * (last.residual + roundingOf(stencil, scale.size));
  };
  const end = async (status: Status): Promise<Outcome> => {
    // Short of a bound, roundings may have driven the field anywhere. With one that they hardly widen, and where nothing flows
    // in, it is as wide as the data: by the maximum principle.
    const { errorBound = Infinity } = last;
    const known = !supplied && boundProven && errorBound <= scale.spread &&
      stencil.analysis.errorPerResidual * roundingOf(stencil, scale.size) <= 1e-3 * scale.spread;
    const small = status === "converged" && (stop === "error" || known);
    if (!small && status !== "diverged" && last.sweeps > measuredAt) await measure();
    return { status, last, history, criterion, scale };
  };
  let narrowed = false;
  const narrowEnough = async () => {
    narrowed = true;
    await measure();
    const errorBound = stop === "error" && boundProven ? await narrowBound() : undefined;
    if (errorBound !== undefined && errorBound < last.errorBound!) last = { ...last, errorBound };
    return stop === "error" && last.errorBound !== undefined && last.errorBound <= criterion.asked;
  };

  while (true) {
    // Ranks agree on what one of them sees, a signal or a clock: otherwise they would wait for each other in different places.
    const seen = [signal?.aborted ? 1 : 0, -perBatch];
    const [aborted, longest] = await session.collective?.agree(seen) ?? seen;
    if (aborted) return await end("interrupted");
    perBatch = -longest!;
    const check = Math.min(maxSweeps, (Math.floor(last.sweeps / checkEvery) + 1) * checkEvery);
    const count = Math.min(perBatch, check - last.sweeps);
    const before = performance.now();
    const batch = await session.advance(count, sweeping);
    const now = performance.now();
    if (batch.sweeps !== last.sweeps + count) {
      throw new Error(
        `the session counts ${counted(batch.sweeps, "sweep")} where ${last.sweeps + count} were asked for`,
      );
    }
    // Ranks that cannot agree keep to the checks.
    const agreed = session.ranks === 1 || session.collective;
    perBatch = agreed ? nextBatch(count, (now - before) / 1000, session.pass?.()) : checkEvery;
    const errorBound = boundOf(stencil, batch, scale);
    last = { ...batch, errorBound, seconds: (now - start) / 1000, target: criterion.target };
    onBatch?.(last);
    await yieldToEvents();
    if (!Number.isFinite(batch.change) || !Number.isFinite(batch.residual)) return await end("diverged");
    if (batch.sweeps < check) continue;
    history.push(batch);
    if (supplied && reached(batch, criterionFor(stencil, plan.method, limits, { ...scale, spread: widest }))) {
      await measure();
    }
    // Without a bound the residual tells when to end, but not how near the end is.
    if (reached(batch)) return await end(stop === "error" && !boundProven ? "stalled" : "converged");
    const { target, lowest } = criterion;
    if (!narrowed && target < lowest && batch.residual <= lowest && await narrowEnough()) return await end("converged");
    if (batch.sweeps >= maxSweeps) return await end("limit");
    const stalled = stalls(batch);
    if (stalled === undefined) continue;
    // Over-relaxation keeps rounding errors alive, about 1 / (2 − omega) of them, corrections make new ones; Gauss-Seidel
    // lets them settle.
    const { omega = 1, gaussSeidel = false } = sweeping;
    if (omega > 1) sweeping = { omega: 1 };
    else if (!gaussSeidel && endsWithGaussSeidel(plan.method, stalled) && !redBlackFails(stencil)) {
      sweeping = { gaussSeidel: true };
    } else return await end(await narrowEnough() ? "converged" : "stalled");
    stalls = stallDetector(stencil, plan.method, sweeping, checkEvery);
  }
}

/** Collective. The scale of the iterate, its data included; where these bound the field, its spread is theirs. */
async function scaleOfField(session: Session, { singular, analysis }: Lowered): Promise<Scale> {
  const { low, high, supplied } = analysis;
  const owned = await session.read("owned");
  const [least, most] = rangeOf(owned ?? []);
  const seen = [-Math.min(low, least), Math.max(high, most)];
  const [lowest, highest] = await session.collective?.agree(seen) ?? seen;
  const scale = scaleOf({ low: -lowest!, high: highest! }, singular);
  return supplied ? scale : { ...scale, spread: scaleOf(analysis, singular).spread };
}

function endsWithGaussSeidel(method: Method, stalled: "low" | "high"): boolean {
  const when = traits[method].gaussSeidel;
  return when === "always" || when === stalled;
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
