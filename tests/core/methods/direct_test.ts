/**
 * The method direct: every mixture of edges that separates against Gaussian elimination, and what it refuses.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import js from "../../../backends/js/mod.ts";
import { runOf } from "../../../conformance/compare.ts";
import { scatter } from "../../../conformance/problems.ts";
import type { EdgeInput, Problem } from "../../../core/problem/problem.ts";
import { chosen } from "../../../core/methods/direct.ts";
import { planFor } from "../../../core/methods/plan.ts";
import { lower } from "../../../core/discretize/lower.ts";
import { solve } from "../../../solve/solve.ts";
import { solveDense } from "../../support/dense_solver.ts";

const number = scatter(9, -1, 1);
const along = (i: number, j: number) => number(i + 7, j + 3);
const convection = { convection: { h: 0.7, ambient: along } };

/** What the two ends of a direction can be. */
const directions: Record<string, readonly [EdgeInput, EdgeInput]> = {
  "fixed edges": [along, 1],
  "a fixed edge and a free one": [along, { flux: along }],
  "a free edge and a fixed one": [{ flux: along }, along],
  "free edges": [{ flux: 0 }, { flux: 0 }],
  "periodic edges": ["periodic", "periodic"],
  "edges that convect": [convection, convection],
  "a fixed edge and one that convects": [2, convection],
};
const convects = (name: string) => name.includes("convect");
const holds = (name: string) => !["free edges", "periodic edges"].includes(name);

for (const [rows, [north, south]] of Object.entries(directions)) {
  for (const [cols, [west, east]] of Object.entries(directions)) {
    if (convects(rows) && convects(cols)) continue;
    test(`direct solves with ${rows} north and south, ${cols} west and east`, async () => {
      const singular = !holds(rows) && !holds(cols);
      // What one point gives, another takes.
      const source = singular ? (i: number, j: number) => i === 1 && j === 2 ? 1 : i === 2 && j === 1 ? -1 : 0 : number;
      for (
        const [shape, spacing] of [[[9, 12], [1, 1]], [[8, 7], [0.3, 0.5]], [[4, 18], [2, 1]], [[18, 4], [
          2,
          1,
        ]]] as const
      ) {
        // In a problem that is singular, rounding counts relative to what the sources make of the field.
        const problem: Problem = { shape, spacing, edges: { north, south, west, east }, source, initial: number };
        const { u } = solveDense(problem, singular);
        const found = await solve(problem, { plugin: "js", method: "direct", stop: "residual", tol: 1e-12 });
        const size = u.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        found.u.forEach((value, k) =>
          assert.ok(Math.abs(value - u[k]!) <= 1e-11 * size, `${shape}: ${value} at ${k}, expected ${u[k]}`)
        );
        assert.equal(found.status, "converged");
        assert.ok(found.sweeps <= 2, `${shape}: ${found.sweeps} sweeps`);
      }
    });
  }
}

test("direct solves where conductivity and fixed rows vary in one direction only, whichever it is", async () => {
  const layers = [1, 5, 0.2, 0.2, 40, 1, 1, 3, 2];
  const shape = [9, 9] as const;
  const held = (i: number, j: number, [a, b] = [i, j]) => a === 4 ? b : NaN;
  for (const turned of [false, true]) {
    const layer = (i: number, j: number) => layers[turned ? j : i]!;
    const mask = (i: number, j: number) => Number((turned ? j : i) === 4);
    const problem: Problem = {
      shape,
      conductivity: layer,
      edges: turned
        ? { north: { flux: 0.5 }, south: 1, west: convection, east: along }
        : { west: { flux: 0.5 }, east: 1, north: convection, south: along },
      fixed: { mask, values: (i, j) => held(turned ? j : i, turned ? i : j) },
    };
    const { u } = solveDense(problem);
    const found = await solve(problem, { plugin: "js", method: "direct", stop: "residual", tol: 1e-12 });
    found.u.forEach((value, k) => assert.ok(Math.abs(value - u[k]!) <= 1e-10, `${value} at ${k}, expected ${u[k]}`));
  }
});

test("direct transforms along the side that costs least", () => {
  const axis = (shape: readonly [number, number], edges: Problem["edges"] = { north: 1 }) =>
    ["columns", "rows"][chosen(lower({ shape, edges })).axis];
  assert.equal(axis([3, 100_000]), "columns");
  assert.equal(axis([100_000, 3]), "rows");
  // Waves between fixed edges have the length of the side less one: 1019, a prime, and 1024.
  assert.equal(axis([1020, 1025]), "rows");
  assert.equal(axis([1025, 1020]), "columns");
  assert.equal(axis([257, 257]), "rows");
  // Around a period elimination costs twice.
  assert.equal(axis([258, 256], { north: 1, west: "periodic", east: "periodic" }), "rows");
  assert.equal(axis([256, 258], { west: 1, north: "periodic", south: "periodic" }), "columns");
  // Of a period that is a prime waves cost more.
  assert.equal(axis([257, 257], { north: 1, west: "periodic", east: "periodic" }), "columns");
});

