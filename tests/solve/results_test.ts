/**
 * Results of solves: problems whose numbers are known, plugins and ranks that agree, estimates against the true error.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { scatter } from "../../conformance/problems.ts";
import { lower } from "../../core/discretize/lower.ts";
import type { Problem } from "../../core/problem/problem.ts";
import type { PointResult } from "../../core/results.ts";
import { solve } from "../../solve/solve.ts";
import { naiveResults } from "../support/naive_results.ts";
import { free, plate } from "../support/problems.ts";
import { randomProblems } from "../support/random_problems.ts";
import { assertAlike, overRanks, testPlugins } from "../support/same_results.ts";
import { near, resultsOf, solved } from "../support/solved.ts";

for (const [ny, nx] of [[3, 3], [9, 9], [33, 33], [17, 65], [128, 50]] as const) {
  test(`edges held at 1 + x² + 3y² have the fluxes 6, 0, 0 and 2, and the source is -8: ${ny} x ${nx}`, async () => {
    const [dy, dx] = [1 / (ny - 1), 1 / (nx - 1)];
    const u = (i: number, j: number) => 1 + (j * dx) ** 2 + 3 * (1 - i * dy) ** 2;
    const edges = { north: u, south: u, west: u, east: u };
    const { edges: found, source, imbalance, min, max, probes } = await resultsOf({
      shape: [ny, nx],
      spacing: [dy, dx],
      edges,
      source: -8,
      probes: [{ name: "p", at: [0.3, 0.6] }],
    });
    for (const [name, flux] of [["north", 6], ["south", 0], ["west", 0], ["east", 2]] as const) {
      near(found[name]!.flux, flux, 8e-12, name);
    }
    near(source, -8, 8e-12, "source");
    near(imbalance, 0, 8e-11, "imbalance");
    near((probes.p as PointResult).flux[0], -6 * 0.3, 1e-11, "flux northward");
    near((probes.p as PointResult).flux[1], -2 * 0.6, 1e-11, "flux eastward");
    near(min.value, 1, 1e-12, "min");
    near(max.value, 5, 1e-12, "max");
    assert.deepEqual([min.at, max.at.map(Math.round)], [[0, 0], [1, 1]]);
  });
}

test("an insulated plate has the fluxes that it is given, and a field of mean 0", async () => {
  for (const n of [5, 11, 32]) {
    const h = 1 / (n - 1);
    const { edges, integral, energy, min, max } = await resultsOf({
      shape: [n, n],
      spacing: [h, h],
      edges: { north: free, south: free, west: { flux: -1 }, east: { flux: 1 } },
    });
    for (const [name, flux] of [["north", 0], ["south", 0], ["west", -1], ["east", 1]] as const) {
      near(edges[name]!.flux, flux, 1e-12, name);
    }
    near(edges.east!.mean, 0.5, 1e-12, "mean");
    near(integral, 0, 1e-12, "integral");
    near(energy, 0.5, 1e-12, "energy");
    near(max.value - min.value, 1, 1e-12, "range");
  }
});

test("rods in series conduct 22.222195062 per depth", async () => {
  const { edges, imbalance, energy } = await resultsOf({
    shape: [3, 11],
    spacing: [0.5, 1],
    edges: { west: 100, east: 0, north: free, south: free },
    conductivity: (_, j) => j <= 4 ? 1 : 1e6,
    depth: 2,
  }, { method: "direct" });
  // Four links of k = 1, one of the harmonic mean, five of 1e6.
  const flux = 100 / (4 + (1 + 1e-6) / 2 + 5e-6);
  assert.equal(flux.toFixed(9), "22.222195062");
  near(edges.west!.flux / 2, flux, 22 * 1e-12, "west");
  near(edges.east!.flux / 2, -flux, 22 * 1e-12, "east");
  near(energy / 2, 50 * flux, 1e3 * 1e-12, "energy");
  near(imbalance, 0, 22 * 1e-10, "imbalance");
});

test("a periodic edge has no entry, and the others balance", async () => {
  const problem: Problem = {
    shape: [12, 16],
    edges: { west: "periodic", east: "periodic", north: scatter(1, 0, 9), south: { flux: 2 } },
    source: scatter(2, -1, 1),
  };
  const { edges, imbalance, source } = await resultsOf(problem);
  assert.deepEqual(Object.keys(edges), ["north", "south"]);
  near(edges.south!.flux, 32, 1e-12, "south");
  near(edges.north!.flux, -32 - source, 1e-11, "north");
  near(imbalance, 0, 1e-11, "imbalance");
});

test("what flows in balances, for any problem that is solved", async () => {
  await fc.assert(
    fc.asyncProperty(randomProblems(9), async (problem) => {
      const { u, results, status } = await solved(problem);
      assert.ok(["converged", "stalled", "limit"].includes(status), status);
      const { size } = naiveResults(problem, u);
      near(results!.imbalance, 0, 1e-10 * Math.max(1, size), "imbalance");
    }),
    { numRuns: 60 },
  );
});

/** Problems with something of everything. */
const PROBLEMS: Readonly<Record<string, Problem>> = {
  "a plate": plate(33, { probes: [{ name: "p", at: [16, 16] }, { name: "l", from: [0, 0], to: [32, 32], points: 5 }] }),
  "a hole": {
    shape: [35, 41],
    spacing: [0.5, 0.25],
    edges: { north: 5, south: free, west: { convection: { h: 0.3, ambient: 20 } }, east: { flux: 1 } },
    conductivity: scatter(3, 0.1, 10),
    source: scatter(4, -1, 1),
    fixed: { shapes: [{ kind: "circle", center: [8, 5], radius: 2, value: -100 }] },
    probes: [{ name: "p", at: [9, 1.3] }, { name: "mean", part: "fixed" }],
  },
  "a torus without held points": {
    shape: [24, 16],
    edges: { north: "periodic", south: "periodic", west: "periodic", east: "periodic" },
    source: (i, j) => Math.sin(Math.PI * i / 12) * Math.cos(Math.PI * j / 8),
    probes: [{ name: "p", at: [23.5, 15.5] }],
  },
};

