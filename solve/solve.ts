/**
 * `solve`: from a problem to its field. The way there is in `solve_once.ts`.
 *
 * @module
 */

import { METHODS } from "../core/contract.ts";
import { ConfigError, suggest } from "../core/errors.ts";
import { checkLimits } from "../core/iterate.ts";
import { type Problem, validateProblem } from "../core/problem/problem.ts";
import { estimateFrom } from "./estimate.ts";
import type { Solution, SolveOptions } from "./solution.ts";
import { solveOnce } from "./solve_once.ts";

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
  const { method = "auto", estimate = false } = options;
  const methods = ["auto", ...METHODS];
  if (!methods.includes(method)) throw new ConfigError(`Unknown method "${method}"${suggest(method, methods)}`);
  checkLimits(options);
  const start = performance.now();
  const valid = validateProblem(problem);
  const solved = await solveOnce(valid, options, start);
  if (!estimate) return solved.solution;
  const found = await estimateFrom(valid, solved, options);
  const { solution } = solved;
  return { ...solution, ...found, seconds: { ...solution.seconds, total: (performance.now() - start) / 1000 } };
}
