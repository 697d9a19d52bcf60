/**
 * Where files that come with the program are: native libraries. A compiled binary carries them within and
 * registers their paths when it starts; a working copy has them in native/build/.
 *
 * @module
 */

import { env } from "./runtime.ts";

/** What helps where a library cannot be unpacked. */
export const UNPACK_FIX = "make TMPDIR a folder that can be written to and is not mounted noexec";

const registered = new Map<string, string>();

/** Local. Names the files that a compiled binary carries: called by its generated entry, see tools/compile.ts. */
export function registerAssets(paths: Readonly<Record<string, string>>): void {
  for (const [name, path] of Object.entries(paths)) registered.set(name, path);
}

/** Local. Whether a compiled binary carries a file. */
export function isRegistered(name: string): boolean {
  return registered.has(name);
}

/**
 * Local. Where a native file should be: in the folder that the variable LAPLACE_NATIVE names, else in the compiled
 * binary, else in native/build/ of a working copy. Reading it shows whether it exists.
 *
 * @returns a path, or undefined if this installation carries no native files.
 */
export function assetPath(name: string): string | undefined {
  const folder = env("LAPLACE_NATIVE");
  if (folder !== undefined) return `${folder.replace(/\/$/, "")}/${name}`;
  const path = registered.get(name);
  if (path !== undefined) return path;
  // Registered or not, a compiled binary has no working copy around it; a package on JSR has no file: URL.
  if (registered.size > 0 || !import.meta.url.startsWith("file:") || import.meta.url.includes("$bunfs")) {
    return undefined;
  }
  return decodeURIComponent(new URL(`../native/build/${name}`, import.meta.url).pathname);
}

/**
 * Local. Where the system's loader can open a native library: {@linkcode assetPath}, or where it is unpacked to.
 *
 * @throws LibraryError if it cannot be unpacked.
 */
export async function libraryPath(name: string): Promise<string | undefined> {
  const path = assetPath(name);
  if (path === undefined || path !== registered.get(name)) return path;
  const { unpack } = await import("./unpack.ts");
  return await unpack(name, path);
}
