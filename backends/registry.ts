/**
 * The plugins by name, in the order in which `laplace backends` lists them. Lazy, so that a missing library never
 * breaks start-up; literal, so that a compiler embeds every one.
 *
 * @module
 */

import type { Backend, Dtype, Plan, Probe, Stencil } from "../core/contract.ts";
import { bytesPerValue } from "../core/dtype.ts";
import { UnavailableError } from "../core/errors.ts";
import { traits } from "../core/methods/traits.ts";
import { local, named } from "./table.ts";

/** name → module, its default export the backend. */
export const registry: Readonly<Record<string, () => Promise<{ default: Backend }>>> = {
  ...local,
  "mpi": () => import("./mpi/mod.ts"),
  "ga": () => import("./ga/mod.ts"),
};

/** A plugin and whether it can run here. */
export interface Probed {
  /** The plugin. */
  readonly backend: Backend;
  /** Whether it can run here. */
  readonly probe: Probe;
}

/** A plugin that was chosen, the device it runs on, and why it was taken. */
export interface Choice {
  /** The plugin. */
  readonly backend: Backend;
  /** The device that it runs on. */
  readonly device: string;
  /** Why it was taken, in words. */
  readonly why: string;
}

/**
 * Local. Loads every built-in plugin, and probes those that are worth it.
 *
 * @param points of a grid, which some plugins are too good for; default: all are probed
 */
export function probeAll(points = Infinity): Promise<Probed[]> {
  return Promise.all(
    Object.values(registry).map(async (load) => {
      const { default: backend } = await load();
      const { worthFrom = 0 } = backend;
      const reason = `auto takes it from ${worthFrom} points on`;
      return { backend, probe: points < worthFrom ? { available: false, reason } : await backend.probe() };
    }),
  );
}

/**
 * Local. Loads the plugin that `name` means: a built-in name, or a path to a .ts, .js or shared-library file.
 *
 * @throws ConfigError if there is no such plugin, or the file is not one.
 */
export async function loadPlugin(name: string): Promise<Backend> {
  return await named(registry, name);
}

/**
 * Local. Chooses the plugin for a stencil: the one named, or with `auto` the one that scores highest among those that
 * can run it.
 *
 * @param fits why a backend cannot run what is asked of it, or undefined
 * @param points of the grid: what `auto` goes by, too
 * @throws UnavailableError if it cannot run here; a named plugin is never replaced.
 */
export async function choosePlugin(
  name: string,
  fits: (backend: Backend) => string | undefined,
  points?: number,
): Promise<Choice> {
  if (name !== "auto") {
    const backend = await loadPlugin(name);
    const probe = await requireAvailable(backend);
    const why = fits(backend);
    if (why !== undefined) throw new UnavailableError(`Cannot run "${backend.name}" here: ${why}`);
    return { backend, device: probe.device, why: "named" };
  }
  const all = await probeAll(points);
  let best: { backend: Backend; device: string; score: number } | undefined;
  let able = 0;
  const reasons: string[] = [];
  for (const { backend, probe } of all) {
    const why = probe.available ? fits(backend) : probe.reason;
    if (!probe.available || why !== undefined) {
      reasons.push(`${backend.name}: ${why}`);
      continue;
    }
    able++;
    if (!best || probe.score > best.score) best = { backend, device: probe.device, score: probe.score };
  }
  if (!best) throw new UnavailableError(`No plugin can run this here: ${reasons.join("; ")}`);
  return { ...best, why: `auto: the best score, ${best.score}, of ${able} that can` };
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

/**
 * Local. Why a backend cannot run a stencil: its type, its form, its memory.
 *
 * @param memory bytes that may be used; undefined if unknown
 */
export function unfit(backend: Backend, stencil: Stencil, plan: Plan, memory: number | undefined): string | undefined {
  if (!backend.dtypes.includes(stencil.dtype)) {
    const others = backend.dtypes.join(", ");
    return `it has no ${stencil.dtype}, only ${others}: --dtype ${others}`;
  }
  if (!backend.stencils.includes(stencil.kind)) return `it solves only ${backend.stencils.join(", ")} stencils`;
  const arrays = stencil.kind === "weighted" ? 7 : stencil.source ? 3 : 2;
  const size = bytesPerValue(stencil.dtype);
  const levels = plan.method === "multigrid" ? backend.levelBytes?.(stencil) : undefined;
  const besides = (levels ?? 8 * (traits[plan.method].arrays ?? 0)) / size;
  // One more array holds the answer, in one place.
  const needed = (arrays + besides) * (backend.keeps?.(stencil, plan) ?? 1) + 1;
  return tooLarge(stencil.shape, stencil.dtype, needed, memory) ?? backend.rejects?.(stencil, plan);
}

/**
 * Local. Why so many arrays of a grid do not fit into memory, or undefined if they do.
 *
 * @param memory bytes that may be used; undefined if unknown
 */
export function tooLarge(
  [ny, nx]: readonly [number, number],
  dtype: Dtype,
  arrays: number,
  memory: number | undefined,
): string | undefined {
  const need = arrays * ny * nx * (bytesPerValue(dtype));
  if (memory === undefined || need <= memory) return undefined;
  return `${ny} x ${nx} points need ${gib(need)} GiB of memory, and ${gib(memory)} GiB are free`;
}

function gib(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}
