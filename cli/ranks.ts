/**
 * What the command line must know of ranks: one of them speaks for all.
 *
 * @module
 */

import process from "node:process";
import { registry } from "../backends/registry.ts";
import { launcher } from "../mpi/library.ts";

/** The plugins whose ranks work on one grid. */
const distributed = Object.keys(registry).filter((name) => name === "mpi");

/**
 * Local. Whether this process is a rank other than the first, of a plugin that has ranks: then it is silent.
 *
 * @param plugin as typed after `--plugin`
 */
export function follows(plugin: string): boolean {
  if (!["auto", ...distributed].includes(plugin)) return false;
  return (launcher()?.rank ?? 0) > 0;
}

/**
 * Collective. Ends what launched ranks have open, after a solve that all of them got through: an exit code that is not 0
 * would else look to their launcher like one that failed.
 */
export async function endRanks(ranks: number): Promise<void> {
  if (ranks > 1) await endTogether();
}

/** Collective. Ends MPI on all ranks. @returns false if it is not open */
export async function endTogether(): Promise<boolean> {
  if (launcher() === undefined) return false;
  const { isOpen, openMPI } = await import("../mpi/open.ts");
  if (!isOpen()) return false;
  (await openMPI()).Finalize();
  return true;
}

/** Local. Whether the launcher ends all ranks when one ends badly that has not opened MPI. */
export function endsAll(): boolean {
  return process.env.OMPI_COMM_WORLD_SIZE !== undefined;
}
