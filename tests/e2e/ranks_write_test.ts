/**
 * What ranks write together: all of it, or nothing and an error. `LAPLACE_REQUIRE=mpi` makes a missing MPI a failure, and
 * `LAPLACE_REQUIRE_NETNS=1` a disk that cannot be mounted, since both need root.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { required } from "../../conformance/required.ts";
import { findLauncher } from "../../mpi/launcher.ts";
import { command, complaint, inEmptyFolder, laplace, type Run } from "./harness.ts";
import { MPIS, RANKS_ENV } from "./rank_fields.ts";
import { testWith } from "./test_with.ts";

/** Two ranks above each other, and two beside each other, whose parts of the file are many. */
const TWO = ["2x1", "1x2"] as const;
const KERNEL = ["--plugin", "mpi", "--set", "kernel=js"];

/** One line of rank 0 or of the launch, exit code 2, the old file, nothing beside it, and the JSON all the same. */
function refuses(run: Run, folder: string, why: RegExp): void {
  assert.equal(complaint({ ...run, stdout: "" }, 2, 'Cannot write "'), undefined);
  assert.match(run.stdout, /"status":"limit"/);
  assert.match(run.stderr, why);
  assert.deepEqual(readdirSync(folder), ["u.npy"]);
  assert.equal(readFileSync(join(folder, "u.npy"), "utf8"), "old");
}

/** Calls `use` with a folder on a disk of its own. @returns why there is none; undefined if there is */
async function onDisk(bytes: number, use: (folder: string) => Promise<void>): Promise<string | undefined> {
  return await inEmptyFolder(async (cwd) => {
    const folder = join(cwd, "disk");
    mkdirSync(folder);
    const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", folder]);
    if (status !== 0) return `mount: ${stderr?.toString().trim()}`;
    try {
      await use(folder);
    } finally {
      spawnSync("umount", [folder]);
    }
  });
}

const noDisk = await onDisk(4096, () => Promise.resolve());
const skip = noDisk !== undefined && !required("1", "LAPLACE_REQUIRE_NETNS");

for (const mpi of MPIS) {
  const env = { ...RANKS_ENV, LAPLACE_MPI: mpi };
  const launcher = findLauncher(mpi);

  testWith(
    [mpi],
    `turns that ranks take to write whole rows give the bytes of js: ${mpi}`,
    () =>
      inEmptyFolder(async (cwd) => {
        // More points than a rank writes at a time: the second turn is a few rows.
        const shape = ["--size", "1040x1031", "--dtype", "f32"];
        const solve = ["solve", ...shape, "--method", "jacobi", "--max-sweeps", "2", "--quiet"];
        const alone = await laplace([...solve, "--plugin", "js", "--out", "js.npy"], { cwd });
        assert.equal(alone.code, 1, alone.stderr);
        const ranks = ["launch", "-n", "3", "--oversubscribe", "--"];
        const run = await laplace([...ranks, ...solve, ...KERNEL, "--set", "grid=1x3", "--out", "u.npy"], { cwd, env });
        assert.equal(run.code, 1, run.stderr);
        assert.ok(readFileSync(join(cwd, "u.npy")).equals(readFileSync(join(cwd, "js.npy"))));
      }),
  );

  testWith(
    [mpi],
    `a file beyond a limit leaves the old one, and one line says so: ${mpi}`,
    () =>
      inEmptyFolder(async (folder) => {
        // Each rank has the limit, not the launcher: files of both MPIs in shared memory are as large as 8 MiB.
        const limited = ["sh", "-c", 'ulimit -f 18000; exec "$@"', "sh", ...command];
        const by = [launcher!, ...mpi === "openmpi" ? ["--oversubscribe"] : [], "-n", "2", ...limited];
        for (const grid of TWO) {
          writeFileSync(join(folder, "u.npy"), "old");
          const solve = ["solve", "--size", "1201", "--method", "jacobi", "--max-sweeps", "1", "--json", ...KERNEL];
          const run = await laplace([...solve, "--set", `grid=${grid}`, "--out", join(folder, "u.npy")], { by, env });
          const ours = run.stderr.split("\n").filter((line) => line.startsWith("laplace: ")).join("\n");
          refuses(
            { ...run, stderr: ours },
            folder,
            /it grows beyond what this file system or its limits allow/,
          );
          assert.doesNotMatch(run.stderr, /MPI_Abort|MPI_File|fbtl/);
        }
      }),
  );

  const title = `a disk that is full leaves the old file, and one line says so: ${mpi}`;
  if (skip) test(`${title}: skipped, ${noDisk}`, { skip: true }, () => {});
  else {
    testWith([mpi], title, async () => {
      const why = await onDisk(300 * 1024, async (folder) => {
        for (const grid of TWO) {
          writeFileSync(join(folder, "u.npy"), "old");
          const solve = ["solve", "--size", "257", "--method", "jacobi", "--max-sweeps", "1", ...KERNEL];
          const out = ["--set", `grid=${grid}`, "--json", "--out", join(folder, "u.npy")];
          const run = await laplace(["launch", "-n", "2", "--oversubscribe", "--", ...solve, ...out], { env });
          refuses(run, folder, /: the disk is full(, says rank 1)?\n$/);
        }
      });
      assert.equal(why, undefined);
    });
  }
}
