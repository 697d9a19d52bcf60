/**
 * Runs a launcher of ranks: passes signals on to it and ends it if that does not, drops what it prints about exit codes and
 * what several ranks say alike, and says so if a rank was killed.
 *
 * @module
 */

import { counted } from "../core/errors.ts";
import { spawn } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";
import { onSignal } from "../host/signals.ts";
import { EXIT } from "./exit.ts";
import { siftErrors, siftOutput } from "./launcher_output.ts";
import { note, print } from "./print.ts";

/** Longer than launchers wait for ranks: Slurm's KillWait is 30 s. */
const PATIENCE = 60_000;

/**
 * Local. Runs it to its end.
 *
 * @param ranks how many it starts
 * @param patience milliseconds from a signal to the end of a launcher that is still there; a second signal ends it at once
 * @returns the exit code of the ranks; where a signal killed one, 128 and its number, as shells do
 */
export function runLauncher(
  [program, ...args]: readonly string[],
  ranks: number,
  env: Readonly<Record<string, string | undefined>>,
  patience = PATIENCE,
): Promise<number> {
  return new Promise((resolve, reject) => {
    // In a group of its own: a terminal sends Ctrl-C to all of ours, and what is passed on would come twice.
    const child = spawn(program!, args, { stdio: ["inherit", "pipe", "pipe"], env, detached: true });
    let interrupted = false;
    let unwritten: unknown;
    const output = siftOutput((line) => {
      try {
        if (unwritten === undefined) print(line);
      } catch (cause) {
        unwritten = cause;
      }
    }, complain);
    const errors = siftErrors(complain);
    child.stdout!.setEncoding("utf8").on("data", output.add).on("end", output.end);
    child.stderr!.setEncoding("utf8").on("data", errors.add).on("end", errors.end);
    let last: ReturnType<typeof setTimeout> | undefined;
    // Launchers put ranks into groups of their own, and end them when they lose their launcher.
    const kill = () => {
      try {
        process.kill(-child.pid!, "SIGKILL");
      } catch { /* it has ended meanwhile */ }
      // Not when its output is closed: a rank that hangs would keep it open.
      resolve(EXIT.interrupted);
    };
    const stop = () => {
      if (interrupted) return kill();
      interrupted = true;
      last = setTimeout(kill, patience);
      // Ranks take all alike; the launcher of MPICH reports SIGINT on stdout.
      child.kill("SIGTERM");
      onSignal(stop);
    };
    onSignal(stop);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(last);
      if (unwritten !== undefined) return reject(unwritten);
      // What launchers make of ranks that were interrupted differs: that of MPICH may say 0.
      if (interrupted) return resolve(EXIT.interrupted);
      const number = code === null ? undefined : killer(code);
      if (number === undefined) return resolve(code ?? (signal === "SIGINT" ? EXIT.interrupted : 1));
      const name = Object.entries(constants.signals).find(([, n]) => n === number)?.[0] ?? "unknown";
      note(
        `laplace: Cannot go on with ${
          counted(ranks, "rank")
        }: signal ${number} (${name}) ended one, and so the others were ended; ` +
          (name === "SIGKILL"
            ? "if nobody sent it, memory ran out: take a smaller grid, or more machines"
            : "--set kernel=js tells whether it was the kernel") +
          "\n",
      );
      resolve(128 + number);
    });
  });
}

/** The signal behind an exit code that no command of laplace has: Open MPI and Slurm add 128 to it, MPICH nothing. */
function killer(code: number): number | undefined {
  if ((Object.values(EXIT) as number[]).includes(code)) return undefined;
  const signal = code > 128 ? code - 128 : code;
  return Object.values(constants.signals).includes(signal as never) ? signal : undefined;
}

function complain(line: string): void {
  note(`${line}\n`);
}
