/**
 * The options that several commands share, and how their texts are read.
 *
 * @module
 */

import { type Command, Option } from "commander";
import process from "node:process";
import { type Dtype, METHODS } from "../core/contract.ts";
import { ConfigError, suggest } from "../core/errors.ts";
import type { ProbeInput } from "../core/problem/parts.ts";
import type { SolveOptions } from "../solve/solution.ts";

/** The flags that all commands have which solve a problem. */
export interface SolveFlags extends Pick<SolveOptions, "method" | "tol" | "maxSweeps"> {
  readonly plugin: string;
  readonly set?: Readonly<Record<string, string>>;
  readonly param?: Readonly<Record<string, string>>;
  readonly dtype?: Dtype;
  readonly json?: boolean;
}

const METHOD_HELP = "the method; direct and spectral need rows or columns that are alike, " +
  "and a sweep of spectral is a Jacobi-equivalent: many are taken at once";

/** Adds these flags to a command. @param tol what the default of `--tol` is */
export function addSolveFlags(command: Command, tol = "1e-6, or what the precision can reach"): Command {
  return command
    .option("--param <name=value>", "replace a parameter of the problem file; may repeat", collectPairs("--param"))
    .option("--plugin <name|path>", "a plugin's name, or a path to a .ts or shared library", "auto")
    .option("--set <key=value>", "a setting of the plugin, or omega of sor; may repeat", collectPairs("--set"))
    .addOption(choice("--method <name>", METHOD_HELP, ["auto", ...METHODS]).default("auto"))
    .option(
      "--tol <x>",
      `for error and residual, relative to the range of held values, ambients and field (default: ${tol})`,
      number("--tol"),
    )
    .option(
      "--max-sweeps <n>",
      "give up after so many sweeps (default: 1000 for multigrid, ten million for others; none for spectral)",
      number("--max-sweeps"),
    )
    .addOption(choice("--dtype <type>", "precision, instead of the problem's", ["f64", "f32"]));
}

/** Reads "N" or "NYxNX". */
export function readSize(text: string): readonly [number, number] {
  const found = /^(\d+)(?:x(\d+))?$/i.exec(text.trim());
  if (!found) throw new ConfigError(`--size must be N or NYxNX: it is "${text}"`);
  const shape = [Number(found[1]), Number(found[2] ?? found[1])] as const;
  const bad = shape.find((n) => n < 3 || n >= 2 ** 31 - 2);
  if (bad !== undefined) {
    throw new ConfigError(
      `--size must be at least 3 and below 2^31 - 2 in each direction, edges included: it is "${text}"`,
    );
  }
  return shape;
}

/** Makes a reader of numbers for a flag. The range is checked where the meaning is known. */
export function number(flag: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || Number.isNaN(value)) throw new ConfigError(`${flag} must be a number: it is "${text}"`);
    return value;
  };
}

/** Makes a reader of whole numbers from 1 on. */
export function count(flag: string): (text: string) => number {
  return (text) => {
    if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
    throw new ConfigError(`${flag} must be a whole number of at least 1: it is "${text}"`);
  };
}

/** Local. The command that runs this program again: the binary, or the runtime with the script. */
export function self(): string[] {
  const script = process.argv[1] ?? "";
  if (!/\.(m?[jt]s)$/.test(script) || /^(\/\$bunfs|[A-Z]:\/~BUN)/.test(script)) return [process.execPath];
  return "Deno" in globalThis ? [process.execPath, "run", "-A", "--quiet", script] : [process.execPath, "run", script];
}

/** Collects `key=value` after a flag that may repeat; the last of a key wins. */
export function collectPairs(flag: string) {
  return (text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> => {
    const split = text.indexOf("=");
    if (split < 1) throw new ConfigError(`${flag} must be key=value: it is "${text}"`);
    return { ...before, [text.slice(0, split).trim()]: text.slice(split + 1).trim() };
  };
}

/** Collects the values of a flag that may repeat. */
export function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** Collects the points of `--point y,x`; a probe has the name of its text. */
export function collectPoint(text: string, before: readonly ProbeInput[] = []): ProbeInput[] {
  const at = readPosition(text);
  if (at === undefined) throw new ConfigError(`--point must be y,x: it is "${text}"`);
  return [...before, { name: text.trim(), at }];
}

/** Collects the lines of `--line y0,x0:y1,x1[:n]`, likewise. */
export function collectLine(text: string, before: readonly ProbeInput[] = []): ProbeInput[] {
  const [one = "", other = "", count = "101", ...more] = text.split(":");
  const [from, to, points] = [readPosition(one), readPosition(other), Number(count)];
  if (from === undefined || to === undefined || more.length > 0) {
    throw new ConfigError(`--line must be y0,x0:y1,x1 or y0,x0:y1,x1:n: it is "${text}"`);
  }
  if (!(Number.isInteger(points) && points >= 2 && points <= 1e6)) {
    throw new ConfigError(`--line must have 2 to 1000000 points: it is "${text}"`);
  }
  return [...before, { name: text.trim(), from, to, points }];
}

/** Reads "y,x"; undefined if that is not two numbers. */
function readPosition(text: string): readonly [y: number, x: number] | undefined {
  const parts = text.split(",");
  const [y = NaN, x = NaN] = parts.map((part) => part.trim() === "" ? NaN : Number(part));
  return parts.length === 2 && Number.isFinite(y) && Number.isFinite(x) ? [y, x] : undefined;
}

/** Reads a list such as "js,ffi-omp". */
export function readList(text: string): string[] {
  return text.split(",").map((item) => item.trim()).filter((item) => item !== "");
}

/** Makes an option that takes one of a few words; help and completions list them. */
export function choice(flags: string, about: string, words: readonly string[]): Option {
  const option = new Option(flags, about).choices(words);
  const flag = option.long ?? flags;
  return option.argParser((text: string) => {
    if (words.includes(text)) return text;
    throw new ConfigError(`${flag} cannot be "${text}"${suggest(text, words)}`);
  });
}
