/**
 * The plan of a solve: which methods, factors and settings go together.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import js from "../../../backends/js/mod.ts";
import { block } from "../../../core/block_setting.ts";
import type { Backend } from "../../../core/contract.ts";
import { lower } from "../../../core/discretize/lower.ts";
import { chooseMethod, planFor } from "../../../core/methods/plan.ts";
import { plate } from "../../support/problems.ts";
import { refuses } from "../../support/refuses.ts";

test("planFor refuses methods and omegas that cannot be", () => {
  const stencil = lower(plate(9));
  const plain: Backend = { ...js, name: "plain", methods: ["jacobi"] };
  refuses(() => planFor(plain, stencil, "sor", {}), `"plain" has no method "sor"; known: jacobi`);
  for (const omega of ["0", "2", "-1", "NaN", "", " ", "fast", "1,5", "Infinity"]) {
    refuses(() => planFor(js, stencil, "sor", { omega }), `Setting "omega" must be greater than 0 and less than 2`);
  }
  refuses(() => planFor(js, stencil, "jacobi", { omega: "1.5" }), `Setting "omega" belongs to method "sor"`);
  const ring = lower({ shape: [9, 9], edges: { west: "periodic", east: "periodic" } });
  refuses(() => planFor(js, ring, "sor", {}), `Cannot use method "sor": red-black order needs an even number`);
  assert.equal(planFor({ ...js, methods: ["jacobi", "sor"] }, ring, "auto", {}).method, "jacobi");
});

test("planFor takes with auto what chooseMethod does, and keeps omega out of the plugin's settings", () => {
  const stencil = lower(plate(9));
  for (const methods of [js.methods, ["jacobi", "sor"], ["jacobi"]] as const) {
    const backend = { ...js, methods };
    assert.equal(planFor(backend, stencil, "auto", {}).method, chooseMethod(backend, stencil).method);
  }
  const plan = planFor(js, stencil, "auto", { omega: "1.25", threads: "2" });
  assert.equal(plan.omega, 1.25);
  assert.deepEqual(plan.settings, { threads: "2" });
});

test("planFor refuses a setting that the method would not heed", () => {
  const backend: Backend = { ...js, settings: { block: block("…") } };
  const stencil = lower(plate(9));
  const settings = { block: "off" };
  assert.deepEqual(planFor(backend, stencil, "jacobi", settings).settings, settings);
  assert.equal(planFor(backend, stencil, "auto", settings).method, "jacobi", "auto takes the method that heeds it");
  assert.throws(
    () => planFor(backend, stencil, "sor", settings),
    /^ConfigError: Setting "block" belongs to method "jacobi": the method is "sor"$/,
  );
  assert.throws(() => planFor(backend, stencil, "auto", { ...settings, omega: "1" }), /belongs to method/);
});
