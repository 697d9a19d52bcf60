/**
 * Checks of the methods that owe nobody their bits, multigrid apart: conjugate gradients, the fast direct solver, and
 * Jacobi's sweeps taken many at once. What counts is where they lead, and that reported numbers are those of the field.
 *
 * @module
 */

import type { Lowered } from "../core/analysis.ts";
import type { Session } from "../core/contract.ts";
import { arrayType, rounder, roundoff } from "../core/dtype.ts";
import { batchesAddUp, numbersRecompute, onSome, runnable, solvesToRounding, waveRounding } from "./batches.ts";
import type { Check } from "./check.ts";
import { expectNumber, expectSame, expectSameRun, maxDifference, planOf, referenceRun, runOf } from "./compare.ts";
import { sizeOf, type Subject, using } from "./compare.ts";
import { swept } from "./oracle.ts";
import { scatter } from "./problems.ts";

/** @returns the checks of one subject whose method is cg, direct or spectral. */
export function solverChecks(subject: Subject): Check[] {
  const all = runnable(subject);
  const [first] = all;
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
    { name: "advance(3) and advance(4) equal advance(7)", run: onSome(all, 2, (one) => batchesAddUp(subject, one)) },
    {
      name: "change and residual recompute from the field",
      run: onSome(all, 2, (one) => numbersRecompute(subject, one)),
    },
    ...(first ? [{ name: "goes on from what was written", run: () => goesOn(subject, first.stencil) }] : []),
  ];
}

async function followsJacobi({ backend }: Subject, stencil: Lowered): Promise<void> {
  const counts = [1, 2, 60, 1];
  const found = await runOf(backend, stencil, planOf(stencil, "spectral"), counts);
  const expected = await referenceRun(stencil, planOf(stencil, "jacobi"), counts, found.owned);
  // Jacobi's own sweeps round, too.
  const tolerance = waveRounding(stencil, sizeOf(expected.u)) + 8 * 64 * roundoff(stencil.dtype) * sizeOf(expected.u);
  expectSameRun(found, expected, tolerance, "");
}

/** A direct solve needs one more, for the rounding of the first. */
function converge({ method }: Subject, stencil: Lowered, session: Session): Promise<void> {
  const [ny, nx] = stencil.shape;
  return method === "direct"
    ? solvesToRounding(stencil, session, 1, 3)
    : solvesToRounding(stencil, session, 40, Math.max(50, ny + nx));
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
