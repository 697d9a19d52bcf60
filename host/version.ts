/**
 * Which laplace this is, and what it runs on.
 *
 * @module
 */

import config from "../deno.json" with { type: "json" };

let stamped: string | undefined;

/** Local. Tells the commit that a binary was compiled from; its generated entry calls this. */
export function stampCommit(commit: string): void {
  stamped = commit;
}

/** @returns the version of the package. */
export function version(): string {
  return config.version;
}

/** Local. @returns the commit of the binary, or of the checkout that the source lies in; undefined outside both. */
export async function commit(): Promise<string | undefined> {
  if (stamped !== undefined) return stamped;
  if (!import.meta.url.startsWith("file:")) return undefined;
  const { execFileSync } = await import("node:child_process");
  try {
    const cwd = new URL("..", import.meta.url);
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd, encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return undefined;
  }
}

/** @returns the JavaScript runtime, such as "bun 1.4.5". */
export function runtimeName(): string {
  const { Deno, Bun, process } = globalThis as {
    Deno?: { version: { deno: string } };
    Bun?: { version: string };
    process?: { version: string };
  };
  if (Deno) return `deno ${Deno.version.deno}`;
  if (Bun) return `bun ${Bun.version}`;
  return process ? `node ${process.version.slice(1)}` : "browser";
}
