/**
 * The text of a problem file: TOML or JSON becomes plain objects without prototypes. The keys are those of
 * `core/problem/problem.ts`.
 *
 * @module
 */

import { parse as parseToml, TomlDate, TomlError } from "smol-toml";
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
  try {
    raw = parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw cannot("read", path, fault(error));
  }
  if (!isTable(raw)) throw cannot("read", path, "it must hold one table of keys");
  checkTree(raw, "", 0, path);
  return raw;
}

/** @returns whether a value is a table of keys: no array, no date, no typed array. */
export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null;
}

function fault(error: unknown): string {
  if (!(error instanceof TomlError || error instanceof ParseError)) return "it is not UTF-8 text";
  const what = firstLine(error).replace("Invalid TOML document: ", "").replace(/(\. aborting)?\.$/, "");
  return `line ${error.line}, column ${error.column}: ${what}`;
}

/** Refuses what no problem holds, wherever it stands. */
function checkTree(value: unknown, key: string, depth: number, path: string): void {
  if (value instanceof TomlDate) {
    throw cannot("read", path, `${key}: a date, ${value.toISOString()}, where a number or text belongs`);
  }
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw cannot("read", path, `${key} must be a finite number: it is ${value}`);
  }
  if (typeof value !== "object" || value === null) return;
  if (depth > DEEPEST) throw cannot("read", path, `${key.slice(0, 80)}: nested too deep`);
  if (Array.isArray(value)) value.forEach((item, k) => checkTree(item, `${key}[${k}]`, depth + 1, path));
  else {
    for (const [name, item] of Object.entries(value)) {
      // Every object seems to have these; no table here does.
      if (name in Object.prototype) throw cannot("read", path, `${join(key, name)} is not a key here`);
      checkTree(item, join(key, name), depth + 1, path);
    }
  }
}

/** @returns the path of a key in a table, quoted where TOML would quote it. */
export function join(table: string, key: string): string {
  const name = /^[A-Za-z0-9_-]+$/.test(key) ? key : quote(key);
  return table === "" ? name : `${table}.${name}`;
}
