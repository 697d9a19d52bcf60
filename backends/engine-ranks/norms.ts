/**
 * Norms over ranks of MPI.
 *
 * @module
 */

import type { Comm, MPI } from "../../mpi/mod.ts";

/** Collective. The largest of each value over all ranks; NaN wins, which MPI_MAX does not promise. */
export function largest(mpi: MPI, world: Comm, values: readonly number[]): number[] {
  const n = values.length;
  const ours = Float64Array.from([
    ...values.map((x) => x !== x ? -Infinity : x),
    ...values.map((x) => x !== x ? 1 : 0),
  ]);
  const all = new Float64Array(2 * n);
  world.Allreduce(ours, all, mpi.MAX);
  return Array.from({ length: n }, (_, k) => all[n + k]! > 0 ? NaN : all[k]!);
}
