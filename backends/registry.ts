/**
 * All built-in plugins: those of `table.ts`, and the distributed ones, whose ranks compute with one of these. Loads and
 * probes them, and plugins from files. `solve/select.ts` selects one.
 *
 * @module
 */

import type { Backend, Probe } from "../core/contract.ts";
import { UnavailableError, withFix } from "../core/errors.ts";
import { type Entry, load, table } from "./table.ts";

/** The plugins by name, in the order in which `laplace backends` lists them. */
export const registry: Readonly<Record<string, Entry>> = {
  ...table,
  "mpi": { load: () => import("./mpi/mod.ts"), score: 90, kind: "distributed" },
  "ga": { load: () => import("./ga/mod.ts"), score: 80, kind: "distributed", mpi: "mpich" },
};

/** The names of the plugins whose ranks share one grid, by score. */
export const distributedNames: readonly string[] = Object.keys(registry).filter((name) => !Object.hasOwn(table, name));

/** A plugin and whether it can run here. */
export interface Probed {
  /** The plugin. */
  readonly backend: Backend;
  /** Whether it can run here. */
  readonly probe: Probe;
}

/** Local. Loads and probes every built-in plugin. */
export function probeAll(): Promise<Probed[]> {
  return Promise.all(
    Object.values(registry).map(async ({ load }) => {
      const { default: backend } = await load();
      return { backend, probe: await backend.probe() };
    }),
  );
}

/**
 * Local. Loads the plugin that `name` means: a built-in name, or a path to a .ts, .js or shared-library file.
 *
 * @throws ConfigError if there is no such plugin, or the file is not one.
 */
export async function loadPlugin(name: string): Promise<Backend> {
  return await load(name, registry);
}

/**
 * Local. Probes a backend that must run.
 *
 * @throws UnavailableError with reason and fix if it cannot run here.
 */
export async function requireAvailable(backend: Backend): Promise<Probe & { readonly available: true }> {
  const probe = await backend.probe();
  if (probe.available) return probe;
  throw new UnavailableError(`Cannot run "${backend.name}" here: ${withFix(probe)}`);
}
