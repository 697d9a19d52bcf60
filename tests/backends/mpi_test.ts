/**
 * The backend `mpi` on ranks that are processes: fields and norms equal those of the reference bit for bit, whatever computes
 * on a rank, however many there are.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { registry } from "../../backends/registry.ts";
import { launch, mpis } from "../mpi/launch.ts";
import { required } from "../../conformance/required.ts";

/** The kernels of a list that can run here; CI requires them all, each by its own tests. */
async function able(names: string): Promise<string> {
  const found = await Promise.all(
    names.split(",").map(async (name) => {
      const { default: backend } = await registry[name]!.load();
      return (await backend.probe()).available ? [name] : [];
    }),
  );
  return found.flat().join(",");
}

const LOCAL = await able("js,ndarray,wasm,ffi-c,ffi-omp");

for (const mpi of mpis) {
  // MPICH's ranks do not give way to each other: on fewer cores each exchange takes a time slice.
  const runs: [ranks: number, kernels: string][] = mpi.name === "openmpi"
    ? [[1, "js"], [2, LOCAL], [3, await able("workers,ffi-fortran,js,wasm,ffi-omp")], [4, LOCAL], [5, LOCAL]]
    : [[1, "js"], [2, await able("js,ffi-omp")], [3, "js"]];
  const skip = mpi.mpirun === undefined && !required("mpi");
  for (const [ranks, kernels] of runs) {
    const title = `mpi on ${ranks} ranks equals the reference bit for bit: ${mpi.title}, ${kernels}`;
    test(`${title}${skip ? ": skipped, there is no launcher" : ""}`, { skip }, () => {
      const { code, out, err } = launch(mpi, ranks, "solves.ts", kernels);
      assert.equal(code, 0, err);
      assert.match(out, /^compared \d{2,}$/m, err);
    });
  }
}
