/**
 * Every built-in backend against the suite that all must pass. Those that cannot run here are skipped visibly, or fail
 * if `LAPLACE_REQUIRE` has their names.
 *
 * @module
 */

import { registry } from "../../backends/registry.ts";
import { testBackend } from "../../conformance/mod.ts";

for (const { load, mpi } of Object.values(registry)) {
  // A process has one MPI, and `ga` needs MPICH: tests/backends/ga_test.ts runs the suite in another.
  if (mpi === undefined) await testBackend((await load()).default);
}
