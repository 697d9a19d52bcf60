/**
 * The text of a problem file: TOML or JSON becomes plain objects without prototypes. What the keys mean is in
 * `problem_file.ts`.
 *
 * @module
 */

import { extname } from "node:path";
import { parse as parseToml, TomlDate, TomlError } from "smol-toml";
import { suggest } from "../core/errors.ts";
import { cannot, quote } from "./errors.ts";
import { ParseError, parseJson } from "./json.ts";

/** A table of a problem file; it has no prototype. */
export type Table = Readonly<Record<string, unknown>>;

const PARSERS: Readonly<Record<string, (text: string) => unknown>> = { ".toml": parseToml, ".json": parseJson };
const DEEPEST = 10;

/**
 * Local. Chooses by the extension how to parse a problem file.
 *
 * @throws ConfigError for any other extension.
 */
export function checkProblemName(path: string): void {
  const known = Object.keys(PARSERS);
  const extension = extname(path).toLowerCase();
  if (known.includes(extension)) return;
  const is = extension === "" ? "its name has no extension" : `unknown extension ${quote(extension)}`;
  throw cannot("read", path, is + (extension === "" ? `; known: ${known.join(", ")}` : suggest(extension, known)));
}

/**
 * Local. Parses a problem file.
 *
 * @throws ConfigError if it is not UTF-8, has a fault (named with line and column), holds a date or NaN, or is not a table.
 */
export function parseProblemText(bytes: Uint8Array, path: string): Table {
  const parse = PARSERS[extname(path).toLowerCase()]!;
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
  if (error instanceof TomlError) {
    const what = error.message.split("\n", 1)[0]!.replace("Invalid TOML document: ", "").replace(
      /(\. aborting)?\.$/,
      "",
    );
    return `line ${error.line}, column ${error.column}: ${what}`;
  }
  if (error instanceof ParseError) return `line ${error.line}, column ${error.column}: ${error.message}`;
  return "it is not UTF-8 text";
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
