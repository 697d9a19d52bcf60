/**
 * The Galerkin operator of the native libraries' black-box path (native/multigrid/blackbox/galerkin.c): the energy form that
 * docs/multigrid.md derives equals the product Pᵀ A P of dense matrices, and the library computes it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import ffiC from "../../backends/ffi-c/mod.ts";
import { scatter } from "../../conformance/problems.ts";
import { required } from "../../conformance/required.ts";
import { lower } from "../../core/discretize/lower.ts";
import { openGrid } from "../support/cg_steps.ts";

/** Unknowns of the fine and of the coarse level, a side: coarse point I is point 2 I, counted from 1; 0 and 8 are ghosts. */
const [FINE, COARSE] = [7, 3];

/** Neighbours in the order of nine coefficients: nw n ne w c e sw s se. */
const NEIGHBOURS = [[-1, -1], [-1, 0], [-1, 1], [0, -1], [0, 0], [0, 1], [1, -1], [1, 0], [1, 1]] as const;

/** An operator in couplings: of (i, j) with its neighbour (i + di, j + dj), and the row sum of (i, j). */
interface Operator {
  readonly coupling: (i: number, j: number, di: number, dj: number) => number;
  readonly rowSum: (i: number, j: number) => number;
}

const noise = scatter(3, 0.1, 4);
const operators: Readonly<Record<string, Operator>> = {
  "five points, the same everywhere": { coupling: (_i, _j, di, dj) => di === 0 || dj === 0 ? 1 : 0, rowSum: () => 0 },
  // Both ends of an edge have its coupling: twice the middle of an edge tells edges apart.
  "nine couplings and a row sum that vary": {
    coupling: (i, j, di, dj) => noise(2 * i + di, 2 * j + dj + (di * dj < 0 ? 40 : 0)),
    rowSum: (i, j) => (i + j) % 3 === 0 ? noise(i, j + 80) : 0,
  },
};

const points = Array.from({ length: FINE * FINE }, (_, p) => [1 + Math.floor(p / FINE), 1 + p % FINE] as const);
const isGhost = (i: number, j: number) => i < 1 || i > FINE || j < 1 || j > FINE;

/** For each point its row of P: the weight of each coarse point; none at ghosts, where corrections are zero. */
function prolongation({ coupling, rowSum }: Operator): (i: number, j: number) => Float64Array {
  const coarse = (i: number, j: number) => {
    const row = new Float64Array(COARSE * COARSE);
    if (!isGhost(i, j)) row[(i / 2 - 1) * COARSE + j / 2 - 1] = 1;
    return row;
  };
  const mean = (weights: readonly number[], rows: readonly Float64Array[], lost: number) => {
    const sum = weights.reduce((all, weight) => all + weight) + lost;
    return Float64Array.from(
      { length: COARSE * COARSE },
      (_, a) => weights.reduce((all, weight, k) => all + weight * rows[k]![a]!, 0) / sum,
    );
  };
  const at = (i: number, j: number): Float64Array => {
    if (isGhost(i, j) || (i % 2 === 0 && j % 2 === 0)) return coarse(i, j);
    const x = rowSum(i, j);
    if (i % 2 === 1 && j % 2 === 1) {
      const around = NEIGHBOURS.filter(([di, dj]) => di !== 0 || dj !== 0);
      return mean(around.map(([di, dj]) => coupling(i, j, di, dj)), around.map(([di, dj]) => at(i + di, j + dj)), x);
    }
    const sides = ([-1, 1] as const).map((side) =>
      [-1, 0, 1].reduce((sum, n) => sum + (i % 2 === 0 ? coupling(i, j, n, side) : coupling(i, j, side, n)), 0)
    );
    const ends = ([-1, 1] as const).map((side) => i % 2 === 0 ? at(i, j + side) : at(i + side, j));
    return mean(sides, ends, x > 0 ? x * x / (x + Math.min(...sides)) : 0);
  };
  return at;
}

/** Nine coefficients at each point: the negative couplings, and on the diagonal their sum and the row sum. */
function coefficients({ coupling, rowSum }: Operator): Float64Array {
  return Float64Array.from(points.flatMap(([i, j]) => {
    const k = NEIGHBOURS.map(([di, dj]) => di === 0 && dj === 0 ? 0 : coupling(i, j, di, dj));
    const c = k.reduce((sum, coupling) => sum + coupling, rowSum(i, j));
    return k.map((coupling, t) => t === 4 ? c : -coupling);
  }));
}

