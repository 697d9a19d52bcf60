/**
 * The bound on the error where the stencil alone proves none: the session computes one, or a second session, on the same ranks,
 * solves B w = 1 by multigrid. See core/methods/comparison_function.ts.
 *
 * @module
 */

import { loadPlugin } from "../backends/registry.ts";
import type { Backend, Batch, GridData, Session, Stencil } from "../core/contract.ts";
import { bytesPerValue, roundoff, smallest } from "../core/dtype.ts";
import type { Lowered } from "../core/analysis.ts";
import { comparisonStencil, correctionStencil, factorOf } from "../core/methods/comparison_function.ts";
import { rangeOf } from "../core/grid_data.ts";
import { type Memory, unfit } from "../core/methods/memory.ts";

/**
 * The largest max |1 − B w| that is small enough, what is aimed at, and the limit of cycles. So near to 1 all plugins find the
 * same factor but for a few digits, which are rounded away: all stop at the same sweep.
 */
const SLACK = 0.2, GOAL = 1e-6, CYCLES = 200;

/** On so few points the reference finds the factor for all plugins, on each rank alone: cycles of others may end elsewhere. */
const FEW = 1 << 13;

/** Of the sweeps of a solve, what a bound may take after it; and the sweeps that it may take after the shortest. */
const OF_SWEEPS = 0.5, FEWEST = 4;

/** On so few points it may take as many as it needs: all of it is done at once. */
const QUICK = 1 << 16;

/** The part of a residual that its correction may leave, and the limit of cycles. */
const REFINED = 0.01, REFINING = 30;

const PLAN = { method: "multigrid", settings: {} } as const;

/** A stencil, with a proven bound in its analysis where one was found; else why there is none. */
export interface Bounded {
  readonly stencil: Lowered;
  readonly noBound: string | undefined;
}

/**
 * Collective. Looks for a bound where the stencil has none.
 *
 * @param session open for it, before its first sweep
 * @param memory that may be used; undefined if unknown
 */
export async function withBound(
  stencil: Lowered,
  session: Session,
  backend: Backend,
  memory: Memory | undefined,
): Promise<Bounded> {
  if (stencil.analysis.boundProven) return { stencil, noBound: undefined };
  // Of several ranks only one that owns all of the grid might have one by itself.
  const own = session.ranks > 1 ? undefined : await session.errorFactor?.();
  const errorPerResidual = own ?? await boundFactor(stencil.inDouble(), session, backend, memory);
  if (typeof errorPerResidual === "string") return { stencil, noBound: errorPerResidual };
  const analysis = { ...stencil.analysis, errorPerResidual, boundProven: true };
  return { stencil: { ...stencil, analysis }, noBound: undefined };
}

/**
 * Local. A bound on the error of a field that its session has found, by further sweeps of it: the session is of no use after it.
 *
 * @param rounding what roundings hide of its residual, in units of u
 * @param history of the solve
 * @param points of the grid
 * @param isAsked whether it may take as many sweeps as it needs on any grid; else, on a large one, half of those of the solve
 * @returns the bound, or why there is none
 */
export async function boundAfter(
  session: Session,
  rounding: number,
  history: readonly Batch[],
  points: number,
  isAsked: boolean,
): Promise<number | string> {
  const isFull = isAsked || points <= QUICK;
  const [first, last] = [history[0]!, history.at(-1)!];
  const { sweeps } = last;
  const ofSweep = sweeps > first.sweeps ? (last.residual / first.residual) ** (1 / (sweeps - first.sweeps)) : 0;
  const most = isFull ? CYCLES : Math.max(FEWEST, Math.ceil(OF_SWEEPS * sweeps));
  const found = await session.errorBound!(rounding, most, ofSweep);
  return found ?? `${most} more sweeps do not find one${isFull ? "" : `; bound "full" allows ${CYCLES}`}`;
}

/**
 * Collective. A bound on the error of the iterate that counts its roundings one by one, where the factor times the largest would
 * be too wide: |u − u_discrete| <= |e| + c · |r − B e|, for the residual r in f64 and e, which cycles make from it. Of several
 * ranks the first does it alone.
 *
 * @param stencil with a proven factor
 * @returns undefined where memory does not suffice
 */
