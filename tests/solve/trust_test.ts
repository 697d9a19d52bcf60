/**
 * Never "converged" unless it is: problems whose field is hard to get right, by all methods, against exact solutions. What ends
 * as converged is within its bound, and the bound within what was asked; all else says so by its status.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { maxDifference } from "../../conformance/compare.ts";
import { scatter } from "../../conformance/problems.ts";
import { METHODS } from "../../core/contract.ts";
import { traits } from "../../core/methods/traits.ts";
import { lower } from "../../core/discretize/lower.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { solve, type SolveOptions } from "../../solve/solve.ts";
import { solveDense } from "../support/dense_solver.ts";
import { free } from "../support/problems.ts";

const insulated = { north: free, south: free } as const;

/** Solves by each method that can. @returns the methods that converged */
async function solveByAll(problem: Problem, options: SolveOptions = {}): Promise<string[]> {
  const stencil = lower(problem);
  const exact = solveDense(problem, stencil.singular).u;
  const converged: string[] = [];
  for (const method of METHODS) {
    if (traits[method].fails?.(stencil) !== undefined) continue;
    const solution = await solve(problem, { plugin: "js", method, maxSweeps: 200_000, ...options });
    const { u, status, errorBound, asked, dtype } = solution;
    if (errorBound !== undefined) {
      const error = maxDifference(u, exact, (x) => x);
      // The exact solution has roundings of its own.
      assert.ok(error <= errorBound + 2 ** -50 * solution.spread, `${method}, ${dtype}: ${error} > ${errorBound}`);
    }
    if (status !== "converged") continue;
    assert.ok(errorBound! <= asked, `${method}: converged with a bound of ${errorBound}, asked were ${asked}`);
    converged.push(method);
  }
  return converged;
}

for (const dtype of ["f64", "f32"] as const) {
  test(`a copper plate in air, whose convection f32 rounds away, is right or stalled: ${dtype}`, async () => {
    const air = { convection: { h: 5, ambient: 20 } };
    const problem: Problem = {
      shape: [21, 21],
      spacing: [1e-3, 1e-3],
      conductivity: 400,
      edges: { north: air, south: air, east: air, west: { flux: 1000 } },
      dtype,
    };
    const converged = await solveByAll(problem);
    if (dtype === "f64") assert.ok(["multigrid", "cg"].every((method) => converged.includes(method)));
  });

  test(`a column that conducts 1e12 times as well is right or stalled: ${dtype}`, async () => {
    const conductivity = (_: number, j: number) => j === 8 ? 1e12 : 1;
    await solveByAll({ shape: [17, 17], edges: { ...insulated, west: 1, east: 0 }, conductivity, dtype });
  });

  test(`a plate that hardly convects is right or stalled: ${dtype}`, async () => {
    const edges = { ...insulated, west: { convection: { h: 1e-6, ambient: 100 } }, east: free };
    await solveByAll({ shape: [17, 17], edges, dtype }, { maxSweeps: 20_000 });
  });
}

test("what f32 cannot reach is stalled on grids of all sizes, what it can is not", async () => {
  for (const n of [17, 65, 257]) {
    const problem: Problem = { shape: [n, n], edges: { north: 100, west: 75, east: 50 }, dtype: "f32" };
    for (const tol of [1e-12, 1e-8]) {
      assert.equal((await solve(problem, { plugin: "js", method: "multigrid", tol })).status, "stalled");
    }
    for (const tol of [1e-3, 1e-4]) {
      const { status, errorBound } = await solve(problem, { plugin: "js", method: "multigrid", tol });
      assert.equal(status, "converged");
      assert.ok(errorBound! <= 100 * tol);
    }
  }
});

test("a field is judged by its own range where no values are held apart", async () => {
  const hundredth = (ambient: number) => ({ convection: { h: 1, ambient } });
  const edges = { ...insulated, west: hundredth(1e-8), east: hundredth(0) };
  const all = ["jacobi", "sor", "multigrid", "cg", "direct"];
  assert.deepEqual(await solveByAll({ shape: [33, 33], edges }), all);
  const { u, asked, spread } = await solve({ shape: [65, 65], edges }, { plugin: "js" });
  assert.ok(Math.abs(u[0]! - 65 / 66 * 1e-8) < 1e-14 && Math.abs(u[32 * 65 + 32]! - 5e-9) < 1e-14);
  assert.deepEqual([spread, asked], [1e-8, 1e-14]);
  const source: Problem = { shape: [33, 33], spacing: [1 / 32, 1 / 32], source: 1e-6 };
  assert.deepEqual(await solveByAll(source), [...all, "spectral"]);
});

