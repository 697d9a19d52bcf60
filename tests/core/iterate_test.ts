/**
 * The solve loop: what ends it, what it reports, and which plan it makes. Backends here are the reference, or fakes
 * made of it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { block } from "../../core/block_setting.ts";
import js from "../../backends/js/mod.ts";
import { maxDifference } from "../../conformance/compare.ts";
import { scatter } from "../../conformance/problems.ts";
import { chooseMethod } from "../../core/methods/auto.ts";
import type { Backend, Batch, Method, Session } from "../../core/contract.ts";
import { roundoff } from "../../core/dtype.ts";
import { ConfigError } from "../../core/errors.ts";
import { planFor } from "../../core/methods/plan.ts";
import { optimalOmega } from "../../core/methods/sor.ts";
import type { Problem } from "../../core/problem/problem.ts";
import {
  checkLimits,
  criterionFor,
  iterate,
  type Limits,
  type Outcome,
  type Progress,
  wholePasses,
} from "../../core/iterate.ts";
import { lower } from "../../core/discretize/lower.ts";
import { solve, type SolveOptions } from "../../solve/solve.ts";
import { solveDense } from "../support/dense_solver.ts";

const plate = (n: number, more: Partial<Problem> = {}): Problem => ({
  shape: [n, n],
  edges: { north: 100, west: 75, east: 50 },
  ...more,
});

const solveJs = (problem: Problem, options: SolveOptions = {}) => solve(problem, { plugin: "js", ...options });

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
    return await iterate(fake, stencil, plan, criterionFor(stencil, method, limits), limits);
  } finally {
    await session[Symbol.asyncDispose]();
  }
}

test("solve with stop error ends with an error within its bound, and the bound within tol of the spread", async () => {
  const problem = plate(9, { source: scatter(3, -1, 1) });
  const exact = solveDense(problem).u;
  for (const method of ["jacobi", "sor"] as const) {
    for (const tol of [1e-2, 1e-6, 1e-10]) {
      const { u, status, errorBound, stop } = await solveJs(problem, { method, tol });
      const error = maxDifference(u, exact, (x) => x);
      assert.deepEqual([status, stop], ["converged", "error"]);
      // Up to the rounding of the dense solution, a few units in the last place of 100.
      assert.ok(error <= errorBound! + 1e-12, `${error} > ${errorBound}`);
      assert.ok(errorBound! <= tol * 100);
    }
  }
});

test("solve with stop residual ends at tol times the spread, the spread of a problem without range being 1", async () => {
  const { residual, target, status } = await solveJs(plate(17), { stop: "residual", tol: 1e-5 });
  assert.deepEqual([target, status], [1e-3, "converged"]);
  assert.ok(residual <= 1e-3);
  const flat = await solveJs({ shape: [5, 5], source: 1 }, { stop: "residual", tol: 1e-5 });
  assert.equal(flat.target, 1e-5);
});

test("solve with stop change ends at eps, looked at every 1000 sweeps", async () => {
  const { sweeps, change, target, history } = await solveJs(plate(65), { stop: "change", method: "jacobi" });
  assert.equal(target, 1e-4);
  assert.ok(change <= 1e-4 && sweeps > 1000 && sweeps % 1000 === 0);
  assert.deepEqual(
    history.map(({ sweeps }) => sweeps),
    Array.from({ length: sweeps / 1000 }, (_, n) => 1000 * (n + 1)),
  );
  assert.ok(history.slice(0, -1).every(({ change }) => change > 1e-4));
});

test("solve stops at max-sweeps with status limit, unless it converged right there", async () => {
  const limited = await solveJs(plate(33), { method: "sor", maxSweeps: 10 });
  assert.deepEqual([limited.status, limited.sweeps, limited.history.at(-1)!.sweeps], ["limit", 10, 10]);
  const free = await solveJs(plate(33), { method: "jacobi" });
  const exact = await solveJs(plate(33), { method: "jacobi", maxSweeps: free.sweeps });
  assert.deepEqual([exact.status, exact.sweeps], ["converged", free.sweeps]);
});

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

test("solve with a tolerance below rounding ends as stalled, for both methods and dtypes", async () => {
  // Numbers that are no sums of a few powers of two: else an iterate may settle with a residual of exactly zero.
  const edges = { north: scatter(1, 50, 100), west: scatter(2, -9, 9) };
  for (const method of ["jacobi", "sor"] as const) {
    for (const dtype of ["f64", "f32"] as const) {
      const { status, residual } = await solveJs({ shape: [17, 19], spacing: [0.3, 0.7], edges, dtype }, {
        method,
        tol: 1e-300,
      });
      assert.ok(status === "stalled" || residual === 0, `${method} ${dtype}: ${status}, residual ${residual}`);
      assert.ok(residual < 100 * 16 * roundoff(dtype));
    }
  }
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
  const { status, last } = await iterate(watched, stencil, plan, criterionFor(stencil, "sor", { tol: 1e-300 }), {});
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

test("solve ends as interrupted when its signal aborts, before or between batches", async () => {
  const before = await solveJs(plate(33), { signal: AbortSignal.abort() });
  assert.deepEqual([before.status, before.sweeps], ["interrupted", 0]);
  assert.equal(before.u.length, 33 * 33);
  const controller = new AbortController();
  let batches = 0;
  const { status, sweeps } = await solveJs(plate(129), {
    method: "jacobi",
    tol: 1e-12,
    signal: controller.signal,
    onBatch: () => ++batches === 3 && controller.abort(),
  });
  assert.equal(status, "interrupted");
  assert.equal(batches, 3);
  assert.ok(sweeps > 0);
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

test("onBatch sees every batch, with the bound on the error where one is known", async () => {
  const seen: Progress[] = [];
  const { sweeps, history } = await solveJs(plate(33), {
    method: "sor",
    onBatch: (progress) => void seen.push(progress),
  });
  assert.equal(seen.at(-1)!.sweeps, sweeps);
  assert.ok(seen.every(({ sweeps }, n) => n === 0 || sweeps > seen[n - 1]!.sweeps));
  assert.ok(seen.every(({ errorBound }) => errorBound! > 0));
  const all = new Map(seen.map((batch): [number, Batch] => [batch.sweeps, batch]));
  for (const { sweeps, residual } of history) assert.equal(all.get(sweeps)!.residual, residual);
  // Nothing holds it.
  const free = { flux: 0 };
  const edges = { north: free, south: free, west: free, east: free };
  const unheld = await solveJs(plate(9, { edges }), { method: "sor" });
  assert.equal(unheld.errorBound, undefined);
});

test("solve reaches its default tolerance in f32, with numbers far from zero too", async () => {
  const narrow: Problem = { shape: [65, 65], edges: { north: 101, south: 100, west: 100, east: 100 }, dtype: "f32" };
  for (const stop of ["error", "residual"] as const) {
    for (const n of [17, 65, 129]) {
      const { status } = await solveJs(plate(n, { dtype: "f32" }), { stop });
      assert.equal(status, "converged", `${stop} at ${n}`);
    }
    for (const method of ["jacobi", "sor"] as const) {
      for (const problem of [plate(97, { dtype: "f32", spacing: [1, 0.7] }), narrow]) {
        const { status, residual } = await solveJs(problem, { stop, method });
        assert.equal(status, "converged", `${stop}, ${method}, residual ${residual}`);
      }
    }
  }
});

test("solve gives a singular problem its solution of zero mean, every cell counting by its size", async () => {
  const free = { flux: 0 };
  const problem: Problem = {
    shape: [8, 9],
    spacing: [0.5, 0.25],
    edges: { north: { flux: 1 }, south: { flux: -1 }, west: free, east: free },
    initial: 17,
  };
  const exact = solveDense(problem, true).u;
  const { u, status } = await solveJs(problem, { tol: 1e-12 });
  assert.equal(status, "converged");
  exact.forEach((value, k) => assert.ok(Math.abs(u[k]! - value) < 1e-9, `point ${k}: ${u[k]}, expected ${value}`));
  const torus: Problem = {
    shape: [8, 6],
    edges: { north: "periodic", south: "periodic", west: "periodic", east: "periodic" },
    source: (i, j) => i === 1 && j === 1 ? 1 : i === 5 && j === 4 ? -1 : 0,
  };
  const around = await solveJs(torus, { tol: 1e-12 });
  solveDense(torus, true).u.forEach((value, k) => assert.ok(Math.abs(around.u[k]! - value) < 1e-9));
});

test("solve starts at the initial field, and leaves fixed values as they are in the end", async () => {
  const near = await solveJs(plate(65, { initial: 56 }), { maxSweeps: 1 });
  assert.equal(near.u[0], 75);
  assert.equal(near.u[5], 100);
  const solved = await solveJs(plate(65), { method: "sor" });
  const again = await solveJs(plate(65, { initial: solved.u }), { method: "sor" });
  assert.equal(again.status, "converged");
  assert.ok(again.sweeps < solved.sweeps / 2);
});

test("optimalOmega is near the best: five percent less or more take more sweeps on a plate", async () => {
  for (const problem of [plate(33), plate(21, { shape: [21, 41] }), plate(21, { spacing: [0.5, 0.2] })]) {
    const omega = optimalOmega(lower(problem).analysis);
    const sweeps = async (omega: number) =>
      (await solveJs(problem, { method: "sor", settings: { omega }, checkEvery: 1, stop: "residual", tol: 1e-10 }))
        .sweeps;
    const best = await sweeps(omega);
    assert.ok(best < await sweeps(omega * 0.95), `less than ${omega}`);
    assert.ok(best < await sweeps(omega * 1.05), `more than ${omega}`);
  }
});

test("optimalOmega is at most half as slow again as the best factor for free and periodic edges", async () => {
  const free = { flux: 0 };
  const problems: Readonly<Record<string, Problem>> = {
    insulated: { shape: [25, 25], edges: { north: 1, south: free, west: free, east: free } },
    periodic: { shape: [21, 30], edges: { north: scatter(1, 0, 9), west: "periodic", east: "periodic" } },
    convection: { shape: [25, 31], edges: { north: 1, east: { convection: { h: 0.3, ambient: 20 } }, west: free } },
  };
  for (const [name, problem] of Object.entries(problems)) {
    const sweeps = async (settings: { omega?: number }) =>
      (await solveJs(problem, { method: "sor", settings, checkEvery: 1, stop: "residual", tol: 1e-9 })).sweeps;
    const ours = await sweeps({});
    let best = Infinity;
    for (let omega = 1.7; omega < 1.98; omega += 0.02) best = Math.min(best, await sweeps({ omega }));
    assert.ok(ours <= 1.5 * best, `${name}: ${ours} sweeps, the best factor takes ${best}`);
  }
});

/** What a call throws must be a ConfigError of one line that begins so. */
function refuses(run: () => unknown, begins: string): void {
  assert.throws(run, (cause) => {
    assert.ok(cause instanceof ConfigError, String(cause));
    assert.equal(cause.message.slice(0, begins.length), begins);
    assert.ok(!cause.message.includes("\n"));
    return true;
  });
}

