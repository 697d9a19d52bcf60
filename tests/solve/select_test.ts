/**
 * Which plugin a solve takes: the one that is named, or with `auto` the best that can; and what it says.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import js from "../../backends/js/mod.ts";
import { registry } from "../../backends/registry.ts";
import type { Entry } from "../../backends/table.ts";
import type { Backend } from "../../core/contract.ts";
import { UnavailableError } from "../../core/errors.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { count } from "../../core/settings.ts";
import { solve, type SolveOptions } from "../../solve/solve.ts";
import { fake } from "../support/fake_backend.ts";
import { plate } from "../support/problems.ts";

test("solve refuses unknown methods and plugins, with the name that was meant", async () => {
  const rejects = (options: SolveOptions, message: RegExp) => assert.rejects(solve(plate(5), options), message);
  await rejects({ method: "jakobi" as "jacobi" }, /^ConfigError: Unknown method "jakobi"; did you mean "jacobi"\?$/);
  await rejects({ method: "sro" as "sor" }, /"sro"; did you mean "sor"\?$/);
  // Of three letters two are another word: then all are listed.
  await rejects({ method: "foo" as "sor" }, /^ConfigError: Unknown method "foo"; known: auto, jacobi, sor, /);
  await rejects({ plugin: "jss" }, /^ConfigError: Unknown plugin "jss"; did you mean "js"\?$/);
  await rejects({ plugin: "js", settings: { thread: 2 } }, /^ConfigError: "js" has no setting "thread"/);
});

/** Runs with other plugins in the registry, and only those. */
async function withPlugins(
  backends: readonly Backend[],
  run: () => Promise<void>,
  scores: Readonly<Record<string, number>> = {},
): Promise<void> {
  const plugins = registry as Record<string, Entry>;
  const before = { ...plugins };
  try {
    for (const name of Object.keys(plugins)) delete plugins[name];
    for (const backend of backends) {
      const { [backend.name]: score = 100 } = scores;
      plugins[backend.name] = { load: () => Promise.resolve({ default: backend }), score, kind: "local" };
    }
    await run();
  } finally {
    for (const name of Object.keys(plugins)) delete plugins[name];
    Object.assign(plugins, before);
  }
}

test("solve with auto takes the best score of those that can, and says why", async () => {
  const absent = fake("absent", 0, { probe: () => ({ available: false, reason: "no library" }) });
  const plain = fake("plain", 90, { stencils: ["plain"], methods: ["jacobi"] });
  const double = fake("double", 80, { dtypes: ["f64"] });
  const small = fake("small", 70, {
    estimate: ({ shape }) => ({ rejects: shape[0] > 20 ? "it is for small grids" : undefined }),
  });
  await withPlugins([absent, fake("slow", 10), plain, double, small], async () => {
    const chosen = async (problem: Problem, options: SolveOptions = {}) => (await solve(problem, options)).plugin;
    const { plugin, device, why } = await solve(plate(9));
    assert.deepEqual([plugin, device], ["plain", "device of plain"]);
    assert.equal(why, "auto: the best score here, 90");
    assert.equal(await chosen(plate(9), { method: "sor" }), "double");
    assert.equal(await chosen(plate(9, { edges: { south: { flux: 0 } } })), "double");
    assert.equal(await chosen(plate(9, { dtype: "f32", edges: { south: { flux: 0 } } })), "small");
    assert.equal(await chosen(plate(33, { dtype: "f32" }), { method: "sor" }), "slow");
    // A factor of sor asks for sor.
    assert.equal(await chosen(plate(9), { settings: { omega: 1.5 } }), "double");
  });
});

test("auto does not probe what could not be taken: another precision, a lower score, ranks without a launcher", async () => {
  const unasked = (name: string, more: Partial<Backend>) =>
    fake(name, 90, { ...more, probe: () => assert.fail(`${name} was probed`) });
  const plugins = [
    unasked("single", { dtypes: ["f32"] }),
    unasked("large", { auto: { fromPoints: 1000 } }),
    unasked("ranks", { distributed: true }),
    unasked("slow", {}),
    fake("good", 50),
  ];
  await withPlugins(plugins, async () => {
    assert.equal((await solve(plate(9))).plugin, "good");
  }, { slow: 40, good: 50 });
});

test("solve with auto names the best plugin that is broken, if it would score more", async () => {
  const broken = (name: string) =>
    fake(name, 0, { probe: () => ({ available: false, reason: `${name} is damaged`, broken: true }) });
  const absent = fake("absent", 0, { probe: () => ({ available: false, reason: "no library" }) });
  const all = [broken("good"), broken("better"), broken("worse"), absent, fake("sound", 30)];
  await withPlugins(all, async () => {
    const { why } = await solve(plate(9));
    assert.equal(why, "auto: the best score here, 30; not better: better is damaged");
  }, { good: 40, better: 50, worse: 20, absent: 90 });
  await withPlugins(all, async () => {
    assert.equal((await solve(plate(9))).why, "auto: the best score here, 30");
  }, { good: 30, better: 20, worse: 20, absent: 90 });
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

test("solve with auto passes over plugins that a setting's value does not fit, and blames none if it fits none", async () => {
  const threaded = (name: string, score: number, most: number) =>
    fake(name, score, {
      settings: { threads: count("", most) },
      open: (stencil, plan) => js.open(stencil, { ...plan, settings: {} }),
    });
  const set = (threads: number) => solve(plate(9), { settings: { threads } });
  await withPlugins([fake("best", 90), threaded("few", 80, 4), threaded("many", 20, 64)], async () => {
    assert.equal((await set(4)).plugin, "few");
    assert.equal((await set(5)).plugin, "many");
    await assert.rejects(
      set(0),
      /^ConfigError: Setting "threads" of any plugin here must be a whole number from 1 to 4; or a .* to 64: it is "0"$/,
    );
  });
  await withPlugins([threaded("one", 80, 4), threaded("other", 20, 4)], async () => {
    await assert.rejects(set(0), /Setting "threads" of any plugin here must be a whole number from 1 to 4: it is "0"$/);
  });
});

test("solve with auto lists every reason when no plugin can", async () => {
  const absent = fake("absent", 0, { probe: () => ({ available: false, reason: "no library" }) });
  await withPlugins([absent, fake("double", 80, { dtypes: ["f64"] })], async () => {
    await assert.rejects(solve(plate(9, { dtype: "f32" })), (cause: Error) => {
      assert.ok(cause instanceof UnavailableError);
      assert.match(cause.message, /absent: no library; double: it has no f32, only f64: --dtype f64$/);
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

test("solve says why it took its method", async () => {
  const { method, whyMethod } = await solve(plate(9), { plugin: "js" });
  assert.equal(method, "direct");
  assert.match(whyMethod, /^auto: the problem separates/);
  assert.equal((await solve(plate(9), { plugin: "js", method: "sor" })).whyMethod, "named");
});

test("solve refuses a grid beyond memory at once", async () => {
  await assert.rejects(
    solve({ shape: [2e9, 2e9] }),
    /^UnavailableError: Cannot solve this here: 2000000000 x 2000000000 points need .* GiB of memory/,
  );
});
