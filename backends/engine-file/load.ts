/**
 * Plugins from files: a module whose default export is a backend, or a shared library with the C interface.
 *
 * @module
 */

import { statSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Backend } from "../../core/contract.ts";
import { ConfigError } from "../../core/errors.ts";
import { guarded } from "./guard.ts";
import { loadNativePlugin } from "../engine-ffi/library.ts";

/** The members that a module's default export must have, besides `apiVersion`. */
const members = {
  name: "string",
  summary: "string",
  methods: "object",
  dtypes: "object",
  stencils: "object",
  bitwise: "boolean",
  probe: "function",
  open: "function",
} as const satisfies Partial<Record<keyof Backend, string>>;

/**
 * Local. Loads the plugin in a file, named relative to the working folder.
 *
 * @throws ConfigError if there is no such file, or it is not a plugin of this version.
 * @throws UnavailableError if it is a library that cannot be loaded here.
 */
export async function loadFile(path: string): Promise<Backend> {
  const file = resolve(path);
  const refuse = (why: string) => new ConfigError(`Cannot load the plugin "${path}": ${why}`);
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) throw refuse("it does not exist");
  // A pipe would keep the loader waiting for ever.
  if (!found.isFile()) throw refuse("it is not a file");
  if (!/\.m?[jt]s$/.test(file)) return await loadNativePlugin(path);
  const module = await import(pathToFileURL(file).href).catch((cause: unknown) => {
    if ("Bun" in globalThis && file.includes("?")) {
      throw refuse('Bun takes what follows "?" in its path for a query; rename it, or load it from another folder');
    }
    throw refuse(cause instanceof Error ? cause.message : String(cause));
  }) as { default?: Partial<Backend> };
  const backend = module.default;
  if (typeof backend !== "object" || backend === null) throw refuse("its default export is not a backend");
  if (backend.apiVersion !== 2) {
    const older = backend.apiVersion as unknown === 1 ? ": omega now comes with each batch, not with the plan" : "";
    throw refuse(`its apiVersion is ${JSON.stringify(backend.apiVersion)}, and must be 2${older}`);
  }
  for (const [member, type] of Object.entries(members)) {
    const found: string = typeof backend[member as keyof Backend];
    if (found !== type) throw refuse(`its backend has no ${member}, a ${type}`);
  }
  for (const list of ["methods", "dtypes", "stencils"] as const) {
    if (!Array.isArray(backend[list])) throw refuse(`its backend's ${list} are no list`);
  }
  return guarded(backend as Backend, path);
}
