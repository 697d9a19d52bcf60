import assert from "node:assert/strict";
import test from "node:test";
import { createBarrier } from "../../backends/engine-threads/barrier.ts";
import type { ThreadContext } from "../../backends/engine-threads/worker_loop.ts";
import { startPool } from "../../backends/engine-threads/pool.ts";
import type { GridArrays } from "../../backends/workers/engine.ts";
import workers from "../../backends/workers/mod.ts";
import { cores } from "../../host/cores.ts";
import { lower } from "../../core/discretize/lower.ts";
import { startWorker } from "../../host/workers.ts";
import { problems, stencilOf } from "../support/problems.ts";
import { assertNaNSurfaces, assertSameBits, plan, run } from "../support/same_bits.ts";

for (const [n, name] of Object.keys(problems).entries()) {
  const threads = `${1 + n % 5}`;
  test(`workers give the bits of js: ${name}, ${threads} threads`, () => assertSameBits(workers, name, { threads }));
}

for (const threads of ["2", "5"]) {
  test(`workers give the bits of js: ${threads} threads at borders, across edges, and more than rows`, async () => {
    for (const name of ["the smallest plate", "a small torus", "free edges"]) {
      await assertSameBits(workers, name, { threads });
    }
  });
}

test("workers surface NaN", () => assertNaNSurfaces(workers, { threads: "3" }));

test("workers refuse a thread count that is none", async () => {
  for (const threads of ["0", "two", "-1", "1.5"]) {
    await assert.rejects(
      async () => await workers.open(stencilOf("a plate", "f64"), plan("jacobi", { threads })),
      /Setting "threads" of "workers" must be a whole number/,
    );
  }
});

test("workers are as many as asked for, and else as many as there are cores, but few for a small grid", async () => {
  const threadsFor = async (size: number, settings: Record<string, string>) => {
    await using session = await workers.open(lower({ shape: [size, size] }), plan("jacobi", settings));
    return session.threads;
  };
  assert.equal(await threadsFor(5, { threads: "4" }), 4);
  assert.equal(await threadsFor(64, {}), 1);
  assert.equal(await threadsFor(1024, {}), cores().count);
});

test("workers serve several sessions at once", async () => {
  const stencil = stencilOf("periodic rows", "f64");
  const want = await run(workers, stencil, plan("sor", { threads: "1" }));
  const got = await Promise.all([1, 2, 3].map((n) => run(workers, stencil, plan("sor", { threads: `${n}` }))));
  for (const one of got) assert.deepEqual(one, want);
});

test("workers can be disposed of twice, and during a batch", async () => {
  const session = await workers.open(stencilOf("a plate", "f64"), plan("jacobi", { threads: "2" }));
  const batch = assert.rejects(async () => await session.advance(1_000_000), /the session is closed/);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await session[Symbol.asyncDispose]();
  await session[Symbol.asyncDispose]();
  await batch;
});

test("workers fail together when one of them throws", async () => {
  const field = (length = 40) => new Float64Array(new SharedArrayBuffer(8 * length));
  const whole: ThreadContext<GridArrays> = {
    layout: {
      kind: "plain",
      dtype: "f64",
      shape: [8, 5],
      periodic: [false, false],
      inner: { rows: [1, 7], cols: [1, 4] },
      parity: 0,
      cx: 0.25,
      cy: 0.25,
      source: false,
      diagonal: false,
    },
    store: {
      iterates: [field(), field()],
      fields: { an: field(0), as: field(0), aw: field(0), ae: field(0), g: field(0), d: field(0) },
      vectors: { r: field(0), p: field(0), q: field(0), z: field(0), rowDots: [field(0), field(0)] },
    },
    index: 0,
    barrier: createBarrier(),
  };
  const pool = await startPool<GridArrays>("workers", 2, () => {});
  // The second thread has no iterates, and never comes to the barrier where the first one waits.
  const broken = { ...whole, store: { ...whole.store, iterates: [] as unknown as GridArrays["iterates"] } };
  const common = { grid: 0, current: 0, threads: 2 } as const;
  await pool.run(2, (index) => ({ do: "create", ...common, context: index === 0 ? whole : broken }));
  const sweep = async () => await pool.run(2, () => ({ do: "sweep", ...common, count: 1000 }));
  await assert.rejects(sweep(), /Cannot go on: a worker failed: ./);
  await assert.rejects(sweep(), /Cannot go on: a worker failed: ./);
  await pool.stop();
});

test("workers refuse a second command while one is running", async () => {
  const pool = await startPool<GridArrays>("workers", 1, () => {});
  const free = () => ({ do: "free", grid: 0, current: 0, threads: 1 }) as const;
  const first = pool.run(1, free);
  await assert.rejects(async () => await pool.run(1, free), /the last one is still running/);
  assert.deepEqual(await first, { change: 0, residual: 0 });
  await pool.stop();
});

test("startWorker reports a worker whose code is missing", async () => {
  const { promise, resolve } = Promise.withResolvers<Error>();
  const thread = await startWorker("missing" as "workers", { message: () => {}, failure: resolve });
  thread.hold(true);
  assert.ok(await promise instanceof Error);
  await thread.stop();
});
