/**
 * The bound after a solve that stops by something else, point by point: on conductivities that vary, with every plugin that
 * runs without a device, against fields of `direct`, refined until rounding.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { maxDifference } from "../../conformance/compare.ts";
import { ConfigError } from "../../core/errors.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { solveDense } from "../support/dense_solver.ts";
import { type Solution, solve, type SolveOptions } from "../../solve/solve.ts";
import js from "../../backends/js/mod.ts";
import ffiC from "../../backends/ffi-c/mod.ts";
import ffiOmp from "../../backends/ffi-omp/mod.ts";
import wasm from "../../backends/wasm/mod.ts";
import workers from "../../backends/workers/mod.ts";
import { required } from "../../conformance/required.ts";

/** Uniform numbers in [0, 1), the same for each seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1664525 + 1013904223) % 2 ** 32) / 2 ** 32;
}

/** A conductivity of each kind, and how many times the error its bound may be. */
const kinds: readonly [string, (i: number, j: number, next: () => number) => number, number][] = [
  ["smooth", (i, j) => Math.exp(2 * Math.sin(i / 9) * Math.sin(j / 7)), 100],
  ["two values 1e3 apart at random", (_i, _j, next) => next() < 0.5 ? 1e3 : 1, 100],
  ["a disc of 1e3", (i, j) => (i - 12) ** 2 + (j - 15) ** 2 < 50 ? 1e3 : 1, 100],
  ["chess of 1e6", (i, j) => ((i >> 3) + (j >> 3)) % 2 ? 1e6 : 1, 1e4],
  ["two values 1e6 apart at random", (_i, _j, next) => next() < 0.5 ? 1e6 : 1, 1e4],
];

const problemOf = (value: (i: number, j: number, next: () => number) => number): Problem => {
  const shape = [25, 37] as const;
  const next = random(7);
  const conductivity = Float64Array.from(
    { length: shape[0] * shape[1] },
    (_, k) => value(Math.floor(k / shape[1]), k % shape[1], next),
  );
  return { shape, edges: { west: 1, east: 0, north: { flux: 0 }, south: { flux: 0 } }, conductivity };
};

const plugins: string[] = [];
for (const backend of [js, wasm, workers, ffiC, ffiOmp]) {
  if (required(backend.name) || (await backend.probe()).available) plugins.push(backend.name);
}

for (const [name, value, widest] of kinds) {
  test(`the bound after --stop residual holds and is narrow: ${name}`, async () => {
    const problem = problemOf(value);
    const { u: exact } = solveDense(problem);
    for (const plugin of plugins) {
      const options = { plugin, method: "multigrid", stop: "residual", tol: 1e-8, bound: "full" } as const;
      const { u, errorBound, noBound, status } = await solve(problem, options);
      assert.equal(status, "converged", plugin);
      assert.ok(errorBound !== undefined, `${plugin}: ${noBound}`);
      const error = maxDifference(u, exact, (x) => x);
      assert.ok(error <= errorBound, `${plugin}: the error is ${error}, the bound ${errorBound}`);
      assert.ok(errorBound <= widest * error, `${plugin}: the bound is ${errorBound / error} times the error`);
    }
  });
}

test("without a bound that is asked for, none is looked for, and the field is the same", async () => {
  const problem = problemOf((_i, _j, next) => Math.exp(next()));
  const run = (options: SolveOptions): Promise<Solution> =>
    solve(problem, { plugin: "js", method: "multigrid", stop: "residual", tol: 1e-8, ...options });
  const [off, auto] = [await run({ bound: "off" }), await run({})];
  assert.deepEqual(off.u, auto.u);
  assert.equal(off.errorBound, undefined);
  assert.equal(off.noBound, "none was asked for");
  await assert.rejects(run({ bound: "off", stop: "error" }), ConfigError);
  await assert.rejects(run({ bound: "often" as "off" }), /Unknown bound "often"/);
});
