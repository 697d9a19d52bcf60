/**
 * The session of a rank that owns nothing, since the grid has too few rows and columns for all: it joins in collective calls
 * and does nothing else.
 *
 * @module
 */

import type { Block, Session, Stencil } from "../../core/contract.ts";
import { allocate } from "../../core/dtype.ts";
import type { Comm, MPI } from "../../mpi/mod.ts";
import { largest } from "./domain.ts";

/** Collective. Opens it. @param onClosed called after it was closed */
export function idleSession(mpi: MPI, world: Comm, { dtype }: Pick<Stencil, "dtype">, onClosed?: () => void): Session {
  let sweeps = 0;
  let open = true;
  const requireOpen = () => {
    if (!open) throw new Error("Cannot use the session: it is closed");
  };
  return {
    rank: world.rank,
    ranks: world.size,
    threads: 1,
    owned: { rows: [0, 0], cols: [0, 0] },
    advance(count) {
      requireOpen();
      if (!(Number.isInteger(count) && count >= 1)) {
        throw new RangeError(`Cannot advance by ${count} sweeps: it must be a whole number of at least 1`);
      }
      const [change, residual] = largest(mpi, world, [0, 0]);
      return { sweeps: sweeps += count, change: change!, residual: residual! };
    },
    read(scope) {
      requireOpen();
      return scope === "global" ? undefined : allocate(dtype, 0);
    },
    write({ rows, cols }: Block, data) {
      requireOpen();
      if ([...rows, ...cols].some((n) => n !== 0) || data.length > 0) {
        throw new RangeError(`Cannot write rows ${rows.join(" to ")}, columns ${cols.join(" to ")}: nothing is owned`);
      }
    },
    collective: {
      agree: (values) => largest(mpi, world, values),
      store() {},
      abort() {
        world.Abort(1);
      },
    },
    [Symbol.asyncDispose]() {
      if (!open) return Promise.resolve();
      open = false;
      world.Free();
      onClosed?.();
      return Promise.resolve();
    },
  };
}
