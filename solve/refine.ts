/**
 * Results in the limit of fine grids: the same problem is solved on grids of half the spacing each, and each result extrapolated
 * (`core/discretize/extrapolate.ts`), until none is less certain than asked.
 *
 * @module
 */

import { coarsenProblem } from "../core/discretize/coarsen_problem.ts";
import { type Limit, limitOf } from "../core/discretize/extrapolate.ts";
import { refineProblem } from "../core/discretize/refine_problem.ts";
import { ConfigError, suggest, UnavailableError } from "../core/errors.ts";
import { frameOf } from "../core/problem/frame.ts";
import { type Problem, validateProblem } from "../core/problem/problem.ts";
import type { Results } from "../core/results.ts";
import type { Solution, SolveOptions } from "./solution.ts";
import { solve } from "./solve.ts";

/** How far to go. */
export interface RefineOptions {
  /** The largest uncertainty of a result, relative to its scale. */
  readonly to: number;
  /** No grid has more points; default 2^23. */
  readonly maxPoints?: number | undefined;
}

/** A number of a solve. */
export interface Measure {
  /** The number. */
  readonly value: number;
  /** What its uncertainty is relative to. */
  readonly scale: number;
  /** Whether it is to be as certain as asked. */
  readonly counts: boolean;
}

/** The numbers of a grid by name, and the solves that they are from. */
export interface Measured {
  /** By name. */
  readonly measures: Readonly<Record<string, Measure>>;
  /** One or several. */
  readonly solutions: readonly Solution[];
}

/** A result on all grids, and its limit. */
export interface RefinedResult extends Limit {
  /** On each grid. */
  readonly values: readonly number[];
  /** What the uncertainty is relative to. */
  readonly scale: number;
  /** Whether it is to be as certain as asked. */
  readonly counts: boolean;
}

/** What was found, and on which grids. */
export interface Refinement<M extends Measured = Measured> {
  /** Whether all results that count are as certain as asked. */
  readonly reached: boolean;
  /** What ended it before, in words. */
  readonly why: string | undefined;
  /** The largest uncertainty that was asked for, relative to the scale of a result. */
  readonly to: number;
  /** From the coarsest to the finest, with the seconds that each took. */
  readonly grids: readonly { readonly shape: readonly [ny: number, nx: number]; readonly seconds: number }[];
  /** By name. */
  readonly results: Readonly<Record<string, RefinedResult>>;
  /** Of the finest grid. */
  readonly finest: M;
}

/** Grids below the given one: so many at most, with so many points a side at least. */
const BELOW = 3, SMALLEST = 17;

/** What a solve may be off by, as a part of what is asked; what rounding may leave instead; and the least to ask for. */
const TIGHTER = 1e-3, ROUNDED = 0.1, TIGHTEST = 1e-12;

/**
 * Collective. Refines the grid of a problem until its results are as certain as asked. What the problem names counts: fluxes of
 * held parts, values of floating ones, u at probes other than lines; where it names nothing, fluxes of edges, the energy and the
 * integral of u. Fluxes are relative to the largest of them, values to the range of u, the integral to that of the range of u,
 * flux densities to the largest, or to what the largest flux is on the longer side, and the energy to itself.
 *
 * @param options of the solves; without `tol` they are a thousand times as exact as what is asked
 * @param results that count, such as `parts.strip.flux`, instead of these
 * @throws ConfigError if the problem or an option is wrong, or the grid cannot be refined: the message names the key.
 * @throws UnavailableError if the plugin cannot run here.
 */
export async function solveRefined(
  problem: Problem,
  { to, maxPoints, ...options }: RefineOptions & SolveOptions,
  results: readonly string[] = [],
): Promise<Refinement> {
  return await refineUntil(problem, { to, maxPoints }, async (grid) => {
    const solution = await solve(grid, { ...options, tol: options.tol ?? tolFor(to), gather: false });
    const all = solution.results ? measuresOf(solution.results, solution, grid) : {};
    const unknown = solution.results && results.find((name) => !Object.hasOwn(all, name));
    if (unknown !== undefined) {
      throw new ConfigError(`There is no result "${unknown}"${suggest(unknown, Object.keys(all))}`);
    }
    const named = Object.keys(all).filter((name) => NAMED.test(name));
    const counting = results.length > 0 ? results : named.length > 0 ? named : Object.keys(all);
    const measures = Object.entries(all).map((
      [name, measure],
    ) => [name, { ...measure, counts: counting.includes(name) }]);
    return { measures: Object.fromEntries(measures), solutions: [solution] };
  });
}

/** Results of what a problem names. */
const NAMED = /^(parts|probes\..*value$)/;

/**
 * Collective. Refines the grid of a problem until what is measured is as certain as asked. It begins with coarser grids, where
 * there are any, and never ends before the one that is given.
 *
 * @param measure solves the problem on a grid
 * @throws what `measure` throws on the grid that is given
 */
