/**
 * `opencl` beyond the suite of all backends: its bits for any shape and block, in bands, with sizes compiled in; its levels
 * against those of the reference. LAPLACE_REQUIRE=opencl requires a device; PoCL will do.
 *
 * @module
 */

import assert from "node:assert/strict";
import { openOn } from "../../backends/engine-gpu/backend.ts";
import { gpuKernels } from "../../backends/engine-gpu/kernels.ts";
import type { Options } from "../../backends/opencl/device.ts";
import opencl, { openDevice } from "../../backends/opencl/mod.ts";
import { jsKernels } from "../../backends/js/kernels.ts";
import js from "../../backends/js/mod.ts";
import type { Backend, Dtype, Stencil } from "../../core/contract.ts";
import { roundoff } from "../../core/dtype.ts";
import type { Kernels, Layout } from "../../core/kernels/kernels.ts";
import { levelSizes } from "../../core/methods/hierarchy.ts";
import { openSession } from "../../core/session.ts";
import { lower } from "../../core/discretize/lower.ts";
import { problems, stencilOf } from "../support/problems.ts";
import * as randomRuns from "../support/random_runs.ts";
import { assertNaNSurfaces, assertSameBits, plan, run } from "../support/same_bits.ts";
import { assertFullMultigrid } from "./first_guess.ts";
import { testsOn } from "./on_device.ts";

const onDevice = await testsOn(opencl);

/** The backend with a device that is opened with other options. */
function opening(options: Options, block?: number): Backend {
  return {
    ...opencl,
    open: async (stencil, plan, domain) =>
      await openOn(await openDevice(stencil.dtype, plan, options), stencil, plan, domain, block),
  };
}

for (const block of ["off", "2", "3", "8"]) {
  onDevice(`gives the bits of js with block=${block}`, async () => {
    for (const name of Object.keys(problems)) await assertSameBits(opencl, name, { block });
  });
}

onDevice(`gives the bits of js for any shape, block and batches, seed ${randomRuns.seed}`, async () => {
  await randomRuns.assertAnyRun(opencl, undefined, 60, (sweeps) => `${1 + sweeps % 8}`);
});

onDevice("gives the bits of js in bands, where a device binds little at once", async () => {
  // Thirteen rows of a plate, or two of the fields of a weighted stencil.
  for (const name of Object.keys(problems)) await assertSameBits(opening({ largest: 13 * 256 }), name);
  const stencil = lower({ shape: [97, 131], edges: { north: 100, west: 75, east: 50 }, source: 1 });
  const want = await run(js, stencil, plan("jacobi"));
  for (const largest of [3, 5, 20, 60]) {
    assert.deepEqual(await run(opening({ largest: largest * 1280 }, 1), stencil, plan("jacobi")), want);
    if (largest > 12) {
      assert.deepEqual(await run(opening({ largest: largest * 1280 }, 4), stencil, plan("jacobi")), want);
    }
  }
});

onDevice("begins with full multigrid", async () => {
  for (const dtype of ["f64", "f32"] as const) await assertFullMultigrid(opencl, dtype);
});

onDevice("gives the bits of js with the form and the pitch compiled in", async () => {
  const names = [
    "a plate",
    "a stretched plate",
    "a plate with a source",
    "a stretched plate with a source",
    "free edges",
  ];
  for (const name of names) await assertSameBits(opening({ worthAProgram: 0 }), name);
});

onDevice("gives the bits of js after 300 sweeps from zero, subnormal numbers included", async () => {
  for (const dtype of ["f64", "f32"] as const) {
    const stencil = lower({ shape: [97, 131], dtype, edges: { north: 100, west: 75, east: 50 } });
    const sweep = async (backend: Backend) => {
      await using session = await backend.open(stencil, plan("jacobi"));
      return [await session.advance(300), await session.read("global")];
    };
    assert.deepEqual(await sweep(opencl), await sweep(js));
  }
});

onDevice("gives the bits of js while it tunes the sweeps of a launch", async () => {
  const stencil = lower({ shape: [1025, 1030], edges: { north: 100, west: 75, east: 50 } });
  const sweep = async (backend: Backend) => {
    await using session = await backend.open(stencil, plan("jacobi"));
    const batches = [await session.advance(1), await session.advance(300), await session.advance(11)];
    const u = (await session.read("global"))!;
    return { batches, u };
  };
  const [ours, theirs] = [await sweep(opencl), await sweep(js)];
  assert.deepEqual(ours.batches, theirs.batches);
  assert.ok(ours.u.every((x, k) => Object.is(x, theirs.u[k])));
});

