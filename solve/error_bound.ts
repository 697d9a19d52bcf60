/**
 * The bound on the error where the stencil alone proves none: the session computes one, or a second session solves B w = 1 by
 * multigrid. See core/methods/comparison_function.ts. A distributed solve has no such bound: no rank may hold the whole grid.
 *
 * @module
 */

import { loadPlugin } from "../backends/registry.ts";
import type { Backend, Session, Stencil } from "../core/contract.ts";
import { lower, type Lowered } from "../core/discretize/lower.ts";
import { comparisonStencil, factorFrom } from "../core/methods/comparison_function.ts";
import type { Problem } from "../core/problem/problem.ts";
import { unfit } from "../core/methods/memory.ts";

/** The largest max |1 − B w| that is small enough, and the limit of cycles. */
const SLACK = 0.2, CYCLES = 200;

/**
 * Collective. The stencil of a problem with a proven bound in its analysis, where one is found; else as it is.
 *
 * @param session open for it; its iterate stays as it is
 * @param memory bytes that may be used; undefined if unknown
 */
export async function withBound(
  stencil: Lowered,
  problem: Problem,
  session: Session,
  backend: Backend,
  memory: number | undefined,
): Promise<Lowered> {
  if (stencil.analysis.boundProven || session.ranks > 1) return stencil;
  const double = () => stencil.dtype === "f64" ? stencil : lower({ ...problem, dtype: "f64" });
  const errorPerResidual = await session.errorFactor?.() ?? await boundFactor(double(), backend, memory);
  if (errorPerResidual === undefined) return stencil;
  return { ...stencil, analysis: { ...stencil.analysis, errorPerResidual, boundProven: true } };
}

/**
 * Local. A proven factor c, |u − u_discrete| <= c · residual.
 *
 * @param stencil weighted, f64
 * @param backend its multigrid solves, if it has one; else that of the reference
 * @param memory bytes that may be used; undefined if unknown
 * @returns undefined if there is none: the problem is singular, it does not fit into memory, cycles do not converge, or rounding
 * hides it
 */
async function boundFactor(
  stencil: Stencil,
  backend: Backend,
  memory: number | undefined,
): Promise<number | undefined> {
  if (stencil.singular) return undefined;
  const able = backend.methods.includes("multigrid") && backend.dtypes.includes("f64");
  const solver = able ? backend : await loadPlugin("js");
  const problem = comparisonStencil(stencil);
  const plan = { method: "multigrid", settings: {} } as const;
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
