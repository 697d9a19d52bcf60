/**
 * Lowering against an independent dense assembly, on random problems of all kinds. A failure prints its seed.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { everything } from "../../conformance/compare.ts";
import { swept } from "../../conformance/oracle.ts";
import { scatter } from "../../conformance/problems.ts";
import type { Block, Dtype, GridData, Stencil, StencilBlock } from "../../core/contract.ts";
import { arrayType } from "../../core/dtype.ts";
import { type Problem, validateProblem } from "../../core/problem/problem.ts";
import { lower } from "../../core/discretize/lower.ts";
import { close, randomProblems, size } from "../support/random_problems.ts";
import { eliminate, solveDense } from "../support/dense_solver.ts";
import { naiveStencil } from "../support/naive_stencil.ts";

/** Fails unless all numbers are the same, and zeros have the same sign. */
function sameBits(found: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assert.equal(found.length, expected.length, what);
  for (let k = 0; k < found.length; k++) {
    if (!Object.is(found[k], expected[k])) assert.fail(`${what}: point ${k} is ${found[k]}, expected ${expected[k]}`);
  }
}

/** The stencil's own equations u = W u + g, solved densely. */
function fixedPoint(stencil: Stencil): Float64Array {
  const [ny, nx] = stencil.shape;
  const n = ny * nx;
  const zero = new Float64Array(n);
  // A sweep is affine: its constant is the sweep of zero, its columns those of the unit vectors. On a plain stencil's
  // edges, which no sweep touches, they give u = u: there the values of the iterate itself are taken.
  const { u } = stencil.evaluate(everything(stencil.shape));
  const constant = swept(stencil, zero);
  const matrix = Array.from({ length: n }, () => new Float64Array(n + 1));
  for (let c = 0; c < n; c++) {
    const unit = zero.slice();
    unit[c] = 1;
    const column = swept(stencil, unit);
    for (let r = 0; r < n; r++) matrix[r]![c] = (r === c ? 1 : 0) - (column[r]! - constant[r]!);
  }
  for (let r = 0; r < n; r++) {
    const [i, j] = [Math.floor(r / nx), r % nx];
    const edge = stencil.kind === "plain" && (i === 0 || j === 0 || i === ny - 1 || j === nx - 1);
    matrix[r]![n] = edge ? u[r]! : constant[r]!;
    if (edge) matrix[r]![r] = 1;
  }
  return eliminate(matrix);
}

test("lower gives a stencil whose fixed point solves the dense equations, on random problems", () => {
  fc.assert(
    fc.property(randomProblems(9), (problem) => {
      const stencil = lower(validateProblem(problem));
      const { u, fixed } = solveDense(problem);
      const start = stencil.evaluate(everything(stencil.shape)).u;
      fixed.forEach((value, k) => value === undefined || assert.equal(start[k], value, `fixed point ${k}`));
      close(fixedPoint(stencil), u, 1e-9 * size(u), "fixed point");
    }),
    { numRuns: 150 },
  );
});

test("lower gives an M-matrix: weights not negative, row sums at most 1, and fixed points without weights", () => {
  fc.assert(
    fc.property(randomProblems(9), (problem) => {
      const stencil = lower(problem);
      const { fixed } = solveDense(problem);
      if (stencil.kind === "plain") {
        assert.ok(stencil.cx > 0 && stencil.cy > 0 && 2 * (stencil.cx + stencil.cy) <= 1 + 2 ** -52);
        return;
      }
      const { u, an, as, aw, ae, g } = stencil.evaluate(everything(stencil.shape)) as Required<StencilBlock>;
      fixed.forEach((value, k) => {
        const weights = [an[k]!, as[k]!, aw[k]!, ae[k]!];
        assert.ok(weights.every((weight) => weight >= 0));
        assert.ok(weights.reduce((sum, weight) => sum + weight) <= 1 + 4 * 2 ** -53);
        if (value === undefined) return assert.ok(weights.some((weight) => weight > 0));
        assert.deepEqual([...weights, g[k], u[k]], [0, 0, 0, 0, value, value]);
      });
    }),
    { numRuns: 150 },
  );
});

