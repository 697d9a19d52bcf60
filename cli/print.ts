/**
 * What is printed: results go out whole, or the program says that they did not; messages are single lines, and go out
 * if they can.
 *
 * @module
 */

import { fstatSync, writeSync } from "node:fs";
import { ConfigError } from "../core/errors.ts";

let muted = false;

/** Local. From here on nothing is printed: another rank does. @param on whether that is so */
export function mute(on = true): void {
  muted = on;
}

/** Local. Whether another rank prints, also what is wrong, if it is the same for all. */
export function isMuted(): boolean {
  return muted;
}

/**
 * Local. Prints a line. A reader that has gone away, as `head` does, or a terminal that was closed, is no error.
 *
 * @throws ConfigError if it cannot be written.
 */
export function print(line: string): void {
  if (muted) return;
  const error = write(1, `${line}\n`);
  if (error === undefined || error.code === "EPIPE" || (error.code === "EIO" && fstatSync(1).isCharacterDevice())) {
    return;
  }
  throw new ConfigError(`Cannot write to the standard output: ${error.message}`);
}

/** Local. Writes to stderr. What cannot be written is dropped: no message is worth a result. */
export function note(text: string): void {
  write(2, text);
}

/** @returns what keeps a text from being written as a whole, or undefined */
function write(file: 1 | 2, text: string): { readonly code?: string; readonly message: string } | undefined {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  while (at < bytes.length) {
    try {
      at += writeSync(file, bytes, at);
    } catch (error) {
      const cause = error as { code?: string; message: string };
      if (cause.code !== "EAGAIN") return cause;
    }
  }
  return undefined;
}

/** Local. Prints a warning on stderr. The exit code does not tell of it. */
export function warn(line: string): void {
  if (!muted) note(`laplace: warning: ${oneLine(line)}\n`);
}

/** @returns one line, and nothing that a terminal would obey. */
export function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, "; ").replace(/\p{Cc}/gu, "?");
}
