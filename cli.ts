#!/usr/bin/env -S deno run -A
/**
 * The entry of the command line. What it does is in `cli/`.
 *
 * @module
 */

import process from "node:process";
import { note } from "./cli/print.ts";
import { catchSignals } from "./host/signals.ts";

// Until a command listens, a signal ends the program; it has nothing to lose yet.
await catchSignals();
// A file that grows beyond a limit is an error of its write; Deno would be ended by the signal.
if (process.platform !== "win32") process.on("SIGXFSZ", () => {});

// What nobody waits for, such as a plugin's stray promise, ends the program in one line too.
const stray = (cause: unknown) => {
  note(`laplace: internal error: ${String(cause instanceof Error ? cause.message : cause).split("\n")[0]}\n`);
  process.exit(70);
};
process.on("uncaughtException", stray);
process.on("unhandledRejection", stray);

const { main } = await import("./cli/main.ts");
process.exit(await main(process.argv.slice(2)));