test("equations that f64 cannot hold end without success, and say that no bound was found", async () => {
  const chess = (i: number, j: number) => ((i >> 2) + (j >> 2)) % 2 === 0 ? 1 : 1e15;
  const problem: Problem = { shape: [33, 33], edges: { ...insulated, west: 100, east: 0 }, conductivity: chess };
  assert.deepEqual(await solveByAll(problem, { maxSweeps: 2000 }), []);
});

test("all plugins stop at the same sweep where the factor of the bound is computed", async () => {
  const problem: Problem = {
    shape: [5, 101],
    spacing: [1, 0.01],
    edges: { ...insulated, west: 0, east: 0 },
    source: (_, j) => j === 50 ? 100 : 0,
  };
  // Here cycles end at rounding before the factor has its digits.
  const rough: Problem = {
    shape: [27, 14],
    spacing: [1, 1.2571369867470823],
    edges: { ...insulated, west: { convection: { h: 0.003215, ambient: 59 } }, east: { flux: 0.02527 } },
    conductivity: (i, j) => (Math.floor(i / 3) + Math.floor(j / 3)) % 2 === 0 ? 1 : 107.6,
  };
  // Here cycles of C are slower than others, and end sooner.
  const slow: Problem = {
    shape: [17, 29],
    spacing: [1, 0.5227911613569802],
    edges: { ...insulated, west: { convection: { h: 0.9485886, ambient: 64.298 } }, east: { flux: 4.97572 } },
    conductivity: (i, j) => (Math.floor(i / 4) + Math.floor(j / 4)) % 2 === 0 ? 1 : 42.14,
  };
  for (const [one, method] of [[problem, "jacobi"], [rough, "sor"], [slow, "sor"]] as const) {
    const ends = new Set<string>();
    for (const plugin of ["js", "ndarray", "workers", "wasm", "ffi-c", "ffi-omp", "ffi-fortran"]) {
      const { sweeps, target } = await solve(one, { plugin, method });
      ends.add(`${sweeps} to ${target}`);
    }
    assert.equal(ends.size, 1, [...ends].join("; "));
  }
});

test("the unit of the conductivity matters in no precision", async () => {
  for (const dtype of ["f64", "f32"] as const) {
    for (const unit of [1e-310, 1e-46, 1e-30, 1, 1e30, 1e39, 1e300]) {
      const problem: Problem = {
        shape: [9, 9],
        dtype,
        conductivity: (i, j) => unit * (1 + (i + j) % 3),
        edges: { ...insulated, west: { flux: unit }, east: { convection: { h: unit, ambient: 3 } } },
        source: (i, j) => unit * scatter(1, -1, 1)(i, j),
      };
      const converged = await solveByAll(problem);
      for (const method of ["sor", "multigrid", "cg"]) {
        assert.ok(converged.includes(method), `${method}, ${unit}, ${dtype}`);
      }
    }
    const wide = (i: number) => i === 1 ? 1e-170 : 1e170;
    await assert.rejects(
      solve({ shape: [9, 9], dtype, conductivity: wide }, { plugin: "js" }),
      /conductivity from 1e-170 to 1e\+170 is a wider range than f(32|64) can hold/,
    );
  }
});

test("values whose effect the precision cannot hold are refused by name, whatever brings them in", async () => {
  const refused = (problem: Omit<Problem, "shape">, message: RegExp) =>
    assert.rejects(solve({ shape: [9, 9], ...problem }, { plugin: "js" }), message);
  await refused({ source: 1e300, spacing: [1e50, 1e50] }, /source, flux and convection must be smaller/);
  await refused({ edges: { west: { flux: 1e38 } }, source: 1e39, dtype: "f32" }, /source, flux and convection must be/);
  await refused({ source: 1e308 }, /source is too large: it reaches 1e\+308, .* may reach 1e\+140$/);
  await refused(
    { edges: { west: { flux: -1e308 } } },
    /edges.west.flux is too large: it reaches 1e\+308/,
  );
  await refused({ edges: { west: { convection: { h: 1e60, ambient: 0 } } }, dtype: "f32" }, /differ by more than the/);
});

