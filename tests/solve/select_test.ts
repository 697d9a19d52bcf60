/**
 * Which plugin and which method a solve takes: those that are named, or with `auto` the best that can; and what it says.
 * Backends here are the reference under other names.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import js from "../../backends/js/mod.ts";
import { registry } from "../../backends/registry.ts";
import type { Entry } from "../../backends/table.ts";
import type { Backend, Method } from "../../core/contract.ts";
import { UnavailableError } from "../../core/errors.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { hostBytes, type Memory, unfit } from "../../core/methods/memory.ts";
import { cheapestMethod, chooseMethod, planFor } from "../../core/methods/plan.ts";
import { count } from "../../core/settings.ts";
import { lower } from "../../core/discretize/lower.ts";
import { solve, type SolveOptions } from "../../solve/solve.ts";
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

test("unfit says what leaves no more memory, where it is not the machine", async () => {
  const { default: js } = await registry["js"]!.load();
  const stencil = lower(plate(1025));
  const why = (memory: Memory) => unfit(js, stencil, { method: "jacobi", settings: {} }, memory);
  assert.equal(why({ bytes: 2 ** 24 }), "1025 x 1025 points need 0.0 GiB of memory, and 0.0 GiB are free");
  assert.equal(
    why({ bytes: 2 ** 24, limit: "the memory limit of its cgroup" }),
    "1025 x 1025 points need 0.0 GiB of memory, and 0.0 GiB are free below the memory limit of its cgroup",
  );
  assert.equal(why({ bytes: 4 * 8 * 1025 * 1025 }), undefined);
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

test("unfit counts what a method keeps besides the grid", () => {
  const stencil = lower(plate(101));
  const need = (backend: Backend, method: Method) => {
    // The least memory that is enough, in arrays.
    let arrays = 1;
    while (unfit(backend, stencil, planFor(backend, stencil, method, {}), { bytes: arrays * 8 * 101 * 101 })) arrays++;
    return arrays;
  };
  assert.equal(need(js, "jacobi"), 4);
  assert.equal(need(js, "multigrid"), 28);
  assert.equal(
    need(fake("x", 1, { estimate: (stencil, plan) => ({ hostBytes: hostBytes(stencil, plan, 16) }) }), "multigrid"),
    6,
  );
  // Of ranks on several machines, this one has a quarter; the answer is whole.
  assert.equal(
    need(fake("x", 1, { estimate: (stencil, plan) => ({ hostBytes: hostBytes(stencil, plan, 16) / 4 }) }), "multigrid"),
    3,
  );
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
