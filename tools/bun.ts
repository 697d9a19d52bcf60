/**
 * How tests, tools and measurements run Bun: as npm does, by the task `bun` of deno.json, which needs no bun on the PATH; or
 * BUN names a program.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import process from "node:process";
import config from "../deno.json" with { type: "json" };

/** The program and its first arguments. */
export const bun: readonly [program: string, ...args: string[]] = process.env.BUN
  ? [process.env.BUN]
  : config.tasks.bun.split(" ") as [string, ...string[]];

/** Local. The path of the program itself, for launchers that start several at a time. */
export function bunPath(): string {
  const [program, ...args] = bun;
  return execFileSync(program, [...args, "--print", "process.execPath"], { encoding: "utf8" }).trim();
}