test("direct solves a long strip, lying and standing, within its bound", async () => {
  const free = { flux: 0 };
  for (const n of [3001, 20_001]) {
    for (const standing of [false, true]) {
      const shape = standing ? [n, 5] as const : [5, n] as const;
      const edges = standing
        ? { west: free, east: free, north: 0, south: 1 }
        : { north: free, south: free, west: 0, east: 1 };
      const { u, status, errorBound } = await solve({ shape, edges }, { plugin: "js", method: "direct" });
      assert.equal(status, "converged");
      const error = Array.from(u).reduce((most, value, k) => {
        const at = standing ? Math.floor(k / 5) : k % n;
        return Math.max(most, Math.abs(value - at / (n - 1)));
      }, 0);
      assert.ok(error <= errorBound!, `${shape}: off by ${error}, the bound is ${errorBound}`);
    }
  }
});

test("direct reaches the last digits of plates of any size, in at most two sweeps", async () => {
  for (const shape of [[3, 3], [3, 40], [65, 65], [67, 131], [128, 60], [200, 254]] as const) {
    for (const spacing of [[1, 1], [0.2, 0.7]] as const) {
      const problem: Problem = { shape, spacing, edges: { north: 100, west: 75, east: 50 }, source: number };
      const found = await solve(problem, { plugin: "js", method: "direct", stop: "residual", tol: 1e-12 });
      assert.equal(found.status, "converged", `${shape}`);
      assert.ok(found.sweeps <= 2, `${shape}: ${found.sweeps} sweeps`);
    }
  }
});

test("direct in f32 comes as close as f32 can", async () => {
  const problem: Problem = { shape: [65, 90], dtype: "f32", edges: { north: 100, west: { flux: 1 }, east: 50 } };
  const found = await solve(problem, { plugin: "js", method: "direct" });
  assert.equal(found.status, "converged");
  const exact = await solve({ ...problem, dtype: "f64" }, { plugin: "js", method: "direct" });
  // A residual of four roundings, and what the plate makes of it at most: errorFactor.
  const most = 4 * 2 ** -24 * 100 * lower(problem).analysis.errorPerResidual;
  found.u.forEach((value, k) => assert.ok(Math.abs(value - exact.u[k]!) <= most, `${value}, expected ${exact.u[k]}`));
});

test("direct takes up a field that was written, fixed points and all", async () => {
  const stencil = lower({ shape: [12, 9], edges: { north: 1, east: { flux: 1 } } });
  const plan = { method: "direct", omega: 1, settings: {} } as const;
  const { u } = await runOf(js, stencil, plan, [2]);
  const session = await js.open(stencil, plan);
  await session.advance(1);
  await session.write!({ rows: [0, 12], cols: [0, 9] }, new Float64Array(108).fill(NaN));
  assert.ok(Number.isNaN((await session.advance(1)).residual), "NaN was written, and is not seen");
  await session.write!({ rows: [0, 12], cols: [0, 9] }, new Float64Array(108).fill(17));
  await session.advance(2);
  const again = await session.read("owned");
  u.forEach((value, k) => assert.ok(Math.abs(value - again![k]!) <= 1e-12));
  await session[Symbol.asyncDispose]();
});

test("planFor refuses direct and spectral where waves do not separate, and says what else there is", () => {
  const refuses = (method: "direct" | "spectral", problem: Problem, message: RegExp) =>
    assert.throws(() => planFor(js, lower(problem), method, {}), { name: "ConfigError", message });
  const shape = [9, 8] as const;
  const electrode: Problem = { shape, fixed: { shapes: [{ kind: "circle", center: [4, 4], radius: 1, value: 1 }] } };
  const material: Problem = { shape, conductivity: (i, j) => 1 + i * j };
  const corner: Problem = { shape, edges: { north: convection, west: convection } };
  const layers: Problem = { shape, conductivity: (i) => 1 + i };
  refuses("direct", electrode, /points inside are held fixed.*use "multigrid"/);
  refuses("direct", material, /vary along rows and along columns.*use "multigrid"/);
  refuses("direct", corner, /vary along rows and along columns.*use "multigrid"/);
  refuses("spectral", electrode, /points inside are held fixed.*use "jacobi"/);
  refuses("spectral", layers, /conductivity varies.*use "jacobi"/);
  refuses("spectral", { shape, edges: { north: convection } }, /convects.*use "jacobi"/);
});

test("direct leaves held points exactly as they are", async () => {
  const { u } = await solve({
    shape: [33, 21],
    edges: { north: 7, south: -3, east: 1000, west: { flux: 0 } },
    source: 1000,
  }, { plugin: "js", method: "direct" });
  for (let j = 0; j < 20; j++) assert.deepEqual([u[j], u[32 * 21 + j]], [7, -3]);
  for (let i = 0; i < 33; i++) assert.equal(u[i * 21 + 20], 1000);
});
