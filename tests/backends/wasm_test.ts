import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import wasm from "../../backends/wasm/mod.ts";
import { planOf, tooLarge } from "../../backends/wasm/memory.ts";
import type { Stencil } from "../../core/contract.ts";
import { cores } from "../../host/cores.ts";
import { lower } from "../../core/discretize/lower.ts";
import { assertAnyRun, seed } from "../support/random_runs.ts";
import { problems, stencilOf } from "../support/problems.ts";
import { assertNaNSurfaces, assertSameBits, plan } from "../support/same_bits.ts";

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

// A few of many threads: they take a while to start.
const threads = fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, {
  weight: 1,
  arbitrary: fc.integer({ min: 2, max: 5 }),
});

test(`wasm gives the bits of js for any shape, block, threads and batches, seed ${seed}`, async () => {
  await assertAnyRun(wasm, threads, 60);
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
  assert.equal(await threadsFor(1500, {}), Math.min(17, cores().count));
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
  assert.match(
    wasm.estimate!(stencil, plan("jacobi")).rejects!,
    /the grid needs 6\.0 GiB of memory, .*32-bit addresses has 4/,
  );
  assert.equal(wasm.estimate!({ ...stencil, dtype: "f32" }, plan("jacobi")).rejects, undefined);
  const wide: Stencil = { ...stencil, shape: [70, 65530] };
  assert.equal(wasm.estimate!(wide, plan("jacobi")).rejects, undefined);
  assert.match(
    wasm.estimate!(wide, plan("jacobi", { threads: "64", block: "64x65536" })).rejects!,
    /the grid needs 4\.4 GiB/,
  );
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
