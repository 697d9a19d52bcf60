/**
 * The algebraic preconditioner in TypeScript, piece by piece: the operator of a grid, the bound on pairs, coarse operators as
 * sums, the solve of the last level, and that cycles are symmetric.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createAggregates, createLevels } from "../../../backends/js/aggregation/mod.ts";
import { Factors } from "../../../backends/js/aggregation/factors.ts";
import { operatorOfGrid } from "../../../backends/js/aggregation/grid_operator.ts";
import { cycle, solve } from "../../../backends/js/aggregation/k_cycle.ts";
import { type Operator, OperatorBuilder } from "../../../backends/js/aggregation/operator.ts";
import { choosePairs } from "../../../backends/js/aggregation/pair.ts";
import { coarsen } from "../../../backends/js/aggregation/sum_up.ts";
import type { Grid } from "../../../backends/js/grid.ts";
import { jsKernels } from "../../../backends/js/kernels.ts";
import { scatter } from "../../../conformance/problems.ts";
import { roundoff } from "../../../core/dtype.ts";
import { lower } from "../../../core/discretize/lower.ts";
import type { Problem } from "../../../core/problem/problem.ts";
import { openGrid } from "../../support/cg_steps.ts";
import { free, insulated, torus, tube } from "../../support/problems.ts";

const number = scatter(21, 0, 1);
/** Two values a million apart at random, and a value of its own for each point. */
const two = (i: number, j: number) => number(i, j) < 0.5 ? 1e6 : 1;
const decades = (i: number, j: number) => 10 ** (6 * number(i, j) - 3);
const mask = (i: number, j: number) => number(j, i) < 0.05 ? 1 : 0;

const problems: Readonly<Record<string, Problem>> = {
  "two values": { shape: [13, 15], edges: { north: free, south: free }, conductivity: two },
  "three decades either way": { shape: [12, 17], edges: { west: free }, conductivity: decades },
  "convection": {
    shape: [11, 14],
    edges: { ...insulated, west: { convection: { h: 0.3, ambient: 1 } } },
    conductivity: two,
  },
  "points held": { shape: [14, 13], edges: insulated, conductivity: two, fixed: { mask, values: 1 } },
  "a tube of odd girth": { shape: [12, 13], edges: tube, conductivity: decades },
  "a torus of odd girths": { shape: [11, 13], edges: torus, conductivity: two, fixed: { mask, values: 1 } },
  "nothing held": { shape: [13, 14], edges: insulated, conductivity: two },
  "a torus where nothing is held": { shape: [12, 14], edges: torus, conductivity: decades },
  "three rows": { shape: [3, 51], edges: { north: free, south: free }, conductivity: two },
  "three columns around": { shape: [51, 3], edges: tube, conductivity: decades },
};

/** The grid of a problem for z, whose constant term is r; c is its diagonal at free points, 0 elsewhere. */
async function correctionOf(problem: Problem) {
  const kernels = jsKernels();
  const { grid } = await openGrid(kernels, lower(problem));
  const z = await kernels.cg!.preconditionedResidual!(grid) as Grid;
  const { layout, fields } = z;
  const [ny, nx] = layout.shape;
  const c = Float64Array.from(fields.d, (value, k) => {
    const [i, j] = [Math.floor(k / nx), k % nx];
    return i > 0 && i < ny - 1 && j > 0 && j < nx - 1 ? value : 0;
  });
  return { kernels, z, c, weighted: { layout, stride: nx, fields } };
}

/** Numbers at free points, 0 elsewhere; where nothing is held their mean is zero, as that of residuals. */
function residual(c: Float64Array, seed: number, balanced: boolean): Float64Array {
  const value = scatter(seed, -1, 1);
  const r = c.map((one, k) => one > 0 ? value(k, 1) : 0);
  const mean = balanced ? product(c, r) / c.reduce((sum, one) => sum + one, 0) : 0;
  return r.map((one, k) => c[k]! > 0 ? one - mean : 0);
}

const product = (a: ArrayLike<number>, ...others: readonly ArrayLike<number>[]) =>
  Array.from(a).reduce((sum, value, k) => sum + others.reduce((all, other) => all * other[k]!, value), 0);