test("lower gives bit for bit what the formulas give point by point, in both dtypes", () => {
  fc.assert(
    fc.property(randomProblems(9), fc.constantFrom<Dtype>("f64", "f32"), (problem, dtype) => {
      const stencil = lower({ ...problem, dtype });
      const found = stencil.evaluate(everything(stencil.shape));
      const expected = naiveStencil({ ...problem, dtype }, stencil.kind);
      assert.deepEqual(Object.keys(found).sort(), Object.keys(expected).sort());
      for (const [name, data] of Object.entries(expected)) {
        sameBits(found[name as keyof StencilBlock]!, data, `${stencil.kind}, ${name}`);
      }
    }),
    { numRuns: 400 },
  );
});

test("lower gives bit for bit what the formulas give on grids of several bands, and on blocks of them", () => {
  // Wide enough that rows are many bands, with all that may differ from band to band.
  const shape = [19, 2049] as const;
  const spot = { kind: "circle", center: [9, 1000], radius: 4, value: 7 } as const;
  const f = scatter(3, -1, 1);
  const edges = { north: 1, west: { flux: f }, east: { convection: { h: 0.5, ambient: f } } };
  const several: Problem[] = [
    { shape, edges: { north: 1, west: 2 } },
    { shape, edges: { north: 1, west: 2 }, source: f, initial: f },
    { shape, edges },
    { shape, edges, source: 3, initial: 2 },
    { shape, edges, source: f },
    { shape, edges, fixed: { shapes: [spot] } },
    { shape, edges, fixed: { shapes: [spot] }, source: 3 },
    { shape, edges, fixed: { shapes: [spot] }, source: f, conductivity: 2 },
    { shape, edges, conductivity: scatter(4, 1, 2) },
    { shape, edges, conductivity: (_, col) => col < 1000 ? 1 : 5, source: f, fixed: { shapes: [spot] } },
    { shape, edges: { ...edges, west: "periodic", east: "periodic" } },
    { shape: [2049, 19], edges: { ...edges, north: "periodic", south: "periodic" }, conductivity: scatter(4, 1, 2) },
  ];
  for (const problem of several) {
    const stencil = lower(problem);
    const expected = Object.entries(naiveStencil(problem, stencil.kind)) as [keyof StencilBlock, GridData][];
    const [ny, nx] = stencil.shape;
    const blocks: Block[] = [
      everything(stencil.shape),
      { rows: [0, 1], cols: [0, nx] },
      { rows: [3, ny - 1], cols: [nx - 1, nx] },
    ];
    for (const { rows, cols } of blocks) {
      const found = stencil.evaluate({ rows, cols });
      for (const [name, data] of expected) {
        const part: number[] = [];
        for (let i = rows[0]; i < rows[1]; i++) part.push(...data.subarray(i * nx + cols[0], i * nx + cols[1]));
        sameBits(found[name]!, part, `${JSON.stringify(problem)}, rows ${rows}, columns ${cols}: ${name}`);
      }
    }
  }
});

test("chunks skip what is zero: of a plain stencil without a first guess all but the edges", () => {
  const shape = [100, 300] as const;
  const points = (problem: Problem) => {
    let sum = 0;
    for (const { block: { rows, cols }, data } of lower(problem).chunks(everything(problem.shape))) {
      assert.equal(data.length, (rows[1] - rows[0]) * (cols[1] - cols[0]));
      sum += data.length;
    }
    return sum;
  };
  assert.equal(points({ shape }), 2 * (100 + 300) - 4);
  // Inside neither u nor a constant term; u on the east edge, and on all of north and south, which end there.
  const weighted = points({ shape, edges: { west: { flux: 0 }, north: { flux: 0 }, south: { flux: 0 } } });
  assert.equal(weighted, 5 * 100 * 300 + (2 * 300 + 98) + (2 * 300 + 2 * 98));
});

test("lower asks a source for no value at points that are held, which may be where it is infinite", () => {
  const source = (row: number, col: number) => 1 / ((row - 2) ** 2 + (col - 2) ** 2);
  const shapes = [{ kind: "circle", center: [2, 2], radius: 0.5, value: 0 }] as const;
  assert.equal(lower({ shape: [5, 5], source, fixed: { shapes } }).evaluate(everything([5, 5])).g![12], 0);
});

