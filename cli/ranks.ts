/**
 * What the command line must know of ranks: one of them speaks for all.
 *
 * @module
 */

import process from "node:process";
import { distributedNames } from "../backends/registry.ts";
import { ConfigError, ProblemError, UnavailableError } from "../core/errors.ts";
import { LibraryError } from "../host/ffi.ts";
import { launcher } from "../mpi/library.ts";
import { mute } from "./print.ts";

/**
 * Local. Whether a launcher says that this process is one of several ranks and not the first, of a plugin that has ranks: then
 * it is silent.
 *
 * @param plugin as typed after `--plugin`
 */
export function follows(plugin: string): boolean {
  const { processes = 1, rank = 0 } = launcher() ?? {};
  return mayHaveRanks(plugin) && processes > 1 && rank > 0;
}

/** Local. Whether a plugin has ranks, or `auto` may choose one that has. */
export function mayHaveRanks(plugin: string): boolean {
  return ["auto", ...distributedNames].includes(plugin);
}

/**
 * Collective. What rank 0 reads, given to all: a thousand ranks are one reader to a shared file system. A process that has no
 * peers, or a plugin without ranks, reads for itself. From here on all ranks but the first are silent, and no other process
 * is: a variable of a launcher may be left from another program.
 *
 * @param plugin as typed after `--plugin`
 * @throws ConfigError on all ranks, if it fails on rank 0
 */
export async function readTogether<T>(plugin: string, read: () => Promise<T>): Promise<T> {
  const started = launcher();
  if (!started || started.processes === 1 || !mayHaveRanks(plugin)) return await read();
  const { openMPI } = await import("../mpi/mod.ts");
  const mpi = await openMPI().catch((cause) => {
    if (cause instanceof LibraryError) return undefined; // then there are no ranks: the plugin will say so
    const named = plugin === "auto" ? distributedNames[0] : plugin;
    throw new UnavailableError(`Cannot open "${named}": ${cause instanceof Error ? cause.message : cause}`);
  });
  if (mpi) mute(mpi.world.rank > 0);
  if (!mpi || mpi.world.size === 1) return await read();
  let mine: { readonly value?: T; readonly reason?: string } = {};
  if (mpi.world.rank === 0) {
    mine = await read().then((value) => ({ value }), (cause) => {
      if (!(cause instanceof ConfigError || cause instanceof ProblemError)) throw cause;
      return { reason: cause.message };
    });
  }
  const { value, reason } = mpi.world.bcast(mine);
  if (reason === undefined) return value!;
  mpi.Finalize();
  throw new ConfigError(reason);
}

/** Collective. Ends MPI on all ranks. @returns false if it is not open */
export async function endTogether(): Promise<boolean> {
  if (launcher() === undefined) return false;
  const { isOpen, openMPI } = await import("../mpi/open.ts");
  if (!isOpen()) return false;
  (await openMPI()).Finalize();
  return true;
}

/**
 * Local. Whether the launcher ends all ranks when one ends badly that has not opened MPI; or there is none, and only its
 * variables are left: Slurm's step and that of MPICH, which has a connection to each rank, are there.
 */
export function endsAll(): boolean {
  const { OMPI_COMM_WORLD_SIZE, SLURM_STEP_NUM_TASKS, PMI_FD, PMI_PORT } = process.env;
  return OMPI_COMM_WORLD_SIZE !== undefined || (SLURM_STEP_NUM_TASKS ?? PMI_FD ?? PMI_PORT) === undefined;
}
