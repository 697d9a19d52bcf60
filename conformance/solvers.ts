/**
 * Checks of the methods that owe nobody their bits, multigrid apart: conjugate gradients, the fast direct solver, and
 * Jacobi's sweeps taken many at once. What counts is where they lead, and that reported numbers are those of the field.
 *
 * @module
 */

import type { Session } from "../core/contract.ts";
import { arrayType, rounder, roundoff } from "../core/dtype.ts";
import type { Check } from "./check.ts";
import {
  cannotRun,
  everything,
  expect,
  expectNumber,
  expectSame,
  lowered,
  maxDifference,
  planOf,
  referenceRun,
  runOf,
  sizeOf,
  type Subject,
  using,
} from "./compare.ts";
import { swept } from "./oracle.ts";
import { fixtures, scatter } from "./problems.ts";
import type { Lowered } from "../core/analysis.ts";

/** @returns the checks of one subject whose method is cg, direct or spectral. */
export function solverChecks(subject: Subject): Check[] {
  const all = fixtures(subject.kind)
    .map(({ what, problem }) => ({ what, stencil: lowered(problem, subject) }))
    .filter(({ stencil }) => cannotRun(subject, stencil) === undefined);
  const small = all.filter(({ stencil: { shape } }) => shape[0] * shape[1] < 200);
  const each = (every: number, run: (what: string, stencil: Lowered) => Promise<void>) => async () => {
    for (const { what, stencil } of small.filter((_, at) => at % every === 0)) await run(what, stencil);
  };
  const [first] = small;
  return [
    ...all.map(({ what, stencil }): Check =>
      subject.method === "spectral"
        ? { name: `gives what sweeps of jacobi give: ${what}`, run: () => followsJacobi(subject, stencil) }
        : {
          name: `solves down to rounding: ${what}`,
          run: () =>
            using(subject.backend, stencil, planOf(stencil, subject.method), (it) => converge(subject, stencil, it)),
        }
    ),
    { name: "advance(3) and advance(4) equal advance(7)", run: each(2, (what, it) => splits(subject, what, it)) },
    { name: "change and residual recompute from the field", run: each(2, (what, it) => norms(subject, what, it)) },
    ...(first ? [{ name: "goes on from what was written", run: () => goesOn(subject, first.stencil) }] : []),
  ];
}

/**
 * What rounding explains: eight roundings a sweep, of numbers no larger than those of the field; twice, since the field
 * and the residual are rounded.
 */
function rounding({ dtype }: Lowered, size: number): number {
  return 16 * roundoff(dtype) * size;
}

/** Transforms round each number once for each of their levels, there and back in two directions. */
function waveRounding(stencil: Lowered, size: number): number {
  const [ny, nx] = stencil.shape;
  return rounding(stencil, size) * (1 + Math.log2(ny * nx));
}

async function followsJacobi({ backend }: Subject, stencil: Lowered): Promise<void> {
  const counts = [1, 2, 60, 1];
  const found = await runOf(backend, stencil, planOf(stencil, "spectral"), counts);
  const expected = await referenceRun(stencil, planOf(stencil, "jacobi"), counts, found.owned);
  // Jacobi's own sweeps round, too.
  const tolerance = waveRounding(stencil, sizeOf(expected.u)) + 8 * 64 * roundoff(stencil.dtype) * sizeOf(expected.u);
  expectSame("field", found.u, expected.u, found.owned, tolerance);
  expected.batches.forEach((batch, n) => {
    expectNumber("sweeps so far", found.batches[n]!.sweeps, batch.sweeps, 0);
    expectNumber("change", found.batches[n]!.change, batch.change, 2 * tolerance);
    expectNumber("residual", found.batches[n]!.residual, batch.residual, 2 * tolerance);
  });
}

/** Solves, and looks whether rounding is all that is left. A direct solve needs one more, for the rounding of the first. */
async function converge({ method }: Subject, stencil: Lowered, session: Session): Promise<void> {
  const start = sizeOf(stencil.evaluate(everything(stencil.shape)).u);
  const [ny, nx] = stencil.shape;
  const [batches, count] = method === "direct" ? [1, 3] : [40, Math.max(50, ny + nx)];
  for (let n = 0; n < batches; n++) {
    const { residual } = await session.advance(count);
    if (residual <= rounding(stencil, start)) break;
  }
  const u = await session.read("global");
  if (!u) return;
  const left = maxDifference(swept(stencil, u), u, rounder(stencil.dtype));
  const allowed = rounding(stencil, Math.max(start, sizeOf(u)));
  expect(left <= allowed, `a residual of ${left} is left, more than ${allowed}`);
}

async function splits({ backend, method }: Subject, what: string, stencil: Lowered): Promise<void> {
  const once = await runOf(backend, stencil, planOf(stencil, method), [7]);
  const twice = await runOf(backend, stencil, planOf(stencil, method), [3, 4]);
  // One power of a factor, or the product of two: the same but for rounding.
  const tolerance = method === "spectral" ? waveRounding(stencil, sizeOf(once.u)) : 0;
  expectSame(what, twice.u, once.u, once.owned, tolerance);
  const [a, b] = [once.batches[0]!, twice.batches[1]!];
  expectNumber(`${what}: sweeps so far`, b.sweeps, a.sweeps, 0);
  expectNumber(`${what}: change`, b.change, a.change, 2 * tolerance);
  expectNumber(`${what}: residual`, b.residual, a.residual, 2 * tolerance);
}

async function norms({ backend, dtype, method }: Subject, what: string, stencil: Lowered): Promise<void> {
  const round = rounder(dtype);
  await using(backend, stencil, planOf(stencil, method), async (session) => {
    for (const count of [1, 3, 2]) {
      if (count > 1) await session.advance(count - 1);
      const before = await session.read("global");
      const batch = await session.advance(1);
      const after = await session.read("global");
      if (!before || !after) continue;
      const tolerance = rounding(stencil, Math.max(sizeOf(before), sizeOf(after)));
      const where = ` (${what}, ${batch.sweeps} sweeps)`;
      expectNumber("change", batch.change, maxDifference(after, before, round), tolerance, where);
      expectNumber("residual", batch.residual, maxDifference(swept(stencil, after), after, round), tolerance, where);
    }
  });
}

async function goesOn(subject: Subject, stencil: Lowered): Promise<void> {
  const { backend, method } = subject;
  await using(backend, stencil, planOf(stencil, method), async (session) => {
    if (!session.write || session.ranks > 1) return;
    await session.advance(3);
    const [ny, nx] = stencil.shape;
    const array = arrayType(stencil.dtype);
    const number = scatter(78, -30, 30);
    // Fixed points too, where a sweep puts them right.
    const [top, left] = stencil.kind === "plain" ? [1, 1] : [0, 0];
    const block = { rows: [top, ny - top], cols: [left, nx - left] } as const;
    const width = nx - 2 * left;
    const data = new array((ny - 2 * top) * width).map((_, k) => number(Math.floor(k / width), k % width));
    await session.write(block, data);
    if (method !== "spectral") return await converge(subject, stencil, session);
    const u = await session.read("global");
    const { change } = await session.advance(1);
    const after = await session.read("global");
    const tolerance = waveRounding(stencil, sizeOf(u!));
    expectSame("a sweep of what was written", after!, swept(stencil, u!), session.owned, tolerance);
    expectNumber("change", change, maxDifference(after!, u!, rounder(stencil.dtype)), tolerance);
  });
}