test("planFor refuses methods and omegas that cannot be", () => {
  const stencil = lower(plate(9));
  const plain: Backend = { ...js, name: "plain", methods: ["jacobi"] };
  refuses(() => planFor(plain, stencil, "sor", {}), `"plain" has no method "sor"; known: jacobi`);
  for (const omega of ["0", "2", "-1", "NaN", "", " ", "fast", "1,5", "Infinity"]) {
    refuses(() => planFor(js, stencil, "sor", { omega }), `Setting "omega" must be greater than 0 and less than 2`);
  }
  refuses(() => planFor(js, stencil, "jacobi", { omega: "1.5" }), `Setting "omega" belongs to method "sor"`);
  const ring = lower({ shape: [9, 9], edges: { west: "periodic", east: "periodic" } });
  refuses(() => planFor(js, ring, "sor", {}), `Cannot use method "sor": red-black order needs an even number`);
  assert.equal(planFor({ ...js, methods: ["jacobi", "sor"] }, ring, "auto", {}).method, "jacobi");
});

test("planFor takes with auto what chooseMethod does, and keeps omega out of the plugin's settings", () => {
  const stencil = lower(plate(9));
  for (const methods of [js.methods, ["jacobi", "sor"], ["jacobi"]] as const) {
    const backend = { ...js, methods };
    assert.equal(planFor(backend, stencil, "auto", {}).method, chooseMethod(backend, stencil).method);
  }
  const plan = planFor(js, stencil, "auto", { omega: "1.25", threads: "2" });
  assert.equal(plan.omega, 1.25);
  assert.deepEqual(plan.settings, { threads: "2" });
});

test("planFor refuses a setting that the method would not heed", () => {
  const backend: Backend = { ...js, settings: { block: block("…") } };
  const stencil = lower(plate(9));
  const settings = { block: "off" };
  assert.deepEqual(planFor(backend, stencil, "jacobi", settings).settings, settings);
  assert.equal(planFor(backend, stencil, "auto", settings).method, "jacobi", "auto takes the method that heeds it");
  assert.throws(
    () => planFor(backend, stencil, "sor", settings),
    /^ConfigError: Setting "block" belongs to method "jacobi": the method is "sor"$/,
  );
  assert.throws(() => planFor(backend, stencil, "auto", { ...settings, omega: "1" }), /belongs to method/);
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
