/** Launchers: what a job of Slurm says of itself. What they do is tested in tests/e2e. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { allocated, inSlurm } from "../../mpi/launcher.ts";

const of = (variables: Record<string, string>) => (name: string) => variables[name];

test("allocated adds up the cores of all machines", () => {
  assert.deepEqual(allocated(of({})), {});
  assert.deepEqual(allocated(of({ SLURM_NTASKS: "3" })), { ranks: 3 });
  for (const [text, cores] of [["2", 2], ["16(x2)", 32], ["16(x2),8", 40], ["4,16(x10),1", 165]] as const) {
    assert.deepEqual(allocated(of({ SLURM_JOB_CPUS_PER_NODE: text })), { cores });
  }
});

test("inSlurm is false outside of a job, and for a rank that srun started", () => {
  assert.equal(inSlurm(of({})), false);
  assert.equal(inSlurm(of({ SLURM_JOB_ID: "7", SLURM_STEP_ID: "0", SLURM_PROCID: "1" })), false);
});