/** (A e)_i, differences first. */
function apply({ rows, rowSum, start, column, k }: Operator, e: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = rowSum[i]! * e[i]!;
    for (let at = start[i]!; at < start[i + 1]!; at++) sum += k[at]! * (e[i]! - e[column[at]!]!);
    return sum;
  });
}

for (const [what, problem] of Object.entries(problems)) {
  test(`the operator of a grid is that of its sweeps, times the diagonal: ${what}`, async () => {
    const { kernels, z, c, weighted } = await correctionOf(problem);
    const A = operatorOfGrid(weighted);
    z.u.set(residual(c, 3, false));
    const e = Float64Array.from(z.u);
    z.ghostsStale = true;
    await kernels.residual(z); // v = sweep(z), for r = 0
    apply(A, e).forEach((value, k) => {
      if (c[k] === 0) return assert.ok(A.diagonal[k] === 0 && A.start[k] === A.start[k + 1]);
      // A few roundings of the terms, and of the weights.
      const swept = c[k]! * (e[k]! - z.v[k]!);
      assert.ok(Math.abs(value - swept) <= 20 * roundoff("f64") * c[k]!, `${k}: ${value}, ${swept}`);
    });
    for (let i = 0; i < A.rows; i++) {
      for (let at = A.start[i]!; at < A.start[i + 1]!; at++) {
        assert.equal(A.column[at]! < i, at < A.later[i]!, "earlier rows come first");
      }
    }
  });

  test(`pairs keep the bound on their quality, and a row is in one at most: ${what}`, async () => {
    const A = operatorOfGrid((await correctionOf(problem)).weighted);
    const { count, pair, partner } = choosePairs(A);
    const members = Array.from({ length: count }, () => new Array<number>());
    pair.forEach((one, i) => one >= 0 && members[one]!.push(i));
    for (const [i, j = i, ...more] of members as [number, number?, ...number[]][]) {
      assert.deepEqual([partner[i], more], [j, []]);
      if (j === i) continue;
      const at = A.column.subarray(A.start[i]!, A.start[i + 1]!).indexOf(j) + A.start[i]!;
      const both = 1 / (1 / A.rowSum[i]! + 1 / A.rowSum[j]!);
      assert.ok(2 / (1 / A.diagonal[i]! + 1 / A.diagonal[j]!) <= 8 * (A.k[at]! + both), `${i} and ${j}`);
    }
    pair.forEach((one, i) => one >= 0 || assert.ok(A.rowSum[i]! >= 0.25 * A.diagonal[i]!, `row ${i} is dropped`));
  });

  test(`a coarse operator has the energy of what is constant on aggregates: ${what}`, async () => {
    const { weighted } = await correctionOf(problem);
    const A = operatorOfGrid(weighted);
    const { A: coarse, aggregate } = coarsen(A);
    const sizes = new Array<number>(coarse.rows).fill(0);
    aggregate.forEach((to) => to >= 0 && sizes[to]!++);
    assert.ok(sizes.every((size) => size >= 1 && size <= 4));
    const e = Float64Array.from({ length: coarse.rows }, (_, i) => number(i, 7) - 0.5);
    const fine = Float64Array.from(aggregate, (to) => to < 0 ? 0 : e[to]!);
    const [want, found] = [product(fine, apply(A, fine)), product(e, apply(coarse, e))];
    // Sums of products of differences, all of them positive but for the signs of rows.
    assert.ok(Math.abs(want - found) <= 1e-12 * product(e, e, coarse.diagonal), `${found}, ${want}`);
  });

  test(`a cycle is symmetric and positive: ${what}`, async () => {
    const { z, c, weighted } = await correctionOf(problem);
    const { fields: { g: r } } = z;
    const aggregates = createAggregates(weighted);
    const { singular } = lower(problem);
    assertSymmetric(c, (seed) => {
      const right = residual(c, seed, singular);
      r.set(right);
      z.u.fill(3); // whatever it was
      aggregates.cycle(z.u);
      return [right, Float64Array.from(z.u)];
    });
    aggregates.free();
  });
}

