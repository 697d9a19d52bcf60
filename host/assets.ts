/**
 * Where files that come with the program are: native libraries. A compiled binary carries them within and
 * registers their paths when it starts; a working copy has them in native/build/.
 *
 * @module
 */

import { env } from "./runtime.ts";

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
 * Local. Where a native library should be: in the folder that the variable LAPLACE_NATIVE names, else in the compiled
 * binary, else in native/build/ of a working copy. Opening it shows whether it exists.
 *
 * @returns a path, or undefined if this installation carries no native libraries.
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
