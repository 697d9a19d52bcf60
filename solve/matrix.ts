/**
 * The Maxwell matrix of a problem's conductors: what flows into each while one of them is at 1 and all else that is held at 0,
 * sources and fluxes off. For conductivities that stand for permittivities it is the capacitance matrix over ε0.
 *
 * @module
 */

import { ConfigError, ProblemError, suggest } from "../core/errors.ts";
import { type Problem, validateProblem } from "../core/problem/problem.ts";
import { type Measured, refineUntil, tolFor } from "./refine.ts";
import type { Solution, SolveOptions } from "./solution.ts";
import { solveExcited } from "./solve.ts";

/** Which conductors, and whether on finer grids. */
export interface MatrixOptions extends Omit<SolveOptions, "save" | "gather" | "estimate" | "stop" | "eps"> {
  /** Names of held and floating parts; default all. The others are at 0. */
  readonly names?: readonly string[] | undefined;
  /** Refines the grid until no entry is less certain, relative to the largest. */
  readonly to?: number | undefined;
  /** With `to`, as `RefineOptions` has it. */
  readonly maxPoints?: number | undefined;
}

/** The Maxwell matrix C, and what it amounts to. All are fluxes for 1, times depth. */
export interface MaxwellMatrix {
  /** Of rows and columns. */
  readonly names: readonly string[];
  /** C, symmetric: what flows into the conductor of a row with that of a column at 1; the mean of both ways. */
  readonly matrix: readonly (readonly number[])[];
  /** −C off the diagonal, 0 on it: between two conductors. */
  readonly mutual: readonly (readonly number[])[];
  /** Sums of rows: between a conductor and all else that is held, such as edges. */
  readonly self: readonly number[];
  /** The largest difference between both ways, |C(i, j) − C(j, i)|. */
  readonly asymmetry: number;
  /** The largest difference between what flows in at a conductor and what flows out at all else. */
  readonly imbalance: number;
  /** The largest uncertainty of an entry of C, in the limit of fine grids; undefined unless asked for with `to`. */
  readonly uncertainty: number | undefined;
  /** Why that is not reached, in words. */
  readonly why: string | undefined;
  /** Of the finest grid, in the order of the names. */
  readonly solutions: readonly Solution[];
}

/** A matrix on one grid. */
interface Fluxes extends Measured {
  readonly matrix: readonly (readonly number[])[];
  readonly asymmetry: number;
  readonly imbalance: number;
}

/**
 * Collective. The Maxwell matrix of a problem: one solve for each conductor. With `to` the grid is refined, as `solveRefined`
 * does, until no entry is less certain than so much of the largest.
 *
 * @throws ConfigError if the problem or an option is wrong, a name is no conductor, or there is none.
 * @throws UnavailableError if the plugin cannot run here.
 */
export async function maxwellMatrix(
  problem: Problem,
  { names: asked, to, maxPoints, ...others }: MatrixOptions = {},
): Promise<MaxwellMatrix> {
  const conductors = conductorsOf(validateProblem(problem));
  const names = asked ?? conductors.map(({ name }) => name);
  checkConductors(conductors, names);
  const options = { ...others, gather: false, ...(to !== undefined && { tol: others.tol ?? tolFor(to) }) };
  const measure = (grid: Problem) => fluxesOf(grid, names, options);
  if (to === undefined) {
    const { matrix, asymmetry, imbalance, solutions } = await measure(problem);
    return { ...withSums(names, matrix), asymmetry, imbalance, uncertainty: undefined, why: undefined, solutions };
  }
  const { finest, results, why } = await refineUntil(problem, { to, maxPoints }, measure);
  const { asymmetry, imbalance, solutions } = finest;
  const matrix = names.map((_, i) => names.map((_, j) => results[entry(i, j)]!.value));
  const uncertainty = Math.max(...Object.values(results).map(({ uncertainty }) => uncertainty));
  return { ...withSums(names, matrix), asymmetry, imbalance, uncertainty, why, solutions };
}

/** A held or a floating part, or such a colour of a drawing. */
export interface Conductor {
  readonly name: string;
  readonly floats: boolean;
}

/** Local. The conductors of a validated problem, colours of a drawing first. */
export function conductorsOf({ parts = [], image }: Problem): Conductor[] {
  const colours = Object.entries(image?.legend ?? {}).map(([colour, entry]) => ({
    name: colour.toLowerCase(),
    ...entry,
  }));
  const conductors = new Map<string, Conductor>();
  for (const { name, value, charge } of [...colours, ...parts]) {
    if (value !== undefined || charge !== undefined) conductors.set(name, { name, floats: charge !== undefined });
  }
  return [...conductors.values()];
}

/** Local. Checks that names are those of conductors. @throws ConfigError for one that is not, and where there are none */
export function checkConductors(conductors: readonly Conductor[], names: readonly string[]): void {
  const known = conductors.map(({ name }) => name);
  if (known.length === 0) throw new ProblemError("parts has no conductor: give one a value or a charge");
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new ConfigError(`There is no conductor "${unknown}"${suggest(unknown, known)}`);
}

// ---- helpers ----

/** The key of an entry, which is that of the entry across the diagonal, too. */
function entry(i: number, j: number): string {
  return `${Math.min(i, j)},${Math.max(i, j)}`;
}

/** Collective. The matrix on a grid; NaN in the columns of fields that are not finite. */
async function fluxesOf(problem: Problem, names: readonly string[], options: SolveOptions): Promise<Fluxes> {
  const excitations = names.map((name) => ({ potentials: { [name]: 1 }, alone: true }));
  const solutions = await solveExcited(problem, excitations, options);
  const found = names.map((row) => solutions.map(({ results }) => results?.parts[row]?.flux ?? NaN));
  const matrix = found.map((row, i) => row.map((flux, j) => (flux + found[j]![i]!) / 2));
  const scale = Math.max(...matrix.map((row, i) => Math.abs(row[i]!)));
  const measures = Object.fromEntries(
    matrix.flatMap((row, i) => row.map((value, j) => [entry(i, j), { value, scale, counts: true }])),
  );
  const asymmetry = Math.max(...found.flatMap((row, i) => row.map((flux, j) => Math.abs(flux - found[j]![i]!))));
  const imbalance = Math.max(...solutions.map(({ results }) => Math.abs(results?.imbalance ?? NaN)));
  return { matrix, measures, asymmetry, imbalance, solutions };
}

function withSums(names: readonly string[], matrix: MaxwellMatrix["matrix"]) {
  const mutual = matrix.map((row, i) => row.map((flux, j) => i === j ? 0 : -flux));
  const self = matrix.map((row) => row.reduce((sum, flux) => sum + flux, 0));
  return { names, matrix, mutual, self };
}
