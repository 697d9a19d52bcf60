/**
 * The header of a .npy file: a Python dict literal, of which exactly the part that NumPy writes is understood.
 *
 * @module
 */

import type { ConfigError } from "../core/errors.ts";
import { cannot, quote } from "./errors.ts";

/** What a header says. */
export interface NpyHeader {
  /** Byte order and type, such as `<f8`. */
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

type Value = string | boolean | number[];

/**
 * Local. Reads a header without trusting it; sizes are checked by the caller, who knows the file's.
 *
 * @throws ConfigError if it is not a dict of exactly `descr`, `fortran_order` and `shape`.
 */
export function parseHeader(text: string, name: string): NpyHeader {
  const entries = new Map<string, Value>();
  let at = 0;

  /** What `pattern` matches here, after blanks; undefined if it does not. */
  const take = (pattern: RegExp): string | undefined => {
    const sticky = new RegExp(`[ \\n]*(${pattern.source})`, "y");
    sticky.lastIndex = at;
    const match = sticky.exec(text);
    if (match === null) return undefined;
    at = sticky.lastIndex;
    return match[1];
  };
  const bad = (why: string): ConfigError => cannot("read", name, `its header ${why}`);
  const want = (pattern: RegExp, what: string): string => {
    const found = take(pattern);
    if (found === undefined) throw bad(`should have ${what} at ${quote(text.slice(at, at + 20).trim())}`);
    return found;
  };
  const word = (): string | undefined => take(/'[^'"\\]*'|"[^'"\\]*"/)?.slice(1, -1);

  want(/\{/, 'a "{"');
  while (take(/\}/) === undefined) {
    const key = word();
    if (key === undefined) throw bad(`should have a key at ${quote(text.slice(at, at + 20).trim())}`);
    if (entries.has(key)) throw bad(`has two entries ${quote(key)}`);
    want(/:/, `a ":" after ${quote(key)}`);
    entries.set(key, value(key));
    if (take(/,/) === undefined) {
      want(/\}/, 'a "," or "}"');
      break;
    }
  }
  want(/[ \n]*$/, "nothing after its dict");

  const descr = entries.get("descr");
  const fortranOrder = entries.get("fortran_order");
  const shape = entries.get("shape");
  if (typeof descr !== "string") throw bad('has no text "descr"');
  if (typeof fortranOrder !== "boolean") throw bad('has no truth value "fortran_order"');
  if (!Array.isArray(shape)) throw bad('has no tuple "shape"');
  if (entries.size !== 3) throw bad(`has entries besides "descr", "fortran_order" and "shape"`);
  return { descr, fortranOrder, shape };

  function value(key: string): Value {
    const quoted = word();
    if (quoted !== undefined) return quoted;
    const truth = take(/True|False/);
    if (truth !== undefined) return truth === "True";
    if (take(/\[/) !== undefined) throw bad(`has records in ${quote(key)}; save one plain array instead`);
    want(/\(/, `a text, truth value or tuple for ${quote(key)}`);
    const numbers: number[] = [];
    while (take(/\)/) === undefined) {
      const n = Number(want(/-?\d+/, "a whole number"));
      take(/L/); // Python 2 wrote long numbers so.
      if (n < 0 || !Number.isSafeInteger(n)) throw bad(`has a dimension out of range: ${quote(String(n))}`);
      numbers.push(n);
      if (take(/,/) === undefined) {
        want(/\)/, 'a "," or ")"');
        break;
      }
    }
    return numbers;
  }
}
