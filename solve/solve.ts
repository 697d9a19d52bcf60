/**
 * `solve`: from a problem to its field, by the plugin asked for.
 *
 * @module
 */

import { boundFactor } from "./error_bound.ts";
import { choosePlugin, tooLarge, unfit } from "../backends/registry.ts";
import { cheapestMethod, chooseMethod } from "../core/methods/auto.ts";
import { coarsenProblem } from "../core/discretize/coarsen_problem.ts";
import type {
  Backend,
  Batch,
  Dtype,
  GridData,
  MaybePromise,
  Method,
  Pass,
  Session,
  Sharing,
  Stencil,
} from "../core/contract.ts";
import { ConfigError, suggest, UnavailableError } from "../core/errors.ts";
import { jumps, kinks, richardson, varies } from "../core/discretize/richardson.ts";
import { larger } from "../core/kernels/kernels.ts";
import { type Problem, validateProblem } from "../core/problem/problem.ts";
import {
  boundOf,
  criterionFor,
  iterate,
  type Limits,
  METHODS,
  passOf,
  planFor,
  type Status,
  type StopRule,
} from "../core/iterate.ts";
import { lower } from "../core/discretize/lower.ts";
import { availableMemory } from "../host/memory.ts";

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
  /** Whether rank 0 is to have the whole field at the end; default yes. Without ranks it always has. */
  readonly gather?: boolean | undefined;
  /**
   * Collective. Called before a session of several ranks is closed, so that they can write what each of them owns; not where the mean is still to be
   * taken out, which needs the whole field.
   */
  readonly save?: ((session: Session, solution: Solution) => MaybePromise<void>) | undefined;
}

/** What a solve gives. */
export interface Solution {
  /** The field, `shape` points in C order, in units of the problem's values; empty on ranks that do not have it. */
  readonly u: GridData;
  /** ny, nx: edges included. */
  readonly shape: readonly [ny: number, nx: number];
  /** dy, dx. */
  readonly spacing: readonly [number, number];
  /** How the solve ended. */
  readonly status: Status;
  /** The plugin that solved it. */
  readonly plugin: string;
  /** What the plugin ran on. */
  readonly device: string;
  /** Why this plugin. */
  readonly why: string;
  /** The method that was used. */
  readonly method: Method;
  /** Why this method: `named`, or what `auto` went by. */
  readonly whyMethod: string;
  /** Precision of the field. */
  readonly dtype: Dtype;
  /** The rule that it stopped by. */
  readonly stop: StopRule;
  /** The error, residual or change that was asked for, in units of u. */
  readonly asked: number;
  /** What the default would have asked for, in units of u, were the precision not too low for it; else undefined. */
  readonly loosenedFrom: number | undefined;
  /** The change or residual that the rule waited for, in units of u. */
  readonly target: number;
  /** Sweeps that were done. */
  readonly sweeps: number;
  /** max |u_new − u_old| of the last sweep. */
  readonly change: number;
  /** max |r / diagonal| at the end: how far one more Jacobi update would move any point. */
  readonly residual: number;
  /** |u − u_discrete| is at most this, in units of u and up to rounding; undefined where no bound is known. */
  readonly errorBound: number | undefined;
  /**
   * About how far the discrete solution is from that of the differential equation, in units of u: max norm, by Richardson
   * extrapolation. Undefined unless asked for with `estimate`, and where it cannot be told.
   */
  readonly discretisationError: number | undefined;
  /** How that was found and what it leaves out, or why it cannot be told; undefined unless asked for. */
  readonly discretisationNote: string | undefined;
  /** Wall-clock time, in seconds: until the session was open, of the sweeps, of it all. */
  readonly seconds: { readonly open: number; readonly solve: number; readonly total: number };
  /** Million point updates a second. */
  readonly mlups: number;
  /** Threads that swept, in each rank. */
  readonly threads: number;
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
  if (!METHODS.includes(method)) throw new ConfigError(`Unknown method "${method}"${suggest(method, METHODS)}`);
  const start = performance.now();
  const valid = validateProblem(problem);
  const solved = await solveOnce(valid, options, start);
  if (!estimate) return solved.solution;
  const found = await estimateFrom(valid, solved, options);
  const { solution } = solved;
  return { ...solution, ...found, seconds: { ...solution.seconds, total: (performance.now() - start) / 1000 } };
}

