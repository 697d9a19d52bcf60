/**
 * Checks of multigrid. Backends are free in how they smooth and store levels, so cycles are compared with nothing: what
 * counts is where they lead, how fast, and that reported numbers are those of the field.
 *
 * @module
 */

import { counted } from "../core/errors.ts";
import type { Lowered } from "../core/analysis.ts";
import type { Session } from "../core/contract.ts";
import { arrayType, rounder } from "../core/dtype.ts";
import { batchesAddUp, onSome, rounding, type Runnable, runnable, solvesToRounding } from "./batches.ts";
import type { Check, ConformanceOptions } from "./check.ts";
import { cannotRun, everything, expect, expectNumber, lowered, maxDifference, planOf, sizeOf } from "./compare.ts";
import { type Subject, using } from "./compare.ts";
import { swept } from "./oracle.ts";
import { fixtures, scatter } from "./problems.ts";
import { onRandom, problemOf, same } from "./random.ts";

/** @returns the checks of one subject whose method is multigrid. */
export function multigridChecks(
  subject: Subject,
  { seed = 20260101, runs = 4 }: ConformanceOptions,
): Check[] {
  const all = runnable(subject);
  return [
    ...all.map(({ what, stencil }): Check => ({
      name: `each cycle leaves a third at most, down to rounding: ${what}`,
      run: () => converges(subject, stencil),
    })),
    { name: "advance(3) and advance(4) equal advance(7)", run: onSome(all, 3, (one) => batchesAddUp(subject, one)) },
    { name: "change and residual recompute from the field", run: onSome(all, 2, (one) => norms(subject, one)) },
    { name: "fields of any size are solved", run: () => anySize(subject) },
    { name: "cycles go on from what was written", run: () => goesOn(subject) },
    ...(subject.kind === "weighted"
      ? [{ name: "a disc that conducts a million times as well as what is around it", run: () => floats(subject) }]
      : []),
    ...(subject.kind === "weighted" && subject.backend.methods.includes("cg")
      ? [{ name: "a conductivity of two values at random, with conjugate gradients", run: () => scattered(subject) }]
      : []),
    {
      name: `random problems are solved down to rounding (seed ${seed})`,
      run: onRandom(subject, { seed, runs: 2 * runs }, async (draft) => {
        const stencil = lowered(problemOf(draft, same), subject);
        if (cannotRun(subject, stencil) !== undefined) return;
        await using(subject.backend, stencil, planOf(stencil, "multigrid"), (session) => converge(stencil, session));
      }),
    },
  ];
}

async function converges({ backend }: Subject, stencil: Lowered): Promise<void> {
  await using(backend, stencil, planOf(stencil, "multigrid"), async (session) => {
    const size = sizeOf(stencil.evaluate(everything(stencil.shape)).u);
    let { residual: before } = await session.advance(1);
    for (let n = 2; n <= 25; n++) {
      const { residual } = await session.advance(1);
      if (residual <= rounding(stencil, size)) break;
      expect(residual <= before / 3, `cycle ${n} leaves ${residual} of a residual of ${before}`);
      before = residual;
    }
    await converge(stencil, session);
  });
}

/** A check runs no longer than 60 cycles; the worst of the random problems needs half of it. */
function converge(stencil: Lowered, session: Session): Promise<void> {
  return solvesToRounding(stencil, session, 12, 5);
}

async function norms({ backend, dtype }: Subject, { what, stencil }: Runnable): Promise<void> {
  const [, nx] = stencil.shape;
  const round = rounder(dtype);
  await using(backend, stencil, planOf(stencil, "multigrid"), async (session) => {
    // Before the first cycle the iterate is smoothed, which is no part of its change.
    let { residual: left } = await session.advance(1);
    for (const count of [1, 3, 2]) {
      if (count > 1) left = (await session.advance(count - 1)).residual;
      const before = await session.read("global");
      const batch = await session.advance(1);
      const after = await session.read("global");
      if (!before || !after) continue;
      const tolerance = rounding(stencil, sizeOf(after));
      const where = ` (${what}, ${counted(batch.sweeps, "cycle")})`;
      // What a cycle takes away may be f32, as levels are: then what is left is known as well as what there was before, in f32.
      const slack = tolerance + rounding({ dtype: "f32" }, left);
      expectNumber("residual", batch.residual, maxDifference(swept(stencil, after), after, round), slack, where);
      left = batch.residual;
      // A backend may keep the points of one colour only, and see how far those moved.
      const black = (u: typeof after) => u.filter((_, k) => (Math.floor(k / nx) + k % nx) % 2 === 1);
      const [least, most] = [maxDifference(black(after), black(before), round), maxDifference(after, before, round)];
      expect(
        batch.change >= least - tolerance && batch.change <= most + tolerance,
        `change: it is ${batch.change}, expected ${least} to ${most}${where}`,
      );
    }
  });
}

