/**
 * Solves on the reference as far as rounding allows, whose numbers are compared. Not a test itself.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Problem } from "../../core/problem/problem.ts";
import type { Results } from "../../core/results.ts";
import type { Solution } from "../../solve/solution.ts";
import { solve, type SolveOptions } from "../../solve/solve.ts";

/** Solves to the last digits. */
export function solved(problem: Problem, options: SolveOptions = {}): Promise<Solution> {
  return solve(problem, { plugin: "js", method: "multigrid", stop: "residual", tol: 1e-14, ...options });
}

/** The results of such a solve. */
export async function resultsOf(problem: Problem, options: SolveOptions = {}): Promise<Results> {
  return (await solved(problem, options)).results!;
}

/** Fails unless a number is within `slack` of another. */
export function near(found: number, wanted: number, slack: number, what: string): void {
  assert.ok(Math.abs(found - wanted) <= slack, `${what}: ${found}, expected ${wanted}`);
}
