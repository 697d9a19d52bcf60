/**
 * Which runtime this is, and its environment variables. Never throws, so that any module may ask while it is loaded.
 *
 * @module
 */

/** Deno, Bun, or one that cannot call native code: Node, a browser. */
export type Runtime = "deno" | "bun" | "other";

/** The runtime that this code runs in. */
export const runtime: Runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "other";

/** Local. @returns an environment variable; undefined if it is not set, empty, or may not be read. */
export function env(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  try {
    return process?.env?.[name] || undefined;
  } catch {
    return undefined; // Deno without --allow-env
  }
}

/** Local. `node:fs`, undefined in a browser. Not an import: there it would fail, and to wait for one takes half a millisecond. */
export function files(): typeof import("node:fs") | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: "node:fs"): typeof import("node:fs") } };
  return process?.getBuiltinModule?.("node:fs");
}

/** Local. @returns the text of a file; undefined if there is none, or it may not be read, or this is a browser. */
export function readText(path: string): string | undefined {
  try {
    return files()?.readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
