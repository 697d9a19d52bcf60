/**
 * The table of plugins: complete, consistent, and clear to those who mistype.
 *
 * @module
 */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { byScore, local } from "../../backends/table.ts";
import { loadPlugin, probeAll, registry } from "../../backends/registry.ts";
import { requiredNames } from "../../conformance/required.ts";

const folder = new URL("../../backends/", import.meta.url);

test("registry has every folder in backends that has a mod.ts, and nothing else", () => {
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const backends = folders.map(({ name }) => name).filter((name) => existsSync(new URL(`${name}/mod.ts`, folder)));
  assert.deepEqual(Object.keys(registry).sort(), backends.sort());
});

test("registry is a literal table, so that compilers embed every plugin", () => {
  const text = ["registry.ts", "table.ts"].map((file) => readFileSync(new URL(file, folder), "utf8")).join();
  for (const name of Object.keys(registry)) {
    assert.ok(text.includes(`import("./${name}/mod.ts")`), `${name} is not imported literally`);
  }
});

test("registry holds each backend under its own name", async () => {
  for (const [name, load] of Object.entries(registry)) {
    const { default: backend } = await load();
    assert.equal(backend.name, name);
    assert.equal(backend.apiVersion, 1);
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

test("byScore has all local plugins, in the order of their scores, GPUs last", async () => {
  assert.deepEqual(byScore.toSorted(), Object.keys(local).sort());
  const all = await probeAll();
  // GPUs come last, whatever they score: ranks share one only where they are told to.
  const gpus = ["opencl", "cuda", "webgpu"].filter((name) => Object.hasOwn(local, name));
  assert.deepEqual(byScore.slice(-gpus.length).toSorted(), gpus.toSorted());
  const scores = byScore.slice(0, -gpus.length).flatMap((name) => {
    const { probe } = all.find(({ backend }) => backend.name === name)!;
    return probe.available ? [probe.score] : [];
  });
  assert.deepEqual(scores, scores.toSorted((a, b) => b - a));
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
