/**
 * Multigrid and conjugate gradients on pools of threads, on grids that are large enough to be split: one thread does the
 * smaller ones of the conformance suite.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import wasm from "../../backends/wasm/mod.ts";
import workers from "../../backends/workers/mod.ts";
import type { Backend, Dtype, GridData, Method, Stencil } from "../../core/contract.ts";
import { type Problem, validateProblem } from "../../core/problem/problem.ts";
import { lower } from "../../core/discretize/lower.ts";
import js from "../../backends/js/mod.ts";
import { solve } from "../../solve/solve.ts";
import { plan, run } from "../support/same_bits.ts";
import { rough } from "../support/problems.ts";

const around = { north: "periodic", south: "periodic", east: "periodic", west: "periodic" } as const;
const held = { shapes: [{ kind: "circle" as const, center: [70, 60] as const, radius: 20, value: 3 }] };

/** Problems on more points than one thread does alone. */
const large: Readonly<Record<string, Problem>> = {
  "a plate": { shape: [257, 129], edges: { north: 100, west: 75, east: rough }, initial: rough },
  "a plate of even sides, with a source": { shape: [150, 144], edges: { north: 1 }, source: rough },
  "a stretched plate": { shape: [133, 180], spacing: [1, 3], edges: { north: rough } },
  "electrodes between free edges": { shape: [141, 160], edges: { west: { flux: 0 }, south: { flux: 0 } }, fixed: held },
  "materials": {
    shape: [150, 131],
    edges: { north: 1, east: { convection: { h: 0.3, ambient: 20 } }, west: { flux: 0.1 } },
    conductivity: (row, col) => row > col ? 1 : 100,
  },
  "a torus": { shape: [150, 128], edges: around, fixed: held, source: rough },
  "a torus of odd girths": { shape: [151, 129], edges: around, fixed: held },
};

for (const [n, [name, problem]] of Object.entries(large).entries()) {
  for (const method of ["multigrid", "cg"] as const) {
    const threads = `${2 + n % 4}`;
    test(`workers give the bits of js with ${method}: ${name}, ${threads} threads`, async () => {
      for (const dtype of ["f64", "f32"] as const satisfies Dtype[]) {
        const stencil = lower(validateProblem({ ...problem, dtype }));
        const want = await run(js, stencil, plan(method));
        const got = await run(workers, stencil, plan(method, { threads }));
        assert.deepEqual(got, want, dtype);
      }
    });
    test(`wasm gives the same bits with ${threads} threads as with one, near those of js, with ${method}: ${name}`, async () => {
      for (const [dtype, near] of [["f64", 1e-10], ["f32", 2e-4]] as const) {
        const stencil = lower(validateProblem({ ...problem, dtype }));
        const [batches, u] = await run(wasm, stencil, plan(method, { threads: "1" }));
        assert.deepEqual(await run(wasm, stencil, plan(method, { threads })), [batches, u], dtype);
        // Cycles differ a little around odd girths, what they lead to does not.
        const more = method === "multigrid" ? 24 : 8;
        const [got, want] = [await after(wasm, stencil, method, more), await after(js, stencil, method, more)];
        const off = furthest(got, want) / furthest(want, want.map(() => 0));
        assert.ok(off <= near, `${dtype}: ${off} of the largest number off`);
      }
    });
  }
}

for (const backend of [workers, wasm]) {
  test(`${backend.name} finds a bound, goes on, and finds it again`, async () => {
    const stencil = lower({ shape: [41, 30], edges: { north: 100, south: { flux: 0 } } });
    await using session = await backend.open(stencil, plan("multigrid"));
    const factor = await session.errorFactor!();
    assert.ok(factor! > 0);
    await session.advance(2);
    assert.equal(await session.errorFactor!(), factor);
  });
  // Its cycles are so slow that conjugate gradients take over, after the bound was found.
  test(`${backend.name} solves around a period of 129 points`, async () => {
    const problem: Problem = { shape: [129, 129], edges: { north: 100, west: "periodic", east: "periodic" } };
    const { status, errorBound } = await solve(problem, { plugin: backend.name, method: "multigrid" });
    assert.equal(status, "converged");
    assert.ok(errorBound! <= 1e-4, `${errorBound}`);
  });
}

/** The field after so many sweeps. */
async function after(backend: Backend, stencil: Stencil, method: Method, sweeps: number): Promise<GridData> {
  await using session = await backend.open(stencil, plan(method));
  await session.advance(sweeps);
  return (await session.read("global"))!;
}

/** max |a − b|, NaN if any is. */
function furthest(a: GridData, b: GridData): number {
  let most = 0;
  for (let k = 0; k < a.length; k++) most = Math.max(most, Math.abs(a[k]! - b[k]!));
  return most;
}
