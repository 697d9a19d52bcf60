/**
 * Tables of words and numbers as text, RFC 4180.
 *
 * @module
 */

import { knownExtension } from "./errors.ts";
import { checkTarget, writeAtomically } from "./files.ts";

/**
 * Local. Checks that a table can be written to `path`, and writes nothing.
 *
 * @throws ConfigError for an extension other than .csv, a folder, a missing folder, or missing permission.
 */
export async function checkTable(path: string): Promise<void> {
  knownExtension("write", path, [".csv"]);
  await checkTarget(path);
}

/**
 * Local. Writes a table; a file that exists is replaced as a whole or not at all.
 *
 * @throws ConfigError if the system refuses.
 */
export async function writeTable(path: string, rows: readonly (readonly (string | number)[])[]): Promise<void> {
  const text = rows.map((row) => `${row.map((cell) => typeof cell === "number" ? cell : quoted(cell)).join(",")}\n`);
  await writeAtomically(path, [new TextEncoder().encode(text.join(""))]);
}

/** Local. A cell of a table, in quotes where it must be. */
export function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