onDevice("surfaces NaN", () => assertNaNSurfaces(opencl, { block: "3" }));

onDevice("makes the levels of the reference, within rounding", async () => {
  for (
    const [name, { dtype, largest }] of [
      ...Object.keys(problems).map((name) => [name, { dtype: "f64", largest: Infinity }] as const),
      ["a plate", { dtype: "f64", largest: 60 * 256 }] as const,
      ["free edges", { dtype: "f64", largest: 60 * 256 }] as const,
      ["free edges", { dtype: "f32", largest: Infinity }] as const,
    ]
  ) {
    const stencil = stencilOf(name, dtype as Dtype);
    const device = await openDevice(stencil.dtype, plan("multigrid"), { largest });
    const ours = await operatorsBelow(gpuKernels(device, 1), stencil);
    const theirs = await operatorsBelow(jsKernels(), stencil);
    assert.equal(ours.length, theirs.length);
    theirs.forEach((level, n) => {
      const size = level.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      // A coefficient is a sum of at most 81 products of three, each of a weight that took some twenty operations.
      const tolerance = 256 * roundoff(dtype) * size * (n + 1);
      level.forEach((value, at) => {
        assert.ok(
          Math.abs(value - ours[n]![at]!) <= tolerance,
          `${name}, level ${n}, ${at}: ${ours[n]![at]}, not ${value}`,
        );
      });
    });
  }
});

onDevice("prolongs a solution as the reference does, also in bands", async () => {
  const layoutOf = (rows: number, cols: number): Layout => ({
    ...{ kind: "plain", dtype: "f64", shape: [rows, cols], periodic: [false, false], parity: 0, cx: 0.25, cy: 0.25 },
    ...{ inner: { rows: [1, rows - 1], cols: [1, cols - 1] }, source: false, diagonal: false },
  });
  const refined = async <G>(kernels: Kernels<G>, my: number, mx: number) => {
    const [fine, coarse] = [layoutOf(2 * my - 1, 2 * mx - 1), layoutOf(my, mx)];
    const grids = [await kernels.create(fine), await kernels.create(coarse)] as const;
    for (const [n, { shape: [ny, nx] }] of [fine, coarse].entries()) {
      const block = { rows: [0, ny], cols: [0, nx] } as const;
      await kernels.write(
        grids[n]!,
        "u",
        block,
        Float64Array.from({ length: ny * nx }, (_, k) => Math.sqrt(k * 37 % 101)),
      );
    }
    await kernels.multigrid!.prolongSolution!(grids[0], grids[1]);
    const u = await kernels.read(grids[0], { rows: [0, 2 * my - 1], cols: [0, 2 * mx - 1] });
    for (const grid of grids) await kernels.free(grid);
    await kernels.close?.();
    return u;
  };
  for (const [my, mx] of [[4, 4], [5, 9], [33, 40]] as const) {
    const want = await refined(jsKernels(), my, mx);
    for (const largest of [Infinity, 16 * 768]) {
      const device = await openDevice("f64", plan("multigrid"), { largest });
      assert.deepEqual(await refined(gpuKernels(device, 1), my, mx), want);
    }
  }
});

/** The operators of all levels below the grid of a stencil. */
async function operatorsBelow<G, L>(kernels: Kernels<G, L>, stencil: Stencil): Promise<Float64Array[]> {
  let grid: G | undefined;
  const spied = {
    ...kernels,
    create: async (layout: Parameters<typeof kernels.create>[0]) => grid = await kernels.create(layout),
  };
  await using _session = await openSession(spied, stencil, plan("multigrid"));
  const { levels: operations, ...multigrid } = kernels.multigrid!;
  const levels: L[] = [];
  const found: Float64Array[] = [];
  for (const { axes } of levelSizes(stencil)) {
    const last = levels.at(-1);
    levels.push(await (last === undefined ? multigrid.coarsen(grid!, axes) : operations.coarsen(last, axes)));
    found.push(await operations.readOperator(levels.at(-1)!));
  }
  for (const level of levels.toReversed()) await operations.free(level);
  return found;
}

onDevice("times its launches", async () => {
  const device = await openDevice("f64", plan("jacobi"), { timing: true });
  const session = await openOn(device, stencilOf("a plate", "f64"), plan("jacobi"), undefined, 1);
  await session.advance(9);
  await session[Symbol.asyncDispose]();
  // Nine sweeps, and the one that the residual is.
  assert.equal(device.timings.get("sweep")!.launches, 10);
  assert.ok(device.timings.get("sweep")!.seconds > 0);
});