await testPlugins(["wasm", "ffi-omp", "workers", "ndarray"], async (plugin) => {
  for (const [what, problem] of Object.entries(PROBLEMS)) {
    const method = plugin === "ndarray" ? what === "a hole" ? "sor" : "direct" : "multigrid";
    assertAlike(await resultsOf(problem, { plugin, method }), await resultsOf(problem), 1e-12);
  }
});

test("f32 has the results of f64 to six digits of the largest, and balances as well", async () => {
  for (const problem of Object.values(PROBLEMS)) {
    const single = await resultsOf({ ...problem, dtype: "f32" }, { stop: "error", tol: undefined });
    assertAlike(single, await resultsOf(problem), 2e-6);
  }
});

for (const [what, problem] of Object.entries(PROBLEMS)) {
  test(`results on 1 to 5 ranks are those on one: ${what}`, async () => void await overRanks(lower(problem)));
}

test("results end as the solve does: none of a field that is not finite, else those of the last one", async () => {
  const { status, results } = await solve(plate(33), { plugin: "js", method: "jacobi", maxSweeps: 3 });
  assert.equal(status, "limit");
  assert.ok(Math.abs(results!.imbalance) > 1);
  const abort = new AbortController();
  abort.abort();
  const stopped = await solve(plate(33), { plugin: "js", method: "jacobi", signal: abort.signal });
  assert.equal(stopped.status, "interrupted");
  assert.equal(stopped.results!.max.value, 100);
  // A source whose effect grows beyond what the precision holds, where little conducts.
  const poor: Problem = { shape: [65, 65], source: 1e34, conductivity: (i) => i === 0 ? 1 : 1e-3, dtype: "f32" };
  const diverged = await solve(poor, { plugin: "js", method: "jacobi", maxSweeps: 20_000 });
  assert.equal(diverged.status, "diverged");
  assert.equal(diverged.results, undefined);
});

// ---- estimates ----

const { exp, sin, cos } = Math;

/** A smooth field on the unit square, with all its fluxes in closed form. */
function smooth(n: number, edges: "held" | "mixed"): { problem: Problem; flux: Record<string, number> } {
  const h = 1 / (n - 1);
  const at = (f: (y: number, x: number) => number) => (i: number, j: number) => f(1 - i * h, j * h);
  const u = at((y, x) => exp(x) * cos(y));
  return {
    problem: {
      shape: [n, n],
      spacing: [h, h],
      edges: edges === "held" ? { north: u, south: u, west: u, east: u } : {
        north: { flux: at((y, x) => -exp(x) * sin(y)) },
        south: u,
        west: u,
        east: { convection: { h: 2, ambient: at((y, x) => exp(x) * cos(y) * 1.5) } },
      },
      probes: [{ name: "p", at: [0.3, 0.6] }],
    },
    flux: { north: -sin(1) * (exp(1) - 1), south: 0, west: -sin(1), east: exp(1) * sin(1) },
  };
}

for (const edges of ["held", "mixed"] as const) {
  test(`fluxes are of second order, and their estimates within a factor of 2: ${edges}`, async () => {
    const errors: number[] = [];
    for (const n of [33, 65, 129]) {
      const { problem, flux } = smooth(n, edges);
      const { results, estimates } = await solved(problem, { estimate: true });
      let worst = 0;
      for (const [name, exact] of Object.entries(flux)) {
        const error = Math.abs(results!.edges[name as "north"]!.flux - exact);
        worst = Math.max(worst, error);
        const estimate = estimates!.edges[name as "north"]!.flux;
        if (error > 1e-9) {
          assert.ok(estimate > error / 2 && estimate < 2 * error, `${n}, ${name}: ${error}, ${estimate}`);
        }
      }
      errors.push(worst);
    }
    for (const [n, error] of errors.slice(1).entries()) {
      const order = Math.log2(errors[n]! / error);
      assert.ok(order > 1.8 && order < 2.2, `of order ${order}: ${errors.join(", ")}`);
    }
  });
}

test("estimates have the structure of the results, without names, places and counts", async () => {
  const { estimates } = await solved(PROBLEMS["a plate"]!, { estimate: true });
  assert.deepEqual(Object.keys(estimates!).sort(), [
    "edges",
    "energy",
    "imbalance",
    "integral",
    "max",
    "min",
    "parts",
    "probes",
    "source",
  ]);
  assert.deepEqual(Object.keys(estimates!.min), ["value"]);
  assert.deepEqual(Object.keys(estimates!.probes.l!).sort(), ["flux", "value"]);
  const even = await solve(plate(34), { plugin: "js", estimate: true });
  assert.equal(even.estimates, undefined);
  assert.ok(even.results !== undefined);
  assert.equal((await solve(plate(33), { plugin: "js" })).estimates, undefined);
});
