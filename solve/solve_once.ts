/**
 * One solve, start to end: lower, select, open, bound, criterion, iterate, finish.
 *
 * @module
 */

import type { GridData } from "../core/contract.ts";
import { lower, type Lowered } from "../core/discretize/lower.ts";
import { UnavailableError } from "../core/errors.ts";
import { boundOf, criterionFor, iterate, passOf } from "../core/iterate.ts";
import { larger } from "../core/kernels/kernels.ts";
import type { Problem } from "../core/problem/problem.ts";
import { availableMemory } from "../host/memory.ts";
import { withBound } from "./error_bound.ts";
import { hopeless } from "./memory.ts";
import { select } from "./select.ts";
import type { Solution, SolveOptions } from "./solution.ts";

/** A solution, and the stencil that it is of, with the best bound that is known. */
export interface Solved {
  readonly solution: Solution;
  readonly stencil: Lowered;
}

/**
 * Collective. Solves a validated problem.
 *
 * @param start when all began, in milliseconds of `performance.now`
 * @throws ConfigError, UnavailableError as `solve` does
 */
export async function solveOnce(problem: Problem, options: SolveOptions, start: number): Promise<Solved> {
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
    const bounded = () => withBound(stencil, problem, session, backend, memory);
    // To stop by a bound, one must be known before; else it is found afterwards, in its own time.
    const first = stop === "error" ? await bounded() : stencil;
    const began = performance.now();
    const criterion = criterionFor(first, plan.method, options);
    const { status, last, history } = await iterate(session, first, plan, criterion, options);
    const solved = performance.now();
    const useless = status === "interrupted" || status === "diverged";
    const known = stop === "error" || useless ? first : await bounded();
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
      plugin: backend.name,
      device: session.about?.device ?? device,
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
      sharing: session.about?.sharing,
      history,
    };
    if (session.ranks > 1 && !stencil.singular) await options.save?.(session, solution);
    return { solution, stencil: known };
  } catch (cause) {
    session.collective?.abort?.(cause instanceof Error ? cause : new Error(String(cause)));
    throw cause;
  } finally {
    await session[Symbol.asyncDispose]();
  }
}

// ---- helpers ----

/** The largest absolute value. */
function largest(u: GridData): number {
  let most = 0;
  for (let k = 0; k < u.length; k++) most = larger(most, Math.abs(u[k]!));
  return most;
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
