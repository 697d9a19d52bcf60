/**
 * The same problem on every other row and column: what full multigrid and the estimate of the discretisation error solve.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { everything } from "../../conformance/compare.ts";
import { scatter } from "../../conformance/problems.ts";
import { coarsenProblem } from "../../core/discretize/coarsen_problem.ts";
import { lower } from "../../core/discretize/lower.ts";
import {
  type ConductivityInput,
  type EdgeName,
  EDGES,
  type Problem,
  type QuantityInput,
} from "../../core/problem/problem.ts";
import { resolveProblem } from "../../core/problem/resolve.ts";
import { paint, read } from "../support/dense_solver.ts";
import { randomProblems } from "../support/random_problems.ts";

test("coarsenProblem has the fields of the problem at every other row and column, on random problems", () => {
  const halvable = randomProblems(9).filter((problem) => typeof coarsenProblem(problem) === "object");
  fc.assert(
    fc.property(halvable, (problem) => {
      const half = coarsenProblem(problem) as Problem;
      const [ny, nx] = half.shape;
      assert.deepEqual(half.spacing, problem.spacing!.map((d) => 2 * d));
      const same = (one: QuantityInput, other: QuantityInput, where: string, edge?: EdgeName) => {
        const lengthwise = edge === "north" || edge === "south";
        for (let i = 0; i < (lengthwise ? 1 : ny); i++) {
          for (let j = 0; j < (edge && !lengthwise ? 1 : nx); j++) {
            const row = edge === "south" ? ny - 1 : i;
            const col = edge === "east" ? nx - 1 : j;
            const along = edge && (lengthwise ? j : i);
            const found = read(other, half.shape, row, col, along);
            assert.equal(found, read(one, problem.shape, 2 * row, 2 * col, along && 2 * along), where);
          }
        }
      };
      const field = (section: ConductivityInput) =>
        typeof section === "object" && "value" in section ? section.value : section as QuantityInput;
      for (const name of ["source", "conductivity", "initial"] as const) {
        assert.equal(half[name] === undefined, problem[name] === undefined);
        if (problem[name] !== undefined) same(field(problem[name]), field(half[name]!), name);
      }
      for (const name of EDGES) {
        const [one, other] = [problem.edges![name]!, half.edges![name]!];
        if (typeof one === "object" && "flux" in one) same(one.flux, (other as typeof one).flux, name, name);
        else if (typeof one === "object" && "convection" in one) {
          const { h, ambient } = (other as typeof one).convection;
          same(one.convection.h, h, name, name);
          same(one.convection.ambient, ambient, name, name);
        } else if (one === "periodic") assert.equal(other, one);
        else same(one, other as QuantityInput, name, name);
      }
      const [held, expected] = [paint(half), paint(problem)];
      held.forEach((value, p) => {
        assert.equal(value, expected[2 * Math.floor(p / nx) * problem.shape[1] + 2 * (p % nx)], `held ${p}`);
      });
      // What the core makes of it: first guess and fixed points are those of the finer grid.
      const coarse = lower(half).evaluate(everything(half.shape)).u;
      const fine = lower(problem).evaluate(everything(problem.shape)).u;
      coarse.forEach((value, p) => {
        assert.equal(value, fine[2 * Math.floor(p / nx) * problem.shape[1] + 2 * (p % nx)], `u ${p}`);
      });
    }),
    { numRuns: 150 },
  );
});

test("coarsenProblem leaves formulas and parts where they are, around periodic directions too", () => {
  const formula = "sin(x + 2*y) + 2";
  const periodic = { north: "periodic", south: "periodic" } as const;
  const mask = new Uint8Array(8 * 9).fill(1, 24, 25);
  const parts: Problem["parts"] = [
    { name: "rod", kind: "circle", center: [0, "a"], radius: 1, value: formula },
    { name: "dots", kind: "file", mask, hole: true },
  ];
  const base = { origin: [0.3, 2], spacing: [0.5, 0.25], parameters: { a: 3 } } as const;
  const section = { formula };
  for (const [shape, edges] of [[[8, 9], { ...periodic, west: formula }], [[9, 9], { north: section }]] as const) {
    const problem = { ...base, shape, edges, conductivity: section, source: section, initial: section };
    const half = coarsenProblem(problem) as Problem;
    assert.deepEqual(half.conductivity, section);
    const [fine, coarse] = [problem, half].map((one) => resolveProblem(one));
    for (const key of ["conductivity", "source", "initial"] as const) {
      for (let i = 0; i < half.shape[0]; i++) {
        for (let j = 0; j < half.shape[1]; j++) {
          const [found, expected] = [coarse![key].at(i, j), fine![key].at(2 * i, 2 * j)];
          assert.ok(Math.abs(found - expected) < 1e-14, `${key} at ${i}, ${j}: ${found}, not ${expected}`);
        }
      }
    }
    assert.deepEqual(coarse!.extent, fine!.extent);
  }
  const half = coarsenProblem({ ...base, shape: [8, 9], edges: periodic, parts }) as Problem;
  assert.deepEqual(half.parts![0], parts[0]);
  const [, dots] = resolveProblem(half).parts;
  assert.deepEqual([[1, 2], [1, 3], [1, 4], [2, 3]].map(([i, j]) => dots!.mask!.at(i!, j!)), [0, 1, 0, 0]);
});

test("coarsenProblem says why there is none", () => {
  const free = scatter(1, 0, 1);
  const rows = { north: "periodic", south: "periodic" } as const;
  const reasons: [Problem, RegExp][] = [
    [{ shape: [8, 9] }, /^ny is 8, and must be odd, such as 7 or 9: every other point then ends on both edges$/],
    [{ shape: [9, 4] }, /^nx is 4, and must be odd, such as 5: /],
    [{ shape: [9, 3] }, /^nx is 3: every other point leaves less than three$/],
    [{ shape: [9, 9], edges: rows }, /^ny is 9, and must be even around a periodic direction, such as 8 or 10$/],
    [{ shape: [5, 9], edges: rows }, /^ny is 5, and must be even around a periodic direction, such as 6$/],
    [{ shape: [3, 9], edges: rows }, /, such as 6$/],
    [{ shape: [4, 9], edges: rows }, /^ny is 4: /],
    [
      { shape: [9, 9], fixed: { shapes: [{ kind: "circle", center: [3, 3], radius: 0.5, value: 1 }] } },
      /^fixed\.shapes\[0\] covers none of every other row and column$/,
    ],
    [
      { shape: [9, 9], fixed: { mask: (i, j) => i === 3 && j === 4 ? 1 : 0, values: free } },
      /^fixed\.mask marks none of every other row and column$/,
    ],
  ];
  const image = { data: new Uint8Array(4 * 64), width: 8, height: 8, legend: { "#000000": {} } };
  const speck = {
    name: "speck",
    kind: "file",
    mask: (i: number, j: number) => i === 3 && j === 4 ? 1 : 0,
    value: 1,
  } as const;
  reasons.push(
    [{ shape: [9, 9], image }, /^image has a colour for every pixel of this grid, and cannot be halved$/],
    [{ shape: [9, 9], conductivity: { cells: 1 } }, /^conductivity\.cells has a number for every cell of this grid/],
    [{ shape: [9, 9], parts: [speck] }, /^parts\[0\]\.mask marks none of every other row and column$/],
  );
  for (const [problem, reason] of reasons) assert.match(String(coarsenProblem(problem)), reason);
  const mask = new Uint8Array(81);
  assert.equal(typeof coarsenProblem({ shape: [9, 9], fixed: { mask, values: 3 } }), "object");
  mask[2 * 9 + 4] = 1;
  assert.equal(typeof coarsenProblem({ shape: [9, 9], fixed: { mask, values: 3 } }), "object");
});