/** The sum over all edges of k (wₚ − w_q)(wₚ − w_q)ᵀ, and over all points of x wₚ wₚᵀ. */
function energyForm({ coupling, rowSum }: Operator, row: (i: number, j: number) => Float64Array): Float64Array {
  const sum = new Float64Array(COARSE ** 4);
  const add = (k: number, d: Float64Array) => {
    for (let a = 0; a < d.length; a++) for (let b = 0; b < d.length; b++) sum[a * d.length + b]! += k * d[a]! * d[b]!;
  };
  for (let i = 0; i <= FINE; i++) {
    for (let j = 0; j <= FINE + 1; j++) {
      const here = row(i, j);
      if (!isGhost(i, j)) add(rowSum(i, j), here);
      for (const [di, dj] of [[0, 1], [1, -1], [1, 0], [1, 1]] as const) {
        if (j + dj < 0 || j + dj > FINE + 1 || (isGhost(i, j) && isGhost(i + di, j + dj))) continue;
        const there = row(i + di, j + dj);
        add(coupling(i, j, di, dj), here.map((weight, a) => weight - there[a]!));
      }
    }
  }
  return sum;
}

/** Pᵀ A P, entry by entry. */
function product(operator: Operator, row: (i: number, j: number) => Float64Array): Float64Array {
  const A = coefficients(operator);
  const sum = new Float64Array(COARSE ** 4);
  points.forEach(([i, j], p) => {
    NEIGHBOURS.forEach(([di, dj], t) => {
      const [left, right] = [row(i, j), row(i + di, j + dj)];
      left.forEach((u, a) => right.forEach((v, b) => sum[a * right.length + b]! += u * A[9 * p + t]! * v));
    });
  });
  return sum;
}

for (const [what, operator] of Object.entries(operators)) {
  test(`the energy form is the Galerkin product: ${what}`, () => {
    const row = prolongation(operator);
    const [energy, expected] = [energyForm(operator, row), product(operator, row)];
    energy.forEach((value, k) => assert.ok(Math.abs(value - expected[k]!) <= 1e-12 * expected[0]!, `entry ${k}`));
  });
}

test("bilinear prolongation of five equal points gives couplings of 1/2, 1/2 and 1/4, 1/4, and a diagonal of 3", () => {
  const operator = operators["five points, the same everywhere"]!;
  const middle = product(operator, prolongation(operator)).subarray(4 * 9, 5 * 9);
  assert.deepEqual([...middle], [-0.25, -0.5, -0.25, -0.5, 3, -0.5, -0.25, -0.5, -0.25]);
});

const probe = await ffiC.probe();
const skip = !probe.available && !required(ffiC.name);
for (const [what, operator] of Object.entries(operators)) {
  test(
    `${ffiC.name} has the Galerkin operator: ${what}${probe.available ? "" : ` (${probe.reason})`}`,
    { skip },
    async () => {
      const kernels = await ffiC.kernels({});
      const multigrid = kernels.multigrid!;
      const { grid, session } = await openGrid(kernels, lower({ shape: [10, 10] }));
      const above = await multigrid.coarsen(grid, [true, true]);
      const fine = await multigrid.createLevel!(grid, coefficients(operator), [FINE, FINE], [false, false], false);
      const level = await multigrid.levels.coarsen(fine, [true, true]);
      const found = await multigrid.levels.readOperator(level);
      const expected = product(operator, prolongation(operator));
      for (let a = 0; a < COARSE * COARSE; a++) {
        NEIGHBOURS.forEach(([di, dj], t) => {
          const [I, J] = [Math.floor(a / COARSE) + di, a % COARSE + dj];
          if (I < 0 || I >= COARSE || J < 0 || J >= COARSE) return;
          const exact = expected[a * COARSE * COARSE + I * COARSE + J]!;
          // Sums of a few hundred products in f32, each beside the diagonal.
          const rounding = 2 ** -16 * expected[a * (COARSE * COARSE + 1)]!;
          assert.ok(
            Math.abs(found[9 * a + t]! - exact) <= rounding,
            `point ${a}, coefficient ${t}: ${found[9 * a + t]}, not ${exact}`,
          );
        });
      }
      for (const each of [level, fine, above]) await multigrid.levels.free(each);
      await session[Symbol.asyncDispose]();
    },
  );
}