export async function refineUntil<M extends Measured>(
  problem: Problem,
  { to, maxPoints = 2 ** 23 }: RefineOptions,
  measure: (problem: Problem) => Promise<M>,
): Promise<Refinement<M>> {
  if (!(to > 0 && to < 1)) throw new ConfigError(`to must be greater than 0 and less than 1: it is ${to}`);
  if (!(maxPoints >= 1)) throw new ConfigError(`max-points must be a whole number of at least 1: it is ${maxPoints}`);
  const given = validateProblem(problem);
  refineProblem(given); // else solves are in vain
  const done: Grid<M>[] = [];
  const add = async (grid: Problem): Promise<string | undefined> => {
    const began = performance.now();
    const measured = await measure(grid);
    const failed = measured.solutions.find((solution) => !isExact(solution, to));
    // The given grid counts even so: there is no other.
    if (!failed || done.length === 0) {
      done.push({ measured, shape: grid.shape, seconds: (performance.now() - began) / 1000 });
    }
    return failed && whyInexact(failed);
  };
  for (const grid of coarserGrids(given)) {
    // Where it is too coarse for the problem, so are those below.
    if (await orReason(() => add(grid)) !== undefined) done.length = 0;
  }
  let why = await add(given);
  let found = refinementOf(done, to);
  for (let grid = refineProblem(given); why === undefined && !found.reached; grid = refineProblem(grid)) {
    const [ny, nx] = grid.shape;
    why = ny * nx > maxPoints ? `${ny} x ${nx} points are more than ${maxPoints}` : await orReason(() => add(grid));
    found = refinementOf(done, to);
  }
  return { ...found, reached: found.reached && why === undefined, why };
}

/** Local. What solves are asked for, so that they are much more exact than their discretisation. */
export function tolFor(to: number): number {
  return Math.max(TIGHTEST, Math.min(1e-6, TIGHTER * to));
}

// ---- helpers ----

interface Grid<M> {
  readonly measured: M;
  readonly shape: readonly [ny: number, nx: number];
  readonly seconds: number;
}

/** Coarser grids of the same problem, the coarsest first. */
function coarserGrids(problem: Problem): Problem[] {
  const grids: Problem[] = [];
  for (let n = 0, next = coarsenProblem(problem); n < BELOW && typeof next === "object"; n++) {
    if (Math.min(...next.shape) < SMALLEST) break;
    grids.unshift(next);
    next = coarsenProblem(next);
  }
  return grids;
}

/** What an action returns; or, where the problem or the machine does not allow it, the reason. */
async function orReason(action: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await action();
  } catch (cause) {
    if (cause instanceof ConfigError || cause instanceof UnavailableError) return cause.message;
    throw cause;
  }
}

/** Whether a solve is exact enough to be extrapolated: where rounding ended it, it may be. */
function isExact({ status, errorBound, spread }: Solution, to: number): boolean {
  return status === "converged" ||
    (status === "stalled" && errorBound !== undefined && errorBound <= ROUNDED * to * spread);
}

function whyInexact({ status, shape: [ny, nx], dtype, errorBound }: Solution): string {
  const help = status !== "stalled" || errorBound === undefined
    ? ""
    : dtype === "f32"
    ? "; --dtype f64"
    : ", by rounding";
  return `the solve on ${ny} x ${nx} points has ${status === "stalled" ? "stalled" : `ended: ${status}`}${help}`;
}

function refinementOf<M extends Measured>(done: readonly Grid<M>[], to: number): Refinement<M> {
  const { measured: finest } = done.at(-1)!;
  // What the solves themselves may be off by.
  const off = Math.max(
    0,
    ...finest.solutions.map(({ errorBound, spread }) => spread > 0 ? (errorBound ?? 0) / spread : 0),
  );
  const results = Object.fromEntries(
    Object.entries(finest.measures).map(([name, { scale, counts }]): [string, RefinedResult] => {
      const values = done.map(({ measured }) => measured.measures[name]?.value ?? NaN);
      const limit = limitOf(values);
      return [name, { values, scale, counts, ...limit, uncertainty: Math.max(limit.uncertainty, off * scale) }];
    }),
  );
  return {
    reached: Object.values(results).every(({ uncertainty, scale, counts }) => !counts || uncertainty <= to * scale),
    why: undefined,
    to,
    grids: done.map(({ shape, seconds }) => ({ shape, seconds })),
    results,
    finest,
  };
}

/** The results of a solve by their paths. */
function measuresOf({ edges, parts, energy, integral, probes }: Results, { spread }: Solution, problem: Problem) {
  const measures: Record<string, Omit<Measure, "counts">> = {};
  const { extent, depth } = extentOf(problem);
  const flow = largest([...Object.values(edges), ...Object.values(parts)].map(({ flux }) => flux));
  for (const [name, { flux }] of Object.entries(edges)) measures[`edges.${name}.flux`] = { value: flux, scale: flow };
  for (const [name, { role, flux, value = NaN }] of Object.entries(parts)) {
    if (role === "held") measures[`parts.${name}.flux`] = { value: flux, scale: flow };
    if (role === "floating") measures[`parts.${name}.value`] = { value, scale: spread };
  }
  measures.energy = { value: energy, scale: Math.abs(energy) };
  measures.integral = { value: integral, scale: spread * extent[0] * extent[1] * depth };
  const points = Object.entries(probes).flatMap(([name, probe]) => "distance" in probe ? [] : [[name, probe] as const]);
  const densities = points.flatMap(([, probe]) => "flux" in probe ? probe.flux : []);
  const density = largest([...densities, flow / (largest(extent) * depth)]);
  for (const [name, probe] of points) {
    measures[`probes.${name}.value`] = { value: probe.value, scale: spread };
    const flux = "flux" in probe ? probe.flux : [];
    flux.forEach((value, axis) => measures[`probes.${name}.flux[${axis}]`] = { value, scale: density });
  }
  return measures;
}

/** Height and width of a problem's rectangle, and its depth: of the full turn, in the middle. */
function extentOf(problem: Problem): { readonly extent: readonly [number, number]; readonly depth: number } {
  const { extent, grid: { origin: [, west] }, coordinates } = frameOf(problem);
  const turn = 2 * Math.PI * (west + extent[1] / 2);
  return { extent, depth: coordinates === "axisymmetric" ? turn : problem.depth ?? 1 };
}

function largest(values: readonly number[]): number {
  return Math.max(...values.map(Math.abs));
}