export async function refinedBound(
  stencil: Lowered,
  session: Session,
  backend: Backend,
  memory: Memory | undefined,
): Promise<number | undefined> {
  const u = await session.read("global");
  const solver = session.ranks > 1 ? await loadPlugin("js") : await multigridOf(backend, 1);
  const found = u ? await correctionBound(stencil, u, stencil.inDouble(), solver, memory) : 0;
  const [bound] = await session.collective?.agree([found]) ?? [found];
  return bound! < Infinity ? bound : undefined;
}

/** Local. The bound for a field; Infinity where memory does not suffice. */
async function correctionBound(
  stencil: Lowered,
  u: GridData,
  double: Stencil,
  solver: Backend,
  memory: Memory | undefined,
): Promise<number> {
  // The field and its residual are kept besides.
  const left = memory && { ...memory, bytes: memory.bytes - 2 * u.length * bytesPerValue("f64") };
  if (unfit(solver, double, PLAN, left) !== undefined) return Infinity;
  const { r, size, rounding, off } = stencil.residual(u);
  const correction = correctionStencil(double, r, size);
  const session = await solver.open(correction, PLAN);
  try {
    let rest = size;
    for (let n = 0; n < REFINING && rest > REFINED * size; n++) ({ residual: rest } = await session.advance(1));
    const range = rangeOf((await session.read("global"))!);
    const most = largest(range);
    const rounded = rounding + 8 * (roundoff("f64") * most + smallest("f64"));
    // Of singular problems the mean is subtracted from both, in the precision of the field.
    const shifted = stencil.singular ? range[1] - range[0] + 2 * roundoff(stencil.dtype) * largest(rangeOf(u)) : most;
    return off + shifted + stencil.analysis.errorPerResidual * (rest + rounded);
  } finally {
    await session[Symbol.asyncDispose]();
  }
}

/**
 * Collective. A proven factor c, |u − u_discrete| <= c · residual; of a singular problem for the solutions of zero mean.
 *
 * @param stencil weighted, f64
 * @param session open for it, whose ranks take part
 * @param backend its multigrid solves many points, if it has one; else that of the reference, or of ranks
 * @param memory that may be used; undefined if unknown
 * @returns the factor; or why there is none: it does not fit into memory, cycles do not converge, or rounding hides it
 */
async function boundFactor(
  stencil: Stencil,
  { ranks, collective }: Session,
  backend: Backend,
  memory: Memory | undefined,
): Promise<number | string> {
  const overRanks = async (value: number) => (await collective?.agree([value]) ?? [value])[0]!;
  const few = stencil.shape[0] * stencil.shape[1] <= FEW;
  const solver = await (few ? loadPlugin("js") : multigridOf(backend, ranks));
  const comparison = comparisonStencil(stencil);
  const why = unfit(solver, comparison, PLAN, memory);
  if (await overRanks(why === undefined ? 0 : 1)) return why ?? "another rank lacks the memory for it";
  const session = await solver.open(comparison, PLAN);
  try {
    let left = Infinity;
    for (let cycles = 0, before = Infinity; left > GOAL && !(left <= SLACK && left > before / 2); cycles++) {
      if (cycles === CYCLES) return `${CYCLES} cycles of multigrid do not find one`;
      before = left;
      ({ residual: left } = await session.advance(1));
    }
    const most = largest(rangeOf(await session.read("owned") ?? []));
    const factor = factorOf(await overRanks(most), 1 - left, roundoff("f64"));
    if (factor === undefined) return "rounding hides it";
    // Relative to the point that is held, errors differ by twice as much at most, and so do they from their mean.
    const whole = 1.05 * factor * (stencil.singular ? 2 : 1);
    // Where cycles end at rounding, no two plugins round alike.
    return left > GOAL ? 2 ** Math.ceil(Math.log2(whole)) : Number(whole.toPrecision(2));
  } finally {
    await session[Symbol.asyncDispose]();
  }
}

/** The largest absolute value of a range. */
function largest([low, high]: readonly [number, number]): number {
  return Math.max(-low, high);
}

/** The backend, if its multigrid has f64; else that of the reference, or of ranks. */
function multigridOf(backend: Backend, ranks: number): Backend | Promise<Backend> {
  const able = backend.methods.includes("multigrid") && backend.dtypes.includes("f64");
  return able ? backend : loadPlugin(ranks > 1 ? "mpi" : "js");
}
