/**
 * The words of errors about files: every one is a single line that names the file.
 *
 * @module
 */

import { constants } from "node:os";
import { extname } from "node:path";
import { ConfigError, suggest } from "../core/errors.ts";

/** @returns `text` in double quotes, on one line whatever it holds, and cut when it is very long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? text.slice(0, 200) + "…" : text);
}

/** @returns the error `Cannot <action> "<name>": <why>`, to be thrown. */
export function cannot(action: "read" | "write", name: string, why: string): ConfigError {
  // Keys and system messages may hold anything; a message is one line.
  return new ConfigError(`Cannot ${action} ${quote(name)}: ${why.replace(/\s*[\n\r]\s*/g, " ")}`);
}

/** @returns the extension of a name, which must be one of those `known`; upper case counts as lower case. */
export function knownExtension(action: "read" | "write", path: string, known: readonly string[]): string {
  const extension = extname(path).toLowerCase();
  if (extension === "") throw cannot(action, path, `its name has no extension; known: ${known.join(", ")}`);
  if (known.includes(extension)) return extension;
  throw cannot(action, path, `unknown extension ${quote(extension)}${suggest(extension, known)}`);
}

/** @returns `3 × 4`, or `a single number` for a shape without dimensions. */
export function inWords(shape: readonly number[]): string {
  return shape.length === 0 ? "a single number" : shape.join(" × ");
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EDQUOT: "the disk quota is used up",
  EFBIG: "it grows beyond what this file system or its limits allow",
  EISDIR: "it is a folder",
  ELOOP: "its links lead in a circle",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "its name is too long",
  ENOENT: "there is no such file or folder",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of its path is not a folder",
  EPERM: "the operation is not permitted",
  EROFS: "its file system is read-only",
};

/** @returns the system's code of a failed operation, such as `ENOENT`, or undefined for any other error. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string" && /^E[A-Z0-9]+$/.test(error.code)) return error.code;
  // Deno reports some by number alone: "File too large (os error 27)".
  const [, number] = / \(os error (\d+)\)$/.exec(error.message) ?? [];
  return number === undefined ? undefined : codeOf(Number(number));
}

/** @returns the name of one of the system's error numbers; undefined if it has none. */
export function codeOf(number: number): string | undefined {
  return Object.entries(constants.errno).find(([, known]) => known === number)?.[0];
}

/** @returns why an operation on a file failed, in words. */
export function reason(error: unknown): string {
  const code = systemCode(error);
  return code === undefined ? firstLine(error) : reasonOf(code);
}

/** @returns what a code of the system says, in words. */
export function reasonOf(code: string): string {
  return REASONS[code] ?? `the system says ${code}`;
}

/** @returns the first line of an error's message. */
export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]!;
}
