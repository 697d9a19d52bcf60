/**
 * Checks of the arithmetic: bits against the reference and against the formulas, and the numbers that batches report.
 *
 * @module
 */

import reference from "../backends/js/mod.ts";
import type { Lowered } from "../core/analysis.ts";
import type { GridData } from "../core/contract.ts";
import { roundoff } from "../core/dtype.ts";
import type { SolvePlan } from "../core/methods/plan.ts";
import { batchesAddUp, numbersRecompute, onSome, type Runnable, runnable } from "./batches.ts";
import type { Check } from "./check.ts";
import { cut, drift, everything, expectSame, expectSameRun, lowered, planOf } from "./compare.ts";
import { referenceRun, runOf, sizeOf, type Subject, using } from "./compare.ts";
import { oracle } from "./oracle.ts";
import { fixtures } from "./problems.ts";

/** @returns the checks of one subject's arithmetic. */
export function arithmeticChecks(subject: Subject): Check[] {
  const { backend, dtype, method } = subject;
  const all = runnable(subject);
  const exact = backend.bitwise ? "bit for bit" : "within rounding";
  const tolerance = (_: GridData, after: GridData) => backend.bitwise ? 0 : 8 * roundoff(dtype) * sizeOf(after);
  return [
    ...all.map(({ what, stencil }): Check => ({
      name: `equals the reference ${exact}: ${what}`,
      run: () => equalsReference(subject, stencil),
    })),
    { name: `follows the formula of a sweep ${exact}`, run: onSome(all, 2, (one) => followsFormula(subject, one), 1) },
    { name: "advance(3) and advance(4) equal advance(7)", run: onSome(all, 4, (one) => batchesAddUp(subject, one)) },
    {
      name: "change and residual recompute from the field",
      run: onSome(all, 3, (one) => numbersRecompute(subject, one, tolerance)),
    },
    ...(method === "sor"
      ? [{ name: "sor takes every omega from 0 to 2, and a new one in each batch", run: () => omegas(subject) }]
      : []),
  ];
}

async function equalsReference(subject: Subject, stencil: Lowered, plan: SolvePlan = planOf(stencil, subject.method)) {
  // One sweep alone, then more: what a batch leaves behind must not show.
  const counts = [1, 2, 4, 1];
  const found = await runOf(subject.backend, stencil, { ...plan }, counts);
  const expected = await referenceRun(stencil, { ...plan }, counts, found.owned);
  expectSameRun(found, expected, drift(subject, 8, sizeOf(expected.u), plan.omega), "");
}

async function followsFormula(subject: Subject, { what, stencil }: Runnable): Promise<void> {
  const plan = planOf(stencil, subject.method);
  const found = await runOf(subject.backend, stencil, plan, [1, 1, 1]);
  const expected = oracle(stencil);
  for (let n = 0; n < 3; n++) subject.method === "jacobi" ? expected.sweep() : expected.relax(plan.omega);
  const tolerance = drift(subject, 3, sizeOf(expected.u), plan.omega);
  expectSame(what, found.u, cut(expected.u, stencil.shape, found.owned), found.owned, tolerance);
}

async function omegas(subject: Subject): Promise<void> {
  const { problem, what } = fixtures(subject.kind)[0]!;
  const stencil = lowered(problem, subject);
  for (const omega of [0.3, 1, 1.5, 1.95]) await equalsReference(subject, stencil, planOf(stencil, "sor", omega));
  // The core lowers omega in the middle of a solve.
  const run = (backend: Subject["backend"]) =>
    using(backend, stencil, planOf(stencil, "sor"), async (session) => {
      await session.advance(2, { omega: 1.8 });
      await session.advance(2, { omega: 1 });
      return { u: await session.read("global") };
    });
  const [found, expected] = [await run(subject.backend), await run(reference)];
  if (!found.u) return;
  const tolerance = drift(subject, 4, sizeOf(expected.u!), 1.8);
  expectSame(`${what}: omega 1.8, then 1`, found.u, expected.u!, everything(stencil.shape), tolerance);
}
