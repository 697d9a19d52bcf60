/**
 * JSON whose errors have a line and a column, which not all of the engines' parsers report.
 *
 * Source: RFC 8259.
 *
 * @module
 */

/** What is wrong with a text, and where; lines and columns count from 1. */
export class ParseError extends Error {
  constructor(message: string, readonly line: number, readonly column: number) {
    super(message);
  }
}

const DEEPEST = 100;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORDS = { true: true, false: false, null: null };

/**
 * Local. Parses JSON. Objects have no prototype, so that no key can reach one; keys must be unique.
 *
 * @throws ParseError at the first fault.
 *
 * @example
 * ```ts
 * import { parseJson } from "./json.ts";
 *
 * console.log(parseJson("[1, 2]")); // [ 1, 2 ]
 * ```
 */
export function parseJson(text: string): unknown {
  let at = 0;
  const result = value(0);
  blanks();
  if (at < text.length) throw fault(`nothing may follow the first value`);
  return result;

  function value(depth: number): unknown {
    blanks();
    if (depth > DEEPEST) throw fault("nested too deep");
    const first = text[at];
    if (first === "{") return object(depth);
    if (first === "[") return array(depth);
    if (first === '"') return string();
    NUMBER.lastIndex = at;
    const number = NUMBER.exec(text)?.[0];
    if (number !== undefined) {
      at += number.length;
      return Number(number);
    }
    for (const [word, meaning] of Object.entries(WORDS)) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return meaning;
      }
    }
    throw fault(first === undefined ? "unfinished document" : "expected a value");
  }

  function object(depth: number): unknown {
    const out: Record<string, unknown> = Object.create(null);
    at++;
    blanks();
    if (skip("}")) return out;
    do {
      blanks();
      const start = at;
      if (text[at] !== '"') throw fault("expected a key in double quotes");
      const key = string();
      if (key in out) throw fault(`the key ${JSON.stringify(key)} occurs twice`, start);
      blanks();
      if (!skip(":")) throw fault('expected ":"');
      out[key] = value(depth + 1);
      blanks();
    } while (skip(","));
    if (!skip("}")) throw fault('expected "," or "}"');
    return out;
  }

  function array(depth: number): unknown {
    const out: unknown[] = [];
    at++;
    blanks();
    if (skip("]")) return out;
    do {
      out.push(value(depth + 1));
      blanks();
    } while (skip(","));
    if (!skip("]")) throw fault('expected "," or "]"');
    return out;
  }

  function string(): string {
    const start = at++;
    for (; text[at] !== '"'; at++) {
      if (at >= text.length || text[at]! < " ") throw fault("unfinished text", start);
      if (text[at] !== "\\") continue;
      ESCAPE.lastIndex = at;
      const escape = ESCAPE.exec(text)?.[0];
      if (escape === undefined) throw fault("unknown escape");
      at += escape.length - 1;
    }
    // All that could be wrong has been looked at: decoding the escapes is left to the engine.
    return JSON.parse(text.slice(start, ++at));
  }

  function blanks(): void {
    while (at < text.length && " \t\r\n".includes(text[at]!)) at++;
  }

  function skip(character: string): boolean {
    if (text[at] !== character) return false;
    at++;
    return true;
  }

  function fault(message: string, where = at): ParseError {
    const before = text.slice(0, where).split("\n");
    return new ParseError(message, before.length, before.at(-1)!.length + 1);
  }
}
