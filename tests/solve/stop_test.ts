/**
 * How a solve ends: stop rules, limits, signals and rounding; and the field that it ends with. By the reference.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { maxDifference } from "../../conformance/compare.ts";
import { scatter } from "../../conformance/problems.ts";
import type { Batch } from "../../core/contract.ts";
import { roundoff } from "../../core/dtype.ts";
import type { Progress } from "../../core/criterion.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { solve, type SolveOptions } from "../../solve/solve.ts";
import { solveDense } from "../support/dense_solver.ts";
import { plate } from "../support/problems.ts";

const solveJs = (problem: Problem, options: SolveOptions = {}) => solve(problem, { plugin: "js", ...options });

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

test("solve with stop residual ends at tol times the spread, which sources and fluxes widen", async () => {
  const { residual, target, status } = await solveJs(plate(17), { stop: "residual", tol: 1e-5 });
  assert.deepEqual([target, status], [1e-3, "converged"]);
  assert.ok(residual <= 1e-3);
  const flat = await solveJs({ shape: [5, 5], source: 1 }, { stop: "residual", tol: 1e-5 });
  const range = Math.max(...flat.u);
  assert.deepEqual([flat.spread, flat.target], [range, 1e-5 * range]);
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
  assert.ok(unheld.errorBound! >= 0);
});

test("solve reaches its default tolerance in f32, with numbers far from zero too", async () => {
  const narrow: Problem = { shape: [65, 65], edges: { north: 110, south: 100, west: 100, east: 100 }, dtype: "f32" };
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
