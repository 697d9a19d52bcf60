/**
 * Checks of a session's manners: reading, writing, NaN, several at once, and the end.
 *
 * @module
 */

import { counted } from "../core/errors.ts";
import reference from "../backends/js/mod.ts";
import type { Backend, Block, GridData, Session, Stencil } from "../core/contract.ts";
import { arrayType } from "../core/dtype.ts";
import { traits } from "../core/methods/traits.ts";
import { advance, drift, everything, expect, expectNumber, expectSame, expectSameRun, lowered } from "./compare.ts";
import { isFormula, ownedOf, planOf, referenceRun, runOf, sizeOf, type Subject, using } from "./compare.ts";
import type { Check } from "./check.ts";
import { fixtures, scatter } from "./problems.ts";
import type { Lowered } from "../core/analysis.ts";
import type { SolvePlan } from "../core/methods/plan.ts";

/** @returns the checks of one subject's sessions. */
export function sessionChecks(subject: Subject): Check[] {
  const manners = [
    { name: "write refuses a block outside, and data of another length", run: () => refusesWrites(subject) },
    { name: "advance refuses all but whole numbers of at least 1", run: () => refusesCounts(subject) },
    { name: "disposing twice is harmless, using afterwards throws", run: () => ends(subject) },
  ];
  return [
    { name: "NaN surfaces in change and residual, and stays", run: () => surfacesNaN(subject) },
    { name: "read gives a copy: owned on every rank, global on rank 0", run: () => reads(subject) },
    // What other methods lead to is compared, not each sweep: `multigrid.ts`, `solvers.ts`.
    ...(!isFormula(subject.method) ? [] : [
      { name: "write comes back from read, and the next sweep uses it", run: () => writes(subject) },
    ]),
    ...(subject.kind === "plain" ? [] : [
      { name: "restart begins as a new session does, whatever was solved before", run: () => restarts(subject) },
    ]),
    { name: "two sessions at once do not disturb each other", run: () => twoAtOnce(subject) },
    // A wrong call is wrong in any precision.
    ...(subject.dtype === subject.backend.dtypes[0] ? manners : []),
  ];
}

/** The first two fixtures that the method can solve; they are square-ish and of different shapes, unless one is given. */
function examples(subject: Subject, shape?: readonly [number, number]): readonly [Lowered, Lowered] {
  const [one, other] = fixtures(subject.kind)
    .map(({ problem }) => lowered({ ...problem, ...(shape && { shape }) }, subject))
    .filter((stencil) => traits[subject.method].fails?.(stencil) === undefined);
  return [one!, other!];
}

/** What `run` throws, now or later; undefined if nothing. */
export async function thrown(run: () => unknown): Promise<unknown> {
  try {
    await run();
    return undefined;
  } catch (cause) {
    return cause ?? new Error("something without a message");
  }
}

async function surfacesNaN(subject: Subject): Promise<void> {
  const [stencil] = examples(subject, [11, 14]);
  const [ny, nx] = stencil.shape;
  // First, middle and last points: rows and columns where vectors, tiles and threads begin and end.
  for (const [row, col] of [[1, 1], [5, 7], [ny - 2, nx - 2]] as const) {
    const within = ({ rows, cols }: Block) => row >= rows[0] && row < rows[1] && col >= cols[0] && col < cols[1];
    const poisoned: Stencil = {
      ...stencil,
      evaluate(block) {
        const values = stencil.evaluate(block);
        const width = block.cols[1] - block.cols[0];
        if (within(block)) values.u[(row - block.rows[0]) * width + (col - block.cols[0])] = NaN;
        return values;
      },
      *chunks(block) {
        yield* stencil.chunks(block);
        const data = arrayType(stencil.dtype).of(NaN);
        if (within(block)) yield { field: "u", block: { rows: [row, row + 1], cols: [col, col + 1] }, data };
      },
    };
    const where = `, with NaN at row ${row}, column ${col}`;
    const { batches } = await runOf(subject.backend, poisoned, planOf(stencil, subject.method), [1, 1, 3]);
    for (const { sweeps, change, residual } of batches) {
      expectNumber(`change after ${counted(sweeps, "sweep")}`, change, NaN, 0, where);
      expectNumber(`residual after ${counted(sweeps, "sweep")}`, residual, NaN, 0, where);
    }
  }
}

