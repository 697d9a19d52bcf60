/**
 * Signals that ask the program to end: Ctrl-C, kill, a terminal that is closed.
 *
 * A listener hears one of them, and the next ends the process at once. A runtime calls listeners between two turns of its
 * event loop, which code that computes never reaches; so a handler in C (native/signals/signals.c) stands before the
 * runtime's and ends the process itself. Where that library is absent, only code that yields can be ended.
 *
 * @module
 */

import process from "node:process";
import { libraryPath } from "./assets.ts";
import { openLibrary } from "./ffi.ts";

const signatures = {
  laplace_signals_find: { args: [], returns: "void" },
  laplace_signals_watch: { args: [], returns: "void" },
  laplace_signals_restart: { args: [], returns: "void" },
} as const;

/** The exit code of a process that a signal ended, as shells report Ctrl-C; also in native/signals/signals.c. */
const INTERRUPTED = 130;

/** Signals that are closer, in milliseconds, are one: `timeout` sends it to a process and to its group. Likewise in C. */
const ONE_SIGNAL = 200;

let listener: (() => void) | undefined;
let last = -Infinity;
let restart = () => {};

/** Local. From here on a signal calls the listener that {@linkcode onSignal} has set, or without one ends the process. */
export async function catchSignals(): Promise<void> {
  const library = await open().catch(() => undefined);
  library?.laplace_signals_find();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, hear);
  if (!library) return; // only C can tell whether SIGHUP is to stay ignored, as nohup asks
  process.on("SIGHUP", hear);
  library.laplace_signals_watch();
  restart = () => library.laplace_signals_restart();
}

async function open() {
  const path = await libraryPath("liblaplace_signals.so");
  return path === undefined ? undefined : await openLibrary(path, signatures);
}

/** Local. Has the next signal call `heard`, instead of what was set before; the one after it ends the process at once. */
export function onSignal(heard: () => void): void {
  listener = heard;
  restart();
}

function hear(): void {
  const now = performance.now();
  if (now - last < ONE_SIGNAL) return;
  last = now;
  const heard = listener;
  listener = undefined;
  if (heard === undefined) process.exit(INTERRUPTED);
  heard();
}
