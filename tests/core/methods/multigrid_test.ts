/**
 * The method multigrid in the reference backend: how fast it converges on problems of all kinds, against dense solves, with
 * few points and in f32.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import js from "../../../backends/js/mod.ts";
import { planOf, using } from "../../../conformance/compare.ts";
import { scatter } from "../../../conformance/problems.ts";
import type { Problem } from "../../../core/problem/problem.ts";
import { lower } from "../../../core/discretize/lower.ts";
import { solve } from "../../../solve/solve.ts";
import { free, insulated, torus, tube } from "../../support/problems.ts";
import { close, randomProblems, size } from "../../support/random_problems.ts";
import { solveDense } from "../../support/dense_solver.ts";

const noise = scatter(11, -1, 1);
const cooled = (h: number) => ({ convection: { h, ambient: 1 } });

/** The residuals of cycles from noise, until nothing but rounding is left. */
async function residuals(problem: Problem, most = 40): Promise<number[]> {
  const stencil = lower({ initial: noise, ...problem });
  return await using(js, stencil, planOf(stencil, "multigrid"), async (session) => {
    const found: number[] = [];
    while (found.length < most) {
      const { residual } = await session.advance(1);
      found.push(residual);
      if (residual < 1e-13) break;
    }
    return found;
  });
}

/** The geometric mean of what cycles after the first leave. */
const factor = (found: readonly number[]) => (found.at(-1)! / found[0]!) ** (1 / (found.length - 1));

const conducting = (k: (i: number, j: number) => number, n = 101): Problem => ({ shape: [n, n], conductivity: k });
const quick: Readonly<Record<string, readonly [most: number, problem: Problem]>> = {
  "a plate of 2^k + 1 points": [0.05, { shape: [129, 129] }],
  "a plate of even sides": [0.1, { shape: [100, 64] }],
  "a plate of prime sides": [0.08, { shape: [101, 67] }],
  "cells twice as wide as high": [0.08, { shape: [101, 90], spacing: [1, 2] }],
  "cells ten times as high as wide": [0.1, { shape: [101, 90], spacing: [10, 1] }],
  "cells a hundred times as wide as high": [0.1, { shape: [66, 101], spacing: [1, 100] }],
  "three insulated edges": [0.1, { shape: [101, 64], edges: { ...insulated, west: 0 } }],
  "nothing but insulated edges": [0.1, { shape: [97, 128], edges: insulated }],
  "a tube of even girth": [0.1, { shape: [65, 100], edges: tube }],
  "a tube of odd girth": [0.2, { shape: [65, 97], edges: tube }],
  "a torus": [0.12, { shape: [101, 64], edges: torus }],
  "weak convection all around": [
    0.1,
    { shape: [101, 90], edges: { north: cooled(0.01), south: cooled(0.01), west: cooled(0.01), east: cooled(0.01) } },
  ],
  "convection as strong as conduction": [0.15, { shape: [101, 90], edges: { west: cooled(1), east: cooled(1) } }],
  "strong convection": [0.1, { shape: [101, 90], edges: { west: cooled(1000), north: cooled(10) } }],
  "a single point held": [0.15, {
    shape: [101, 101],
    edges: insulated,
    fixed: { shapes: [{ kind: "circle", center: [51, 49], radius: 0.1, value: 0 }] },
  }],
  "electrodes and a wire": [0.12, {
    shape: [101, 101],
    edges: { north: free },
    fixed: {
      shapes: [
        { kind: "circle", center: [30, 70], radius: 11.3, value: 0 },
        { kind: "rect", from: [61, 20], to: [61, 80], value: 0 },
      ],
    },
  }],
  "points held here and there": [0.15, {
    shape: [101, 101],
    edges: insulated,
    fixed: { mask: (i, j) => noise(i, j) > 0.8 ? 1 : 0, values: 0 },
  }],
  "halves a million times apart": [0.12, conducting((_, j) => j < 51 ? 1 : 1e6)],
  "a diagonal jump": [0.12, conducting((i, j) => j + i / 2 < 70 ? 1 : 1e3)],
  "an inclusion that conducts a million times better": [
    0.15,
    conducting((i, j) => (i - 50) ** 2 + (j - 45) ** 2 < 400 ? 1e6 : 1),
  ],
  "inclusions that conduct a thousand times worse": [
    0.15,
    conducting((i, j) => (i % 16 - 8) ** 2 + (j % 16 - 7) ** 2 < 20 ? 1e-3 : 1),
  ],
  "an insulating layer": [0.12, conducting((i) => i === 51 ? 1e-6 : 1)],
};

for (const [what, [most, problem]] of Object.entries(quick)) {
  test(`multigrid leaves less than ${most} a cycle: ${what}`, async () => {
    const found = factor(await residuals(problem));
    assert.ok(found < most, `it leaves ${found}`);
  });
}

