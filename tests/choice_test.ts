/**
 * Which plugin a solve takes: the one that is named, or with `auto` the best that can; and what it says if none can.
 * Backends here are the reference under other names.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import js from "../backends/js/mod.ts";
import { registry } from "../backends/registry.ts";
import type { Backend, Stencil } from "../core/contract.ts";
import { UnavailableError } from "../core/errors.ts";
import type { Problem } from "../core/problem.ts";
import { solve, type SolveOptions } from "../solve.ts";

const plate = (n: number, more: Partial<Problem> = {}): Problem => ({
  shape: [n, n],
  edges: { north: 100, west: 75, east: 50 },
  ...more,
});

test("solve refuses unknown methods and plugins, with the name that was meant", async () => {
  const rejects = (options: SolveOptions, message: RegExp) => assert.rejects(solve(plate(5), options), message);
  await rejects({ method: "jakobi" as "jacobi" }, /^ConfigError: Unknown method "jakobi"; did you mean "jacobi"\?$/);
  await rejects({ plugin: "jss" }, /^ConfigError: Unknown plugin "jss"; did you mean "js"\?$/);
  await rejects({ plugin: "js", settings: { thread: 2 } }, /^ConfigError: "js" has no setting "thread"/);
});

/** Runs with other plugins in the table, and only those. */
async function withPlugins(backends: readonly Backend[], run: () => Promise<void>): Promise<void> {
  const table = registry as Record<string, () => Promise<{ default: Backend }>>;
  const before = { ...table };
  try {
    for (const name of Object.keys(table)) delete table[name];
    for (const backend of backends) table[backend.name] = () => Promise.resolve({ default: backend });
    await run();
  } finally {
    for (const name of Object.keys(table)) delete table[name];
    Object.assign(table, before);
  }
}

const fake = (name: string, score: number, more: Partial<Backend> = {}): Backend => ({
  ...js,
  name,
  probe: () => ({ available: true, device: `device of ${name}`, score }),
  ...more,
});

test("solve with auto takes the best score of those that can, and says why", async () => {
  const absent = fake("absent", 0, { probe: () => ({ available: false, reason: "no library" }) });
  const plain = fake("plain", 90, { stencils: ["plain"], methods: ["jacobi"] });
  const double = fake("double", 80, { dtypes: ["f64"] });
  const small = fake("small", 70, {
    rejects: ({ shape }: Stencil) => shape[0] > 20 ? "it is for small grids" : undefined,
  });
  await withPlugins([absent, fake("slow", 10), plain, double, small], async () => {
    const chosen = async (problem: Problem, options: SolveOptions = {}) => (await solve(problem, options)).plugin;
    const { plugin, device, why } = await solve(plate(9));
    assert.deepEqual([plugin, device], ["plain", "device of plain"]);
    assert.match(why, /auto.*90.*4/);
    assert.equal(await chosen(plate(9), { method: "sor" }), "double");
    assert.equal(await chosen(plate(9, { edges: { south: { flux: 0 } } })), "double");
    assert.equal(await chosen(plate(9, { dtype: "f32", edges: { south: { flux: 0 } } })), "small");
    assert.equal(await chosen(plate(33, { dtype: "f32" }), { method: "sor" }), "slow");
    // A factor of sor asks for sor.
    assert.equal(await chosen(plate(9), { settings: { omega: 1.5 } }), "double");
  });
});

test("solve with auto takes only plugins that have the settings given", async () => {
  const threaded = fake("threaded", 20, {
    settings: { threads: { about: "", expects: "a number", parse: Number } },
    open: (stencil, plan) => js.open(stencil, { ...plan, settings: {} }),
  });
  await withPlugins([fake("best", 90), threaded], async () => {
    assert.equal((await solve(plate(9), { settings: { threads: 2 } })).plugin, "threaded");
    await assert.rejects(
      solve(plate(9), { settings: { thraeds: 2 } }),
      /^ConfigError: No plugin here has a setting "thraeds"; did you mean "threads"\?$/,
    );
  });
});

test("solve with auto lists every reason when no plugin can", async () => {
  const absent = fake("absent", 0, { probe: () => ({ available: false, reason: "no library" }) });
  await withPlugins([absent, fake("double", 80, { dtypes: ["f64"] })], async () => {
    await assert.rejects(solve(plate(9, { dtype: "f32" })), (cause: Error) => {
      assert.ok(cause instanceof UnavailableError);
      assert.match(cause.message, /absent: no library; double: it has no f32, only f64$/);
      return true;
    });
  });
});

test("solve never replaces a plugin that was named: it gives reason and fix", async () => {
  const absent = fake("absent", 0, { probe: () => ({ available: false, reason: "no library", fix: "build it" }) });
  const plain = fake("plain", 90, { stencils: ["plain"] });
  await withPlugins([absent, plain, fake("other", 99)], async () => {
    await assert.rejects(
      solve(plate(9), { plugin: "absent" }),
      /^UnavailableError: Cannot run "absent" here: no library; build it$/,
    );
    await assert.rejects(
      solve(plate(9, { edges: { south: { flux: 0 } } }), { plugin: "plain" }),
      /^UnavailableError: Cannot run "plain" here: it solves only plain stencils$/,
    );
  });
});

test("solve refuses a grid beyond memory at once", async () => {
  await assert.rejects(
    solve({ shape: [2e9, 2e9] }),
    /^UnavailableError: Cannot solve this here: 2000000000 x 2000000000 points need .* GiB of memory/,
  );
});
