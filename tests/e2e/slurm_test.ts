/** `laplace launch` in a job of Slurm, by a stand-in for srun: which command it would start. */

import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { inEmptyFolder, laplace } from "./harness.ts";

test("launch uses srun in a batch script and in an allocation, and not in what srun has started", () =>
  inEmptyFolder(async (folder) => {
    writeFileSync(join(folder, "srun"), "#!/bin/sh\n");
    chmodSync(join(folder, "srun"), 0o755);
    const launched = async (env: Record<string, string>) => {
      const args = ["launch", "-n", "4", "--threads", "2", "--dry-run", "--", "solve", "--size", "33"];
      const PATH = `${folder}:${process.env.PATH}`;
      return (await laplace(args, { env: { PATH, SLURM_JOB_ID: "7", ...env } })).stdout;
    };
    // Slurm numbers the batch script as a process, too.
    for (const env of [{}, { SLURM_PROCID: "0" }]) {
      const line = await launched(env);
      assert.match(line, / srun -n 4 --cpus-per-task=2 --cpu-bind=cores .* solve --size 33 --plugin mpi\n$/);
    }
    assert.doesNotMatch(await launched({ SLURM_PROCID: "0", SLURM_STEP_ID: "0" }), / srun/);
  }));
