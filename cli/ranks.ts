/**
 * What the command line must know of ranks: one of them speaks for all.
 *
 * @module
 */

import { registry } from "../backends/registry.ts";
import { launcher } from "../mpi/library.ts";

/** The plugins whose ranks work on one grid. */
const distributed = Object.keys(registry).filter((name) => name === "mpi" || name === "ga");

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
  if (ranks === 1) return;
  const { openMPI } = await import("../mpi/mod.ts");
  (await openMPI()).Finalize();
}
