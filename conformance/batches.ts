/**
 * What the batches of every method owe: that they add up, report numbers of the field, and leave nothing but rounding.
 *
 * @module
 */

import { counted } from "../core/errors.ts";
import type { GridData, Session } from "../core/contract.ts";
import { rounder, roundoff } from "../core/dtype.ts";
import type { Lowered } from "../core/analysis.ts";
import { advance, cannotRun, everything, expect, expectBatch, expectNumber, expectSame, lowered } from "./compare.ts";
import { maxDifference, planOf, runOf, sizeOf, type Subject, using } from "./compare.ts";
import { swept } from "./oracle.ts";
import { fixtures } from "./problems.ts";

/** A problem that a subject can run. */
export interface Runnable {
  readonly what: string;
  readonly stencil: Lowered;
}

/** @returns the fixtures that a subject can run. */
export function runnable(subject: Subject): Runnable[] {
  return fixtures(subject.kind)
    .map(({ what, problem }) => ({ what, stencil: lowered(problem, subject) }))
    .filter(({ stencil }) => cannotRun(subject, stencil) === undefined);
}

/**
 * Runs a check on one in `every` small problems. Opening may cost a tenth of a second (threads, a device): all problems
 * meet the reference, a few each other check.
 */
export function onSome(
  all: readonly Runnable[],
  every: number,
  check: (one: Runnable) => Promise<void>,
  first = 0,
): () => Promise<void> {
  return async () => {
    const small = all.filter(({ stencil: { shape } }) => shape[0] * shape[1] < 200);
    const some = small.filter((_, at) => at % every === first);
    expect(some.length > 0, "the backend rejects every problem of this check");
    for (const one of some) await check(one);
  };
}

/**
 * What rounding explains of a residual: eight roundings a sweep, of numbers no larger than those of the field; twice, since
 * the field and the residual are rounded.
 */
export function rounding({ dtype }: Pick<Lowered, "dtype">, size: number): number {
  return 16 * roundoff(dtype) * size;
}

/** Transforms round each number once for each of their levels, there and back in two directions. */
export function waveRounding(stencil: Lowered, size: number): number {
  const [ny, nx] = stencil.shape;
  return rounding(stencil, size) * (1 + Math.log2(ny * nx));
}

/** advance(3) and advance(4) equal advance(7). */
export async function batchesAddUp({ backend, method }: Subject, { what, stencil }: Runnable): Promise<void> {
  const once = await runOf(backend, stencil, planOf(stencil, method), [7]);
  const twice = await runOf(backend, stencil, planOf(stencil, method), [3, 4]);
  // The same operations on the same device: the same bits, bitwise or not. But spectral takes one power of a factor, or
  // the product of two: the same but for rounding.
  const tolerance = method === "spectral" ? waveRounding(stencil, sizeOf(once.u)) : 0;
  expectSame(what, twice.u, once.u, once.owned, tolerance);
  expectBatch(twice.batches[1]!, once.batches[0]!, tolerance, ` (${what})`);
}

/** Change and residual recompute from the field. @param tolerance by the fields before and after a sweep */
export async function numbersRecompute(
  { backend, dtype, method }: Subject,
  { what, stencil }: Runnable,
  tolerance = (before: GridData, after: GridData) => rounding(stencil, Math.max(sizeOf(before), sizeOf(after))),
): Promise<void> {
  const round = rounder(dtype);
  const plan = planOf(stencil, method);
  await using(backend, stencil, plan, async (session) => {
    for (const count of [1, 3, 2]) {
      if (count > 1) await advance(session, plan, count - 1);
      const before = await session.read("global");
      const batch = await advance(session, plan, 1);
      const after = await session.read("global");
      if (!before || !after) continue;
      const where = ` (${what}, ${counted(batch.sweeps, "sweep")})`;
      const allowed = tolerance(before, after);
      expectNumber("change", batch.change, maxDifference(after, before, round), allowed, where);
      expectNumber("residual", batch.residual, maxDifference(swept(stencil, after), after, round), allowed, where);
    }
  });
}

/** Sweeps until the residual is rounding alone, at most so many batches, and looks whether it is. */
export async function solvesToRounding(
  stencil: Lowered,
  session: Session,
  batches: number,
  count: number,
): Promise<void> {
  const start = sizeOf(stencil.evaluate(everything(stencil.shape)).u);
  for (let n = 0; n < batches; n++) {
    const { residual } = await session.advance(count);
    if (residual <= rounding(stencil, start)) break;
  }
  const u = await session.read("global");
  if (!u) return;
  const left = maxDifference(swept(stencil, u), u, rounder(stencil.dtype));
  const allowed = rounding(stencil, Math.max(start, sizeOf(u)));
  expect(
    left <= allowed,
    `a residual of ${left} is left after ${counted(batches * count, "sweep")}, more than ${allowed}`,
  );
}
