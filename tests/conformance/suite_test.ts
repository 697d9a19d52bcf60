/**
 * The suite can fail: it must notice every broken backend, by a check whose name says where to look.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import js from "../../backends/js/mod.ts";
import { type Check, conformance, testBackend } from "../../conformance/mod.ts";
import type { Backend } from "../../core/contract.ts";
import { broken } from "./broken_backends.ts";

/** The names of the checks that fail. */
async function failures(backend: Backend, only?: (check: Check) => boolean): Promise<string[]> {
  const found: string[] = [];
  for (const check of conformance(backend, { runs: 3 })) {
    if (only && !only(check)) continue;
    await check.run().catch((cause: Error) => {
      assert.ok(cause.message.length > 10, `a message without content: ${cause.message}`);
      found.push(check.name);
    });
  }
  return found;
}

for (const { what, backend, caught } of broken) {
  test(`conformance notices a backend that ${what}`, async () => {
    // Only checks of that name: what else fails does not matter.
    const found = await failures(backend, (check) => check.name.includes(caught));
    assert.ok(found.length > 0, `no check named "${caught}" failed`);
  });
}

test("conformance passes a backend that is right but promises no bits", async () => {
  const backend: Backend = { ...js, name: "no-bits", bitwise: false };
  assert.deepEqual(await failures(backend), []);
});

test("conformance lists what a backend does not offer, with the reason", () => {
  const checks = conformance({ ...js, dtypes: ["f32"], stencils: ["plain"], methods: ["jacobi"] });
  const skipped = checks.filter(({ skip }) => skip !== undefined).map(({ name, skip }) => `${name}: ${skip}`);
  assert.deepEqual(skipped, [
    "f64: not offered",
    "weighted: not offered",
    "sor: not offered",
    "multigrid: not offered",
    "cg: not offered",
    "direct: not offered",
    "spectral: not offered",
  ]);
  assert.ok(checks.filter(({ skip }) => skip === undefined).every(({ name }) => !/f64|weighted|sor/.test(name)));
});

test("conformance names every check once", () => {
  const names = conformance(js).map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)]);
});

const absent: Backend = {
  ...js,
  name: "absent",
  probe: () => ({ available: false, reason: "libabsent.so is missing", fix: "build it" }),
};

/** What `testBackend` registers with a variable set. */
async function registered(backend: Backend, required: string | undefined) {
  const before = process.env.LAPLACE_REQUIRE;
  const found: { name: string; skip: boolean; run: () => Promise<void> }[] = [];
  try {
    if (required === undefined) delete process.env.LAPLACE_REQUIRE;
    else process.env.LAPLACE_REQUIRE = required;
    await testBackend(backend, { test: (name, { skip = false }, run) => void found.push({ name, skip, run }) });
  } finally {
    if (before === undefined) delete process.env.LAPLACE_REQUIRE;
    else process.env.LAPLACE_REQUIRE = before;
  }
  return found;
}

test("testBackend shows a backend that cannot run here as one skipped test with its reason", async () => {
  for (const required of [undefined, "js,other"]) {
    const [one, ...more] = await registered(absent, required);
    assert.ok(one!.skip && more.length === 0);
    assert.match(one!.name, /^absent: .*libabsent\.so is missing; build it$/);
  }
});

test("testBackend fails for a backend that LAPLACE_REQUIRE names and that cannot run here", async () => {
  const [one, ...more] = await registered(absent, "js, absent");
  assert.ok(!one!.skip && more.length === 0);
  await assert.rejects(async () => await one!.run(), /LAPLACE_REQUIRE names "absent".*libabsent\.so is missing/);
});

test("testBackend registers each check under the backend's name", async () => {
  const found = await registered(js, undefined);
  assert.equal(found.length, conformance(js).length);
  assert.ok(found.every(({ name }) => name.startsWith("js: ")));
});
