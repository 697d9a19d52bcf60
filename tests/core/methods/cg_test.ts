/**
 * The method cg: what conjugate gradients promise, on every kind of stencil.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import js from "../../../backends/js/mod.ts";
import { jsKernels } from "../../../backends/js/kernels.ts";
import { runOf } from "../../../conformance/compare.ts";
import { fixtures, scatter } from "../../../conformance/problems.ts";
import type { Dtype, StencilKind } from "../../../core/contract.ts";
import type { Kernels } from "../../../core/kernels/kernels.ts";
import { conjugate } from "../../../core/methods/cg.ts";
import { redBlackFails } from "../../../core/methods/sor.ts";
import { openSession } from "../../../core/session.ts";
import { lower } from "../../../core/discretize/lower.ts";
import { decodeNpy } from "../../../io/npy.ts";
import { readProblem } from "../../../io/problem_file.ts";
import { solve } from "../../../solve/solve.ts";

const plan = { method: "cg", omega: 1, settings: {} } as const;
const folder = fileURLToPath(new URL("../../cases/", import.meta.url));

for (const name of ["electrodes", "materials", "insulated", "all-neumann", "periodic", "stretched", "poisson"]) {
  test(`cg gives the exact discrete solution of ${name}`, async () => {
    const { data: expected } = decodeNpy(readFileSync(`${folder}${name}.expected.npy`), name);
    const { u, status } = await solve(await readProblem(`${folder}${name}.toml`), {
      plugin: "js",
      method: "cg",
      stop: "residual",
      tol: 1e-12,
    });
    assert.equal(status, "converged");
    const [low, high] = [Math.min(...expected), Math.max(...expected)];
    u.forEach((value, k) => assert.ok(Math.abs(value - expected[k]!) <= 1e-9 * (high - low)));
  });
}

for (const kind of ["plain", "weighted"] satisfies StencilKind[]) {
  for (const dtype of ["f64", "f32"] satisfies Dtype[]) {
    test(`cg gives the same bits however its sweeps are batched: ${dtype}, ${kind}`, async () => {
      for (const { what, problem } of fixtures(kind)) {
        const stencil = lower({ ...problem, dtype });
        const whole = await runOf(js, stencil, plan, [60]);
        const parts = await runOf(js, stencil, plan, [1, 2, 37, 20]);
        assert.deepEqual(parts.u, whole.u, what);
        assert.deepEqual(parts.batches.at(-1), whole.batches[0], what);
      }
    });
  }
}

test("cg needs no more steps than there are unknowns", async () => {
  const number = scatter(3, -1, 1);
  for (const shape of [[3, 3], [4, 4], [5, 4]] as const) {
    const stencil = lower({ shape, initial: number, source: number, edges: { north: number } });
    const unknowns = (shape[0] - 2) * (shape[1] - 2);
    const { batches } = await runOf(js, stencil, plan, [unknowns]);
    assert.ok(batches[0]!.residual <= 1e-14, `${shape}: ${batches[0]!.residual}`);
  }
});

test("cg takes up a field that was written, and NaN in it", async () => {
  const stencil = lower({ shape: [12, 9], edges: { north: 1, east: { flux: 1 } } });
  const everything = { rows: [0, 12], cols: [0, 9] } as const;
  const { u } = await runOf(js, stencil, plan, [200]);
  const session = await js.open(stencil, plan);
  await session.advance(3);
  await session.write!(everything, new Float64Array(108).fill(NaN));
  const { change, residual } = await session.advance(2);
  assert.ok(Number.isNaN(change) && Number.isNaN(residual), `change ${change}, residual ${residual}`);
  await session.write!(everything, new Float64Array(108).fill(17));
  await session.advance(200);
  const again = await session.read("owned");
  u.forEach((value, k) => assert.ok(Math.abs(value - again![k]!) <= 1e-12));
  await session[Symbol.asyncDispose]();
});

test("cg stays at a solution that it has", async () => {
  const stencil = lower({ shape: [9, 9], edges: { north: 3, south: 3, west: 3, east: 3 }, initial: 3 });
  const { u, batches } = await runOf(js, stencil, plan, [1, 5]);
  assert.deepEqual(batches.map(({ change, residual }) => [change, residual]), [[0, 0], [0, 0]]);
  assert.ok(u.every((value) => value === 3));
});

test("cg in f32 comes as close as f32 can", async () => {
  const { status } = await solve(
    { shape: [90, 65], dtype: "f32", edges: { north: 100, west: { flux: 1 }, east: 50 } },
    {
      plugin: "js",
      method: "cg",
    },
  );
  assert.equal(status, "converged");
});

test("conjugate takes fewer steps with a preconditioner, and gives the same", async () => {
  for (const { what, problem } of fixtures("weighted")) {
    const stencil = lower(problem);
    // Where neighbours share a colour, red-black sweeps are no symmetric preconditioner.
    if (stencil.singular || redBlackFails(stencil)) continue;
    const kernels = jsKernels() as Kernels<unknown>;
    const steps = async (precondition: boolean) => {
      // A session for its grid, which is stepped here.
      let grid: unknown;
      const caught = {
        ...kernels,
        create: (layout: Parameters<typeof kernels.create>[0]) => grid = kernels.create(layout),
      };
      const session = await openSession(caught, stencil, plan);
      const step = conjugate(kernels, grid, { writes: () => 1 }, stencil, precondition ? relax : undefined);
      async function relax(correction: unknown) {
        // Symmetric: red, black, black, red.
        await kernels.relax!(correction, 1, 0, 2);
        await kernels.relax!(correction, 1, 1, 2);
      }
      let count = 0;
      while (await kernels.residual(grid) > 1e-11 * Math.max(stencil.magnitude, 1) && count < 1000) {
        await step(1);
        count++;
      }
      const u = await session.read("owned");
      await session[Symbol.asyncDispose]();
      return { count, u: u! };
    };
    const [alone, helped] = [await steps(false), await steps(true)];
    assert.ok(helped.count <= alone.count && helped.count < 1000, `${what}: ${helped.count} of ${alone.count}`);
    helped.u.forEach((value, k) =>
      assert.ok(
        Math.abs(value - alone.u[k]!) <= 1e-8 * Math.max(stencil.magnitude, 1),
        `${what}: ${value}, ${alone.u[k]}`,
      )
    );
  }
});

test("cg gets over its plateaus on a stretched grid, and is not ended by anything else", async () => {
  const free = { flux: 0 };
  const { status, sweeps } = await solve({
    shape: [65, 65],
    spacing: [1, 200],
    edges: { north: free, south: free, west: free, east: free },
    fixed: {
      shapes: [
        { kind: "rect", from: [5, 200], to: [9, 200], value: 1 },
        { kind: "rect", from: [40, 12000], to: [44, 12000], value: 0 },
      ],
    },
  }, { plugin: "js", method: "cg" });
  assert.equal(status, "converged");
  // As many as there are points, and a few for rounding.
  assert.ok(sweeps < 1.2 * 65 * 65, `${sweeps}`);
});
