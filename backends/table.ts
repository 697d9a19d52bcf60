/**
 * The table of the plugins that run on one machine by themselves, which is what ranks can compute with: a line for each.
 * Lazy, so that a missing library never breaks start-up; literal, so that a compiler embeds every one. `registry.ts` adds
 * the distributed ones, which import this table.
 *
 * @module
 */

import type { Backend, Plan, Stencil } from "../core/contract.ts";
import { ConfigError, suggest, UnavailableError, withFix } from "../core/errors.ts";

/** A built-in plugin. */
export interface Entry {
  /** Its module, whose default export is the backend. */
  readonly load: () => Promise<{ default: Backend }>;
  /** The highest score that its probe gives. */
  readonly score: number;
  /** Where it computes: on this machine's cores, on a device, or on ranks, each with a plugin of the other kinds. */
  readonly kind: "local" | "device" | "distributed";
  /** The one family of MPI that its ranks can have; absent: any. */
  readonly mpi?: "mpich";
}

/** The plugins by name, in the order in which `laplace backends` lists them. */
export const table: Readonly<Record<string, Entry>> = {
  "js": { load: () => import("./js/mod.ts"), score: 10, kind: "local" },
  "ndarray": { load: () => import("./ndarray/mod.ts"), score: 5, kind: "local" },
  "workers": { load: () => import("./workers/mod.ts"), score: 20, kind: "local" },
  "wasm": { load: () => import("./wasm/mod.ts"), score: 35, kind: "local" },
  "ffi-c": { load: () => import("./ffi-c/mod.ts"), score: 40, kind: "local" },
  "ffi-omp": { load: () => import("./ffi-omp/mod.ts"), score: 50, kind: "local" },
  "ffi-fortran": { load: () => import("./ffi-fortran/mod.ts"), score: 30, kind: "local" },
  "opencl": { load: () => import("./opencl/mod.ts"), score: 85, kind: "device" },
  "webgpu": { load: () => import("./webgpu/mod.ts"), score: 85, kind: "device" },
  "cuda": { load: () => import("./cuda/mod.ts"), score: 86, kind: "device" },
};

/** Their names. */
export const kernelNames: readonly string[] = Object.keys(table);

/**
 * Their names by score, the highest first: ranks ask in this order and open no library that they will not use. Devices come
 * last, since ranks share one only where they are asked to.
 */
export const byScore: readonly string[] = [...namesOf("local"), ...namesOf("device")];

/** By score. */
function namesOf(kind: Entry["kind"]): string[] {
  const some = Object.entries(table).filter(([, entry]) => entry.kind === kind);
  return some.sort(([, a], [, b]) => b.score - a.score).map(([name]) => name);
}

/** Local. Whether a name means a file. */
export function isPath(name: string): boolean {
  return /[/\\]|\.(m?[jt]s|so|dylib|dll)$/.test(name);
}

/**
 * Local. Loads the plugin that `name` means: a built-in one of those in `among`, or a path to a .ts, .js or shared-library
 * file.
 *
 * @throws ConfigError if there is no such plugin, or the file is not one.
 */
export async function load(name: string, among: Readonly<Record<string, Entry>> = table): Promise<Backend> {
  if (Object.hasOwn(among, name)) return (await among[name]!.load()).default;
  if (isPath(name)) {
    const { loadFile } = await import("./engine-file/load.ts");
    return await loadFile(name);
  }
  throw new ConfigError(`Unknown plugin "${name}"${suggest(name, ["auto", ...Object.keys(among)])}`);
}

/**
 * Local. The one that scores highest among those that can run a stencil here, ranks apart.
 *
 * @returns it, and why it is not one of a higher score that should run, if there is such a one
 * @throws UnavailableError if none can.
 */
export async function bestLocal(
  { dtype, kind }: Pick<Stencil, "dtype" | "kind">,
  { method }: Pick<Plan, "method">,
): Promise<{ readonly backend: Backend; readonly why?: string }> {
  let why: string | undefined;
  for (const name of byScore) {
    const { default: backend } = await table[name]!.load();
    const fits = backend.methods.includes(method) && backend.dtypes.includes(dtype) && backend.stencils.includes(kind);
    if (!fits) continue;
    const probe = await backend.probe();
    if (probe.available) return { backend, ...(why !== undefined && { why }) };
    if (probe.broken) why ??= `not ${name}: ${withFix(probe)}`;
  }
  throw new UnavailableError(`No plugin here can do ${method} in ${dtype}`);
}
