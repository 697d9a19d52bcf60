/**
 * Tables of numbers as text: one row a line; read with commas, semicolons, tabs or blanks between, written with commas.
 *
 * @module
 */

import { counted } from "../core/errors.ts";
import type { GridData } from "../core/contract.ts";
import { cannot, inWords, quote } from "./errors.ts";
import type { FieldArray } from "./npy.ts";

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const WORDS: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, infinity: Infinity };
const CHUNK = 1 << 16;
const NEWLINE = 10;

/**
 * Local. Decodes a table of numbers. Empty lines, and what follows a `#`, are passed over; the first row decides
 * what separates numbers.
 *
 * @param name names the file in errors.
 * @returns the numbers with shape [rows, columns]; `nan` and `inf` are numbers here.
 * @throws ConfigError if there is no number, one cannot be read, or a row has more or fewer than the first.
 *
 * @example
 * ```ts
 * import { decodeCsv } from "./csv.ts";
 *
 * const table = decodeCsv(new TextEncoder().encode("# u\n1; 2; 3\n4; 5; 6\n"), "u.csv");
 * console.log(table.shape); // [ 2, 3 ]
 * ```
 */
export function decodeCsv(bytes: Uint8Array, name: string): FieldArray {
  const decoder = new TextDecoder();
  let data = new Float64Array(0);
  let separator: RegExp | undefined;
  let count = 0;
  let columns = 0;
  let number = 0;
  // Line by line, because a large file is longer than the longest string.
  for (let start = 0; start < bytes.length;) {
    let end = bytes.indexOf(NEWLINE, start);
    if (end === -1) end = bytes.length;
    const text = decoder.decode(bytes.subarray(start, end)).replace(/#.*/, "").trim();
    start = end + 1;
    number++;
    if (text === "") continue;

    separator ??= text.includes(";") ? /\s*;\s*/ : text.includes(",") ? /\s*,\s*/ : /\s+/;
    const cells = text.split(separator);
    if (count === 0) {
      columns = cells.length;
      // A number takes two bytes at least: no line count can ask for more.
      data = new Float64Array(Math.min((lines(bytes) + 1) * columns, Math.ceil(bytes.length / 2) + 1));
    } else if (cells.length !== columns) {
      throw cannot(
        "read",
        name,
        `line ${number} has ${counted(cells.length, "number")}, but the first row has ${columns}`,
      );
    }
    for (let j = 0; j < columns; j++) data[count++] = parse(cells[j]!, name, number, j + 1);
  }
  if (count === 0) throw cannot("read", name, "it holds no numbers");
  return { shape: [count / columns, columns], data: data.length === count ? data : data.slice(0, count) };
}

/**
 * Local. Encodes a table of numbers, one row a line, each number with as few digits as distinguish it from all others of
 * its precision. Data of one dimension become a column.
 *
 * @returns chunks of UTF-8 text, made one at a time.
 * @throws RangeError if shape and data do not fit.
 */
export function* encodeCsv(shape: readonly number[], data: GridData): Generator<Uint8Array> {
  const [rows = 1, columns = 1] = shape;
  if (shape.length > 2 || rows * columns !== data.length) {
    throw new RangeError(`Cannot encode ${counted(data.length, "number")}: the shape is ${inWords(shape)}`);
  }
  const digits = data instanceof Float32Array ? shortSingle : String;
  const encoder = new TextEncoder();
  let text = "";
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      text += (j === 0 ? "" : ",") + inDigits(data[i * columns + j]!, digits);
      if (text.length >= CHUNK) {
        yield encoder.encode(text);
        text = "";
      }
    }
    text += "\n";
  }
  yield encoder.encode(text);
}

function parse(cell: string, name: string, line: number, column: number): number {
  if (NUMBER.test(cell)) return Number(cell);
  const word = cell.replace(/^[+-]/, "").toLowerCase();
  if (Object.hasOwn(WORDS, word)) return cell[0] === "-" ? -WORDS[word]! : WORDS[word]!;
  const where = `line ${line}, column ${column}`;
  if (cell === "") throw cannot("read", name, `${where} is empty`);
  let hint = "";
  if (/^[+-]?\d*,\d+$/.test(cell)) hint = "; write a decimal point, not a comma";
  else if (line === 1) hint = '; begin a line of names with "#"';
  throw cannot("read", name, `${where} is not a number: ${quote(cell)}${hint}`);
}

function lines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

function inDigits(value: number, digits: (value: number) => string): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0" : digits(value);
  return value !== value ? "nan" : value > 0 ? "inf" : "-inf";
}

/** The shortest digits that read back as this single-precision number; nine always do. */
function shortSingle(value: number): string {
  for (let precision = 6; precision < 9; precision++) {
    const short = Number(value.toPrecision(precision));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
}