/** ⟨r₁, M r₂⟩ = ⟨M r₁, r₂⟩ but for roundings, in the product that c weighs; and ⟨r, M r⟩ > 0. */
function assertSymmetric(c: Float64Array, solved: (seed: number) => readonly [Float64Array, Float64Array]): void {
  const [[r1, z1], [r2, z2]] = [solved(5), solved(6)];
  const size = Math.sqrt(product(c, r1, z1) * product(c, r2, z2));
  const off = Math.abs(product(c, r1, z2) - product(c, z1, r2));
  assert.ok(product(c, r1, z1) > 0 && product(c, r2, z2) > 0);
  // A rounding at each point, which counts as often as strong couplings exceed weak ones.
  assert.ok(off <= 1e6 * roundoff("f64") * c.length * size, `${off} of ${size}`);
}

test("a cycle of a level is symmetric, too", async () => {
  for (const [what, problem] of Object.entries(problems)) {
    // Of the grid itself: hundreds of rows, and one level below.
    const all = createLevels(operatorOfGrid((await correctionOf(problem)).weighted), 64);
    const [{ A, f, r }] = all.levels;
    assert.ok(all.levels.length === 2 && all.last, what);
    const ones = new Float64Array(A.rows).fill(1);
    const balanced = lower(problem).singular;
    const free = A.diagonal.map((d) => d > 0 ? 1 : 0);
    assertSymmetric(ones, (seed) => {
      f.set(residual(free, seed, balanced));
      const before = f.slice();
      cycle(all, 0);
      // What relaxation says that it leaves is what it leaves.
      const { e } = all.levels[0];
      const left = apply(A, e).map((value, i) => before[i]! - value);
      const roundings = 100 * roundoff("f64") * Math.max(...e.map((value, i) => Math.abs(value) * A.diagonal[i]!), 1);
      left.forEach((value, i) =>
        free[i] && assert.ok(Math.abs(value - r[i]!) <= roundings, `${what}: ${value}, ${r[i]}`)
      );
      return [before, e.slice()];
    });
  }
});

test("the last level is solved exactly, also where it falls apart and a part is singular", () => {
  const value = scatter(4, 0.1, 1);
  for (const held of [true, false]) {
    // Two rings of rows, couplings up to a million, and a row that has nothing.
    const builder = new OperatorBuilder(25, 200);
    for (let i = 0; i < 24; i++) {
      const other = (step: number) => Math.floor(i / 12) * 12 + (i + step) % 12;
      const k = (a: number, b: number) => 10 ** (6 * value(Math.min(a, b), Math.max(a, b)));
      for (const step of [1, 11, 5, 7]) builder.couple(other(step), k(i, other(step)));
      builder.endRow(held && i === 3 ? 1e-3 : 0);
    }
    builder.endRow(0);
    const A = builder.finish();
    const wanted = Float64Array.from({ length: 25 }, (_, i) => i < 24 ? value(i, 99) : 0);
    const e = new Float64Array(25);
    new Factors(A).solve(apply(A, wanted), e);
    for (const [from, to] of [[0, 12], [12, 24]] as const) {
      // Known up to a constant, unless it is held.
      const shift = held && from === 0 ? 0 : wanted[from]! - e[from]!;
      for (let i = from; i < to; i++) assert.ok(Math.abs(wanted[i]! - e[i]! - shift) < 1e-6, `${i}: ${e[i]}`);
    }
    assert.equal(e[24], 0);
  }
});

test("levels end where pairs of rows would be few, however many rows there are", () => {
  for (const rows of [500, 50_000]) {
    // A star: each row is coupled to the first one alone.
    const builder = new OperatorBuilder(rows, 2 * rows);
    for (let i = 1; i < rows; i++) builder.couple(i, 1);
    builder.endRow(1);
    for (let i = 1; i < rows; i++) {
      builder.couple(0, 1);
      builder.endRow(0);
    }
    const all = createLevels(builder.finish());
    assert.equal(all.levels.length, 1);
    const [{ A, f, e }] = all.levels;
    f.set(Float64Array.from({ length: rows }, (_, i) => number(i, 3) - 0.5));
    const before = f.slice();
    solve(all, 0);
    // What is left of the energy of the error, 1 before: e f - e A e / 2 is half of what is gone.
    assert.ok(2 * product(e, before) - product(e, apply(A, e)) > 0);
  }
});
