/**
 * `solve`: from a problem to its field. `solveOnce` has the steps: lower, select, open, bound, criterion, iterate, finish. An
 * estimate of the discretisation error takes a second solve.
 *
 * @module
 */

import type { Batch, Dtype, GridData, MaybePromise, Method, Pass, Session, Sharing } from "../core/contract.ts";
import { METHODS } from "../core/contract.ts";
import { coarsenProblem } from "../core/discretize/coarsen_problem.ts";
import { lower, type Lowered } from "../core/discretize/lower.ts";
import { caveats, richardson } from "../core/discretize/richardson.ts";
import { ConfigError, suggest, UnavailableError } from "../core/errors.ts";
import { boundOf, checkLimits } from "../core/criterion.ts";
import { iterate, passOf } from "../core/iterate.ts";
import type { Limits, StopRule } from "../core/criterion.ts";
import type { Status } from "../core/iterate.ts";
import { hopeless } from "../core/methods/memory.ts";
import { type Problem, validateProblem } from "../core/problem/problem.ts";
import { availableMemory } from "../host/memory.ts";
import { refinedBound, withBound } from "./error_bound.ts";
import { select } from "./select.ts";

/** How to solve. Names are those of the command line. */
export interface SolveOptions extends Limits {
  /** A plugin's name, or a path to one; default `auto`. */
  readonly plugin?: string | undefined;
  /** Settings of the plugin, and `omega` of sor. */
  readonly settings?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Default `auto`. */
  readonly method?: Method | "auto" | undefined;
  /** Whether to estimate the discretisation error, which takes a second solve, on every other row and column. */
  readonly estimate?: boolean | undefined;
  /** Whether rank 0 gets the whole field at the end; default yes. Without ranks it always does. */
  readonly gather?: boolean | undefined;
  /**
   * Collective. Called before a session of several ranks is closed: each can write its own part. Not called for singular
   * problems, whose mean is subtracted from the whole field.
   */
  readonly save?: ((session: Session, solution: Solution) => MaybePromise<void>) | undefined;
}

/** The result of a solve; `sweeps`, `change` and `residual` are those of the last batch. */
export interface Solution extends Batch {
  /** The field, `shape` points in C order, in units of the problem's values; empty on ranks other than the first. */
  readonly u: GridData;
  /** ny, nx: edges included. */
  readonly shape: readonly [ny: number, nx: number];
  /** dy, dx. */
  readonly spacing: readonly [number, number];
  /** How the solve ended. */
  readonly status: Status;
  /** The source that was subtracted everywhere, where roundings of f32 data kept source and fluxes from balancing; else 0. */
  readonly surplus: number;
  /** The plugin that solved it. */
  readonly plugin: string;
  /** What the plugin ran on. */
  readonly device: string;
  /** Why this plugin. */
  readonly why: string;
  /** The method that was used. */
  readonly method: Method;
  /** Why this method: `named`, or the reason of `auto`. */
  readonly whyMethod: string;
  /** Precision of the field. */
  readonly dtype: Dtype;
  /** The stop rule. */
  readonly stop: StopRule;
  /** Range of the held values, the ambients and the field, in units of u: what `tol` is relative to. */
  readonly spread: number;
  /** The error, residual or change that was asked for, in units of u. */
  readonly asked: number;
  /** The default, in units of u, where the precision is too low for it and `asked` is larger; else undefined. */
  readonly loosenedFrom: number | undefined;
  /** The change or residual that the rule waited for, in units of u. */
  readonly target: number;
  /** |u − u_discrete| is at most this, in units of u and up to rounding; undefined where no bound is known. */
  readonly errorBound: number | undefined;
  /** Why no bound is known, if one was looked for in vain. */
  readonly noBound: string | undefined;
  /**
   * About how far the discrete solution is from that of the differential equation, in units of u: max norm, by Richardson
   * extrapolation. Undefined unless asked for with `estimate`, and where there is no estimate.
   */
  readonly discretisationError: number | undefined;
  /** How it was estimated and what it does not cover, or why there is no estimate; undefined unless asked for. */
  readonly discretisationNote: string | undefined;
  /** Wall-clock time, in seconds: until the session was open, of the sweeps, in all. */
  readonly seconds: { readonly open: number; readonly solve: number; readonly total: number };
  /** Million point updates a second. */
  readonly mlups: number;
  /** Threads that swept, in each rank. */
  readonly threads: number;
  /** Which limit leaves no more, in words; undefined where none does. */
  readonly whyThreads: string | undefined;
  /** How the sweeps passed over memory, where the plugin has a choice; `off`: one at a time. */
  readonly block: Pass | "off" | undefined;
  /** Ranks that took part. */
  readonly ranks: number;
  /** How they shared the grid; undefined for a plugin without ranks. */
  readonly sharing: Sharing | undefined;
  /** One entry per check. */
  readonly history: readonly Batch[];
}

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
  const { method = "auto", estimate = false } = options;
  const methods = ["auto", ...METHODS];
  if (!methods.includes(method)) throw new ConfigError(`Unknown method "${method}"${suggest(method, methods)}`);
  checkLimits(options);
  const start = performance.now();
  const valid = validateProblem(problem);
  const solved = await solveOnce(valid, options, start);
  const { solution } = solved;
  if (!estimate) return solution;
  const found = await estimateError(valid, solved, options);
  return { ...solution, ...found, seconds: { ...solution.seconds, total: (performance.now() - start) / 1000 } };
}

