/**
 * Conjugate gradients in the native libraries: to rounding what js does, step by step, and the same bits for every number
 * of threads. What the method promises besides is checked by the conformance suite.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import ffiC from "../../backends/ffi-c/mod.ts";
import ffiFortran from "../../backends/ffi-fortran/mod.ts";
import ffiOmp from "../../backends/ffi-omp/mod.ts";
import { loadNativePlugin } from "../../backends/engine-ffi/library.ts";
import { scatter } from "../../conformance/problems.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { conjugate } from "../../core/methods/cg.ts";
import { Hierarchy } from "../../core/methods/hierarchy.ts";
import { lower } from "../../core/discretize/lower.ts";
import { assetPath } from "../../host/assets.ts";
import { decodeNpy } from "../../io/npy.ts";
import { readProblem } from "../../io/problem_file.ts";
import { solve } from "../../solve/solve.ts";
import { close, randomProblems } from "../support/random_problems.ts";
import { compareSteps, openGrid } from "../support/cg_steps.ts";
import { natively } from "../support/natively.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const seed = Number(process.env.LAPLACE_SEED ?? 1);

const number = scatter(11, -2, 2);
/** More points than one thread takes, and some of everything. */
const shape: [number, number] = [301, 227];
const large: Readonly<Record<string, Problem>> = {
  plain: { shape, source: number, initial: number, edges: { north: number, west: 3 } },
  stretched: { shape, spacing: [1, 2], initial: number },
  weighted: {
    shape,
    initial: number,
    conductivity: scatter(12, 0.1, 4),
    edges: { north: number, east: { flux: 1 }, south: { convection: { h: 2, ambient: 9 } } },
    fixed: { mask: (i, j) => number(i, j) > 1.9 ? 1 : 0, values: number },
  },
  torus: {
    shape,
    initial: number,
    edges: { north: "periodic", south: "periodic", west: "periodic", east: "periodic" },
    fixed: { shapes: [{ kind: "circle", center: [40, 50], radius: 9, value: 4 }] },
  },
};

const folder = `${root}tests/cases/`;
for (const file of readdirSync(folder).filter((name) => name.endsWith(".toml")).sort()) {
  const name = file.slice(0, -5);
  for (const backend of [ffiC, ffiOmp]) {
    natively(`gives the exact discrete solution of ${name} by cg`, backend, async () => {
      const { data: expected } = decodeNpy(readFileSync(`${folder}${name}.expected.npy`), name);
      const { u, status } = await solve(await readProblem(folder + file), {
        plugin: backend.name,
        method: "cg",
        stop: "residual",
        tol: 1e-12,
      });
      assert.equal(status, "converged");
      const range = Math.max(...expected) - Math.min(...expected);
      close(u, expected, 1e-9 * range, "solution");
    });
  }
}

for (const [backend, settings] of [[ffiC, {}], [ffiOmp, { threads: "3" }]] as const) {
  natively(`steps as js does on random problems, seed ${seed}`, backend, async () => {
    const kernels = await backend.kernels(settings);
    await fc.assert(
      fc.asyncProperty(randomProblems(20), fc.boolean(), async (problem, single) => {
        await compareSteps(kernels, lower({ ...problem, dtype: single ? "f32" : "f64" }), JSON.stringify(problem));
      }),
      { seed, numRuns: 60 },
    );
  });

  natively("steps as js does on grids that threads share", backend, async () => {
    const kernels = await backend.kernels(settings);
    for (const [what, problem] of Object.entries(large)) {
      for (const dtype of ["f64", "f32"] as const) await compareSteps(kernels, lower({ ...problem, dtype }), what);
    }
  });
}

for (const isa of ["baseline", "avx2", "avx512"]) {
  natively(`steps as js does with the kernels for ${isa}, or says that the CPU lacks it`, ffiC, () => {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [...("Deno" in globalThis ? ["run", "-A"] : []), "tests/support/cg_steps.ts", "ffi-c"],
      { cwd: root, env: { ...process.env, NO_COLOR: "1", LAPLACE_ISA: isa }, encoding: "utf8" },
    );
    assert.equal(status, 0, stderr);
    assert.match(stdout.trim(), /^(x86-64 (SSE2|AVX2|AVX-512)|CPU|LAPLACE_ISA is \w+, which this CPU lacks)$/);
    return Promise.resolve();
  });
}

