/**
 * Plugins that are libraries: those in C from a file, and ours where they were not built.
 *
 * @module
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { nativeBackend } from "../../backends/engine-ffi/library.ts";
import { loadFile } from "../../backends/engine-file/load.ts";
import js from "../../backends/js/mod.ts";
import { lower } from "../../core/discretize/lower.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("a library that was not built is unavailable, and says how to build it", async () => {
  const backend = nativeBackend({ name: "ffi-no", summary: "", file: "liblaplace_no.so", compiler: "gcc" });
  const fix = "deno task native (needs gcc)";
  assert.deepEqual(await backend.probe(), { available: false, reason: "liblaplace_no.so was not built", fix });
  await assert.rejects(backend.kernels({}), {
    name: "UnavailableError",
    message: `Cannot open "ffi-no": liblaplace_no.so was not built; ${fix}`,
  });
});

test("LAPLACE_NATIVE names the folder of the libraries", async () => {
  process.env.LAPLACE_NATIVE = "/nowhere/";
  try {
    const backend = nativeBackend({ name: "ffi-c", summary: "", file: "liblaplace_c.so", compiler: "gcc" });
    assert.deepEqual(await backend.probe(), {
      available: false,
      reason: "/nowhere/liblaplace_c.so does not exist",
      fix: "point LAPLACE_NATIVE at a folder that has it, or unset it",
      broken: true,
    });
  } finally {
    delete process.env.LAPLACE_NATIVE;
  }
});

const gcc = spawnSync("gcc", ["--version"]).status === 0;

/** Compiles C into a library in a folder of its own, which is removed in the end. */
async function withLibrary(source: string, args: readonly string[], body: (path: string) => Promise<void>) {
  const folder = mkdtempSync(`${tmpdir()}/laplace-`);
  try {
    writeFileSync(`${folder}/plugin.c`, source);
    const file = source === "" ? `${root}examples/plugin_c/plugin.c` : `${folder}/plugin.c`;
    const flags = ["-O3", "-ffp-contract=off", "-shared", "-fPIC", `-I${root}native/include`, ...args];
    const { status, stderr } = spawnSync("gcc", [...flags, file, "-o", `${folder}/libmine.so`], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    await body(`${folder}/libmine.so`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test(
  "the example in C is a plugin",
  { skip: !gcc },
  () =>
    withLibrary("", ["-Wall", "-Wextra", "-Werror"], async (path) => {
      const backend = await loadFile(path);
      assert.equal(backend.name, "my-plugin");
      assert.deepEqual(backend.methods, ["jacobi"]);
      const stencil = lower({ shape: [33, 29], edges: { north: 100, west: 75 }, source: 1 });
      const plan = { method: "jacobi", settings: {} } as const;
      await using session = await backend.open(stencil, plan);
      await using reference = await js.open(stencil, plan);
      assert.deepEqual(await session.advance(25), await reference.advance(25));
      assert.deepEqual(await session.read("owned"), await reference.read("owned"));
      const refused = Promise.resolve(backend.open(stencil, { ...plan, settings: { threads: "2" } }));
      await assert.rejects(refused, /"my-plugin" has no setting "threads"; there are none/);
    }),
);

test("a library with a part of multigrid does not have the method", { skip: !gcc }, () => {
  const part =
    "laplace_level *laplace_coarsen(laplace_grid *f, int r, int c) { return (void)f, (void)r, (void)c, NULL; }";
  return withLibrary(`${readFileSync(`${root}examples/plugin_c/plugin.c`, "utf8")}${part}`, [], async (path) => {
    assert.deepEqual((await loadFile(path)).methods, ["jacobi"]);
  });
});

test("a library that is no plugin is refused with the reason", { skip: !gcc }, async () => {
  const cases: [string, RegExp][] = [
    ["int x;", /libmine\.so lacks the symbol "laplace_api_version"; see native\/include\/laplace_plugin\.h$/],
    [
      "int laplace_api_version(void) { return 1; }",
      /it is for version 1 of the interface, this is version 2; compile it/,
    ],
    ["int laplace_api_version(void) { return 2; }", /libmine\.so lacks the symbol "laplace_\w+"/],
  ];
  for (const [source, message] of cases) {
    await withLibrary(source, [], (path) => assert.rejects(loadFile(path), { name: "ConfigError", message }));
  }
  await assert.rejects(loadFile("./nowhere.so"), /Cannot load the plugin ".\/nowhere.so": it does not exist/);
  await assert.rejects(loadFile(`${root}deno.json`), /deno.json is not a library: /);
});
