/** The library where there is no FFI: bundled, then imported and run by Node. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { bun } from "../../tools/bun.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("mod.ts loads nothing that a browser lacks, and solves the plate in Node without FFI", () => {
  const folder = mkdtempSync(join(tmpdir(), "laplace-"));
  try {
    const [program, ...rest] = bun;
    const build = [...rest, "build", "mod.ts", "--target", "node", "--splitting", "--outdir", folder];
    execFileSync(program, build, { cwd: root, stdio: "pipe" });
    // What is loaded with the module itself, not on demand, is what a browser must be able to load.
    const loaded = ["mod.js"];
    for (const name of loaded) {
      for (
        const [, from] of readFileSync(join(folder, name), "utf8").matchAll(/^(?:import|export)?[^;(]*from "(.+)";$/gm)
      ) {
        assert.match(from!, /^\.\//, `${name} imports ${from}`);
        const file = from!.slice(2);
        if (!loaded.includes(file)) loaded.push(file);
      }
    }
    assert.ok(loaded.length > 1);
    writeFileSync(
      join(folder, "use.mjs"),
      `import { probeAll, solve } from "./mod.js";
       const { u, status, plugin } = await solve({ shape: [5, 5], edges: { north: 100, west: 75, east: 50 } }, { tol: 1e-12 });
       const wasm = await solve({ shape: [33, 33], edges: { north: 100, west: 75, east: 50 } }, { plugin: "wasm", method: "jacobi" });
       const reasons = (await probeAll()).filter(({ probe }) => !probe.available).map(({ backend, probe }) => [backend.name, probe.reason]);
       console.log(JSON.stringify({ centre: u[12].toFixed(2), status, plugin, wasm: [wasm.status, wasm.u[16 * 33 + 16].toFixed(2)], reasons: Object.fromEntries(reasons) }));`,
    );
    const said = JSON.parse(execFileSync("node", [join(folder, "use.mjs")], { encoding: "utf8" }));
    assert.equal(said.status, "converged");
    assert.equal(said.centre, "56.25");
    // No FFI, no worker, no file: WebAssembly is all that it takes.
    assert.equal(said.plugin, "wasm");
    assert.deepEqual(said.wasm, ["converged", "56.25"]);
    for (const name of ["ffi-c", "ffi-omp", "ffi-fortran"]) assert.match(said.reasons[name], /Deno or Bun/);
    assert.match(said.reasons.workers, /not in this bundle/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