async function reads(subject: Subject): Promise<void> {
  const [stencil] = examples(subject);
  await using(subject.backend, stencil, planOf(stencil, subject.method), async (session) => {
    const { rows, cols } = session.owned;
    const start = await ownedOf(session);
    const type = arrayType(subject.dtype);
    expect(start instanceof type, `read gives a ${start.constructor.name}, not a ${type.name}`);
    const size = (rows[1] - rows[0]) * (cols[1] - cols[0]);
    expect(start.length === size, `read("owned") gives ${counted(start.length, "point")}, not ${size}`);
    await session.advance(2);
    const u = await ownedOf(session);
    const kept = u.slice();
    u.fill(12345);
    expectSame("the field, after a copy of it was changed", await ownedOf(session), kept, session.owned, 0);
    const copy = await ownedOf(session);
    await session.advance(1);
    expectSame("a copy, after another sweep", copy, kept, session.owned, 0);
    const all = await session.read("global");
    expect((all === undefined) === (session.rank !== 0), `read("global") gives ${all} on rank ${session.rank}`);
    expect(session.rank >= 0 && session.rank < session.ranks, `rank ${session.rank} of ${session.ranks}`);
    expect(session.threads >= 1, `threads: it is ${session.threads}`);
    if (session.ranks > 1) return;
    expect(
      rows[0] === 0 && cols[0] === 0 && rows[1] === stencil.shape[0] && cols[1] === stencil.shape[1],
      `one rank owns rows ${rows}, columns ${cols} of ${stencil.shape.join(" x ")}`,
    );
    expectSame(`read("global")`, all!, await ownedOf(session), session.owned, 0);
  });
}

/** Writes after two sweeps a block of new numbers, sweeps on, and reads. */
async function writeRun(backend: Backend, stencil: Lowered, plan: SolvePlan, block: Block, data: GridData) {
  return await using(backend, stencil, plan, async (session) => {
    // `write` is optional; and a rank takes only blocks of its own.
    if (!session.write || session.ranks > 1) return undefined;
    await advance(session, plan, 2);
    const given = data.slice();
    await session.write(block, given);
    given.fill(54321);
    const written = await ownedOf(session);
    const batch = await advance(session, plan, 3);
    return {
      owned: session.owned,
      written,
      run: { owned: session.owned, u: await ownedOf(session), batches: [batch] },
    };
  });
}

async function writes(subject: Subject): Promise<void> {
  const { backend, method, dtype } = subject;
  const [stencil] = examples(subject);
  const [ny, nx] = stencil.shape;
  const plan = planOf(stencil, method);
  const array = arrayType(dtype);
  const blocks: Block[] = [everything(stencil.shape), { rows: [2, ny], cols: [3, nx - 1] }];
  for (const block of blocks) {
    const { rows: [r0, r1], cols: [c0, c1] } = block;
    const number = scatter(77, -30, 30);
    const data = new array((r1 - r0) * (c1 - c0)).map((_, k) => number(k, r0));
    const found = await writeRun(backend, stencil, { ...plan }, block, data);
    const expected = await writeRun(reference, stencil, { ...plan }, block, data);
    if (!found || !expected) return;
    const where = ` (rows ${r0} to ${r1}, columns ${c0} to ${c1} written)`;
    const tolerance = drift(subject, 5, sizeOf(expected.written), plan.omega);
    expectSame("the field after write", found.written, expected.written, found.owned, tolerance, where);
    expectSameRun(found.run, expected.run, tolerance, where);
  }
}

async function restarts(subject: Subject): Promise<void> {
  const [stencil] = examples(subject);
  const plan = planOf(stencil, subject.method);
  // The same weights, and nothing given: what a session finds out about that must not remain.
  const quiet: Stencil = {
    ...stencil,
    evaluate(block) {
      const values = stencil.evaluate(block);
      for (const field of [values.u, values.g]) field?.fill(0);
      return values;
    },
    *chunks(block) {
      for (const chunk of stencil.chunks(block)) if (chunk.field !== "u" && chunk.field !== "g") yield chunk;
    },
  };
  const sweeps = [1, 2];
  const expected = await runOf(subject.backend, stencil, plan, sweeps);
  await using(subject.backend, quiet, plan, async (session) => {
    if (!session.restart) return;
    for (const before of [0, 3]) {
      if (before > 0) await advance(session, plan, before);
      await session.restart(stencil);
      const batches = [];
      for (const count of sweeps) batches.push(await advance(session, plan, count));
      const found = { owned: session.owned, u: await ownedOf(session), batches };
      expectSameRun(found, expected, 0, `, restarted after ${counted(before, "sweep")} more`);
      expect(batches.at(-1)!.sweeps === 3, `sweeps after restart: ${batches.at(-1)!.sweeps}, not 3`);
    }
  });
}

