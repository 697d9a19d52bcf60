/**
 * Multigrid where the conductivity is independent from point to point, and jumps a million times: every plugin that has the
 * algebraic preconditioner converges in a few steps, to the solution of the dense equations.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import ffiC from "../../backends/ffi-c/mod.ts";
import ffiOmp from "../../backends/ffi-omp/mod.ts";
import js from "../../backends/js/mod.ts";
import wasm from "../../backends/wasm/mod.ts";
import workers from "../../backends/workers/mod.ts";
import { scatter } from "../../conformance/problems.ts";
import { required } from "../../conformance/required.ts";
import { lower } from "../../core/discretize/lower.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { solve } from "../../solve/solve.ts";
import { solveDense } from "../support/dense_solver.ts";
import { close } from "../support/random_problems.ts";
import { free, insulated, torus, tube } from "../support/problems.ts";

const number = scatter(31, 0, 1);
const two = (jump: number) => (i: number, j: number) => number(i, j) < 0.5 ? jump : 1;
const conductivity = two(1e6);
const through = { west: 1, east: 0, north: free, south: free };
/** In at one point, out at another. */
const source = (i: number, j: number) => i === 3 && j === 4 ? 1 : i === 20 && j === 11 ? -1 : 0;

const problems: Readonly<Record<string, Problem>> = {
  "from edge to edge": { shape: [41, 37], edges: through, conductivity },
  "tiles": { shape: [40, 40], edges: through, conductivity: (i, j) => conductivity(i >> 2, j >> 2) },
  "decades": { shape: [33, 47], edges: through, conductivity: (i, j) => 10 ** (6 * number(i, j)) },
  "a source": { shape: [33, 35], edges: { north: 1 }, conductivity, source: 1e3 },
  "cells twenty times as wide as high": { shape: [35, 33], spacing: [1, 20], edges: through, conductivity },
  "three rows": { shape: [3, 401], edges: through, conductivity },
  "three columns": { shape: [301, 3], edges: { north: 1, west: free, east: free }, conductivity },
  "a tube of odd girth": { shape: [31, 33], edges: { ...tube, north: 1 }, conductivity },
  "weak convection": {
    shape: [29, 31],
    edges: {
      ...insulated,
      west: { convection: { h: 1e-3, ambient: 1 } },
      east: { convection: { h: 1e3, ambient: 0 } },
    },
    conductivity,
  },
  "points held": {
    shape: [33, 31],
    edges: insulated,
    conductivity,
    fixed: { mask: (i, j) => (7 * i + 3 * j) % 31 === 0 ? 1 : 0, values: number },
  },
  "nothing held, insulated edges": { shape: [31, 33], edges: insulated, conductivity, source },
  "nothing held, a torus": { shape: [32, 30], edges: torus, conductivity, source },
  "nothing held, a torus of odd girths": { shape: [31, 29], edges: torus, conductivity, source },
};

const plugins: string[] = [];
for (const backend of [js, wasm, workers, ffiC, ffiOmp]) {
  if (required(backend.name) || (await backend.probe()).available) plugins.push(backend.name);
}

const options = { method: "multigrid", stop: "residual", tol: 1e-10, bound: "off" } as const;
const MOST = 30;

for (const [what, problem] of Object.entries(problems)) {
  test(`two conductivities a million times apart take ${MOST} steps at most: ${what}`, async () => {
    const { singular } = lower(problem);
    const { u: exact, size } = solveDense(problem, singular);
    for (const plugin of plugins) {
      const { u, status, sweeps } = await solve(problem, { plugin, ...options });
      assert.ok(status === "converged" && sweeps <= MOST, `${plugin}: ${status} after ${sweeps} steps`);
      // A residual is the step of a Jacobi update: the error that it stands for is larger by the squared number of points
      // along the longest way, which is 1e4 here, or so.
      close(u, exact, 1e4 * options.tol * size, plugin);
    }
  });
}

test("in f32, with two conductivities a thousand times apart", async () => {
  const problem: Problem = { shape: [61, 63], dtype: "f32", edges: through, conductivity: two(1e3) };
  const { u: exact } = solveDense(problem);
  for (const plugin of plugins) {
    const { u, status, sweeps } = await solve(problem, { plugin, ...options, tol: 1e-5 });
    assert.ok(status === "converged" && sweeps <= MOST, `${plugin}: ${status} after ${sweeps} steps`);
    close(u, exact, 1e3 * 1e-5, plugin);
  }
});
