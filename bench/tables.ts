/**
 * What the scripts here share: flags, medians, tables in Markdown, and the places of a page of docs/ that a script fills.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** The folder of the project. */
export const root: string = fileURLToPath(new URL("..", import.meta.url));

/**
 * The flag `--small`: a script goes through all that it does in the least time. It is for tests: the figures say nothing,
 * and no page is filled.
 */
export const small: boolean = process.argv.includes("--small");
// Of a sample of `laplace bench`.
if (small) process.env.LAPLACE_BENCH_SECONDS = "0.01";

/** Ends the program: something that a measurement needs is missing. */
export function fail(line: string): never {
  console.error(line);
  process.exit(1);
}

/** The type of a flag, by its default. */
type Flag<D> = D extends string ? string : D extends number ? number : boolean;

/** The flags that a script was given; each is a text, a number or a switch, as its default is. */
export function flags<D extends Readonly<Record<string, string | number | boolean>>>(
  defaults: D,
): { readonly [K in keyof D]: Flag<D[K]> } {
  const options = Object.entries(defaults).map(([name, value]) =>
    [name, { type: typeof value === "boolean" ? "boolean" : "string" }] as const
  );
  const { values: { small: _, ...values } } = parseArgs({
    options: { ...Object.fromEntries(options), small: { type: "boolean" } },
  });
  const given = Object.entries(values).map((
    [name, value],
  ) => [name, typeof defaults[name] === "number" ? Number(value) : value]);
  const least = small && "rounds" in defaults ? { rounds: 1 } : {};
  return { ...defaults, ...least, ...Object.fromEntries(given) };
}

/** The middle one of the values; of an even number the upper of two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** The median of the values, with the least and the most. */
export function spread(values: readonly number[], text = (value: number): string => value.toPrecision(3)): string {
  return `${text(median(values))} (${text(Math.min(...values))} to ${text(Math.max(...values))})`;
}

/** A table; `text` says how many columns at the left are words, which are not aligned as numbers. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[], text = 1): string {
  const rule = head.map((_, k) => k < text ? "---" : "---:");
  return [head, rule, ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** Prints a row of a table as soon as it is known. */
export function printRow(...cells: readonly (string | number)[]): void {
  console.log(`| ${cells.join(" | ")} |`);
}

/** Prints the head of a table whose rows follow one by one. @param text as of {@linkcode markdown} */
export function printHead(text: number, ...head: readonly string[]): void {
  console.log(markdown(head, [], text));
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
export function fillPage(
  page: string,
  parts: Readonly<Record<string, string>>,
  figure?: { readonly file: string; readonly svg: string },
): void {
  if (small) return;
  const text = Object.entries(parts).reduce(
    (text, [name, content]) => text.replace(place(name), `<!-- ${name} -->\n\n${content}\n\n<!-- end -->`),
    readFileSync(`${root}${page}`, "utf8"),
  );
  writeFileSync(`${root}${page}`, text);
  if (figure) writeFileSync(`${root}${figure.file}`, figure.svg);
  const files = figure ? [page, figure.file] : [page];
  execFileSync(process.execPath, ["fmt", "-q", ...files], { cwd: root });
  console.error(`Wrote ${files.join(" and ")}`);
}