/** As large or small as the precision allows: levels may be f32, whose range is narrower. */
async function anySize(subject: Subject): Promise<void> {
  const scales = subject.dtype === "f32" ? [1e-20, 1e20] : [1e-60, 1e60];
  for (const scale of scales) {
    const edges = { north: scale, ...(subject.kind === "weighted" && { west: { flux: 0 } }) };
    const stencil = lowered({ shape: [33, 35], edges }, subject);
    if (cannotRun(subject, stencil) !== undefined) continue;
    await using(subject.backend, stencil, planOf(stencil, "multigrid"), async (session) => {
      await session.advance(5);
      const u = await session.read("global");
      const middle = u && u[16 * 35 + 17]! / scale;
      expect(
        middle === undefined || (middle > 0.2 && middle < 0.6),
        `of an edge at ${scale} the middle gets ${middle}`,
      );
      await converge(stencil, session);
    });
  }
}

/** A disc moves as a whole: what rounding makes flow inside of it is large beside what holds it. */
async function floats(subject: Subject): Promise<void> {
  const single = subject.dtype === "f32";
  const stencil = lowered({
    shape: [129, 130],
    conductivity: (i, j) => (i - 60) ** 2 + (j - 60) ** 2 < 30 ** 2 ? 1e6 : 1,
    ...(!single && { initial: scatter(11, -1, 1) }),
    ...(single && { edges: { north: 100, west: 75, east: 50 } }),
  }, subject);
  if (cannotRun(subject, stencil) !== undefined) return;
  await using(subject.backend, stencil, planOf(stencil, "multigrid"), async (session) => {
    const { residual: first } = await session.advance(1);
    const { residual } = await session.advance(single ? 29 : 9);
    // Nothing holds it in f32 but what is lost in rounding: then cycles must do no harm.
    const allowed = single ? first : first / 3 ** 9;
    expect(residual <= allowed, `${single ? 29 : 9} cycles leave ${residual} of a residual of ${first}`);
  });
}

/** No coarser grid represents it: cycles are slow, and so are conjugate gradients with them. */
async function scattered(subject: Subject): Promise<void> {
  const [jump, allowed] = subject.dtype === "f32" ? [1e3, 1e-5] : [1e6, 1e-10];
  const number = scatter(12, 0, 1);
  const free = { flux: 0 };
  const stencil = lowered({
    shape: [65, 67],
    edges: { west: 1, north: free, south: free },
    conductivity: (i, j) => number(i, j) < 0.5 ? jump : 1,
  }, subject);
  if (cannotRun(subject, stencil) !== undefined) return;
  await using(subject.backend, stencil, planOf(stencil, "multigrid"), async (session) => {
    // On ranks there are no conjugate gradients.
    if (session.ranks > 1) return;
    let left = Infinity;
    for (let n = 0; n < 40 && left > allowed; n++) ({ residual: left } = await session.advance(1));
    expect(left <= allowed, `40 cycles leave a residual of ${left}`);
  });
}

async function goesOn(subject: Subject): Promise<void> {
  const stencil = lowered(fixtures(subject.kind)[0]!.problem, subject);
  await using(subject.backend, stencil, planOf(stencil, "multigrid"), async (session) => {
    if (!session.write || session.ranks > 1) return;
    await session.advance(3);
    const [ny, nx] = stencil.shape;
    const array = arrayType(stencil.dtype);
    const number = scatter(78, -30, 30);
    const block = { rows: [2, ny - 1], cols: [1, nx - 2] } as const;
    await session.write(block, new array((ny - 3) * (nx - 3)).map((_, k) => number(k, 1)));
    const { residual } = await session.advance(1);
    expect(residual > rounding(stencil, 100), `after noise was written, one cycle reports a residual of ${residual}`);
    await converge(stencil, session);
  });
}