/** A solution, and the stencil that it is of. */
interface Solved {
  readonly solution: Solution;
  readonly stencil: Stencil;
}

async function solveOnce(valid: Problem, options: SolveOptions, start: number): Promise<Solved> {
  const { plugin = "auto", method = "auto", signal, onBatch } = options;
  const memory = await availableMemory();
  // Before anything looks at every point.
  const large = tooLarge(valid.shape, valid.dtype ?? "f64", 3, memory);
  if (large !== undefined) throw new UnavailableError(`Cannot solve this here: ${large}`);
  const stencil = lower(valid);
  const settings = Object.fromEntries(Object.entries(options.settings ?? {}).map(([key, value]) => [key, `${value}`]));
  const settingNames = new Set(["omega"]);
  const refused = new Map<string, Set<string>>();
  const room = (backend: Backend, method: Method) =>
    unfit(backend, stencil, planFor(backend, stencil, method, settings), memory);
  const { backend, device, why } = await choosePlugin(plugin, (backend) => {
    Object.keys(backend.settings ?? {}).forEach((name) => settingNames.add(name));
    const lack = plugin === "auto" ? lacks(backend, method, settings) ?? misfit(backend, settings, refused) : undefined;
    // What `auto` would take is not asked of every plugin: to find out whether a large problem separates takes its time.
    return lack ?? room(backend, method === "auto" ? cheapestMethod(backend, stencil, settings) : method);
  }, stencil.shape[0] * stencil.shape[1]).catch((cause) => {
    if (plugin !== "auto") throw cause;
    const name = Object.keys(settings).find((name) => !settingNames.has(name));
    if (name !== undefined) {
      throw new ConfigError(`No plugin here has a setting "${name}"${suggest(name, [...settingNames])}`);
    }
    for (const [name, expected] of refused) {
      const fitting = [...expected].join("; or ");
      throw new ConfigError(`Setting "${name}" of any plugin here must be ${fitting}: it is "${settings[name]}"`);
    }
    throw cause;
  });
  const { method: chosen, why: whyMethod } = method === "auto"
    ? chooseMethod(backend, stencil, settings, (method) => room(backend, method))
    : { method, why: "named" };
  const plan = planFor(backend, stencil, chosen, settings);
  criterionFor(stencil, plan.method, options); // wrong options are found before anything is opened

  const session = await backend.open(stencil, plan);
  const opened = performance.now();
  try {
    // To stop by a bound, one must be known before; else it is found afterwards, in its own time.
    const byError = options.stop === undefined || options.stop === "error";
    const bounded = async () => {
      if (stencil.boundProven || session.ranks > 1) return stencil;
      const other = () =>
        boundFactor(stencil.dtype === "f64" ? stencil : lower({ ...valid, dtype: "f64" }), backend, memory);
      const errorFactor = await session.errorFactor?.() ?? await other();
      return errorFactor === undefined ? stencil : { ...stencil, errorPerResidual: errorFactor, boundProven: true };
    };
    const first = byError ? await bounded() : stencil;
    const began = performance.now();
    const criterion = criterionFor(first, plan.method, options);
    const { status, last, history } = await iterate(session, first, plan, criterion, { signal, onBatch });
    const solved = performance.now();
    const settled = byError || status === "interrupted" || status === "diverged";
    const known = settled ? first : await bounded();
    // The mean is known where the whole field is.
    const together = session.ranks === 1 || (options.gather ?? true) || options.estimate || stencil.singular;
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
      plugin: backend.name,
      device: session.device ?? device,
      why,
      method: plan.method,
      whyMethod,
      dtype: stencil.dtype,
      stop: criterion.stop,
      asked: criterion.asked,
      loosenedFrom: criterion.loosenedFrom,
      target: criterion.target,
      sweeps: last.sweeps,
      change: last.change,
      residual: last.residual,
      errorBound: boundOf(known, last, u && largest(u)),
      discretisationError: undefined,
      discretisationNote: undefined,
      seconds: { open: (opened - start) / 1000, solve: solving, total: (performance.now() - start) / 1000 },
      mlups: updates * last.sweeps / solving / 1e6,
      threads: session.threads,
      block: passOf(backend, session),
      ranks: session.ranks,
      sharing: session.sharing,
      history,
    };
    if (session.ranks > 1 && !stencil.singular) await options.save?.(session, solution);
    return { solution, stencil: known };
  } catch (cause) {
    session.abort?.(cause instanceof Error ? cause : new Error(String(cause)));
    throw cause;
  } finally {
    await session[Symbol.asyncDispose]();
  }
}

