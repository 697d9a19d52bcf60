/**
 * Fields along lines as text: a table with a header, `distance,y,x,u`, and the name of the line before these where there are
 * several.
 *
 * @module
 */

import type { LineResult } from "../core/results.ts";
import { writeAtomically } from "./files.ts";
import { quoted } from "./table.ts";

/**
 * Local. Writes lines one after another; a file that exists is replaced as a whole or not at all.
 *
 * @param lines by name
 * @throws ConfigError if the system refuses.
 */
export async function writeLines(path: string, lines: Readonly<Record<string, LineResult>>): Promise<void> {
  await writeAtomically(path, encodeLines(lines));
}

function* encodeLines(lines: Readonly<Record<string, LineResult>>): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  const named = Object.keys(lines).length > 1;
  yield encoder.encode(`${named ? "name," : ""}distance,y,x,u\n`);
  for (const [name, { distance, at, value }] of Object.entries(lines)) {
    const first = named ? `${quoted(name)},` : "";
    const rows = distance.map((s, n) => `${first}${s},${at[n]!.join(",")},${value[n]}\n`);
    yield encoder.encode(rows.join(""));
  }
}
