/**
 * Compares a backend with the reference bit by bit, over the forms that a stencil can take.
 *
 * @module
 */

import assert from "node:assert/strict";
import js from "../../backends/js/mod.ts";
import type { Backend, Batch, Dtype, GridData, Method, Plan, Stencil } from "../../core/contract.ts";
import { type Problem, validateProblem } from "../../core/problem/problem.ts";
import { lower } from "../../core/discretize/lower.ts";

/** Sums of roots of integers: rough enough that no two orders of addition agree by chance. */
const rough = (row: number, col: number) => Math.sqrt(7 * row + 13 * col + 2) - Math.sqrt(row * row + 3 * col + 1);

/** Problems by what is special about them. */
export const problems: Readonly<Record<string, Problem>> = {
  "a plate": { shape: [17, 23], edges: { north: 100, west: 75, east: 50 }, initial: rough },
  "the smallest plate": { shape: [3, 3], edges: { north: 1, west: 2, east: 4, south: 8 }, initial: rough },
  "a narrow plate": { shape: [31, 3], edges: { north: 1, west: rough, south: 8 } },
  "a flat plate": { shape: [3, 32], edges: { north: rough, west: 2, south: 8 }, initial: rough },
  "a stretched plate": { shape: [12, 19], spacing: [0.3, 0.7], edges: { north: rough }, initial: rough },
  "a plate with a source": { shape: [14, 15], edges: { west: 1 }, source: rough },
  "a stretched plate with a source": { shape: [9, 8], spacing: [2, 1], source: rough },
  "free edges": {
    shape: [13, 16],
    edges: { north: 3, west: { flux: -1.5 }, south: { flux: 0 }, east: rough },
    conductivity: (row, col) => 1 + Math.sqrt(row + 2 * col),
  },
  "convection": {
    shape: [11, 12],
    edges: { north: 3, west: { convection: { h: 0.3, ambient: 20 } }, south: { flux: 0.25 } },
    source: rough,
  },
  "periodic rows": { shape: [10, 13], edges: { north: "periodic", south: "periodic", east: 7, west: rough } },
  "periodic columns": { shape: [9, 14], edges: { east: "periodic", west: "periodic", south: { flux: 1 } } },
  "a small torus": {
    shape: [4, 4],
    edges: { north: "periodic", south: "periodic", east: "periodic", west: "periodic" },
    fixed: { shapes: [{ kind: "circle", center: [1, 1], radius: 0.5, value: 3 }] },
    initial: rough,
    source: rough,
  },
  "a hole": {
    shape: [18, 21],
    edges: { north: 5, south: { flux: 0 } },
    fixed: { shapes: [{ kind: "rect", from: [4, 5], to: [9, 11], value: -100 }] },
  },
};

/** @returns the stencil of one of the problems. */
export function stencilOf(name: string, dtype: Dtype): Stencil {
  return lower(validateProblem({ ...problems[name]!, dtype }));
}

/** @returns a plan; Jacobi ignores omega. */
export function plan(method: Method, settings: Plan["settings"] = {}): Plan {
  return { method, omega: 1.7, settings };
}

/** Advances by 1, 4 and 3 sweeps. @returns each batch, and the field at the end. */
export async function run(backend: Backend, stencil: Stencil, plan: Plan): Promise<[Batch[], GridData]> {
  await using session = await backend.open(stencil, plan);
  const batches = [];
  for (const sweeps of [1, 4, 3]) batches.push(await session.advance(sweeps));
  return [batches, (await session.read("global"))!];
}

/** Fails unless the backend gives the bits and the norms of the reference. */
export async function assertSameBits(backend: Backend, name: string, settings?: Plan["settings"]): Promise<void> {
  for (const dtype of ["f64", "f32"] as const) {
    for (const method of ["jacobi", "sor"] as const) {
      const stencil = stencilOf(name, dtype);
      const [wantBatches, want] = await run(js, stencil, plan(method));
      const [batches, got] = await run(backend, stencil, plan(method, settings));
      const what = `${name}, ${dtype}, ${method}`;
      assert.deepEqual(batches, wantBatches, what);
      assert.deepEqual(new Uint8Array(got.buffer), new Uint8Array(want.buffer), what);
    }
  }
}

/** Fails unless a NaN at any of some points shows in both norms at once, inside and at borders of the update. */
export async function assertNaNSurfaces(backend: Backend, settings?: Plan["settings"]): Promise<void> {
  for (const name of ["a plate", "a hole"]) {
    for (const method of ["jacobi", "sor"] as const) {
      const stencil = stencilOf(name, "f64");
      const [ny, nx] = stencil.shape;
      for (const [row, col] of [[1, 1], [2, 1], [ny - 2, nx - 2], [8, 9]] as const) {
        await using session = await backend.open(stencil, plan(method, settings));
        await session.advance(2);
        await session.write!({ rows: [row, row + 1], cols: [col, col + 1] }, Float64Array.of(NaN));
        const { change, residual } = await session.advance(1);
        const what = `${name}, ${method}, row ${row}, column ${col}`;
        // In "a hole", [8, 9] is fixed: the first sweep mends it, and its change still is NaN.
        assert.ok(Number.isNaN(change), `change: ${what}`);
        assert.ok(Number.isNaN(residual), `residual: ${what}`);
      }
    }
  }
}
