import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import fc from "fast-check";
import js from "../backends/js/mod.ts";
import wasm from "../backends/wasm/mod.ts";
import { planOf, tooLarge } from "../backends/wasm/memory.ts";
import type { Backend, Batch, GridData, Stencil } from "../core/contract.ts";
import type { Problem } from "../core/problem.ts";
import { lower } from "../core/stencil.ts";
import { assertNaNSurfaces, assertSameBits, plan, problems, stencilOf } from "./same_bits.ts";

for (const [n, name] of Object.keys(problems).entries()) {
  // Not every time: a thread takes a while to start.
  const threads = `${n % 3 === 1 ? 3 : 1}`;
  test(`wasm gives the bits of js: ${name}, ${threads} threads`, async () => {
    await assertSameBits(wasm, name, { threads });
    for (const block of ["off", "3x16"]) await assertSameBits(wasm, name, { threads: "1", block });
  });
}

test("wasm surfaces NaN", async () => {
  await assertNaNSurfaces(wasm, { threads: "1" });
  await assertNaNSurfaces(wasm, { threads: "1", block: "off" });
});

/** Runs batches. @returns what they reported, and the field at the end. */
async function batchesOf(backend: Backend, stencil: Stencil, settings: Record<string, string>, input: Input) {
  await using session = await backend.open(stencil, plan("jacobi", settings));
  const batches: Batch[] = [];
  for (const [n, sweeps] of input.batches.entries()) {
    if (n === 1 && input.nan) await session.write!(at(input.nan, stencil), Float64Array.of(NaN));
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

const rough = (row: number, col: number) => Math.sqrt(7 * row + 13 * col + 2) - Math.sqrt(row * row + 3 * col + 1);
const forms: Readonly<Record<string, Omit<Problem, "shape">>> = {
  plain: { edges: { north: rough, west: 3 }, initial: rough },
  stretched: { edges: { north: rough, east: 2 }, initial: rough, spacing: [0.3, 0.7] },
  source: { edges: { west: rough }, initial: rough, source: rough },
  "stretched source": { edges: { west: rough }, initial: rough, source: rough, spacing: [2, 1] },
  weighted: { edges: { north: rough, west: { flux: 1 }, east: { convection: { h: 0.5, ambient: 3 } } }, source: rough },
};

const seed = Number(process.env.LAPLACE_SEED ?? 20261122);
const numRuns = 60;

test(`wasm gives the bits of js for any shape, block, threads and batches, seed ${seed}`, async () => {
  const fraction = fc.double({ min: 0, max: 0.999, noNaN: true });
  const inputs = fc.record({
    shape: fc.tuple(
      fc.integer({ min: 3, max: 80 }),
      fc.oneof(fc.integer({ min: 3, max: 80 }), fc.integer({ min: 280, max: 320 })),
    ),
    form: fc.constantFrom(...Object.keys(forms)),
    dtype: fc.constantFrom("f64" as const, "f32" as const),
    // A few of many threads: they take a while to start.
    threads: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, {
      weight: 1,
      arbitrary: fc.integer({ min: 2, max: 5 }),
    }),
    sweeps: fc.integer({ min: 1, max: 20 }),
    extra: fc.integer({ min: 0, max: 120 }),
    batches: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 3 }),
    nan: fc.option(fc.tuple(fraction, fraction), { freq: 4 }),
  });
  const property = fc.asyncProperty(inputs, async (input) => {
    const stencil = lower({ ...forms[input.form]!, shape: input.shape, dtype: input.dtype });
    const block = `${input.sweeps}x${4 * (input.sweeps + 1) + input.extra}`;
    const got = await batchesOf(wasm, stencil, { threads: `${input.threads}`, block }, input);
    const want = await batchesOf(js, stencil, {}, input);
    assert.deepEqual(got.batches, want.batches);
    // Not as bytes: engines differ in which NaN they store.
    assert.ok(got.u.every((x, k) => Object.is(x, want.u[k])), "the fields differ");
  });
  await fc.assert(property, { seed, numRuns });
});

test("wasm finds a block by itself, and keeps the bits", async () => {
  await assertSameBits(wasm, "a plate", { block: "auto" });
  await assertSameBits(wasm, "a hole", { block: "auto", threads: "2" });
});

test("wasm refuses settings that are none", async () => {
  for (const settings of [{ threads: "0" }, { block: "16" }, { block: "16x20" }, { blocks: "off" }]) {
    await assert.rejects(
      async () => await wasm.open(stencilOf("a plate", "f64"), plan("jacobi", settings)),
      /ConfigError/,
    );
  }
});

test("wasm has as many threads as asked for, and else few for a small grid", async () => {
  const threadsFor = async (size: number, settings: Record<string, string>) => {
    await using session = await wasm.open(lower({ shape: [size, size] }), plan("jacobi", settings));
    return session.threads;
  };
  assert.equal(await threadsFor(5, { threads: "4" }), 4);
  assert.equal(await threadsFor(257, {}), 1);
  assert.equal(await threadsFor(1500, {}), Math.min(17, navigator.hardwareConcurrency));
});

test("wasm keeps rows so far apart that no vector of one reaches the next", () => {
  for (const dtype of ["f32", "f64"] as const) {
    for (let nx = 3; nx < 100; nx++) {
      const plan = planOf({ dtype, kind: "plain", source: false, shape: [3, nx] }, undefined, 1);
      const [size, lanes] = dtype === "f32" ? [4, 4] : [8, 2];
      // The last vector begins at column nx - 2 at most.
      assert.ok(plan.pitch >= (nx - 2 + lanes) * size, `${nx} columns of ${dtype}`);
    }
  }
});

test("wasm rejects what 32-bit addresses cannot hold", () => {
  const shape = [20000, 20000] as const;
  const stencil: Stencil = { ...stencilOf("a plate", "f64"), shape };
  assert.match(wasm.rejects!(stencil, plan("jacobi"))!, /the grid needs 6\.0 GiB of memory, .*32-bit addresses has 4/);
  assert.equal(wasm.rejects!({ ...stencil, dtype: "f32" }, plan("jacobi")), undefined);
  const layout = { dtype: "f64", kind: "plain", source: false, shape: [8192, 8192] } as const;
  assert.equal(tooLarge(planOf(layout, { sweeps: 64, width: 65536 }, 64)), undefined);
});

test("wasm serves hundreds of sessions in one process", async () => {
  const stencil = stencilOf("a plate", "f64");
  const open = [];
  for (let n = 0; n < 300; n++) {
    const session = await wasm.open(stencil, plan("jacobi", { threads: "1" }));
    await session.advance(1);
    if (n % 10 === 0) open.push(session);
    else await session[Symbol.asyncDispose]();
  }
  for (const session of open) await session[Symbol.asyncDispose]();
});
