/**
 * Standard output: results go out whole, or the program says that they did not.
 *
 * @module
 */

import { writeSync } from "node:fs";
import { ConfigError } from "../core/errors.ts";

let muted = false;

/** Local. From here on nothing is printed: another rank does. */
export function mute(): void {
  muted = true;
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
