/**
 * What the domains of ranks have in common: norms over all ranks, and how a rank ends the others.
 *
 * @module
 */

import { writeSync } from "node:fs";
import type { Domain } from "../../core/kernels/distributed.ts";
import type { Comm, MPI } from "../../mpi/mod.ts";
import type { Partition } from "./partition.ts";

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

/** Local. What follows from the partition, for a rank that owns a block. @param depth layers of halo */
export function rankDomain(mpi: MPI, world: Comm, { grid, blocks }: Partition, depth: number) {
  const { rank, size: ranks } = world;
  return {
    rank,
    ranks,
    owned: blocks[rank]!,
    depth,
    split: [grid[0] > 1, grid[1] > 1],
    max: (values) => largest(mpi, world, values),
    abort(cause) {
      // MPI_Abort ends the process: this is the last chance to report.
      writeSync(2, `rank ${rank} of ${ranks}: ${cause.message}\n`);
      world.Abort(1);
    },
  } satisfies Partial<Domain>;
}
