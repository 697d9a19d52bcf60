/**
 * The text of a problem file: TOML or JSON becomes plain objects without prototypes. The keys are those of
 * `core/problem/problem.ts`.
 *
 * @module
 */

import { parse as parseToml, TomlDate, TomlError } from "smol-toml";
import { withName } from "../core/problem/messages.ts";
import { cannot, firstLine, knownExtension, quote } from "./errors.ts";
import { readBytes } from "./files.ts";
import { ParseError, parseJson } from "./json.ts";

/** A table of a problem file; it has no prototype. */
export type Table = Readonly<Record<string, unknown>>;

const PARSERS: Readonly<Record<string, (text: string) => unknown>> = { ".toml": parseToml, ".json": parseJson };
const LARGEST_TEXT = 2 ** 26;
const DEEPEST = 10;

/**
 * Local. Reads and parses a problem file.
 *
 * @throws ConfigError if its extension is unknown, it cannot be read, is not UTF-8, has a fault (named with line and column),
 * holds a date or NaN, or is not a table.
 */
export async function readProblemText(path: string): Promise<Table> {
  const parse = PARSERS[knownExtension("read", path, Object.keys(PARSERS))]!;
  const bytes = await readBytes(path, LARGEST_TEXT);
  let raw: unknown;
  let text = "";
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    raw = parse(text);
  } catch (error) {
    throw cannot("read", path, fault(error, text));
  }
  if (!isTable(raw)) throw cannot("read", path, "it must hold one table of keys");
  checkTree(raw, "", 0, (why) => cannot("read", path, withName(why, raw)));
  return raw;
}

/** @returns whether a value is a table of keys: no array, no date, no typed array. */
export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null;
}

function fault(error: unknown, text: string): string {
  if (!(error instanceof TomlError || error instanceof ParseError)) return "it is not UTF-8 text";
  const what = firstLine(error).replace("Invalid TOML document: ", "").replace(/(\. aborting)?\.$/, "");
  const hint = isBare(text.split("\n")[error.line - 1] ?? "", error.column) ? " (a formula stands in quotes)" : "";
  return `line ${error.line}, column ${error.column}: ${what}${hint}`;
}

/** Whether a value without quotes stands at a column of a line that looks like a formula: a name, a sign, an operator. */
function isBare(line: string, column: number): boolean {
  // A parser stops at the value, or in it: behind a number, say.
  const from = Math.max(...["=", "[", ",", ":"].map((before) => line.lastIndexOf(before, column - 2))) + 1;
  const value = /^[^,\]}#]*/.exec(line.slice(from))![0].trim();
  if (from === 0 || /["'=[{]|^(true|false)$/i.test(value)) return false;
  return /^[-+(]*([A-Za-z_]|[\d.]+ *[-+*/^])/.test(value);
}

/** Refuses what no problem holds, wherever it stands. */
function checkTree(value: unknown, key: string, depth: number, refuse: (why: string) => Error): void {
  if (value instanceof TomlDate) {
    throw refuse(`${key}: a date, ${value.toISOString()}, where a number or text belongs`);
  }
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw refuse(`${key} must be a finite number: it is ${value}`);
  }
  if (typeof value !== "object" || value === null) return;
  if (depth > DEEPEST) throw refuse(`${key.slice(0, 80)}: nested too deep`);
  if (Array.isArray(value)) value.forEach((item, k) => checkTree(item, `${key}[${k}]`, depth + 1, refuse));
  else {
    for (const [name, item] of Object.entries(value)) {
      // Every object seems to have these; no table here does.
      if (name in Object.prototype) throw refuse(`${join(key, name)} is not a key here`);
      checkTree(item, join(key, name), depth + 1, refuse);
    }
  }
}

/** @returns the path of a key in a table, quoted where TOML would quote it. */
export function join(table: string, key: string): string {
  const name = /^[A-Za-z0-9_-]+$/.test(key) ? key : quote(key);
  return table === "" ? name : `${table}.${name}`;
}
