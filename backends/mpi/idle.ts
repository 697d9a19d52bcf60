/**
 * The session of a rank that owns nothing, since the grid has too few rows and columns for all: it takes part in what all
 * ranks do together, and in nothing else.
 *
 * @module
 */

import type { Session } from "../../core/contract.ts";
import type { Comm, MPI } from "../../mpi/mod.ts";
import { largest } from "./domain.ts";

/** Collective. Opens it. @param left called once it is closed */
export function idleSession(mpi: MPI, world: Comm, left?: () => void): Session {
  let sweeps = 0;
  return {
    rank: world.rank,
    ranks: world.size,
    threads: 0,
    owned: { rows: [0, 0], cols: [0, 0] },
    advance(count) {
      const [change, residual] = largest(mpi, world, [0, 0]);
      return { sweeps: sweeps += count, change: change!, residual: residual! };
    },
    read: (scope) => scope === "owned" ? new Float64Array(0) : undefined,
    write() {},
    store() {},
    agree: (values) => largest(mpi, world, values),
    abort() {
      world.Abort(1);
    },
    [Symbol.asyncDispose]() {
      world.Free();
      left?.();
      return Promise.resolve();
    },
  };
}