const hard: Readonly<Record<string, readonly [cycles: number, problem: Problem]>> = {
  "a chessboard": [22, conducting((i, j) => (i >> 3) + (j >> 3) & 1 ? 1e3 : 1)],
  "a staircase": [18, conducting((i, j) => ((i >> 2) + (j >> 2)) % 6 < 3 ? 1e3 : 1)],
  "many inclusions": [18, conducting((i, j) => (i % 16 - 8) ** 2 + (j % 16 - 7) ** 2 < 20 ? 1e6 : 1)],
  "a conducting layer": [22, conducting((i) => i === 51 ? 1e6 : 1)],
  "a conductivity of its own for each point": [40, conducting((i, j) => 10 ** (1.5 * noise(i, j)))],
};

for (const [what, [cycles, problem]] of Object.entries(hard)) {
  test(`multigrid takes conjugate directions where cycles alone are slow: ${what}`, async () => {
    const found = await residuals(problem, cycles);
    assert.ok(found.at(-1)! < 1e-10 * found[0]!, `after ${cycles} cycles ${found.at(-1)! / found[0]!} are left`);
  });
}

test("multigrid gives the solution of the dense equations, on random problems", async () => {
  await fc.assert(
    fc.asyncProperty(randomProblems(20), async (problem) => {
      const exact = solveDense(problem).u;
      const { u, status, residual } = await solve(problem, { plugin: "js", method: "multigrid", tol: 1e-13 });
      assert.ok(status === "converged" || status === "stalled", `${status}, residual ${residual}`);
      close(u, exact, 1e-9 * size(exact), "solution");
    }),
    { numRuns: 80 },
  );
});

test("multigrid solves where unknowns of the smallest level depend on each other", async () => {
  // Found by chance: a pivot was below zero.
  const held = [
    0,
    3,
    6,
    17,
    20,
    25,
    26,
    30,
    42,
    48,
    53,
    59,
    64,
    65,
    70,
    72,
    88,
    96,
    98,
    103,
    111,
    112,
    121,
    126,
    132,
    133,
  ];
  const problem: Problem = {
    shape: [9, 15],
    spacing: [0.25, 2],
    edges: torus,
    source: noise,
    fixed: { mask: (i, j) => Number(held.includes(15 * i + j)), values: noise },
  };
  const { u, status } = await solve(problem, { plugin: "js", method: "multigrid", tol: 1e-13 });
  assert.ok(status === "converged" || status === "stalled", status);
  close(u, solveDense(problem).u, 1e-10, "solution");
});

test("multigrid gives the zero-mean solution of a singular problem", async () => {
  const source = (i: number, j: number) => i === 3 && j === 4 ? 1 : i === 9 && j === 11 ? -1 : 0;
  for (const edges of [insulated, torus, { ...insulated, ...tube }]) {
    const problem: Problem = { shape: [13, 16], edges, source };
    const { u } = await solve(problem, { plugin: "js", method: "multigrid", stop: "residual", tol: 1e-14 });
    close(u, solveDense(problem, true).u, 1e-12, "solution");
  }
});

test("multigrid solves grids with few points, or few free ones", async () => {
  const k = (i: number, j: number) => 1.5 + noise(i, j);
  const one = (i: number, j: number) => i === 4 && j === 5 ? 0 : 1;
  const few: Problem[] = [
    { shape: [3, 3] },
    { shape: [3, 4] },
    { shape: [4, 3], spacing: [1, 20] },
    { shape: [3, 90] },
    { shape: [90, 3], source: 1 },
    { shape: [3, 90], edges: { north: free, south: free } },
    { shape: [90, 3], edges: { ...insulated, north: 0 } },
    { shape: [3, 3], edges: { ...torus }, fixed: { mask: (i, j) => i === 1 && j === 1 ? 1 : 0, values: 3 } },
    { shape: [3, 65], edges: { north: "periodic", south: "periodic" } },
    { shape: [64, 4], edges: tube, conductivity: k },
    { shape: [5, 7], edges: tube, source: 1 },
    { shape: [9, 10], fixed: { mask: 1, values: k } },
    { shape: [9, 10], fixed: { mask: one, values: k } },
    { shape: [10, 9], edges: insulated, fixed: { mask: one, values: k } },
  ];
  for (const problem of few) {
    const all: Problem = { edges: { north: noise, west: noise }, initial: noise, ...problem };
    const { u } = await solve(all, { plugin: "js", method: "multigrid", stop: "residual", tol: 1e-14 });
    close(u, solveDense(all).u, 1e-11, JSON.stringify(problem));
  }
});

test("multigrid solves f32 as far as f32 goes", async () => {
  for (const problem of [{ edges: { north: 100 } }, { edges: { north: 100, west: free } }]) {
    const { status, residual } = await solve({ shape: [200, 131], dtype: "f32", ...problem }, {
      plugin: "js",
      method: "multigrid",
      stop: "residual",
    });
    assert.equal(status, "converged");
    assert.ok(residual <= 1e-4, `${residual}`);
  }
});