for (const [what, problem] of Object.entries(large)) {
  natively(`steps to the same bits with any number of threads: ${what}`, ffiOmp, async () => {
    const run = async (threads: string) => {
      await using session = await ffiOmp.open(lower(problem), { method: "cg", settings: { threads } });
      return { batches: [await session.advance(20), await session.advance(7)], u: (await session.read("owned"))! };
    };
    const one = await run("1");
    for (const threads of ["2", "3", "5"]) {
      const { batches, u } = await run(threads);
      assert.deepEqual(batches, one.batches);
      assert.ok(u.every((value, k) => Object.is(value, one.u[k])));
    }
  });

  natively(`takes a multigrid cycle as preconditioner: ${what}`, ffiOmp, async () => {
    const stencil = lower(problem);
    const { kernels, grid, session } = await openGrid(await ffiOmp.kernels({ threads: "2" }), stencil);
    const levels = await Hierarchy.createBelow(kernels.multigrid!, grid, stencil);
    const step = conjugate(
      kernels,
      grid,
      { writes: () => 0 },
      stencil,
      (residual) => levels.cycle(kernels.multigrid!, residual),
    );
    const first = await kernels.residual(grid);
    await step(12);
    const last = await kernels.residual(grid);
    await levels.free();
    await session[Symbol.asyncDispose]();
    assert.ok(last < 1e-9 * first, `12 steps leave ${last} of ${first}`);
  });
}

natively("sees NaN wherever it is", ffiC, async () => {
  for (const [what, problem] of Object.entries(large)) {
    for (const [i, j] of [[1, 1], [150, 225], [299, 100]] as const) {
      const { kernels, grid, session } = await openGrid(await ffiC.kernels({}), lower(problem));
      const { computeResidual, updateDirection, step } = kernels.cg!;
      await computeResidual(grid);
      await session.write!({ rows: [i, i + 1], cols: [j, j + 1] }, Float64Array.of(NaN));
      const { dot, residual } = await computeResidual(grid);
      const length = await updateDirection(grid, 0);
      const after = await step(grid, 0.1);
      await session[Symbol.asyncDispose]();
      const all = { dot, residual, length, "dot after": after.dot, "residual after": after.residual };
      for (const [which, value] of Object.entries(all)) assert.ok(Number.isNaN(value), `${what}: ${which} is ${value}`);
    }
  }
});

natively("frees a preconditioned residual alone, and uses r again", ffiC, async () => {
  const { kernels, grid, session } = await openGrid(await ffiC.kernels({}), lower(large.weighted!));
  const { computeResidual, updateDirection, preconditionedResidual, dots } = kernels.cg!;
  await computeResidual(grid);
  const length = await updateDirection(grid, 0);
  const other = await preconditionedResidual!(grid);
  assert.equal(await updateDirection(grid, 0), 0, "z is zero at first");
  await kernels.free(other);
  assert.equal(await updateDirection(grid, 0), length);
  assert.throws(() => dots!(grid), /there is no preconditioned residual/);
  // The weights are still there.
  assert.ok(await kernels.sweep(grid, 1) > 0);
  await session[Symbol.asyncDispose]();
});

natively("needs the diagonal of a weighted grid", ffiC, async () => {
  const kernels = await ffiC.kernels({});
  const block = { rows: [1, 4], cols: [1, 4] } as const;
  const layout = {
    kind: "weighted",
    dtype: "f64",
    shape: [5, 5],
    periodic: [false, false],
    inner: block,
    parity: 0,
    cx: 0,
    cy: 0,
    source: true,
    diagonal: false,
  } as const;
  const grid = await kernels.create(layout);
  assert.throws(() => kernels.cg!.computeResidual(grid), /need the diagonal of a weighted grid/);
  await kernels.free(grid);
});

natively("offers cg as a plugin from a file, too, since it has the functions", ffiC, async () => {
  const { methods, open } = await loadNativePlugin(assetPath("liblaplace_c.so")!);
  assert.ok(methods.includes("cg"));
  await using session = await open(lower(large.plain!), { method: "cg", settings: {} });
  assert.ok((await session.advance(5)).residual > 0);
});

natively("has no conjugate gradients", ffiFortran, async () => {
  assert.equal((await ffiFortran.kernels({})).cg, undefined);
  assert.ok(!ffiFortran.methods.includes("cg"));
});
