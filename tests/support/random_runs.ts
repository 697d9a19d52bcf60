/**
 * Random runs of a backend against `js`, bit for bit: any shape, form, type, block, threads and batches, and NaN put in on
 * the way.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import fc from "fast-check";
import js from "../../backends/js/mod.ts";
import type { Backend, Batch, GridData, Stencil } from "../../core/contract.ts";
import { arrayType } from "../../core/dtype.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { lower } from "../../core/discretize/lower.ts";
import { plan } from "./same_bits.ts";
import { rough } from "./problems.ts";

/** Runs batches. @returns what they reported, and the field at the end. */
async function batchesOf(backend: Backend, stencil: Stencil, settings: Record<string, string>, input: Input) {
  await using session = await backend.open(stencil, plan("jacobi", settings));
  const batches: Batch[] = [];
  for (const [n, sweeps] of input.batches.entries()) {
    if (n === 1 && input.nan) {
      await session.write!(
        at(input.nan, stencil),
        arrayType(stencil.dtype).of(NaN),
      );
    }
    batches.push(await session.advance(sweeps));
  }
  return { batches, u: (await session.read("global")) as GridData };
}

/** What a random run is made of. */
interface Input {
  readonly batches: readonly number[];
  readonly nan: readonly [number, number] | null;
}

const at = ([y, x]: readonly [number, number], { shape: [ny, nx] }: Stencil) => {
  const [row, col] = [Math.floor(y * ny), Math.floor(x * nx)];
  return { rows: [row, row + 1], cols: [col, col + 1] } as const;
};

const forms: Readonly<Record<string, Omit<Problem, "shape">>> = {
  plain: { edges: { north: rough, west: 3 }, initial: rough },
  stretched: { edges: { north: rough, east: 2 }, initial: rough, spacing: [0.3, 0.7] },
  source: { edges: { west: rough }, initial: rough, source: rough },
  "stretched source": { edges: { west: rough }, initial: rough, source: rough, spacing: [2, 1] },
  weighted: { edges: { north: rough, west: { flux: 1 }, east: { convection: { h: 0.5, ambient: 3 } } }, source: rough },
  "periodic rows": { edges: { north: "periodic", south: "periodic", west: rough }, initial: rough },
  "periodic columns": { edges: { west: "periodic", east: "periodic", north: rough }, initial: rough },
};

/** Where random runs start; put it into the name of a test. */
export const seed = Number(process.env.LAPLACE_SEED ?? 20261122);

/**
 * Local. Compares a backend with `js` in random runs.
 *
 * @param threads how many threads may be asked for; undefined if the backend has no such setting
 * @param blockOf the setting `block` for some sweeps in a pass, and some columns more than a tile needs
 */
export async function assertAnyRun(
  backend: Backend,
  threads: fc.Arbitrary<number> | undefined,
  numRuns: number,
  blockOf: (sweeps: number, extra: number) => string = (sweeps, extra) => `${sweeps}x${4 * (sweeps + 1) + extra}`,
): Promise<void> {
  const fraction = fc.double({ min: 0, max: 0.999, noNaN: true });
  const inputs = fc.record({
    shape: fc.tuple(
      fc.integer({ min: 3, max: 80 }),
      fc.oneof(fc.integer({ min: 3, max: 80 }), fc.integer({ min: 280, max: 320 })),
    ),
    form: fc.constantFrom(...Object.keys(forms)),
    dtype: fc.constantFrom("f64" as const, "f32" as const),
    threads: threads ?? fc.constant(undefined),
    sweeps: fc.integer({ min: 1, max: 20 }),
    extra: fc.integer({ min: 0, max: 120 }),
    batches: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 3 }),
    nan: fc.option(fc.tuple(fraction, fraction), { freq: 4 }),
  });
  const property = fc.asyncProperty(inputs, async (input) => {
    const stencil = lower({ ...forms[input.form]!, shape: input.shape, dtype: input.dtype });
    const block = blockOf(input.sweeps, input.extra);
    const { threads } = input;
    const settings = { block, ...(threads !== undefined && { threads: `${threads}` }) };
    const got = await batchesOf(backend, stencil, settings, input);
    const want = await batchesOf(js, stencil, {}, input);
    assert.deepEqual(got.batches, want.batches);
    // Not as bytes: engines differ in which NaN they store.
    assert.ok(got.u.every((x, k) => Object.is(x, want.u[k])), "the fields differ");
  });
  await fc.assert(property, { seed, numRuns });
}
