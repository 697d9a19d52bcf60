/**
 * Whole files: read with a limit, written all or nothing. What is inside them is none of this file's business.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { constants, rmSync } from "node:fs";
import { access, type FileHandle, open, readdir, readlink, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join } from "node:path";
import process from "node:process";
import { suggest } from "../core/errors.ts";
import { cannot, quote, reason, systemCode } from "./errors.ts";

/** Node's calls take at most 2 GiB at once. */
const PIECE = 1 << 26;

/**
 * Local. Reads a whole regular file.
 *
 * @param limit the most bytes that are read; default 16 GiB.
 * @throws ConfigError if there is no such file, it is a folder or a device, may not be read, or is too large.
 */
export async function readBytes(path: string, limit = 2 ** 34): Promise<Uint8Array<ArrayBuffer>> {
  checkName("read", path);
  try {
    // Looked at before it is opened, because opening a pipe would wait for its writer.
    const found = await stat(path);
    if (found.isDirectory()) throw cannot("read", path, "it is a folder");
    if (!found.isFile()) throw cannot("read", path, "it is not a regular file");
    const { size } = found;
    if (size > limit) throw cannot("read", path, `it holds ${size} bytes, and the limit is ${limit}`);
    const handle = await open(path, "r");
    try {
      const bytes = allocate(path, size);
      let at = 0;
      while (at < size) {
        const { bytesRead } = await handle.read(bytes, at, Math.min(PIECE, size - at), at);
        if (bytesRead === 0) throw cannot("read", path, "it became shorter while it was read");
        at += bytesRead;
      }
      return bytes;
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw cannot("read", path, code === "ENOENT" ? `there is no such file${await neighbour(path)}` : reason(error));
  }
}

/**
 * Local. Replaces a file as a whole: its old content stays until all of the new one is on the disk. A link is
 * followed; the permissions of a file that exists are kept.
 *
 * @param chunks the new content, in order; made one by one, so that large files need not be in memory twice.
 * @param fill writes what comes after them, into the file that is to replace the old one
 * @throws ConfigError if the system refuses; whatever `chunks` throws. Then nothing is left behind.
 */
export async function writeAtomically(
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  fill?: (temporary: string) => Promise<void>,
): Promise<void> {
  checkName("write", path);
  let temporary: string | undefined;
  let handle: FileHandle | undefined;
  // A program that is stopped in the middle leaves no temporary file behind.
  const clean = () => temporary !== undefined && rmSync(temporary, { force: true });
  process.once("exit", clean);
  try {
    const target = await followed(path);
    const mode = await stat(target).then((found) => found.mode & 0o777, () => undefined);
    temporary = join(dirname(target), `.laplace-${process.pid}-${randomUUID()}.tmp`);
    handle = await open(temporary, "wx");
    if (mode !== undefined) await handle.chmod(mode);
    for await (const chunk of chunks) await writeAll(handle, chunk);
    await fill?.(temporary);
    await handle.sync();
    await handle.close();
    handle = undefined;
    await rename(temporary, target);
    temporary = undefined;
    await syncFolder(dirname(target));
  } catch (error) {
    await handle?.close().catch(() => {});
    if (temporary !== undefined) await rm(temporary, { force: true }).catch(() => {});
    throw systemCode(error) === undefined ? error : cannot("write", path, reason(error));
  } finally {
    process.off("exit", clean);
  }
}

/**
 * Local. Checks that `path` could be written, without touching it: to be called before a long computation.
 *
 * @throws ConfigError if it is a folder or a device, its folder is missing, or permission is.
 */
export async function checkTarget(path: string): Promise<void> {
  checkName("write", path);
  if (path === "" || /[/\\]$/.test(path)) throw cannot("write", path, "it names a folder; add a file name");
  try {
    const found = await stat(path).catch((error) => {
      if (systemCode(error) === "ENOENT") return undefined;
      throw error;
    });
    if (found?.isDirectory()) throw cannot("write", path, "it is a folder; add a file name");
    if (found !== undefined && !found.isFile()) throw cannot("write", path, "it is not a regular file");
    if (found !== undefined) await access(path, constants.W_OK);
  } catch (error) {
    throw systemCode(error) === undefined ? error : cannot("write", path, reason(error));
  }
  const folder = dirname(await followed(path));
  try {
    if (!(await stat(folder)).isDirectory()) throw cannot("write", path, `${quote(folder)} is not a folder`);
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    const why = code === "ENOENT" ? "does not exist; make it first" : `cannot be written to: ${reason(error)}`;
    throw cannot("write", path, `its folder ${quote(folder)} ${why}`);
  }
}

/** What the system would not even look at, and the runtimes report as a bug of ours. */
function checkName(action: "read" | "write", path: string): void {
  if (path.includes("\0")) throw cannot(action, path, "its name holds a zero character");
}

/** The file that a link leads to, even one that is not there yet, so that the file is replaced and not the link. */
async function followed(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") return path;
  }
  const target = await readlink(path).catch(() => undefined);
  if (target !== undefined) return await followed(isAbsolute(target) ? target : `${dirname(path)}/${target}`);
  // Of the folder too: a ".." after a link is not what it looks like.
  return await realpath(dirname(path)).then((folder) => join(folder, basename(path)), () => path);
}

function allocate(path: string, size: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(size);
  } catch {
    throw cannot("read", path, `there is no memory for its ${size} bytes`);
  }
}

/** `; did you mean "…"?` if the folder holds a file with a similar name, else nothing. */
async function neighbour(path: string): Promise<string> {
  const names = await readdir(dirname(path)).catch(() => []);
  const hint = suggest(basename(path), names);
  return hint.startsWith("; did you mean") ? hint : "";
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  let at = 0;
  while (at < chunk.length) {
    at += (await handle.write(chunk, at, Math.min(PIECE, chunk.length - at))).bytesWritten;
  }
}

/** Makes a rename last through a power failure. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return; // Windows cannot open a folder.
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems cannot; the file itself is complete and in place.
    if (systemCode(error) !== "EINVAL" && systemCode(error) !== "ENOTSUP") throw error;
  } finally {
    await handle.close();
  }
}