test("f32 data of a singular problem balance to their own precision, and what is left over is reported", async () => {
  const [n, noise] = [17, scatter(7, -1, 1)];
  const weight = (k: number) => k === 0 || k === n - 1 ? 0.5 : 1;
  let [sum, area] = [0, 0];
  for (let k = 0; k < n * n; k++) {
    const cell = weight(k % n) * weight(Math.floor(k / n));
    [sum, area] = [sum + cell * Math.fround(noise(Math.floor(k / n), k % n)), area + cell];
  }
  const mean = sum / area;
  const data = Float32Array.from({ length: n * n }, (_, k) => Math.fround(noise(Math.floor(k / n), k % n)) - mean);
  const edges = { ...insulated, west: free, east: free };
  const { status, surplus, u } = await solve({ shape: [n, n], edges, source: data }, { plugin: "js" });
  assert.equal(status, "converged");
  assert.ok(surplus !== 0 && Math.abs(surplus) < 1e-6);
  const balanced = (i: number, j: number) => data[i * n + j]! - surplus;
  const { u: exact } = solveDense({ shape: [n, n], edges, source: balanced }, true);
  assert.ok(maxDifference(u, exact, (x) => x) < 1e-4);
  for (const source of [Float64Array.from(data), data.map((value) => value + 1e-4)]) {
    await assert.rejects(
      solve({ shape: [n, n], edges, source }, { plugin: "js" }),
      /do not balance: .* on an edge counts a half, at a corner a quarter/,
    );
  }
});

test("a source that f32 cannot hold is no zero field that has converged", async () => {
  for (const [source, spacing] of [[1, 1e-30], [1e-46, 1], [1e-60, 1]] as const) {
    const problem: Problem = { shape: [9, 9], spacing: [spacing, spacing], source, dtype: "f32" };
    assert.deepEqual(await solveByAll(problem), []);
    assert.ok((await solveByAll({ ...problem, dtype: "f64" })).length > 4);
  }
});

test("a first guess far off changes nothing where nothing is held", async () => {
  const source = (i: number, j: number) => i === 4 && j === 4 ? 1 : i === 12 && j === 12 ? -1 : 0;
  const edges = { ...insulated, west: free, east: free };
  for (const dtype of ["f64", "f32"] as const) {
    for (const initial of [1e8, 1e20]) {
      const converged = await solveByAll({ shape: [17, 17], edges, source, initial, dtype });
      assert.ok(["sor", "multigrid", "cg", "direct"].every((method) => converged.includes(method)));
      const { spread } = await solve({ shape: [17, 17], edges, source, initial, dtype }, { plugin: "js" });
      assert.ok(spread < 3, `${spread}`);
    }
  }
});

test("sources and fluxes that cancel leave their roundings in the bound", async () => {
  const edges = { ...insulated, west: { flux: -1e9 } };
  const source = (_: number, j: number) => j === 0 ? 1e10 / 3 : 0;
  const base: Problem = { shape: [9, 9], spacing: [1, 0.6], source };
  for (const ambient of [0, 1e-3, 1]) {
    await solveByAll({ ...base, edges: { ...edges, east: { convection: { h: 1, ambient } } } });
    await solveByAll({ ...base, edges: { ...edges, east: ambient } });
  }
});

test("a field that is the same everywhere but for rounding is judged by its size", async () => {
  for (const [n, h] of [[65, 1e-10], [9, 1e-12], [33, 1e-12]] as const) {
    const edges = { ...insulated, west: { convection: { h, ambient: 7 } }, east: free };
    for (const method of ["multigrid", "cg"] as const) {
      const { status, spread } = await solve({ shape: [n, n], edges }, { plugin: "js", method });
      assert.deepEqual([status, spread], ["converged", 7], `${method}, ${n}, ${h}`);
    }
    // No factor is blamed that nobody gave.
    const hardly = { ...edges, west: { convection: { h: 1e-33, ambient: 7 } } };
    for (const method of ["sor", "cg"] as const) {
      const { status } = await solve({ shape: [n, n], edges: hardly }, { plugin: "js", method, maxSweeps: 1000 });
      assert.notEqual(status, "converged");
    }
  }
});
