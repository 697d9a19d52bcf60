/**
 * The native libraries against plain loops: equal bit for bit, for every layout, precision, thread count, schedule and
 * instruction set. Also what they refuse.
 *
 * @module
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import fc from "fast-check";
import { fileURLToPath } from "node:url";
import ffiC from "../../backends/ffi-c/mod.ts";
import ffiFortran from "../../backends/ffi-fortran/mod.ts";
import ffiOmp from "../../backends/ffi-omp/mod.ts";
import js from "../../backends/js/mod.ts";
import { jsKernels } from "../../backends/js/kernels.ts";
import type { Backend } from "../../core/contract.ts";
import type { Layout } from "../../core/kernels/kernels.ts";
import { lower } from "../../core/discretize/lower.ts";
import * as randomRuns from "../support/random_runs.ts";
import { compareAll, generator, layouts, seed } from "../support/plain_loops.ts";
import { natively } from "../support/natively.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

for (const backend of [ffiC, ffiOmp, ffiFortran]) {
  natively("equals plain loops bit for bit", backend, async () => compareAll(await backend.kernels({})));
}

for (const threads of ["1", "2", "3"]) {
  for (const schedule of ["static", "dynamic", "guided", "auto"]) {
    natively(`equals them with ${threads} threads, ${schedule}`, ffiOmp, async () => {
      const kernels = await ffiOmp.kernels({ threads, schedule, ...(threads === "2" && { chunk: "3" }) });
      assert.equal(kernels.threads, +threads);
      await compareAll(kernels, 7);
    });
  }
}

natively(`gives the bits of js for any shape, block and batches, seed ${randomRuns.seed}`, ffiC, async () => {
  await randomRuns.assertAnyRun(ffiC, undefined, 100);
});

natively(
  `gives the bits of js for any shape, block, threads and batches, seed ${randomRuns.seed}`,
  ffiOmp,
  async () => {
    await randomRuns.assertAnyRun(ffiOmp, fc.integer({ min: 1, max: 5 }), 200);
  },
);

natively("gives the bits of js after 1000 sweeps of 1025 x 777 points from zero", ffiOmp, async () => {
  // A front of subnormal numbers walks in: they must be the same too.
  const stencil = lower({ shape: [1025, 777], edges: { north: 100, west: 75, east: 50 } });
  const run = async (backend: Backend) => {
    await using session = await backend.open(stencil, { method: "jacobi", settings: {} });
    const batch = await session.advance(1000);
    return { batch, u: (await session.read("global"))! };
  };
  const [ours, theirs] = [await run(ffiOmp), await run(js)];
  assert.deepEqual(ours.batch, theirs.batch);
  assert.ok(ours.u.every((x, k) => Object.is(x, theirs.u[k])));
});

for (const block of ["off", "auto", "1x64", "3x64", "64x300", "16x65536"]) {
  natively(`equals plain loops with block=${block}`, ffiOmp, async () => {
    await compareAll(await ffiOmp.kernels({ block, threads: "2" }), 5);
  });
}

// Narrow grids, and many threads, make passes shallower than the blocks that are tried: then there are several.
for (const shape of [[300, 400], [129, 130], [65, 97]] as const) {
  for (const threads of ["1", "2", "8"]) {
    natively(
      `finds a block by itself with ${threads} threads on ${shape.join(" x ")} points, and keeps the bits`,
      ffiOmp,
      async () => {
        for (const dtype of ["f64", "f32"] as const) {
          for (const south of [0, { flux: 0 }]) {
            const stencil = lower({ shape, dtype, edges: { north: 100, south } });
            const run = async (backend: Backend, settings: Record<string, string>) => {
              await using session = await backend.open(stencil, { method: "jacobi", settings });
              const batches = [await session.advance(500), await session.advance(200)];
              return { batches, u: (await session.read("global"))!, pass: session.pass?.() };
            };
            const [ours, theirs] = [await run(ffiOmp, { block: "auto", threads }), await run(js, {})];
            assert.ok(ours.pass!.sweeps >= 8 && ours.pass!.width >= 288);
            assert.deepEqual(ours.batches, theirs.batches);
            assert.ok(ours.u.every((x, k) => Object.is(x, theirs.u[k])));
          }
        }
      },
    );
  }
}

natively("refuses batches that 32 bits cannot count", ffiOmp, async () => {
  await using session = await ffiOmp.open(lower({ shape: [3, 3] }), { method: "jacobi", settings: {} });
  for (const count of [2 ** 30 + 1, 2 ** 31 - 1, 2 ** 32 + 1]) {
    await assert.rejects(async () => await session.advance(count), /must be a whole number from 1 to 1073741824/);
  }
});

natively("binds threads as affinity says, for as long as it says so", ffiOmp, async () => {
  const listOf = (file: string) => /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(file, "utf8"))![1]!;
  const whole = listOf("/proc/self/status");
  const cores = whole.split(",").flatMap((part) => {
    const [from, to = from] = part.split("-").map(Number);
    return Array.from({ length: to! - from! + 1 }, (_, k) => `${from! + k}`);
  });
  assert.ok(cores.length > 1, "this test needs two cores");
  const stencil = lower({ shape: [300, 300], edges: { north: 100 } });
  /** Sweeps, and then looks which threads may run on one core alone. */
  const bound = async (affinity: string) => {
    await using session = await ffiOmp.open(stencil, {
      method: "jacobi",
      settings: { threads: "2", affinity },
    });
    await session.advance(9);
    return readdirSync("/proc/self/task").map((id) => listOf(`/proc/self/task/${id}/status`)).filter((list) =>
      cores.includes(list)
    );
  };
  // The first thread is the program's own, and free again when a call ends.
  assert.deepEqual(await bound("close"), [cores[1]]);
  assert.deepEqual(await bound(cores[0]!), [cores[0]]);
  assert.deepEqual(await bound("spread"), [cores[Math.floor(cores.length / 2)]]);
  assert.deepEqual(await bound("none"), []);
  for (const list of ["9999", `${cores[0]},9-8`]) {
    await assert.rejects(() => bound(list), /"affinity" must be none, close, spread or some of this process's/);
  }
});