/** A solution, and the stencil that it is of, with the best bound that is known. */
interface Solved {
  readonly solution: Solution;
  readonly stencil: Lowered;
}

/**
 * Collective. Solves a validated problem.
 *
 * @param start when all began, in milliseconds of `performance.now`
 * @throws ConfigError, UnavailableError as `solve` does
 */
async function solveOnce(problem: Problem, options: SolveOptions, start: number): Promise<Solved> {
  const { plugin = "auto", method = "auto", stop = "error", gather = true, estimate = false } = options;
  const memory = await availableMemory();
  // Before anything looks at every point.
  const large = hopeless(problem.shape, problem.dtype ?? "f64", memory);
  if (large !== undefined) throw new UnavailableError(`Cannot solve this here: ${large}`);
  const stencil = lower(problem);
  const settings = Object.fromEntries(Object.entries(options.settings ?? {}).map(([key, value]) => [key, `${value}`]));
  const { backend, device, why, plan, whyMethod } = await select(stencil, { plugin, method, settings }, memory);

  const session = await backend.open(stencil, plan);
  const opened = performance.now();
  try {
    const bound = () => withBound(stencil, problem, session, backend, memory);
    // To stop by a bound, one must be known before; else it is found afterwards, in its own time.
    const first = stop === "error" ? await bound() : { stencil, noBound: undefined };
    const narrowBound = () => refinedBound(first.stencil, problem, session, backend, memory);
    const began = performance.now();
    const { status, last, history, criterion, scale } = await iterate(
      session,
      first.stencil,
      plan,
      options,
      narrowBound,
    );
    const solved = performance.now();
    const useless = status === "interrupted" || status === "diverged";
    const known = stop === "error" || useless ? first : await bound();
    // The mean is known where the whole field is.
    const together = session.ranks === 1 || gather || estimate || stencil.singular;
    const u = together ? await session.read("global") : undefined;
    if (stencil.singular && u) removeMean(u, stencil.shape, stencil.periodic);
    const [ny, nx] = stencil.shape;
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
      errorBound: last.errorBound ?? boundOf(known.stencil, last, scale),
      noBound: known.noBound,
      discretisationError: undefined,
      discretisationNote: undefined,
      seconds: { open: (opened - start) / 1000, solve: solving, total: (performance.now() - start) / 1000 },
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
  } finally {
    await session[Symbol.asyncDispose]();
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
): Promise<Pick<Solution, "discretisationError" | "discretisationNote">> {
  const unknown = (why: string) => ({ discretisationError: undefined, discretisationNote: why });
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
    coarse = await solveOnce(half, { ...options, ...again }, performance.now());
  } catch (cause) {
    if (!(cause instanceof ConfigError || cause instanceof UnavailableError)) throw cause;
    return unknown(`on ${points} points: ${cause.message}`);
  }
  if (!ended(coarse.solution)) return unknown(`the solve on ${points} points has not converged`);
  if (solution.u.length === 0) return unknown("the field is on rank 0");
  const error = richardson(solution.u, coarse.solution.u, problem.shape[1], half.shape);
  const notes = [`Richardson, from ${points} points`, ...caveats(problem, solution.spread, error)];
  const algebraic = solution.residual * stencil.analysis.errorPerResidual +
    coarse.solution.residual * coarse.stencil.analysis.errorPerResidual;
  if (algebraic / 3 > error / 4) notes.push("the solves may be off by as much: a smaller tol would tell");
  return { discretisationError: error, discretisationNote: notes.join("; ") };
}

// ---- helpers ----

/** Of all the solutions of a singular problem, the one with zero cell-weighted mean. */
function removeMean(u: GridData, [ny, nx]: readonly [number, number], periodic: readonly [boolean, boolean]): void {
  const weight = (n: number, last: number, wraps: boolean) => !wraps && (n === 0 || n === last) ? 0.5 : 1;
  let sum = 0;
  let area = 0;
  for (let i = 0; i < ny; i++) {
    const height = weight(i, ny - 1, periodic[0]);
    for (let j = 0; j < nx; j++) {
      const cell = height * weight(j, nx - 1, periodic[1]);
      sum += cell * u[i * nx + j]!;
      area += cell;
    }
  }
  const mean = sum / area;
  for (let k = 0; k < u.length; k++) u[k]! -= mean;
}
