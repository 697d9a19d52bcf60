/**
 * A bound on the error where the method at work finds none: multigrid solves B w = 1, whatever plugin has it. See
 * core/methods/comparison_function.ts. A distributed solve has no such bound: no rank may hold the whole grid.
 *
 * @module
 */

import type { Backend, Stencil } from "../core/contract.ts";
import { comparisonStencil, factorFrom } from "../core/methods/comparison_function.ts";
import { loadPlugin, unfit } from "../backends/registry.ts";

/** max |1 − B w| that is small enough; and the cycles after which it is given up. */
const SLACK = 0.2, CYCLES = 200;

/**
 * Local. A proven factor c, |u − u_discrete| <= c · residual.
 *
 * @param stencil weighted, f64
 * @param backend whose multigrid is taken, if it has one; else that of the reference
 * @param memory bytes that may be used; undefined if unknown
 * @returns undefined if there is none: nothing holds the solution, it does not fit, cycles do not get there, or rounding hides it
 */
export async function boundFactor(
  stencil: Stencil,
  backend: Backend,
  memory: number | undefined,
): Promise<number | undefined> {
  if (stencil.singular) return undefined;
  const able = backend.methods.includes("multigrid") && backend.dtypes.includes("f64");
  const solver = able ? backend : await loadPlugin("js");
  const problem = comparisonStencil(stencil);
  const plan = { method: "multigrid", omega: 1, settings: {} } as const;
  if (unfit(solver, problem, plan, memory) !== undefined) return undefined;
  const session = await solver.open(problem, plan);
  try {
    for (let cycles = 0, left = Infinity; left > SLACK; cycles++) {
      if (cycles === CYCLES) return undefined;
      ({ residual: left } = await session.advance(1));
    }
    const w = await session.read("global");
    return w instanceof Float64Array ? factorFrom(stencil, w) : undefined;
  } finally {
    await session[Symbol.asyncDispose]();
  }
}
