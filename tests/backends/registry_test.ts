/**
 * The table of plugins: complete, consistent, and clear to those who mistype.
 *
 * @module
 */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { loadPlugin, probeAll, registry } from "../../backends/registry.ts";
import { bestLocal, byScore, kernelNames } from "../../backends/table.ts";
import { requiredNames } from "../../conformance/required.ts";

const folder = new URL("../../backends/", import.meta.url);

test("registry has every folder in backends that has a mod.ts, and nothing else", () => {
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const backends = folders.map(({ name }) => name).filter((name) => existsSync(new URL(`${name}/mod.ts`, folder)));
  assert.deepEqual(Object.keys(registry).sort(), backends.sort());
});

test("table and registry are literal, so that compilers embed every plugin", () => {
  const text = ["table.ts", "registry.ts"].map((file) => readFileSync(new URL(file, folder), "utf8")).join();
  for (const name of Object.keys(registry)) {
    assert.ok(text.includes(`import("./${name}/mod.ts")`), `${name} is not imported literally`);
  }
});

test("registry holds each backend under its own name, and of its kind", async () => {
  for (const [name, { load, kind }] of Object.entries(registry)) {
    const { default: backend } = await load();
    assert.equal(backend.name, name);
    assert.equal(backend.apiVersion, 2);
    assert.equal(backend.distributed === true, kind === "distributed", name);
  }
});

test("probeAll answers for every plugin, with a device and a score or a reason", async () => {
  const all = await probeAll();
  assert.deepEqual(all.map(({ backend }) => backend.name), Object.keys(registry));
  for (const { backend, probe } of all) {
    if (probe.available) assert.ok(probe.device !== "" && probe.score > 0 && probe.score <= 100, backend.name);
    else assert.ok(probe.reason !== "", backend.name);
  }
});

test("registry has the scores that probes give, at most", async () => {
  for (const { backend: { name }, probe } of await probeAll()) {
    if (!probe.available) continue;
    const { score, kind } = registry[name]!;
    // A device may be software, ranks may be one.
    if (kind === "local") assert.equal(probe.score, score, name);
    else assert.ok(probe.score <= score, `${name}: ${probe.score}`);
  }
});

test("byScore has all that ranks can compute with, by score, devices last", () => {
  assert.deepEqual(byScore.toSorted(), kernelNames.toSorted());
  const keys = byScore.map((name) => registry[name]!).map(({ kind, score }) => (kind === "local" ? 100 : 0) + score);
  assert.deepEqual(keys, keys.toSorted((a, b) => b - a));
});

test("loadPlugin suggests the name that was meant", async () => {
  await assert.rejects(loadPlugin("ndaray"), /^ConfigError: Unknown plugin "ndaray"; did you mean "ndarray"\?$/);
  await assert.rejects(loadPlugin("atuo"), /^ConfigError: Unknown plugin "atuo"; did you mean "auto"\?$/);
  await assert.rejects(loadPlugin("constructor"), /^ConfigError: Unknown plugin "constructor"; known: auto, /);
  await assert.rejects(loadPlugin(""), /^ConfigError: Unknown plugin ""/);
});

test("LAPLACE_REQUIRE names plugins that exist", () => {
  for (const name of requiredNames()) assert.ok(Object.hasOwn(registry, name), `LAPLACE_REQUIRE names "${name}"`);
});

test("bestLocal says which faster plugin a variable keeps it from", async () => {
  const any = [{ dtype: "f64", kind: "plain" }, { method: "jacobi" }] as const;
  const { backend: { name }, why } = await bestLocal(...any);
  if (name !== "ffi-omp" || why !== undefined) return; // it is not the one that is taken here
  const before = process.env.OMP_THREAD_LIMIT;
  process.env.OMP_THREAD_LIMIT = "abc";
  try {
    const { backend, why } = await bestLocal(...any);
    assert.notEqual(backend.name, name);
    assert.equal(why, 'not ffi-omp: OMP_THREAD_LIMIT is "abc"; set it to a whole number of at least 1, or unset it');
  } finally {
    if (before === undefined) delete process.env.OMP_THREAD_LIMIT;
    else process.env.OMP_THREAD_LIMIT = before;
  }
});
