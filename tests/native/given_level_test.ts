/**
 * Given levels in the native libraries (native/multigrid/blackbox/given_level.c) against the reference: cycles converge to the
 * same solution, in as many.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import ffiC from "../../backends/ffi-c/mod.ts";
import ffiOmp from "../../backends/ffi-omp/mod.ts";
import { jsKernels } from "../../backends/js/kernels.ts";
import { scatter } from "../../conformance/problems.ts";
import { required } from "../../conformance/required.ts";
import type { LevelSize } from "../../core/kernels/distributed.ts";
import type { Kernels } from "../../core/kernels/kernels.ts";
import { cycleSolver, levelSizes } from "../../core/methods/hierarchy.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { lower } from "../../core/discretize/lower.ts";
import { randomProblems } from "../support/random_problems.ts";
import { openGrid } from "../support/cg_steps.ts";
import { seed } from "../support/plain_loops.ts";
import { free, insulated, torus, tube } from "../support/problems.ts";

const noise = scatter(5, -1, 1);

/** The given level has the operator of the level right below one of these grids. */
const problems: Readonly<Record<string, Problem>> = {
  "a plate of odd sides": { shape: [129, 65] },
  "a plate of even sides": { shape: [100, 64], source: 1 },
  "flat cells": { shape: [90, 101], spacing: [1, 20] },
  "a row": { shape: [4, 300] },
  "a column": { shape: [300, 5], edges: { west: free } },
  "f32": { shape: [98, 101], dtype: "f32", edges: { north: free } },
  "convection": { shape: [101, 90], edges: { west: { convection: { h: 0.01, ambient: 1 } }, east: free } },
  "nothing but insulated edges": { shape: [97, 128], edges: insulated },
  "a tube of odd girth": { shape: [65, 98], edges: tube },
  "a torus": { shape: [101, 64], edges: torus },
  "a ring of two rows": { shape: [4, 200], edges: { north: "periodic", south: "periodic" } },
  "electrodes": {
    shape: [101, 101],
    edges: insulated,
    fixed: {
      shapes: [
        { kind: "circle", center: [30, 70], radius: 11.3, value: 0 },
        { kind: "rect", from: [60, 20], to: [64, 80], value: 0 },
      ],
    },
  },
  "points held here and there": {
    shape: [80, 81],
    edges: torus,
    fixed: { mask: (i, j) => noise(i, j) > 0.8 ? 1 : 0, values: 0 },
  },
  "a conductivity far from 1 that jumps": { shape: [99, 101], conductivity: (i, j) => i > 40 && j < 51 ? 1e9 : 1e7 },
};

/** The operator of a level, as `Multigrid.createLevel` takes it, and the levels below it. */
interface Given {
  readonly coefficients: Float64Array;
  readonly shape: readonly [rows: number, cols: number];
  readonly periodic: readonly [boolean, boolean];
  readonly singular: boolean;
  readonly firstIsCoarse: boolean;
  readonly below: readonly LevelSize[];
}

async function given(problem: Problem): Promise<Given> {
  const { kind, periodic, singular, ...stencil } = lower(problem);
  const [first, ...below] = levelSizes({ kind, ...stencil });
  const { kernels, grid, session } = await openGrid(jsKernels(), lower(problem));
  const level = await kernels.multigrid!.coarsen(grid, first!.axes);
  const coefficients = await kernels.multigrid!.levels.readOperator(level);
  await session[Symbol.asyncDispose]();
  return { coefficients, shape: first!.shape, periodic, singular, firstIsCoarse: kind === "weighted", below };
}

/** The neighbour of point p that coefficient t belongs to, if any. */
function neighbour({ shape: [ny, nx], periodic }: Given, p: number, t: number): number | undefined {
  let [i, j] = [Math.floor(p / nx) + Math.floor(t / 3) - 1, p % nx + t % 3 - 1];
  if (periodic[0]) i = (i + ny) % ny;
  if (periodic[1]) j = (j + nx) % nx;
  return i >= 0 && i < ny && j >= 0 && j < nx ? i * nx + j : undefined;
}

/** f − A e, 0 at Dirichlet points. */
function residual(of: Given, f: Float64Array, e: Float64Array): Float64Array {
  return f.map((value, p) => {
    if (of.coefficients[9 * p + 4] === 0) return 0;
    for (let t = 0; t < 9; t++) {
      const q = neighbour(of, p, t);
      if (q !== undefined) value -= of.coefficients[9 * p + t]! * e[q]!;
    }
    return value;
  });
}

