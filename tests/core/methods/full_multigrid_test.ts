/**
 * Accuracy: full multigrid within the error of the discretisation after one cycle, second order for each kind of edge, and
 * the pieces: coarse stencils, cubic interpolation, equations of levels.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import js from "../../../backends/js/mod.ts";
import { jsKernels } from "../../../backends/js/kernels.ts";
import { everything, planOf, using } from "../../../conformance/compare.ts";
import { scatter } from "../../../conformance/problems.ts";
import type { Layout } from "../../../core/kernels/kernels.ts";
import type { Problem } from "../../../core/problem/problem.ts";
import { lower } from "../../../core/discretize/lower.ts";
import { solve } from "../../../solve/solve.ts";

/** A smooth solution with all derivatives, and its source. */
const exact = (y: number, x: number) => Math.sin(2 * x + 1) * Math.exp(y) + Math.cos(3 * y) * x ** 3;
const source = (y: number, x: number) =>
  3 * Math.sin(2 * x + 1) * Math.exp(y) + 9 * Math.cos(3 * y) * x ** 3 - 6 * x * Math.cos(3 * y);

/** The exact solution as fields of a grid over the unit square. */
function manufactured(shape: readonly [number, number]) {
  const [dy, dx] = [1 / (shape[0] - 1), 1 / (shape[1] - 1)];
  const on = (f: (y: number, x: number) => number) => (i: number, j: number) => f(i * dy, j * dx);
  return { u: on(exact), problem: { shape, spacing: [dy, dx] as const, source: on(source) }, on };
}

const distance = (u: ArrayLike<number>, v: (k: number) => number) =>
  Array.from(u).reduce((most, value, k) => Math.max(most, Math.abs(value - v(k))), 0);

for (const shape of [[65, 65], [257, 129], [99, 101]] as const) {
  test(`full multigrid is within the discretisation error after one cycle, ${shape.join(" x ")}`, async () => {
    const { u, problem } = manufactured(shape);
    const stencil = lower({ ...problem, edges: { north: u, south: u, west: u, east: u } });
    await using(js, stencil, planOf(stencil, "multigrid"), async (session) => {
      await session.advance(1);
      const first = (await session.read("global"))!;
      await session.advance(12);
      const last = (await session.read("global"))!;
      const error = distance(last, (k) => u(Math.floor(k / shape[1]), k % shape[1]));
      assert.ok(
        distance(first, (k) => last[k]!) < 0.1 * error,
        "more than a tenth of it is left of the algebraic error",
      );
    });
  });
}

/** Outward derivatives of the exact solution. */
const dy = (y: number, x: number) => Math.sin(2 * x + 1) * Math.exp(y) - 3 * Math.sin(3 * y) * x ** 3;
const dx = (y: number, x: number) => 2 * Math.cos(2 * x + 1) * Math.exp(y) + 3 * Math.cos(3 * y) * x * x;
const kinds: Readonly<Record<string, (of: ReturnType<typeof manufactured>) => Problem>> = {
  fixed: ({ u, problem }) => ({ ...problem, edges: { north: u, south: u, west: u, east: u } }),
  flux: ({ u, problem, on }) => ({
    ...problem,
    edges: { north: { flux: on((y, x) => -dy(y, x)) }, south: { flux: on(dy) }, west: u, east: { flux: on(dx) } },
  }),
  convection: ({ problem, on }) => {
    // k du/dn = h (ambient − u): the ambient that makes it so.
    const edge = (normal: (y: number, x: number) => number) => ({
      convection: { h: 2, ambient: on((y, x) => exact(y, x) + normal(y, x) / 2) },
    });
    return {
      ...problem,
      edges: { north: edge((y, x) => -dy(y, x)), south: edge(dy), west: edge((y, x) => -dx(y, x)), east: edge(dx) },
    };
  },
};

for (const [kind, problem] of Object.entries(kinds)) {
  test(`errors fall as the square of the spacing: ${kind} edges`, async () => {
    const errors: number[] = [];
    for (const n of [17, 33, 65, 129]) {
      const of = manufactured([n, n]);
      const { u } = await solve(problem(of), { plugin: "js", method: "multigrid", stop: "residual", tol: 1e-13 });
      errors.push(distance(u, (k) => of.u(Math.floor(k / n), k % n)));
    }
    assertSecondOrder(errors);
  });
}

test("errors fall as the square of the spacing: periodic edges", async () => {
  const errors: number[] = [];
  for (const n of [16, 32, 64, 128]) {
    const h = 1 / n;
    const wave = (i: number, j: number) => Math.sin(2 * Math.PI * (i * h + 2 * j * h)) * Math.cos(2 * Math.PI * i * h);
    // wave = (sin(4 pi y + 4 pi x) + sin(4 pi x)) / 2
    const f = (i: number, j: number) =>
      8 * Math.PI ** 2 * (2 * Math.sin(4 * Math.PI * (i + j) * h) + Math.sin(4 * Math.PI * j * h));
    const { u } = await solve({
      shape: [n, n],
      spacing: [h, h],
      edges: { north: "periodic", south: "periodic", west: "periodic", east: "periodic" },
      source: f,
    }, { plugin: "js", method: "multigrid", stop: "residual", tol: 1e-13 });
    errors.push(distance(u, (k) => wave(Math.floor(k / n), k % n)));
  }
  assertSecondOrder(errors);
});

function assertSecondOrder(errors: readonly number[]): void {
  for (let n = 2; n < errors.length; n++) {
    const order = Math.log2(errors[n - 1]! / errors[n]!);
    assert.ok(order > 1.9 && order < 2.1, `order ${order}: ${errors.join(", ")}`);
  }
}

