/**
 * `solve`: from a problem to its field. `solveOnce` has the steps: lower, select, open, bound, criterion, iterate, finish. An
 * estimate of the discretisation error takes a second solve.
 *
 * @module
 */

import type { GridData, Session } from "../core/contract.ts";
import { METHODS } from "../core/contract.ts";
import { coarsenProblem } from "../core/discretize/coarsen_problem.ts";
import type { Excitation } from "../core/section/layers.ts";
import { lower, type Lowered } from "../core/discretize/lower.ts";
import { estimatesOf } from "../core/results/field_results.ts";
import { caveats, richardson } from "../core/discretize/richardson.ts";
import { ConfigError, ProblemError, suggest, UnavailableError } from "../core/errors.ts";
import { boundOf, checkLimits, roundingOf } from "../core/criterion.ts";
import { iterate, passOf } from "../core/iterate.ts";
import { withoutExcluded } from "../core/session.ts";
import { hopeless, type Memory } from "../core/methods/memory.ts";
import { type Problem, validateProblem } from "../core/problem/problem.ts";
import type { Results } from "../core/results.ts";
import { availableMemory } from "../host/memory.ts";
import { boundAfter, type Bounded, refinedBound, withBound } from "./error_bound.ts";
import { type FloatingBound, solveFloating } from "./floating.ts";
import { select, type Selection } from "./select.ts";
import { BOUNDS, type Solution, type SolveOptions } from "./solution.ts";

export type { Solution, SolveOptions } from "./solution.ts";

/**
 * Collective. Solves div(k grad u) + f = 0.
 *
 * @example
 * ```ts
 * import { solve } from "@laplace/laplace";
 * const { u, status } = await solve({ shape: [5, 5], edges: { north: 100, west: 75, east: 50 } });
 * console.log(status, u[12].toFixed(2)); // converged 56.25
 * ```
 *
 * @throws ConfigError if the problem or an option is wrong.
 * @throws UnavailableError if the plugin cannot run here.
 */
export async function solve(problem: Problem, options: SolveOptions = {}): Promise<Solution> {
  const { estimate = false } = options;
  checkOptions(options);
  const start = performance.now();
  const valid = validateProblem(problem);
  const solved = await solveValid(valid, options, start);
  const { solution } = solved;
  if (!estimate) return solution;
  const found = await estimateError(valid, solved, options);
  return { ...solution, ...found, seconds: { ...solution.seconds, total: (performance.now() - start) / 1000 } };
}

/**
 * Collective. Solves a problem once for each excitation: what floats is at the values that it gives, or 0. Each has a session of
 * its own, which keeps what excites it, and is lowered by itself, in about a tenth of its time. The operator is the same for all,
 * and so is the bound, which is found once.
 *
 * @throws ConfigError, UnavailableError as {@linkcode solve} does
 */
export async function solveExcited(
  problem: Problem,
  excitations: readonly Excitation[],
  options: SolveOptions = {},
): Promise<Solution[]> {
  checkOptions(options);
  const valid = validateProblem(problem);
  const memory = await enoughMemory(valid);
  await using shared = new SharedSession(memory);
  const solutions: Solution[] = [];
  for (const excitation of excitations) {
    const start = performance.now();
    const { solution } = await solveStencil(lower(valid, excitation), options, start, shared);
    solutions.push(solution);
  }
  return solutions;
}

/** @throws ConfigError for an unknown method, or a stop rule that cannot be */
function checkOptions({ method = "auto", bound = "auto", ...limits }: SolveOptions): void {
  if (!BOUNDS.includes(bound)) throw new ConfigError(`Unknown bound "${bound}"${suggest(bound, BOUNDS)}`);
  if (bound === "off" && (limits.stop ?? "error") === "error") {
    throw new ConfigError(`bound "off" goes with stop "residual" or "change": stop "error" ends by the bound`);
  }
  const methods = ["auto", ...METHODS];
  if (!methods.includes(method)) throw new ConfigError(`Unknown method "${method}"${suggest(method, methods)}`);
  checkLimits(limits);
}

/** What memory there is, before anything looks at every point. @throws UnavailableError where it cannot suffice */
async function enoughMemory({ shape, dtype = "f64" }: Problem): Promise<Memory | undefined> {
  const memory = await availableMemory();
  const large = hopeless(shape, dtype, memory);
  if (large !== undefined) throw new UnavailableError(`Cannot solve this here: ${large}`);
  return memory;
}

/** A solution, and the stencil that it is of, with the best bound that is known. */
interface Solved {
  readonly solution: Solution;
  readonly stencil: Lowered;
}

/** By what the auxiliary solves of floating parts are tighter, and the default that they begin from. */
const TIGHTER = 0.01, TOL = 1e-6;

/**
 * Collective. Solves a validated problem; one with floating parts several times.
 *
 * @param start when all began, in milliseconds of `performance.now`
 * @throws ConfigError, UnavailableError as `solve` does
 */
