/**
 * What the scripts here share: medians, tables in Markdown, and the places of a page of docs/ that a script fills.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The middle one of the values; of an even number the upper of two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** A table; `text` says how many columns at the left are words, which are not aligned as numbers. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[], text = 1): string {
  const rule = head.map((_, k) => k < text ? "---" : "---:");
  return [head, rule, ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** The machine in words, to go beside every table. */
export const machine = `${os.cpus()[0]?.model}, ${os.availableParallelism()} cores, ${os.type()} ${os.release()}`;
/** The day, as 2026-01-31. */
export const today: string = new Date().toISOString().slice(0, 10);
/** The runtime that measures. */
export const runtime = "Deno" in globalThis ? "Deno" : "Bun";

const place = (name: string) => new RegExp(`<!-- ${name} -->[^]*?<!-- end -->`);

/** @throws Error if a page lacks a place: call it before hours of measurement. */
export function requirePlaces(page: string, names: readonly string[]): void {
  const text = readFileSync(`${root}${page}`, "utf8");
  const missing = names.find((name) => !place(name).test(text));
  if (missing !== undefined) throw new Error(`Cannot find the place of "${missing}" in ${page}`);
}

/** Fills places of a page, and formats it, with a figure if there is one. */
export function fillPage(page: string, parts: Readonly<Record<string, string>>, figure?: string): void {
  const text = Object.entries(parts).reduce(
    (text, [name, content]) => text.replace(place(name), `<!-- ${name} -->\n\n${content}\n\n<!-- end -->`),
    readFileSync(`${root}${page}`, "utf8"),
  );
  writeFileSync(`${root}${page}`, text);
  const files = figure === undefined ? [page] : [page, figure];
  execFileSync(process.execPath, ["fmt", "-q", ...files], { cwd: root });
  console.error(`Wrote ${files.join(" and ")}`);
}
