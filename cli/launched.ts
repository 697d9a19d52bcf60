/**
 * Runs a launcher of ranks: passes signals on to it, drops what it prints about exit codes and what several
 * ranks say alike, and says so if a rank was killed.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";
import { EXIT } from "./exit.ts";

/**
 * Local. Runs it to its end.
 *
 * @param ranks how many it starts
 * @returns the exit code of the ranks; where a signal killed one, 128 and its number, as shells do
 */
export function runLauncher(
  [program, ...args]: readonly string[],
  ranks: number,
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    // In a group of its own: a terminal sends Ctrl-C to all of ours, and what is passed on would come twice.
    const child = spawn(program!, args, { stdio: ["inherit", "inherit", "pipe"], env, detached: true });
    let interrupted = false;
    const filtered = sifted((text) => process.stderr.write(text));
    child.stderr!.setEncoding("utf8").on("data", filtered.add).on("end", filtered.end);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.removeAllListeners(signal);
      process.on(signal, () => {
        interrupted = true;
        // Ranks take both alike; the launcher of MPICH reports SIGINT on stdout.
        child.kill("SIGTERM");
      });
    }
    child.on("error", reject);
    child.on("close", (code, signal) => {
      // What launchers make of ranks that were interrupted differs.
      if (interrupted) return resolve(code === 0 ? 0 : EXIT.interrupted);
      const number = code === null ? undefined : killer(code);
      if (number === undefined) return resolve(code ?? (signal === "SIGINT" ? EXIT.interrupted : 1));
      const name = Object.entries(constants.signals).find(([, n]) => n === number)?.[0] ?? "unknown";
      console.error(
        `laplace: Cannot go on with ${ranks} ranks: signal ${number} (${name}) ended one, and so the others were ended; ` +
          (name === "SIGKILL"
            ? "if nobody sent it, memory ran out: take a smaller grid, or more machines"
            : "--set kernel=js tells whether it was the kernel"),
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

/** How Open MPI frames its messages, and those which say that an exit code was not 0: 1 is a result, others are filtered. */
const FRAME = /^-{60,}$/,
  OF_EXIT_CODES = /non-zero (exit code|status)/,
  OF_SRUN = /^srun: error: \S+: tasks? \S+: Exited with exit code/,
  LONGEST = 12;

/** Local. Passes text on line by line, all but these messages, and what a rank has said before another. */
function sifted(write: (text: string) => void): { add(text: string): void; end(): void } {
  let rest = "";
  let framed: string[] = [];
  const said = new Set<string>();
  const pass = () => {
    if (framed.length > 0) write(`${framed.join("\n")}\n`);
    framed = [];
  };
  const line = (text: string) => {
    if (framed.length === 0 && !FRAME.test(text)) {
      const [, complaint] = /^laplace: (?:rank \d+: )?(.*)/.exec(text) ?? [];
      if (complaint !== undefined && said.has(complaint) || OF_SRUN.test(text)) return;
      if (complaint !== undefined) said.add(complaint);
      return write(`${text}\n`);
    }
    framed.push(text);
    const closed = framed.length > 1 && FRAME.test(text);
    if (closed && OF_EXIT_CODES.test(framed.join(" "))) framed = [];
    else if (closed || framed.length > LONGEST) pass();
  };
  return {
    add(text) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      lines.forEach(line);
    },
    end() {
      pass();
      if (rest !== "") write(rest);
    },
  };
}
