import assert from "node:assert/strict";
import test from "node:test";
import workers from "../backends/workers/mod.ts";
import { assertNaNSurfaces, assertSameBits, plan, problems, run, stencilOf } from "./same_bits.ts";

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
