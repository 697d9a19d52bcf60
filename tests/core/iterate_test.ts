/**
 * The solve loop, over the reference or fakes made of it: what ends it, and how batches are cut.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import js from "../../backends/js/mod.ts";
import { scatter } from "../../conformance/problems.ts";
import type { Method, Session } from "../../core/contract.ts";
import { lower } from "../../core/discretize/lower.ts";
import { checkLimits, criterionFor, type Limits } from "../../core/criterion.ts";
import { iterate, type Outcome, wholePasses } from "../../core/iterate.ts";
import { planFor } from "../../core/methods/plan.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { plate } from "../support/problems.ts";
import { refuses } from "../support/refuses.ts";

/** The loop over a session that is the reference with something changed. */
async function loop(
  problem: Problem,
  method: Method,
  limits: Limits,
  change: (session: Session) => Partial<Session> = () => ({}),
): Promise<Outcome> {
  const stencil = lower(problem);
  const plan = planFor(js, stencil, method, {});
  const session = await js.open(stencil, plan);
  try {
    const fake = { ...session, ...change(session) };
    return await iterate(fake, stencil, plan, limits);
  } finally {
    await session[Symbol.asyncDispose]();
  }
}

test("criterionFor gives up after 1000 cycles of multigrid, ten million sweeps of others, unless told otherwise", () => {
  const stencil = lower(plate(9));
  const most = (method: Method, maxSweeps?: number) => criterionFor(stencil, method, { maxSweeps }).maxSweeps;
  assert.equal(most("multigrid"), 1000);
  for (const method of ["jacobi", "sor", "cg", "direct"] as const) assert.equal(most(method), 10_000_000);
  assert.equal(most("spectral"), 1e15);
  assert.equal(most("multigrid", 5000), 5000);
});

test("iterate ends cycles that hardly get anywhere as limit, after 1000", async () => {
  const { status, last } = await loop(plate(9), "multigrid", {}, () => {
    let sweeps = 0;
    return {
      advance(count) {
        sweeps += count;
        return { sweeps, change: 1, residual: 1 / sweeps };
      },
    };
  });
  assert.deepEqual([status, last.sweeps], ["limit", 1000]);
});

test("iterate gives over-relaxation up for Gauss-Seidel before it calls a solve stalled", async () => {
  const stencil = lower(plate(17, { edges: { north: scatter(1, 0, 100) } }));
  const plan = planFor(js, stencil, "sor", {});
  const session = await js.open(stencil, plan);
  const seen = new Set<number | undefined>();
  const watched: Session = {
    ...session,
    advance(sweeps, options) {
      seen.add(options?.omega);
      return session.advance(sweeps, options);
    },
  };
  const { status, last } = await iterate(watched, stencil, plan, { tol: 1e-300 });
  await session[Symbol.asyncDispose]();
  assert.ok(status === "stalled" || last.residual === 0);
  assert.deepEqual([...seen], [plan.omega, 1]);
});

test("iterate ends as diverged at the first batch whose numbers are not finite", async () => {
  for (const bad of [{ change: NaN }, { residual: NaN }, { change: Infinity }]) {
    const { status, last } = await loop(plate(33), "jacobi", {}, (session) => ({
      async advance(count) {
        const batch = await session.advance(count);
        return batch.sweeps > 20 ? { ...batch, ...bad } : batch;
      },
    }));
    assert.equal(status, "diverged");
    assert.ok(last.sweeps > 20 && last.sweeps <= 100);
  }
});

test("iterate does the same sweeps and history whatever the size of its batches", async () => {
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const run = async (pause: (batch: number) => number) => {
    let batches = 0;
    const outcome = await loop(plate(17), "jacobi", { checkEvery: 50, tol: 1e-4 }, (session) => ({
      async advance(count) {
        await wait(pause(batches++));
        return session.advance(count);
      },
    }));
    return { ...outcome, last: undefined, sweeps: outcome.last.sweeps, batches };
  };
  const fast = await run(() => 0);
  const slow = await run((batch) => batch % 3 === 0 ? 40 : 4);
  assert.notEqual(fast.batches, slow.batches, "the batches should differ for this test to mean anything");
  assert.deepEqual({ ...slow, batches: 0 }, { ...fast, batches: 0 });
});

test("iterate gives several ranks batches that depend on sweeps alone", async () => {
  const counts: number[] = [];
  await loop(plate(17), "jacobi", { checkEvery: 40, maxSweeps: 100, tol: 1e-9 }, (session) => ({
    ranks: 2,
    advance(count) {
      counts.push(count);
      return session.advance(count);
    },
  }));
  assert.deepEqual(counts, [1, 39, 40, 20]);
});

test("iterate gives batches that fill passes over memory, where a session has such", async () => {
  const pass = { sweeps: 8, width: 100 };
  assert.deepEqual([1, 6, 7, 14, 15, 40].map((sweeps) => wholePasses(sweeps, pass)), [7, 7, 7, 7, 15, 39]);
  assert.deepEqual([0, 1, 2, 9].map((sweeps) => wholePasses(sweeps)), [1, 1, 2, 9]);
  const counts: number[] = [];
  await loop(plate(9), "jacobi", { maxSweeps: 40, tol: 1e-12 }, (session) => ({
    pass: () => pass,
    // So slow that time alone would never ask for more than one.
    async advance(count) {
      counts.push(count);
      await new Promise((resolve) => setTimeout(resolve, 210));
      return await session.advance(count);
    },
  }));
  assert.deepEqual(counts, [1, 7, 7, 7, 7, 7, 4]);
});

test("checkLimits refuses numbers out of range, and names them as the command line does", () => {
  const bad = (limits: Limits, begins: string) => refuses(() => checkLimits(limits), begins);
  for (const value of [0, -1, NaN, Infinity]) {
    bad({ tol: value }, `tol must be greater than 0: it is ${value}`);
    bad({ stop: "change", eps: value }, `eps must be greater than 0: it is ${value}`);
  }
  for (const value of [0, -1, 1.5, NaN, Infinity, 2 ** 60]) {
    bad({ checkEvery: value }, `check-every must be a whole number of at least 1: it is ${value}`);
    bad({ maxSweeps: value }, `max-sweeps must be a whole number of at least 1: it is ${value}`);
  }
  bad({ stop: "residal" as "residual" }, `Unknown stop rule "residal"; did you mean "residual"?`);
});
