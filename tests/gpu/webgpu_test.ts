/**
 * `webgpu` beyond the suite of all backends: the bits of `js` in f32, for any shape, and for arrays larger than a binding. Its
 * command line is in e2e/webgpu_test.ts.
 *
 * @module
 */

import assert from "node:assert/strict";
import { inOrder } from "../../backends/engine-gpu/launch.ts";
import js from "../../backends/js/mod.ts";
import webgpu from "../../backends/webgpu/mod.ts";
import type { Backend, Stencil } from "../../core/contract.ts";
import { validateProblem } from "../../core/problem/problem.ts";
import { lower } from "../../core/discretize/lower.ts";
import { problems, rough, stencilOf } from "../support/problems.ts";
import { plan, run } from "../support/same_bits.ts";
import { assertFullMultigrid } from "./first_guess.ts";
import { testsOn } from "./on_device.ts";
import { onChanged } from "./webgpu/on_changed.ts";

const onDevice = await testsOn(webgpu);

/** Compares with the reference, in f32. */
async function assertBits(backend: Backend, stencil: Stencil, what: string, settings = {}): Promise<void> {
  for (const method of ["jacobi", "sor"] as const) {
    const [wantBatches, want] = await run(js, stencil, plan(method));
    const [batches, got] = await run(backend, stencil, plan(method, method === "jacobi" ? settings : {}));
    assert.deepEqual(batches, wantBatches, `${what}, ${method}`);
    assert.deepEqual(new Uint8Array(got.buffer), new Uint8Array(want.buffer), `${what}, ${method}`);
  }
}

for (const name of Object.keys(problems)) {
  onDevice(`gives the bits of js in f32: ${name}`, async () => {
    const stencil = stencilOf(name, "f32");
    const blocks = stencil.kind === "plain" ? ["off", "3", "8"] : ["off"];
    for (const block of blocks) await assertBits(webgpu, stencil, `${name}, block=${block}`, { block });
  });
}

onDevice("begins with full multigrid", async () => {
  await assertFullMultigrid(webgpu, "f32");
});

onDevice("gives the bits of js on grids of many groups and tiles", async () => {
  for (const shape of [[97, 131], [3, 300], [200, 3], [130, 129]] as const) {
    for (const edges of [{ north: rough, west: 3 }, { north: 1, east: { flux: 2 } }]) {
      const stencil = lower(validateProblem({ shape, edges, dtype: "f32", source: rough }));
      await assertBits(webgpu, stencil, `${shape.join(" x ")}, ${stencil.kind}`);
    }
  }
});

onDevice(
  "divides arrays larger than what it binds into bands, with the same bits",
  async () => {
    const launches = new Set<string>();
    const small = onChanged((device) => {
      // Little more than five rows of the operator of a level, which have 2560 bytes at the most.
      Object.assign(device, { largest: 64 * 256 });
      const launch = device.launch.bind(device);
      device.launch = (one) => {
        const { buffers } = inOrder(one);
        launches.add(`${one.kernel} ${buffers.map(({ offset }) => offset)}`);
        for (const { bytes } of buffers) assert.ok(bytes <= device.largest, one.kernel);
        launch(one);
      };
    });
    const weighted = { north: 1, east: { flux: 2 } } as const;
    const around = { north: "periodic", south: "periodic", west: rough } as const;
    for (const edges of [{ north: rough, west: 3 }, weighted, around]) {
      const stencil = lower(validateProblem({ shape: [130, 40], edges, dtype: "f32", source: rough }));
      await assertBits(small, stencil, stencil.kind);
      // Levels, too: cycles of the same arithmetic. Neighbours across periodic rows must be in one window.
      if (edges === around) continue;
      const [batches, u] = await run(webgpu, stencil, plan("multigrid"));
      assert.deepEqual(await run(small, stencil, plan("multigrid")), [batches, u], stencil.kind);
    }
    const cut = ["sweep", "blocked", "relax", "difference", "smooth", "compute_residual", "galerkin_product"];
    for (const kernel of [...cut, "prolong_correction"]) {
      const offsets = [...launches].filter((launch) => launch.startsWith(`${kernel} `));
      assert.ok(offsets.length > 1, `${kernel} was never cut: ${offsets}`);
    }
  },
);

onDevice("surfaces NaN in both norms", async () => {
  for (const name of ["a plate", "a hole"]) {
    for (const [method, block] of [["jacobi", "off"], ["jacobi", "4"], ["sor", "off"]] as const) {
      const settings: Record<string, string> = method === "jacobi" ? { block } : {};
      await using session = await webgpu.open(stencilOf(name, "f32"), plan(method, settings));
      await session.advance(2);
      await session.write!({ rows: [8, 9], cols: [9, 10] }, Float32Array.of(NaN));
      const { change, residual } = await session.advance(name === "a hole" ? 1 : 4);
      assert.ok(Number.isNaN(change) && Number.isNaN(residual), `${name}, ${method}, ${block}: ${change}, ${residual}`);
    }
  }
});
