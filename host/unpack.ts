/**
 * Puts a library that a compiled binary carries where the system's loader can open it: into memory, so that no folder can
 * be full, mounted noexec or not there, and nothing is left in one that could be damaged, or another's. Where the system
 * has no such memory, into a folder of this process alone, which is removed when it ends.
 *
 * @module
 */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { encodeString, LibraryError, nameLibrary, openLibrary } from "./ffi.ts";
import { noexecMount } from "./library_file.ts";
import { env } from "./runtime.ts";

/** A way to place a library. @returns its path @throws what keeps it from being placed */
export type Way = (name: string, bytes: Uint8Array) => string | Promise<string>;

/** Paths, or their promises, by the name of the library: the loader knows a library by its path. */
const placed = new Map<string, Promise<string>>();

/** Local. Places a library once. @param embedded where the binary has it @throws LibraryError `unpack`, with why */
export function unpack(name: string, embedded: string): Promise<string> {
  let path = placed.get(name);
  if (path === undefined) placed.set(name, path = place(name, readFileSync(embedded), [inMemory, inFolder]));
  return path;
}

/** Local. Places a library by the first way that is open. @throws LibraryError `unpack`, with why the last one is not */
export async function place(name: string, bytes: Uint8Array, ways: readonly Way[]): Promise<string> {
  let last: unknown;
  for (const way of ways) {
    try {
      const path = await way(name, bytes);
      nameLibrary(path, name);
      return path;
    } catch (cause) {
      last = cause;
    }
  }
  throw new LibraryError("unpack", name, `${name} could not be unpacked: ${reasonOf(last)}`);
}

/** In a file that is memory of this process, and ends with it. Linux has them, unless vm.memfd_noexec is 2. */
export async function inMemory(name: string, bytes: Uint8Array): Promise<string> {
  const CLOSE_ON_EXEC = 1;
  const { memfd_create, close } = await openLibrary("libc.so.6", {
    memfd_create: { args: ["buffer", "i32"], returns: "i32" },
    close: { args: ["i32"], returns: "i32" },
  });
  const fd = memfd_create(encodeString(name), CLOSE_ON_EXEC);
  // It stays open: the loader would take the next library under the same number for this one.
  const path = `/proc/self/fd/${fd}`;
  if (fd < 0 || !existsSync(path)) throw new Error("the system has no files in memory");
  try {
    writeFileSync(path, bytes);
    return path;
  } catch (cause) {
    close(fd);
    throw cause;
  }
}

/** In a new folder in TMPDIR, which no other process uses. */
export function inFolder(name: string, bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), "laplace-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  writeFileSync(path, bytes, { mode: 0o700 });
  if (noexecMount(path) !== undefined) throw Object.assign(new Error(), { code: "noexec" });
  return path;
}

const reasons: Readonly<Record<string, string>> = {
  noexec: "is mounted noexec",
  ENOENT: "does not exist",
  ENOTDIR: "is not a folder",
  ENOSPC: "is full",
  EDQUOT: "is full: your quota is used up",
  EFBIG: "takes no file of this size (ulimit -f)",
  EACCES: "cannot be written to",
  EPERM: "cannot be written to",
  EROFS: "cannot be written to: it is mounted read-only",
};

function reasonOf(cause: unknown): string {
  const { code = "", message } = cause as { code?: string; message: string };
  const folder = env("TMPDIR") === undefined ? tmpdir() : `TMPDIR (${tmpdir()})`;
  // The kernel's own folders say of a file that is to be made that it does not exist.
  if (code === "ENOENT" && existsSync(tmpdir())) return `${folder} ${reasons.EACCES}`;
  return Object.hasOwn(reasons, code) ? `${folder} ${reasons[code]}` : message.split("\n")[0]!;
}