const norm = (values: Float64Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Cycles, each for the residual of the one before, until that is 1e-9 of f. */
async function solved<G, L>(kernels: Kernels<G, L>, grid: G, of: Given, f: Float64Array) {
  const level = await kernels.multigrid!.createLevel!(grid, of.coefficients, of.shape, of.periodic, of.firstIsCoarse);
  const solver = await cycleSolver(kernels.multigrid!.levels, level, of);
  const e = new Float64Array(f.length);
  let [count, left] = [0, f];
  for (; norm(left) > 1e-9 * norm(f) && count < 60; count++) {
    (await solver.solve(left)).forEach((value, p) => e[p]! += value);
    left = residual(of, f, e);
  }
  await solver.free!();
  return { e, count };
}

/** Noise; with a mean of zero if the problem is singular. */
function randomRhs({ coefficients, shape: [, nx], singular }: Given, size: number): Float64Array {
  const isFree = (p: number) => coefficients[9 * p + 4] !== 0;
  const f = Float64Array.from(
    { length: coefficients.length / 9 },
    (_, p) => isFree(p) ? size * noise(Math.floor(p / nx), p % nx) : 0,
  );
  const mean = singular ? f.reduce((sum, value) => sum + value) / f.length : 0;
  return f.map((value) => value - mean);
}

/** A small grid of the problem's kind, coarsened, whose settings a given level shares. */
async function coarsened<G, L>(kernels: Kernels<G, L>, { shape: _, fixed: __, ...problem }: Problem) {
  const shape = [30, 23] as const;
  const stencil = lower({ ...problem, shape, initial: noise });
  const { grid, session } = await openGrid(kernels, stencil);
  const level = await kernels.multigrid!.coarsen(grid, levelSizes(stencil)[0]!.axes);
  // Corrections are counted in units of the residual.
  await kernels.multigrid!.smoothAndRestrict(grid, level, 2);
  const free = async () => {
    await kernels.multigrid!.levels.free(level);
    await session[Symbol.asyncDispose]();
  };
  return { grid, level, free };
}

const solutions = new Map<string, { of: Given; f: Float64Array; e: Float64Array; count: number }>();
async function reference(what: string) {
  if (solutions.has(what)) return solutions.get(what)!;
  const of = await given(problems[what]!);
  const f = randomRhs(of, 1);
  const kernels = jsKernels();
  const { grid, free } = await coarsened(kernels, problems[what]!);
  const found = { of, f, ...await solved(kernels, grid, of, f) };
  await free();
  solutions.set(what, found);
  return found;
}

for (const [backend, counts] of [[ffiC, [1]], [ffiOmp, [1, 2, 5]]] as const) {
  const probe = await backend.probe();
  const skip = !probe.available && !required(backend.name);
  const reason = skip ? ` (${(probe as { reason: string }).reason})` : "";
  for (const threads of counts) {
    const run = `${backend.name}, ${threads} thread${threads === 1 ? "" : "s"}${reason}`;
    const open = () => backend.kernels(backend === ffiC ? {} : { threads: `${threads}` });

    for (const [what, problem] of Object.entries(problems)) {
      test(`a given level converges to the solution of the reference: ${what}: ${run}`, { skip }, async () => {
        const { of, f, e, count } = await reference(what);
        assert.ok(count < 60, `the reference takes ${count} cycles`);
        const kernels = await open();
        const { grid, free } = await coarsened(kernels, problem);
        const found = await solved(kernels, grid, of, f);
        assert.ok(found.count <= count + 2, `${found.count} cycles, ${count} of the reference`);
        // Both leave 1e-9 of f; its share of e grows with the number of points along the longer side, squared.
        const shift = of.singular ? (found.e[0]! - e[0]!) : 0;
        const allowed = 1e-9 * Math.max(...of.shape) ** 2 * norm(e);
        e.forEach((value, p) => assert.ok(Math.abs(found.e[p]! - shift - value) <= allowed, `point ${p}`));
        await free();
      });
    }
    if (threads > 1) continue;

    test(`a given level returns its operator, right-hand side and correction: ${run}`, { skip }, async () => {
      for (const what of Object.keys(problems)) {
        const { of } = await reference(what);
        const kernels = await open();
        const operations = kernels.multigrid!;
        const { grid, free } = await coarsened(kernels, problems[what]!);
        const level = await operations.createLevel!(grid, of.coefficients, of.shape, of.periodic, of.firstIsCoarse);
        const same = (found: Float64Array, expected: Float64Array, unit: (k: number) => number, of: string) =>
          expected.forEach((value, k) =>
            assert.ok(Math.abs(found[k]! - value) <= unit(k), `${what}: ${of} ${k}: ${found[k]} for ${value}`)
          );
        // Nine f32, each rounded, and the diagonal their sum; a zero marks Dirichlet points.
        const diagonal = (k: number) => of.coefficients[k - k % 9 + 4]!;
        same(
          await operations.levels.readOperator(level),
          of.coefficients,
          (k) => 9 * 2 ** -24 * diagonal(k),
          "coefficient",
        );
        const all = { rows: [0, of.shape[0]], cols: [0, of.shape[1]] } as const;
        const f = randomRhs(of, 1e-12);
        await operations.levels.writeRhs(level, all, f);
        same(await operations.levels.readRhs(level), f, (k) => 2 ** -24 * Math.abs(f[k]!), "f");
        assert.equal(norm(await operations.levels.readCorrection!(level)), 0);
        await operations.levels.writeCorrection(level, f);
        same(await operations.levels.readCorrection!(level), f, (k) => 2 ** -24 * Math.abs(f[k]!), "e");
        await operations.levels.free(level);
        await free();
      }
    });

    test(
      `a level given the operator of a level has the same levels below, seed ${seed}: ${run}`,
      { skip },
      async () => {
        const kernels = await open();
        const operations = kernels.multigrid!;
        await fc.assert(
          fc.asyncProperty(randomProblems(60), async (problem) => {
            const stencil = lower(problem);
            const { kind, periodic } = stencil;
            const [first, ...below] = levelSizes(stencil);
            if (!first) return;
            const { grid, session } = await openGrid(kernels, stencil);
            const level = await operations.coarsen(grid, first.axes);
            const coefficients = await operations.levels.readOperator(level);
            const copy = await operations.createLevel!(
              grid,
              coefficients,
              first.shape,
              periodic,
              kind === "weighted",
            );
            const made = [[level, copy]];
            for (const { axes } of below) {
              made.push(await Promise.all(made.at(-1)!.map((fine) => operations.levels.coarsen(fine, axes))));
            }
            for (const [depth, [level, copy]] of made.entries()) {
              const expected = await operations.levels.readOperator(level!);
              const found = await operations.levels.readOperator(copy!);
              for (const [k, value] of expected.entries()) {
                // A coefficient is a sum of a few hundred products in f32, each beside the diagonal.
                const rounding = 2 ** -16 * expected[k - k % 9 + 4]!;
                assert.ok(Math.abs(found[k]! - value) <= rounding, `level ${depth}: ${k}: ${found[k]} for ${value}`);
              }
            }
            for (const [level, copy] of made.reverse()) {
              await operations.levels.free(copy!);
              await operations.levels.free(level!);
            }
            await session[Symbol.asyncDispose]();
          }),
          { numRuns: 100, seed },
        );
      },
    );

    test(`the reference drops couplings to Dirichlet edges and points: ${run}`, { skip }, async () => {
      const kernels = await open();
      for (const [what, problem] of Object.entries(problems)) {
        const { of } = await reference(what);
        const { grid, session } = await openGrid(kernels, lower(problem));
        const level = await kernels.multigrid!.coarsen(grid, levelSizes(lower(problem))[0]!.axes);
        const { levels } = kernels.multigrid!;
        const given = await levels.readOperator(level);
        const { grid: any, session: other } = await openGrid(jsKernels(), lower({ shape: [5, 5] }));
        const js = jsKernels().multigrid!;
        const found = await js.levels.readOperator(
          await js.createLevel!(any, given, of.shape, of.periodic, of.firstIsCoarse),
        );
        for (const [k, value] of given.entries()) {
          const q = neighbour(of, Math.floor(k / 9), k % 9);
          const left = q === undefined || given[9 * q + 4] === 0;
          assert.ok(found[k] === (left ? 0 : value), `${what}: ${k}: ${found[k]} for ${value}`);
        }
        await levels.free(level);
        await session[Symbol.asyncDispose]();
        await other[Symbol.asyncDispose]();
      }
    });

    test(`a given level is refused where there are no levels: ${run}`, { skip }, async () => {
      const kernels = await open();
      const operations = kernels.multigrid!;
      const { of } = await reference("a torus");
      const { grid, level, free } = await coarsened(kernels, problems["a torus"]!);
      const make = (on: typeof grid, coefficients = of.coefficients) =>
        operations.createLevel!(on, coefficients, of.shape, of.periodic, of.firstIsCoarse);
      assert.throws(() => make(grid, of.coefficients.subarray(9)), RangeError);
      assert.throws(() => operations.levels.readCorrection!(level), /only of levels whose operator was given/);
      const made = await make(grid);
      assert.throws(() => operations.smoothAndRestrict(grid, made, 2), /that level is not below this grid/);
      const { grid: other, session } = await openGrid(kernels, lower({ shape: [9, 9], edges: torus }));
      assert.throws(() => make(other), /a given level needs a grid that has levels/);
      await session[Symbol.asyncDispose]();
      await operations.levels.free(made);
      await free();
    });
  }
}