async function refusesWrites(subject: Subject): Promise<void> {
  const [stencil] = examples(subject);
  await using(subject.backend, stencil, planOf(stencil, subject.method), async (session) => {
    if (!session.write) return;
    const { rows: [r0, r1], cols: [c0, c1] } = session.owned;
    const array = arrayType(subject.dtype);
    const before = await ownedOf(session);
    const refuses = async (what: string, block: Block, length: number) =>
      expect(
        await thrown(() => session.write!(block, new array(length))) instanceof Error,
        `write took ${what} without an error`,
      );
    await refuses("a row beyond the end", { rows: [r1, r1 + 1], cols: [c0, c1] }, c1 - c0);
    await refuses("a row before the start", { rows: [r0 - 1, r0], cols: [c0, c1] }, c1 - c0);
    await refuses("a column beyond the end", { rows: [r0, r0 + 1], cols: [c1, c1 + 1] }, 1);
    await refuses("too few numbers", { rows: [r0, r0 + 2], cols: [c0, c1] }, 2 * (c1 - c0) - 1);
    await refuses("too many numbers", { rows: [r0, r0 + 2], cols: [c0, c1] }, 2 * (c1 - c0) + 1);
    expectSame("the field after refused writes", await ownedOf(session), before, session.owned, 0);
  });
}

async function refusesCounts(subject: Subject): Promise<void> {
  const [stencil] = examples(subject);
  await using(subject.backend, stencil, planOf(stencil, subject.method), async (session) => {
    for (const count of [0, -1, 1.5, NaN, Infinity]) {
      const cause = await thrown(() => session.advance(count));
      expect(cause instanceof Error, `advance(${count}) did not throw`);
    }
    const { sweeps } = await session.advance(2);
    expect(sweeps === 2, `refused sweeps were counted: there are ${sweeps}, not 2`);
  });
}

async function twoAtOnce(subject: Subject): Promise<void> {
  const { backend, method } = subject;
  const [one, other] = examples(subject);
  const [planA, planB] = [planOf(one, method), planOf(other, method)];
  await using(backend, one, planA, async (a) => {
    await using(backend, other, planB, async (b) => {
      await advance(a, planA, 1);
      await advance(b, planB, 2);
      await advance(a, planA, 1);
      // Ranks take part in one collective call at a time; one rank alone may have two in flight.
      if (a.ranks === 1) await Promise.all([advance(a, planA, 3), advance(b, planB, 3)]);
      else await advance(b, planB, 3), await advance(a, planA, 3);
      await sameAsReference(subject, other, planB, b, [2, 3], "the second session");
    });
    await advance(a, planA, 1);
    await sameAsReference(subject, one, planA, a, [1, 1, 3, 1], "the first session, the second being closed");
  });
}

async function sameAsReference(
  subject: Subject,
  stencil: Lowered,
  plan: SolvePlan,
  session: Session,
  counts: readonly number[],
  what: string,
) {
  const { owned } = session;
  const u = await ownedOf(session);
  const expected = isFormula(subject.method)
    ? await referenceRun(stencil, plan, counts, owned)
    : await runOf(subject.backend, stencil, { ...plan }, counts);
  const sweeps = counts.reduce((sum, count) => sum + count);
  expectSame(what, u, expected.u, owned, drift(subject, sweeps, sizeOf(expected.u), plan.omega));
}

async function ends(subject: Subject): Promise<void> {
  const [stencil] = examples(subject);
  const session = await subject.backend.open(stencil, planOf(stencil, subject.method));
  await session.advance(1);
  await session[Symbol.asyncDispose]();
  const again = await thrown(() => session[Symbol.asyncDispose]());
  expect(again === undefined, `the second dispose threw: ${again}`);
  expect(await thrown(() => session.advance(1)) instanceof Error, "advance after dispose did not throw");
  expect(await thrown(() => session.read("owned")) instanceof Error, "read after dispose did not throw");
  if (!session.write) return;
  const point = { rows: [0, 1], cols: [0, 1] } as const;
  const cause = await thrown(() => session.write!(point, new Float64Array(1)));
  expect(cause instanceof Error, "write after dispose did not throw");
}
