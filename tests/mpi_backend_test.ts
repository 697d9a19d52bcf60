/**
 * The backend `mpi` on ranks that are processes: fields and norms equal those of the reference bit for bit, whatever computes
 * on a rank, however many there are. Where there is no MPI, tests are skipped, unless LAPLACE_REQUIRE has `mpi`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { launchers, mpirun, root } from "./mpi/launch.ts";

const program = join(root, "tests/mpi/solves.ts");
const LOCAL = "js,ndarray,wasm,ffi-c,ffi-omp";

for (const launcher of launchers) {
  // MPICH's ranks do not give way to each other: on fewer cores each exchange takes a time slice.
  const runs: [ranks: number, kernels: string][] = launcher.name === "openmpi"
    ? [[1, "js"], [2, LOCAL], [3, `workers,ffi-fortran,${LOCAL}`], [4, LOCAL], [5, LOCAL]]
    : [[1, "js"], [2, LOCAL], [3, "js"]];
  for (const [ranks, kernels] of runs) {
    test(`mpi on ${ranks} ranks equals the reference bit for bit: ${launcher.name}, ${kernels}`, launcher, async () => {
      const { stdout, stderr, code } = await mpirun(launcher, ranks, [program, kernels]);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^compared \d{2,}$/m, stderr);
    });
  }
}
