/**
 * Conductors that float: each has one value, which is not known, and a total flux, which is. By superposition: the problem is
 * solved with all of them at 0, then for each of them at 1 and all else at 0; the fluxes of these fields give the values, and
 * the problem is solved with these. So they are exact on every plugin, by every method and on ranks, without any equation
 * that no backend knows.
 *
 * The matrix of the whole system is an M-matrix as well. Its residual is that of the free nodes, at most r, and of each conductor
 * the flux δ that is missing there. With the fluxes C of the unit fields, the error is at most r (w + c) + |C⁻¹ δ|, for the
 * comparison function w of fixed values and C c = Σ d, the sum of the diagonal. What r itself leaves of δ is r c at most;
 * the rest comes from the values, which are corrected while it matters.
 *
 * @module
 */

import type { Floating } from "../core/analysis.ts";
import type { Excitation } from "../core/section/layers.ts";
import { solveDense } from "../core/dense.ts";
import { ProblemError } from "../core/errors.ts";
import type { Results } from "../core/results.ts";
import type { Solution } from "./solution.ts";

/** A solve with some excitation. */
interface Excited {
  readonly solution: Solution;
}

/** What the values of floating parts do to the bound on the error. */
export interface FloatingBound {
  /** Is added to the factor from the residual to the error. */
  readonly factor: number;
  /** By what the bound is wider than all that, for the values. */
  readonly margin: number;
}

/** What values may add to the bound, in bounds; and how often they are corrected. */
const MARGIN = 0.05, CORRECTIONS = 3;

/** Data that must balance may be written with ten digits. */
const BALANCED = 1e-9;

/**
 * Collective. Solves a problem with floating parts.
 *
 * @param solveWith solves it with an excitation, more tightly than asked if `tight`
 * @param diagonalSum of the stencil, in units of a flux over one of u
 * @returns its solution with the values found; or the first that did not end well, whose field is not the one asked for
 */
export async function solveFloating<T extends Excited>(
  { names, charges, singular }: Floating,
  diagonalSum: number,
  solveWith: (excitation: Excitation, tight: boolean, bound: FloatingBound | undefined) => Promise<T>,
): Promise<T> {
  const fields: T[] = [];
  for (const potentials of [{}, ...names.map((name) => ({ [name]: 1 }))]) {
    const one = await solveWith({ potentials, alone: fields.length > 0 }, true, undefined);
    if (one.solution.results === undefined || BROKEN.includes(one.solution.status)) return one;
    fields.push(one);
  }
  const [base, ...units] = fields.map(({ solution }) => solution.results!) as [Results, ...Results[]];
  const fluxes = (results: Results) => names.map((name) => results.parts[name]!.flux);
  const columns = units.map(fluxes);
  const matrix = names.map((_, i) => columns.map((column) => column[i]!));
  const lacking = (results: Results) => fluxes(results).map((flux, i) => charges[i]! - flux);
  // Where all is known up to a constant the first is 0, until the mean is.
  const inner = singular ? matrix.slice(1).map((row) => row.slice(1)) : matrix;
  const solved = (right: readonly number[]) =>
    singular ? [0, ...solveDense(inner, right.slice(1))] : solveDense(inner, right);
  const c = Math.max(...solved(names.map(() => diagonalSum))) * (singular ? 2 : 1);
  if (singular) checkBalance(lacking(base), matrix);
  let values = solved(lacking(base));
  if (singular) {
    const areas = units.map(({ integral }) => integral);
    const sum = values.reduce((sum, value, i) => sum + value * areas[i]!, base.integral);
    const mean = sum / areas.reduce((sum, area) => sum + area, 0);
    values = values.map((value) => value - mean);
  }
  for (let n = 0;; n++) {
    const potentials = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
    const last = await solveWith({ potentials }, false, { factor: 2 * c, margin: 1 + MARGIN });
    const { stop, status, results, residual, asked } = last.solution;
    if (stop !== "error" || status !== "converged" || results === undefined) return last;
    const shifts = solved(lacking(results));
    const off = Math.max(...shifts.map(Math.abs));
    if (off <= residual * c + asked * MARGIN / (1 + MARGIN)) return last;
    if (n === CORRECTIONS) {
      const why = "rounding hides the values of the floating parts";
      return { ...last, solution: { ...last.solution, status: "stalled", errorBound: undefined, noBound: why } };
    }
    values = values.map((value, i) => value + shifts[i]!);
  }
}

const BROKEN: readonly string[] = ["interrupted", "diverged", "limit"];

/** @throws ProblemError where what must flow in is not what flows out */
function checkBalance(missing: readonly number[], matrix: readonly (readonly number[])[]): void {
  const sum = missing.reduce((sum, flux) => sum + flux, 0);
  const size = missing.reduce((sum, flux) => sum + Math.abs(flux), 0);
  const scale = Math.max(...matrix.map((row, i) => Math.abs(row[i]!)));
  if (Math.abs(sum) <= BALANCED * Math.max(size, scale * 1e-6)) return;
  throw new ProblemError(
    `charges, sources and fluxes do not balance: ${sum} too little flows in, and nothing is held; hold a part or an edge`,
  );
}