async function solveValid(problem: Problem, options: SolveOptions, start: number): Promise<Solved> {
  const memory = await enoughMemory(problem);
  const stencil = lower(problem);
  const { floating } = stencil;
  await using shared = new SharedSession(memory);
  if (!floating) return await solveStencil(stencil, options, start, shared);
  const auxiliary: SolveOptions = {
    ...options,
    stop: "error",
    eps: undefined,
    save: undefined,
    gather: false,
    estimate: false,
  };
  const tight = { ...auxiliary, tol: TIGHTER * (options.tol ?? TOL) };
  return await solveFloating(floating, stencil.diagonalSum(), (excitation, isTight, bound) => {
    return solveStencil(lower(problem, excitation), isTight ? tight : options, start, shared, bound);
  });
}

/** A backend's session, and how it was chosen. */
interface Opened extends Selection {
  readonly session: Session;
}

/** What solves with the same weights share: the session, whose set-up remains, and the factor of the bound. */
class SharedSession implements AsyncDisposable {
  #opened: Opened | undefined;
  #bound: Pick<Lowered["analysis"], "errorPerResidual" | "boundProven"> | undefined;

  constructor(readonly memory: Memory | undefined) {}

  /** Collective. A session for a stencil, which begins with its first guess; and the stencil with a bound that is known. */
  async open(stencil: Lowered, options: SolveOptions): Promise<Opened & { readonly stencil: Lowered }> {
    const known = { ...stencil, analysis: { ...stencil.analysis, ...this.#bound } };
    if (this.#opened?.session.restart) await this.#opened.session.restart(stencil);
    else {
      await this[Symbol.asyncDispose]();
      this.#opened = await openFor(stencil, options, this.memory);
    }
    return { ...this.#opened!, stencil: known };
  }

  /** Local. Keeps a bound for the next stencil. */
  keep({ errorPerResidual, boundProven }: Lowered["analysis"]): void {
    if (boundProven) this.#bound = { errorPerResidual, boundProven };
  }

  async [Symbol.asyncDispose]() {
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.session[Symbol.asyncDispose]();
  }
}

/** Collective. Selects a backend and opens it. */
async function openFor(stencil: Lowered, options: SolveOptions, memory: Memory | undefined): Promise<Opened> {
  const { plugin = "auto", method = "auto" } = options;
  const settings = Object.fromEntries(Object.entries(options.settings ?? {}).map(([key, value]) => [key, `${value}`]));
  const selection = await select(stencil, { plugin, method, settings }, memory);
  return { ...selection, session: await selection.backend.open(stencil, selection.plan) };
}

/**
 * Collective. Solves a stencil.
 *
 * @param shared opens its session, perhaps that of another with the same weights, and closes it in the end
 * @param floating what floating parts add to its bound
 */
async function solveStencil(
  lowered: Lowered,
  options: SolveOptions,
  start: number,
  shared: SharedSession,
  floating?: FloatingBound,
): Promise<Solved> {
  const { stop = "error", gather = true, estimate = false } = options;
  const { memory } = shared;
  const { stencil, session, backend, device, plan, why, whyMethod } = await shared.open(lowered, options);
  const opened = performance.now();
  try {
    await session.prepare?.();
    const prepared = performance.now();
    const bound = async () => {
      const found = await withBound(stencil, session, backend, memory);
      shared.keep(found.stencil.analysis);
      return widened(found, floating);
    };
    // To stop by a bound, one must be known before; else it is found afterwards, in its own time.
    const first = stop === "error" ? await bound() : { stencil, noBound: undefined };
    // The narrower bound knows no conductors that float.
    const narrowBound = async () => floating ? undefined : await refinedBound(first.stencil, session, backend, memory);
    const began = performance.now();
    const outcome = await iterate(session, first.stencil, plan, options, narrowBound);
    const { status, last, history, criterion, scale } = outcome;
    const solved = performance.now();
    const excess = status === "diverged" ? stencil.excess() : undefined;
    if (excess !== undefined) throw new ProblemError(excess);
    // The mean is known where the whole field is.
    const together = session.ranks === 1 || gather || estimate || stencil.singular;
    const u = together ? await session.read("global") : undefined;
    const read = performance.now();
    const useless = status === "interrupted" || status === "diverged";
    const points = stencil.shape[0] * stencil.shape[1];
    const isBoundWanted = stop !== "error" && !useless && options.bound !== "off";
    const narrow =
      isBoundWanted && session.errorBound && history.length > 0 && !stencil.analysis.boundProven && !floating
        ? await boundAfter(session, 2 * roundingOf(stencil, scale.size), history, points, options.bound === "full")
        : undefined;
    const known = isBoundWanted && narrow === undefined ? await bound() : first;
    const errorBound = typeof narrow === "number" ? narrow : last.errorBound ?? boundOf(known.stencil, last, scale);
    const noBound = typeof narrow === "string"
      ? narrow
      : options.bound === "off"
      ? "none was asked for"
      : known.noBound;
    const bounded = performance.now();
    if (stencil.singular && u) stencil.removeMean(u);
    const results = status === "diverged" ? undefined : await resultsOf(stencil, session, u);
    const [ny, nx] = stencil.shape;
    if (u) withoutExcluded(u, stencil, { rows: [0, ny], cols: [0, nx] });
    const updates = stencil.kind === "plain" ? (ny - 2) * (nx - 2) : ny * nx;
    const solving = Math.max(solved - began, 1e-6) / 1000;
    const solution: Solution = {
      u: u ?? new Float64Array(0),
      shape: stencil.shape,
      spacing: stencil.spacing,
      status,
      surplus: stencil.analysis.surplus,
      plugin: backend.name,
      device: session.about?.device ?? device,
      why,
      method: plan.method,
      whyMethod,
      dtype: stencil.dtype,
      stop: criterion.stop,
      spread: criterion.spread,
      asked: criterion.asked,
      loosenedFrom: criterion.loosenedFrom,
      target: criterion.target,
      sweeps: last.sweeps,
      change: last.change,
      residual: last.residual,
      errorBound,
      noBound,
      discretisationError: undefined,
      discretisationNote: undefined,
      results,
      estimates: undefined,
      seconds: {
        open: (opened - start) / 1000,
        setup: (prepared - opened) / 1000,
        bound: (began - prepared + bounded - read) / 1000,
        solve: solving,
        total: (performance.now() - start) / 1000,
      },
      mlups: updates * last.sweeps / solving / 1e6,
      threads: session.threads,
      whyThreads: session.about?.threads,
      block: passOf(backend, session),
      ranks: session.ranks,
      sharing: session.about?.sharing,
      history,
    };
    if (session.ranks > 1 && !stencil.singular) await options.save?.(session, solution);
    return { solution, stencil: known.stencil };
  } catch (cause) {
    session.collective?.abort?.(cause instanceof Error ? cause : new Error(String(cause)));
    throw cause;
  }
}

/**
 * Collective. The discretisation error, estimated: solves on every other row and column as well, by whatever method is best
 * there, and compares.
 *
 * @param solved the solution of `problem`
 */
async function estimateError(
  problem: Problem,
  { solution, stencil }: Solved,
  options: SolveOptions,
): Promise<Pick<Solution, "discretisationError" | "discretisationNote" | "estimates">> {
  const unknown = (why: string) => ({ discretisationError: undefined, discretisationNote: why, estimates: undefined });
  // Where rounding stopped it the field may be as good as it gets.
  const ended = ({ status, errorBound, spread }: Solution) =>
    status === "converged" || (status === "stalled" && errorBound! <= 0.01 * spread);
  if (!ended(solution)) return unknown("the solve has not converged");
  const half = coarsenProblem(problem);
  if (typeof half === "string") return unknown(half);
  const { omega: _, ...settings } = options.settings ?? {};
  const again = { method: "auto", settings, checkEvery: undefined, onBatch: undefined, save: undefined } as const;
  const points = half.shape.join(" x ");
  let coarse: Solved;
  try {
    coarse = await solveValid(half, { ...options, ...again }, performance.now());
  } catch (cause) {
    if (!(cause instanceof ConfigError || cause instanceof UnavailableError)) throw cause;
    return unknown(`on ${points} points: ${cause.message}`);
  }
  if (!ended(coarse.solution)) return unknown(`the solve on ${points} points has not converged`);
  const [fine, rough] = [solution.results, coarse.solution.results];
  const estimates = fine && rough && estimatesOf(fine, rough);
  if (solution.u.length === 0) return { ...unknown("the field is on rank 0"), estimates };
  const error = richardson(solution.u, coarse.solution.u, problem.shape[1], half.shape);
  const notes = [`Richardson, from ${points} points`, ...caveats(problem, solution.spread, error)];
  const algebraic = solution.residual * stencil.analysis.errorPerResidual +
    coarse.solution.residual * coarse.stencil.analysis.errorPerResidual;
  if (algebraic / 3 > error / 4) notes.push("the solves may be off by as much: a smaller tol would tell");
  return { discretisationError: error, discretisationNote: notes.join("; "), estimates };
}

// ---- helpers ----

/** The bound of a stencil, with what floating parts add to its factor. */
function widened(bounded: Bounded, floating: FloatingBound | undefined): Bounded {
  const { stencil, noBound } = bounded;
  if (!floating || !stencil.analysis.boundProven) return bounded;
  const errorPerResidual = floating.margin * (stencil.analysis.errorPerResidual + floating.factor);
  return { stencil: { ...stencil, analysis: { ...stencil.analysis, errorPerResidual } }, noBound };
}

/** Collective. The results of a field; none on ranks that cannot agree. @param u the whole field, if there is one rank */
async function resultsOf(stencil: Lowered, session: Session, u: GridData | undefined): Promise<Results | undefined> {
  if (session.ranks > 1 && !session.collective) return undefined;
  const [ny, nx] = stencil.shape;
  if (session.ranks === 1) {
    return u && await stencil.results(u, { rank: 0, ranks: 1, owned: { rows: [0, ny], cols: [0, nx] } });
  }
  const owned = await session.read("owned");
  return owned && await stencil.results(owned, session);
}