/** Runs a program of this repository with other variables. @returns what it prints. */
function program(args: readonly string[], env: Record<string, string>): string {
  const runtime = "Deno" in globalThis ? ["run", "-A"] : ["run"];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...runtime, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

for (const isa of ["baseline", "avx2", "avx512"]) {
  natively(`equals them with the kernels for ${isa}, or says that the CPU lacks it`, ffiC, async () => {
    const said = await Promise.resolve(program(["tests/support/plain_loops.ts", "ffi-c"], { LAPLACE_ISA: isa }));
    assert.match(said, /^(x86-64 (SSE2|AVX2|AVX-512)|CPU|LAPLACE_ISA is \w+, which this CPU lacks)$/);
  });
}

natively("refuses an unknown LAPLACE_ISA", ffiC, async () => {
  const said = await Promise.resolve(program(["tests/support/plain_loops.ts", "ffi-c"], { LAPLACE_ISA: "mmx" }));
  assert.equal(said, 'LAPLACE_ISA must be avx512, avx2 or baseline: it is "mmx"');
});

natively("gives the same bits with non-temporal stores", ffiOmp, async () => {
  const layout: Layout = { ...small(), shape: [2203, 2309], inner: { rows: [1, 2202], cols: [1, 2308] } };
  const random = generator(seed);
  const data = new Float64Array(2203 * 2309).map(random);
  const all = { rows: [0, 2203], cols: [0, 2309] } as const;
  const results = [];
  for (const kernels of [jsKernels(), await ffiOmp.kernels({})]) {
    const grid = await kernels.create(layout) as never;
    await kernels.write(grid, "u", all, data);
    results.push([await kernels.sweep(grid, 3), await kernels.read(grid, all), await kernels.residual(grid)]);
    await kernels.free(grid);
  }
  assert.equal(results[0]![0], results[1]![0]);
  assert.equal(results[0]![2], results[1]![2]);
  // Not deepEqual, which takes a minute to look at as many numbers.
  const [want, got] = results.map(([, u]) => u as Float64Array);
  assert.equal(want!.findIndex((value, k) => !Object.is(value, got![k])), -1);
});

/** @returns the first layout: plain, f64, 3 x 3. */
function small(): Layout {
  const [layout] = layouts();
  return layout!;
}

natively("keeps each grid's settings", ffiOmp, async () => {
  const three = await ffiOmp.kernels({ threads: "3" });
  const standard = await ffiOmp.kernels({});
  assert.equal(three.threads, 3);
  assert.notEqual(standard.threads, 3);
  // Grids of both, made in turn and used in turn, sweep as their own settings say.
  const blocks = ["off", "4x64", "16x300"];
  const layout: Layout = { ...small(), shape: [40, 70], inner: { rows: [1, 39], cols: [1, 69] } };
  const kernels = await Promise.all(blocks.map((block) => ffiOmp.kernels({ block, threads: "2" })));
  const grids = await Promise.all(kernels.map((each) => each.create(layout)));
  for (const _ of [1, 2]) {
    const passes = await Promise.all(kernels.map(async (each, k) => {
      await each.sweep(grids[k]!, 5);
      return each.pass!(grids[k]!);
    }));
    assert.deepEqual(passes, [undefined, { sweeps: 4, width: 64 }, { sweeps: 16, width: 300 }]);
  }
  for (const [k, each] of kernels.entries()) await each.free(grids[k]!);
});

natively("refuses what it cannot do, and does not crash", ffiC, async () => {
  const kernels = await ffiC.kernels({});
  const layout = small();
  assert.throws(() => kernels.create({ ...layout, shape: [2, 9] }), /3 x 3 points or more/);
  assert.throws(
    () => kernels.create({ ...layout, shape: [2 ** 31 - 1, 2 ** 31 - 1] }),
    /bytes .* could not be allocated/,
  );
  assert.throws(() => kernels.create({ ...layout, inner: { rows: [0, 2], cols: [1, 2] } }), /inside the ghost layer/);
  const grid = await kernels.create(layout);
  const four = new Float64Array(4);
  assert.throws(() => kernels.write(grid, "u", { rows: [2, 4], cols: [0, 2] }, four), /exceed a grid of 3 x 3/);
  assert.throws(() => kernels.write(grid, "u", { rows: [0, 2], cols: [0, 3] }, four), RangeError);
  assert.throws(() => kernels.write(grid, "u", { rows: [0, 2], cols: [0, 2] }, new Float32Array(4)), TypeError);
  assert.throws(() => kernels.write(grid, "an", { rows: [0, 2], cols: [0, 2] }, four), /not part of this layout/);
  assert.throws(() => kernels.sweep(grid, 0), /at least 1/);
  await kernels.free(grid);
  await assert.rejects(ffiC.kernels({ threads: "2" }), /no setting "threads"/);
  await assert.rejects(ffiOmp.kernels({ thread: "2" }), /did you mean "threads"/);
});
