/**
 * Loads and probes plugins, built-in ones and those from files. `solve/select.ts` selects one.
 *
 * @module
 */

import type { Backend, Probe } from "../core/contract.ts";
import { UnavailableError } from "../core/errors.ts";
import { load, table } from "./table.ts";

/** A plugin and whether it can run here. */
export interface Probed {
  /** The plugin. */
  readonly backend: Backend;
  /** Whether it can run here. */
  readonly probe: Probe;
}

/**
 * Local. Loads every built-in plugin, and probes those that are worth it.
 *
 * @param points of a grid, too small for some plugins; default: all are probed
 */
export function probeAll(points = Infinity): Promise<Probed[]> {
  return Promise.all(
    Object.values(table).map(async ({ load }) => {
      const { default: backend } = await load();
      const { fromPoints = 0 } = backend.auto ?? {};
      const reason = `auto takes it from ${fromPoints} points on`;
      return { backend, probe: points < fromPoints ? { available: false, reason } : await backend.probe() };
    }),
  );
}

/**
 * Local. Loads the plugin that `name` means: a built-in name, or a path to a .ts, .js or shared-library file.
 *
 * @throws ConfigError if there is no such plugin, or the file is not one.
 */
export async function loadPlugin(name: string): Promise<Backend> {
  return await load(name, Object.keys(table));
}

/**
 * Local. Probes a backend that must run.
 *
 * @throws UnavailableError with reason and fix if it cannot run here.
 */
export async function requireAvailable(backend: Backend): Promise<Probe & { readonly available: true }> {
  const probe = await backend.probe();
  if (probe.available) return probe;
  const fix = probe.fix === undefined ? "" : `; ${probe.fix}`;
  throw new UnavailableError(`Cannot run "${backend.name}" here: ${probe.reason}${fix}`);
}
