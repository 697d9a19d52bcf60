/**
 * The options that several commands share, and how their texts are read.
 *
 * @module
 */

import { Option } from "commander";
import process from "node:process";
import { ConfigError, suggest } from "../core/errors.ts";

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

/** Collects `key=value` after `--set`; the last of a key wins. */
export function collectSetting(text: string, before: Record<string, string> = {}): Record<string, string> {
  const split = text.indexOf("=");
  if (split < 1) throw new ConfigError(`--set must be key=value: it is "${text}"`);
  return { ...before, [text.slice(0, split).trim()]: text.slice(split + 1).trim() };
}

/** Collects the values of a flag that may repeat. */
export function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
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
