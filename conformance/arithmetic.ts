/**
 * Checks of the arithmetic: bits against the reference and against the formulas, and the numbers that batches report.
 *
 * @module
 */

import { rounder, roundoff } from "../core/dtype.ts";
import {
  advance,
  cannotRun,
  cut,
  drift,
  everything,
  expect,
  expectNumber,
  expectSame,
  expectSameRun,
  lowered,
  maxDifference,
  planOf,
  referenceRun,
  runOf,
  sizeOf,
  type Subject,
  using,
} from "./compare.ts";
import type { Check } from "./check.ts";
import { oracle, swept } from "./oracle.ts";
import { type Fixture, fixtures } from "./problems.ts";
import type { Lowered } from "../core/analysis.ts";
import type { SolvePlan } from "../core/methods/plan.ts";

/** @returns the checks of one subject's arithmetic. */
export function arithmeticChecks(subject: Subject): Check[] {
  const { backend, method, kind } = subject;
  const runnable = fixtures(kind)
    .map((fixture) => ({ ...fixture, stencil: lowered(fixture.problem, subject) }))
    .filter(({ stencil }) => cannotRun(subject, stencil) === undefined);
  const exact = backend.bitwise ? "bit for bit" : "within rounding";
  const checks: Check[] = runnable.map(({ what, stencil }) => ({
    name: `equals the reference ${exact}: ${what}`,
    run: () => equalsReference(subject, stencil),
  }));
  const small = runnable.filter(({ stencil: { shape } }) => shape[0] * shape[1] < 200);
  // Opening may cost a tenth of a second (threads, a device): all problems meet the reference, a few each other check.
  const every = (n: number, from: number) => small.filter((_, at) => at % n === from);
  return [
    ...checks,
    {
      name: `follows the formula of a sweep ${exact}`,
      run: () => each(every(2, 1), (it) => followsFormula(subject, it)),
    },
    { name: "advance(3) and advance(4) equal advance(7)", run: () => each(every(4, 0), (it) => splits(subject, it)) },
    { name: "change and residual recompute from the field", run: () => each(every(3, 0), (it) => norms(subject, it)) },
    ...(method === "sor"
      ? [{ name: "sor takes every omega from 0 to 2, and a new one in each batch", run: () => omegas(subject) }]
      : []),
  ];
}

/** A fixture that the subject can run, lowered. */
type Runnable = Fixture & { readonly stencil: Lowered };

async function each(all: readonly Runnable[], check: (one: Runnable) => Promise<void>): Promise<void> {
  expect(all.length > 0, "the backend rejects every problem of this check");
  for (const one of all) await check(one);
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

async function splits(subject: Subject, { what, stencil }: Runnable): Promise<void> {
  const { backend, method } = subject;
  const once = await runOf(backend, stencil, planOf(stencil, method), [7]);
  const twice = await runOf(backend, stencil, planOf(stencil, method), [3, 4]);
  // The same operations on the same device: the same bits, bitwise or not.
  expectSame(what, twice.u, once.u, once.owned, 0);
  const [a, b] = [once.batches[0]!, twice.batches[1]!];
  expectNumber(`${what}: sweeps so far`, b.sweeps, a.sweeps, 0);
  expectNumber(`${what}: change`, b.change, a.change, 0);
  expectNumber(`${what}: residual`, b.residual, a.residual, 0);
}

async function norms(subject: Subject, { what, stencil }: Runnable): Promise<void> {
  const { backend, method, dtype } = subject;
  const round = rounder(dtype);
  const plan = planOf(stencil, method);
  await using(backend, stencil, plan, async (session) => {
    for (const [n, count] of [1, 3, 2].entries()) {
      if (count > 1) await advance(session, plan, count - 1);
      const before = await session.read("global");
      const batch = await advance(session, plan, 1);
      const after = await session.read("global");
      if (!before || !after) continue;
      const tolerance = backend.bitwise ? 0 : 8 * roundoff(dtype) * sizeOf(after);
      const where = ` (${what}, batch ${n + 1})`;
      expectNumber("change", batch.change, maxDifference(after, before, round), tolerance, where);
      expectNumber("residual", batch.residual, maxDifference(swept(stencil, after), after, round), tolerance, where);
    }
  });
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
  const [found, expected] = [await run(subject.backend), await run((await import("../backends/js/mod.ts")).default)];
  if (!found.u) return;
  const tolerance = drift(subject, 4, sizeOf(expected.u!), 1.8);
  expectSame(`${what}: omega 1.8, then 1`, found.u, expected.u!, everything(stencil.shape), tolerance);
}
