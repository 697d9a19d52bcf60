/**
 * The native libraries read nothing that they have not written: harness.c calls all of the C interface on memory that is full
 * of NaN (filled_memory.c), and finds that norms are numbers. Sanitizers see no such reads.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const built = `${root}native/build`;
const gcc = process.platform === "linux" && spawnSync("gcc", ["--version"]).status === 0;

const runs = [["c", ""], ["c", "block=4x64"], ["omp", "threads=2"], ["omp", "threads=3\nblock=off"]] as const;
for (const [model, settings] of runs) {
  const library = `${built}/liblaplace_${model}.so`;
  const skip = !gcc || !existsSync(library);
  test(`memory that is full of NaN changes nothing: ${model} ${JSON.stringify(settings)}`, { skip }, () => {
    const folder = mkdtempSync(`${tmpdir()}/laplace-`);
    try {
      const sources = ["harness.c", "filled_memory.c"].map((name) => `${root}tests/native/${name}`);
      const flags = ["-O1", "-Wall", "-Wextra", "-Werror", `-I${root}native/include`];
      const linked = [library, `-Wl,-rpath,${built}`, "-lpthread", "-lm"];
      const made = spawnSync("gcc", [...flags, ...sources, ...linked, "-o", `${folder}/harness`], { encoding: "utf8" });
      assert.deepEqual([made.status, made.stderr], [0, ""]);
      // Threads that spin keep others from their cores.
      const env = { ...process.env, OMP_WAIT_POLICY: "passive" };
      const { status, stdout, stderr } = spawnSync(`${folder}/harness`, [settings], { encoding: "utf8", env });
      assert.deepEqual([status, stdout, stderr], [0, "done\n", ""]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
