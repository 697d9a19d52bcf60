/**
 * What is printed: results go out whole, or the program says that they did not; messages are single lines.
 *
 * @module
 */

import { writeSync } from "node:fs";
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
 * Local. Prints a line. A reader that has gone away, as `head` does, is no error.
 *
 * @throws ConfigError if it cannot be written.
 */
export function print(line: string): void {
  if (muted) return;
  const bytes = new TextEncoder().encode(`${line}\n`);
  let at = 0;
  while (at < bytes.length) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (code === "EAGAIN") continue;
      if (code === "EPIPE") return;
      throw new ConfigError(`Cannot write to the standard output: ${message}`);
    }
  }
}

/** Local. Prints a warning on stderr. The exit code does not tell of it. */
export function warn(line: string): void {
  if (!muted) console.error(`laplace: warning: ${oneLine(line)}`);
}

/** @returns one line, and nothing that a terminal would obey. */
export function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, "; ").replace(/\p{Cc}/gu, "?");
}