test("evaluate gives for any block what it gives for the whole, in both dtypes", () => {
  const corners = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }));
  fc.assert(
    fc.property(randomProblems(9), corners, corners, fc.constantFrom("f64", "f32"), (problem, from, to, dtype) => {
      const stencil = lower({ ...problem, dtype });
      const range = (axis: 0 | 1): [number, number] => {
        const n = stencil.shape[axis];
        const [a, b] = [Math.round(from[axis] * n), Math.round(to[axis] * n)];
        return a < b ? [a, b] : [b, a];
      };
      const [rows, cols] = [range(0), range(1)];
      const whole = Object.entries(stencil.evaluate(everything(stencil.shape))) as [keyof StencilBlock, GridData][];
      const part = stencil.evaluate({ rows, cols });
      assert.deepEqual(Object.keys(part), whole.map(([name]) => name));
      for (const [name, all] of whole) {
        const expected: number[] = [];
        for (let i = rows[0]; i < rows[1]; i++) {
          for (let j = cols[0]; j < cols[1]; j++) expected.push(all[i * stencil.shape[1] + j]!);
        }
        assert.ok(all instanceof arrayType(dtype));
        assert.deepEqual(Array.from(part[name]!), expected, name);
      }
    }),
    { numRuns: 100 },
  );
});

test("lower gives singular problems whose zero-mean solution is a fixed point", () => {
  fc.assert(
    fc.property(
      fc.tuple(fc.integer({ min: 3, max: 9 }), fc.integer({ min: 3, max: 9 })),
      fc.tuple(fc.boolean(), fc.boolean()),
      fc.nat(),
      ([ny, nx], [down, along], seed) => {
        const f = scatter(seed, -1, 1);
        const weight = (i: number, j: number) =>
          (down || (i > 0 && i < ny - 1) ? 1 : 0.5) * (along || (j > 0 && j < nx - 1) ? 1 : 0.5);
        let [sum, area] = [0, 0];
        for (let i = 0; i < ny; i++) {
          for (let j = 0; j < nx; j++) {
            sum += f(i, j) * weight(i, j);
            area += weight(i, j);
          }
        }
        const free = { flux: 0 };
        const problem: Problem = {
          shape: [ny, nx],
          spacing: [0.5, 0.25],
          edges: {
            north: down ? "periodic" : free,
            south: down ? "periodic" : free,
            west: along ? "periodic" : free,
            east: along ? "periodic" : free,
          },
          source: (i, j) => f(i, j) - sum / area,
        };
        const stencil = lower(problem);
        assert.equal(stencil.singular, true);
        const { u } = solveDense(problem, true);
        close(swept(stencil, u), u, 1e-12 * size(u), "zero-mean solution");
      },
    ),
    { numRuns: 60 },
  );
});

test("errorFactor bounds the error of a plain stencil by its residual", () => {
  fc.assert(
    fc.property(
      fc.tuple(fc.integer({ min: 3, max: 9 }), fc.integer({ min: 3, max: 9 })),
      fc.tuple(fc.constantFrom(1, 0.1), fc.constantFrom(1, 0.1, 0.3)),
      fc.nat(),
      (shape, spacing, seed) => {
        const problem: Problem = {
          shape,
          spacing,
          edges: { north: scatter(seed, -9, 9) },
          source: scatter(seed, -1, 1),
        };
        const { u } = solveDense(problem);
        const stencil = lower({ ...problem, initial: scatter(seed + 1, -9, 9) });
        const guess = stencil.evaluate(everything(shape)).u;
        const next = swept(stencil, guess);
        let [error, residual] = [0, 0];
        guess.forEach((value, k) => {
          error = Math.max(error, Math.abs(value - u[k]!));
          residual = Math.max(residual, Math.abs(next[k]! - value));
        });
        assert.ok(
          error <= stencil.analysis.errorPerResidual * residual * (1 + 1e-12),
          `${error} > ${stencil.analysis.errorPerResidual * residual}`,
        );
      },
    ),
  );
});
