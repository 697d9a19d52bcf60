/**
 * The plan of a solve: which methods, factors and settings go together, and which method `auto` takes, with its reason.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import js from "../../../backends/js/mod.ts";
import { registry } from "../../../backends/registry.ts";
import { block } from "../../../core/block_setting.ts";
import type { Backend, Method } from "../../../core/contract.ts";
import { lower } from "../../../core/discretize/lower.ts";
import { unfit } from "../../../core/methods/memory.ts";
import { cheapestMethod, chooseMethod, planFor } from "../../../core/methods/plan.ts";
import type { Problem } from "../../../core/problem/problem.ts";
import { fake } from "../../support/fake_backend.ts";
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

/** A backend with compiled cycles. */
const compiled = fake("compiled", 1, { auto: { directUpTo: 1000 } });
const held = (n: number): Problem =>
  plate(n, { fixed: { shapes: [{ kind: "circle", center: [n / 2, n / 2], radius: 1, value: 1 }] } });
const tube = (ny: number, nx: number): Problem => ({ shape: [ny, nx], edges: { west: "periodic", east: "periodic" } });

for (
  const [what, backend, problem, method, why] of [
    ["js solves a plate at once", js, plate(65), "direct", /the problem separates/],
    ["js solves layers at once", js, plate(17, { conductivity: (i: number) => 1 + i }), "direct", /separates/],
    ["js takes cycles around electrodes", js, held(17), "multigrid", /not direct: some points inside are held fixed/],
    [
      "js takes cycles where conductivity varies both ways",
      js,
      plate(17, { conductivity: (i: number, j: number) => 1 + i * j }),
      "multigrid",
      /not direct: its weights vary along rows and along columns/,
    ],
    ["compiled cycles are for large grids", compiled, plate(33), "multigrid", /beyond 1000 points/],
    ["but not for small ones", compiled, plate(31), "direct", /up to 1000 points/],
    ["unless nothing else can", compiled, held(17), "multigrid", /not direct/],
    ["nor on a stretched plate", compiled, plate(65, { spacing: [1, 2] }), "direct", /closer in one direction/],
    ["around a period they are, too", compiled, tube(40, 41), "multigrid", /beyond/],
    ["but not where it is odd level after level", compiled, tube(9, 1025), "direct", /odd on so many levels/],
    [
      "without cycles, what separates is solved at once",
      fake("x", 1, { methods: ["jacobi", "sor", "direct"] }),
      plate(65),
      "direct",
      /no multigrid/,
    ],
    [
      "what does not is relaxed",
      fake("x", 1, { methods: ["jacobi", "sor", "direct"] }),
      held(17),
      "sor",
      /no multigrid; not direct/,
    ],
    [
      "or not, around an odd number",
      fake("x", 1, { methods: ["jacobi", "sor", "cg"] }),
      tube(9, 9),
      "cg",
      /not sor: red-black/,
    ],
    [
      "a plugin may have Jacobi alone",
      fake("x", 1, { methods: ["jacobi"] }),
      plate(9),
      "jacobi",
      /no direct, multigrid, sor, cg$/,
    ],
  ] satisfies [string, Backend, Problem, Method, RegExp][]
) {
  test(`chooseMethod says why: ${what}`, () => {
    const chosen = chooseMethod(backend, lower(problem));
    assert.equal(chosen.method, method);
    assert.match(chosen.why, /^auto: /);
    assert.match(chosen.why, why);
    assert.doesNotMatch(chosen.why, /\n|; use /);
  });
}

test("chooseMethod takes the method that a setting is for", () => {
  assert.deepEqual(chooseMethod(js, lower(plate(9)), { omega: "1.5" }), {
    method: "sor",
    why: 'auto: the setting "omega" is for it',
  });
});

test("chooseMethod reads the points of a large stencil only where it matters", () => {
  const evaluate = () => assert.fail("it was read");
  const stencil = { ...lower(plate(65, { edges: { south: { flux: 0 } } })), evaluate };
  assert.equal(chooseMethod(compiled, stencil).method, "multigrid");
  assert.equal(cheapestMethod(js, stencil, {}), "jacobi");
});

test("chooseMethod takes another method where the best does not fit, and says so", () => {
  const unfit = (method: Method) => method === "multigrid" ? "it needs a planet" : undefined;
  const [whole, part] = [lower(plate(65)), lower(held(65))];
  assert.deepEqual(chooseMethod(compiled, whole, {}, unfit), {
    method: "direct",
    why: "auto: not multigrid: it needs a planet",
  });
  const { method, why } = chooseMethod(compiled, part, {}, unfit);
  assert.equal(method, "sor");
  assert.match(why, /^auto: not multigrid: it needs a planet; not direct: some points inside are held fixed/);
});

test("chooseMethod leaves multigrid where wasm has no room for it, though for the grid", async () => {
  const { default: wasm } = await registry["wasm"]!.load();
  const shapes = [{ kind: "circle", center: [9, 9], radius: 1, value: 1 }] as const;
  const stencil = lower(plate(7000, { fixed: { shapes } }));
  const fits = (method: Method) => unfit(wasm, stencil, planFor(wasm, stencil, method, {}), undefined);
  assert.equal(fits(cheapestMethod(wasm, stencil, {})), undefined);
  const { method, why } = chooseMethod(wasm, stencil, {}, fits);
  assert.equal(method, "sor");
  assert.match(
    why,
    /^auto: not direct: .*; not multigrid: the grid needs \S+ GiB of memory, and WebAssembly .* has 4$/,
  );
  assert.equal(chooseMethod(wasm, lower(plate(9000)), {}).method, "direct");
});
