/**
 * The estimate of the discretisation error: a second solve, on every other row and column, and what Richardson's
 * extrapolation makes of both.
 *
 * @module
 */

import { coarsenProblem } from "../core/discretize/coarsen_problem.ts";
import { jumps, kinks, richardson, varies } from "../core/discretize/richardson.ts";
import { ConfigError, UnavailableError } from "../core/errors.ts";
import type { Problem } from "../core/problem/problem.ts";
import type { Solution, SolveOptions } from "./solution.ts";
import { type Solved, solveOnce } from "./solve_once.ts";

/**
 * Collective. Solves on every other row and column, by whatever method is best there, and compares.
 *
 * @param solved the solution of `problem`
 */
export async function estimateFrom(
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
  const jumping = jumps(problem, stencil.analysis.spread);
  if (jumping.length > 0) {
    notes.push(
      `where fixed edges of different values meet, in ${
        where(jumping)
      }, it is the same for any spacing, up to 5 times that`,
    );
  }
  const kinked = kinks(problem, stencil.analysis.spread, error);
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
  const algebraic = ({ solution, stencil }: Solved) => solution.residual * stencil.analysis.errorPerResidual;
  if ((algebraic(solved) + algebraic(coarse)) / 3 > error / 4) {
    notes.push("the solves may be off by as much: a smaller tol would tell");
  }
  return { discretisationError: error, discretisationNote: notes.join("; ") };
}
