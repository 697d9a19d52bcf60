/**
 * Compares a backend with the reference bit by bit, over the forms that a stencil can take.
 *
 * @module
 */

import assert from "node:assert/strict";
import js from "../../backends/js/mod.ts";
import type { Backend, Batch, GridData, Method, Plan, Stencil } from "../../core/contract.ts";
import { stencilOf } from "./problems.ts";

/** @returns a plan. */
export function plan(method: Method, settings: Plan["settings"] = {}): Plan {
  return { method, settings };
}

/** How they sweep; Jacobi ignores omega. */
const sweeping = { omega: 1.7 };

/** Advances by 1, 4 and 3 sweeps. @returns each batch, and the field at the end. */
export async function run(backend: Backend, stencil: Stencil, plan: Plan): Promise<[Batch[], GridData]> {
  await using session = await backend.open(stencil, plan);
  const batches = [];
  for (const sweeps of [1, 4, 3]) batches.push(await session.advance(sweeps, sweeping));
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
        await session.advance(2, sweeping);
        await session.write!({ rows: [row, row + 1], cols: [col, col + 1] }, Float64Array.of(NaN));
        const { change, residual } = await session.advance(1, sweeping);
        const what = `${name}, ${method}, row ${row}, column ${col}`;
        // In "a hole", [8, 9] is fixed: the first sweep restores it, and its change is still NaN.
        assert.ok(Number.isNaN(change), `change: ${what}`);
        assert.ok(Number.isNaN(residual), `residual: ${what}`);
      }
    }
  }
}
