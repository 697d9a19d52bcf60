/**
 * The method spectral, against the sweeps of Jacobi that it stands for.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import js from "../../../backends/js/mod.ts";
import { scatter } from "../../../conformance/problems.ts";
import { runOf } from "../../../conformance/compare.ts";
import { geometric, power } from "../../../core/methods/spectral.ts";
import type { Problem } from "../../../core/problem/problem.ts";
import { lower } from "../../../core/discretize/lower.ts";
import { free } from "../../support/problems.ts";

const number = scatter(5, -1, 1);
const heated = { flux: (i: number, j: number) => number(i + 31, j) };

const problems: Record<string, Problem> = {
  "a plate": { shape: [17, 24], edges: { north: 1, west: number }, initial: number },
  "a stretched plate with a source": {
    shape: [30, 15],
    spacing: [0.3, 0.1],
    edges: { east: number },
    initial: number,
    source: number,
  },
  "a thin plate": { shape: [3, 24], edges: { north: 1 }, initial: number },
  "free edges": { shape: [12, 15], edges: { north: free, east: heated, west: number }, initial: number },
  "free and fixed edges in each direction": {
    shape: [14, 9],
    spacing: [1, 2],
    edges: { north: heated, west: free, east: 1 },
    initial: number,
  },
  "a tube": { shape: [11, 10], edges: { north: 1, south: free, west: "periodic", east: "periodic" }, initial: number },
  "a torus": {
    shape: [9, 16],
    edges: { north: "periodic", south: "periodic", west: "periodic", east: "periodic" },
    initial: number,
  },
  "insulated all around": {
    shape: [9, 14],
    edges: { north: free, south: free, west: free, east: free },
    initial: number,
  },
};

for (const [name, problem] of Object.entries(problems)) {
  test(`spectral gives what so many sweeps of jacobi give, for ${name}`, async () => {
    const stencil = lower(problem);
    for (const counts of [[1], [2], [7], [100, 1], [1000], [3, 4, 1000]]) {
      const plan = { omega: 1, settings: {} } as const;
      const found = await runOf(js, stencil, { ...plan, method: "spectral" }, counts);
      const expected = await runOf(js, stencil, { ...plan, method: "jacobi" }, counts);
      let [size, off] = [1, 0];
      for (let k = 0; k < found.u.length; k++) {
        size = Math.max(size, Math.abs(expected.u[k]!));
        off = Math.max(off, Math.abs(found.u[k]! - expected.u[k]!));
      }
      assert.ok(off <= 1e-12 * size, `${counts} sweeps: ${off} away`);
      expected.batches.forEach(({ sweeps, change, residual }, n) => {
        const batch = found.batches[n]!;
        assert.equal(batch.sweeps, sweeps);
        assert.ok(Math.abs(batch.change - change) <= 1e-12 * size, `change ${batch.change}, expected ${change}`);
        assert.ok(
          Math.abs(batch.residual - residual) <= 1e-12 * size,
          `residual ${batch.residual}, expected ${residual}`,
        );
      });
    }
  });
}

test("power and geometric follow their definitions", () => {
  for (const gap of [0, 1e-9, 0.3, 1, 1.7, 2]) {
    let [sum, term] = [0, 1];
    for (let t = 0; t < 40; t++) {
      assert.ok(Math.abs(power(gap, t) - term) <= 1e-14 * 40, `power(${gap}, ${t})`);
      assert.ok(Math.abs(geometric(gap, t) - sum) <= 1e-14 * 40 * 40, `geometric(${gap}, ${t})`);
      sum += term;
      term *= 1 - gap;
    }
  }
});
