/**
 * The plugins that run on one machine by themselves, in the order in which `laplace backends` lists them: what ranks can
 * compute with. Lazy, so that a missing library never breaks start-up; literal, so that a compiler embeds every one.
 *
 * @module
 */

import type { Backend, Plan, Stencil } from "../core/contract.ts";
import { ConfigError, suggest, UnavailableError } from "../core/errors.ts";

/** Plugins by name: each a module whose default export is the backend. */
export type Table = Readonly<Record<string, () => Promise<{ default: Backend }>>>;

/** name → module, its default export the backend. */
export const local: Table = {
  "js": () => import("./js/mod.ts"),
  "ndarray": () => import("./ndarray/mod.ts"),
  "workers": () => import("./workers/mod.ts"),
  "wasm": () => import("./wasm/mod.ts"),
  "ffi-c": () => import("./ffi-c/mod.ts"),
  "ffi-omp": () => import("./ffi-omp/mod.ts"),
  "ffi-fortran": () => import("./ffi-fortran/mod.ts"),
  "opencl": () => import("./opencl/mod.ts"),
  "webgpu": () => import("./webgpu/mod.ts"),
  "cuda": () => import("./cuda/mod.ts"),
};

/** Local. Whether a name means a file. */
export function isPath(name: string): boolean {
  return /[/\\]|\.(m?[jt]s|so|dylib|dll)$/.test(name);
}

/**
 * Local. Loads the plugin that `name` means: one of a table, or a path to a .ts, .js or shared-library file.
 *
 * @throws ConfigError if there is no such plugin, or the file is not one.
 */
export async function named(table: Table, name: string): Promise<Backend> {
  if (Object.hasOwn(table, name)) return (await table[name]!()).default;
  if (isPath(name)) {
    const { loadFile } = await import("./engine-file/load.ts");
    return await loadFile(name);
  }
  throw new ConfigError(`Unknown plugin "${name}"${suggest(name, ["auto", ...Object.keys(table)])}`);
}

/**
 * Their names by score, the highest first. Ranks ask in this order and open no library that they will not use. GPUs come last:
 * ranks share one only where they are told to.
 */
export const byScore: readonly string[] = [
  "ffi-omp",
  "ffi-c",
  "wasm",
  "ffi-fortran",
  "workers",
  "js",
  "ndarray",
  "cuda",
  "opencl",
  "webgpu",
];

/**
 * Local. The one that scores highest among those that can run a stencil here.
 *
 * @throws UnavailableError if none can.
 */
export async function bestLocal(
  { dtype, kind }: Pick<Stencil, "dtype" | "kind">,
  { method }: Pick<Plan, "method">,
): Promise<Backend> {
  for (const name of byScore) {
    const { default: backend } = await local[name]!();
    const fits = backend.methods.includes(method) && backend.dtypes.includes(dtype) && backend.stencils.includes(kind);
    if (fits && (await backend.probe()).available) return backend;
  }
  throw new UnavailableError(`No plugin here can do ${method} in ${dtype}`);
}