/** The largest absolute value. */
function largest(u: GridData): number {
  let most = 0;
  for (let k = 0; k < u.length; k++) most = larger(most, Math.abs(u[k]!));
  return most;
}

/** Solves on every other row and column, by whatever method is best there, and compares. */
async function estimateFrom(
  problem: Problem,
  solved: Solved,
  options: SolveOptions,
): Promise<Pick<Solution, "discretisationError" | "discretisationNote">> {
  const { solution, stencil } = solved;
  const unknown = (why: string) => ({ discretisationError: undefined, discretisationNote: why });
  // Where rounding stopped it the field is as good as it gets.
  const ended = ({ status }: Solution) => status === "converged" || status === "stalled";
  if (!ended(solution)) return unknown("the solve has not converged");
  const half = coarsenProblem(problem);
  if (typeof half === "string") return unknown(half);
  const { omega: _, ...settings } = options.settings ?? {};
  const again = {
    ...options,
    settings,
    method: "auto",
    checkEvery: undefined,
    onBatch: undefined,
    save: undefined,
  } as const;
  const points = half.shape.join(" x ");
  let coarse: Solved;
  try {
    coarse = await solveOnce(half, again, performance.now());
  } catch (cause) {
    if (!(cause instanceof ConfigError || cause instanceof UnavailableError)) throw cause;
    return unknown(`on ${points} points: ${cause.message}`);
  }
  if (!ended(coarse.solution)) return unknown(`the solve on ${points} points has not converged`);
  if (solution.u.length === 0) return unknown("the field is on rank 0");
  const error = richardson(solution.u, coarse.solution.u, problem.shape[1], half.shape);
  const notes = [`Richardson, from ${points} points`];
  const where = (corners: string[]) => corners.length === 4 ? "all corners" : `corners (${corners.join(", ")})`;
  const jumping = jumps(problem, stencil.spread);
  if (jumping.length > 0) {
    notes.push(
      `where fixed edges of different values meet, in ${
        where(jumping)
      }, it is the same for any spacing, up to 5 times that`,
    );
  }
  const kinked = kinks(problem, stencil.spread, error);
  if (kinked.length > 0) {
    notes.push(
      `where convection or a flux meets a held edge, in ${
        where(kinked)
      }, it falls only with the spacing and may be 2 to 4 times that`,
    );
  }
  if (problem.fixed?.mask !== undefined || problem.fixed?.shapes?.length) {
    notes.push("next to points held inside, whose outline depends on the grid, it may be 3 times that");
  }
  if (varies(problem)) notes.push("where the conductivity jumps, which is not looked for, it may be 3 times that");
  const algebraic = ({ solution, stencil }: Solved) => solution.residual * stencil.errorPerResidual;
  if ((algebraic(solved) + algebraic(coarse)) / 3 > error / 4) {
    notes.push("the solves may be off by as much: a smaller tol would tell");
  }
  return { discretisationError: error, discretisationNote: notes.join("; ") };
}

/** What a plugin that nobody named lacks for what is asked of it: then another is taken. */
function lacks(backend: Backend, method: Method | "auto", settings: Readonly<Record<string, string>>) {
  if (method !== "auto" && !backend.methods.includes(method)) return `it has no ${method}`;
  for (const name of Object.keys(settings)) {
    if (name === "omega" && !backend.methods.includes("sor")) return "it has no sor";
    if (name !== "omega" && !Object.hasOwn(backend.settings ?? {}, name)) return `it has no setting "${name}"`;
  }
  return undefined;
}

/** Why a value given for a setting does not fit a plugin that nobody named; noted by setting, in case it fits none. */
function misfit(
  { settings = {} }: Backend,
  given: Readonly<Record<string, string>>,
  refused: Map<string, Set<string>>,
): string | undefined {
  for (const [name, text] of Object.entries(given)) {
    const spec = Object.hasOwn(settings, name) ? settings[name] : undefined;
    if (spec === undefined || spec.parse(text) !== undefined) continue;
    refused.set(name, (refused.get(name) ?? new Set()).add(spec.expects));
    return `its setting "${name}" must be ${spec.expects}`;
  }
  return undefined;
}

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