test("coarse takes every other point of the same plate", () => {
  const f = scatter(3, -1, 1);
  const north = Float64Array.from({ length: 17 }, (_, j) => j);
  const problem: Problem = {
    shape: [9, 17],
    spacing: [0.5, 0.25],
    edges: { north, south: 3, east: (i, j) => i + j },
    source: f,
    conductivity: 2,
  };
  const stencil = lower(problem);
  const coarsened = stencil.coarsen!();
  assert.deepEqual([coarsened.kind, coarsened.shape, coarsened.spacing], ["plain", [5, 9], [1, 0.5]]);
  assert.equal(coarsened.coarsen, undefined, "five points a side are few enough");
  const [fine, coarse] = [stencil.evaluate(everything([9, 17])), coarsened.evaluate(everything([5, 9]))];
  for (let i = 0; i < 5; i++) {
    for (let j = 0; j < 9; j++) {
      const [k, l] = [i * 9 + j, 2 * i * 17 + 2 * j];
      assert.equal(coarse.u[k], fine.u[l], `u at ${i}, ${j}`);
      assert.ok(Math.abs(coarse.g![k]! - 4 * fine.g![l]!) < 1e-15, `g at ${i}, ${j}`);
    }
  }
});

test("coarse is not offered where rows or columns would not match, or there is a better first guess", () => {
  const offered = (problem: Problem) => lower(problem).coarsen !== undefined;
  assert.ok(offered({ shape: [9, 11] }));
  for (
    const problem of [
      { shape: [9, 10] },
      { shape: [7, 11] },
      { shape: [9, 11], initial: 1 },
      { shape: [9, 11], edges: { north: { flux: 0 } } },
      { shape: [9, 11], fixed: { shapes: [{ kind: "rect", from: [0, 0], to: [0, 5], value: 1 }] } },
    ] as const
  ) assert.ok(!offered(problem as Problem), JSON.stringify(problem));
});

const layout = (rows: number, cols: number, more: Partial<Layout> = {}): Layout => ({
  kind: "plain",
  dtype: "f64",
  shape: [rows, cols],
  periodic: [false, false],
  inner: { rows: [1, rows - 1], cols: [1, cols - 1] },
  parity: 0,
  cx: 0.25,
  cy: 0.25,
  source: false,
  diagonal: false,
  ...more,
});

test("prolongSolution is exact for cubics, also next to the edges", async () => {
  const kernels = jsKernels();
  const [coarse, fine] = [await kernels.create(layout(5, 9)), await kernels.create(layout(9, 17))];
  const p = (y: number, x: number) => (y ** 3 - y + 2) * (x ** 3 - 5 * x * x + 1);
  const sample = (rows: number, cols: number, h: number) =>
    Float64Array.from({ length: rows * cols }, (_, k) => p(Math.floor(k / cols) * h, (k % cols) * h));
  const want = sample(9, 17, 0.5);
  await kernels.write(coarse, "u", { rows: [0, 5], cols: [0, 9] }, sample(5, 9, 1));
  const ring = want.map((u, k) => k < 17 || k >= 8 * 17 || k % 17 % 16 === 0 ? u : NaN);
  await kernels.write(fine, "u", { rows: [0, 9], cols: [0, 17] }, ring);
  await kernels.multigrid!.prolongSolution!(fine, coarse);
  const found = await kernels.read(fine, { rows: [0, 9], cols: [0, 17] });
  assert.ok(distance(found, (k) => want[k]!) < 1e-10);
});

test("levels have symmetric equations, whose sums are nothing where all flows are among their points", async () => {
  const kernels = jsKernels();
  const k = scatter(7, 0.1, 10);
  for (const shape of [[13, 16], [9, 3], [6, 5]] as const) {
    for (const periodic of [[true, true], [false, true], [true, false]] as const) {
      const free = { flux: 0 };
      const stencil = lower({
        shape,
        edges: {
          north: periodic[0] ? "periodic" : free,
          south: periodic[0] ? "periodic" : free,
          west: periodic[1] ? "periodic" : free,
          east: periodic[1] ? "periodic" : free,
        },
        conductivity: k,
      });
      const [rows, cols] = [shape[0] + 2, shape[1] + 2];
      const grid = await kernels.create(layout(rows, cols, { kind: "weighted", periodic, diagonal: true }));
      const values = stencil.evaluate(everything(shape));
      for (const name of ["an", "as", "aw", "ae", "g", "d"] as const) {
        await kernels.write(grid, name, { rows: [1, rows - 1], cols: [1, cols - 1] }, values[name]!);
      }
      const level = await kernels.multigrid!.coarsen(grid, [true, true]);
      const [my, mx] = [Math.ceil(shape[0] / 2), Math.ceil(shape[1] / 2)];
      const found = await kernels.multigrid!.levels.readOperator(level);
      const matrix = Array.from({ length: my * mx }, () => new Float64Array(my * mx));
      found.forEach((value, at) => {
        const [p, t] = [Math.floor(at / 9), at % 9];
        const [i, j] = [Math.floor(p / mx) + Math.floor(t / 3) - 1, p % mx + t % 3 - 1];
        if ((i < 0 || i >= my) && !periodic[0] || (j < 0 || j >= mx) && !periodic[1]) return assert.ok(value === 0);
        matrix[p]![(i + my) % my * mx + (j + mx) % mx]! += value;
      });
      matrix.forEach((row, p) => {
        assert.ok(Math.abs(row.reduce((sum, a) => sum + a)) < 1e-12 * row[p]!, `sum of row ${p}`);
        row.forEach((a, q) => assert.ok(Math.abs(a - matrix[q]![p]!) < 1e-12 * row[p]!, `${p}, ${q}`));
      });
    }
  }
});
