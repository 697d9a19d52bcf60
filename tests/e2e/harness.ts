/**
 * Runs the command line as a user does: from an empty folder. `LAPLACE_BIN` names it: a compiled binary, or
 * without it `cli.ts` under the runtime that runs the test.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** How a run ended. */
export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

/** The root of the source tree. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));

// Quiet: with a fresh cache Deno now and then names packages that it looks up.
const source = "Deno" in globalThis ? ["run", "-A", "--quiet", join(root, "cli.ts")] : ["run", join(root, "cli.ts")];

/** The command line of the source tree, under the runtime that runs this. */
export const fromSource: readonly string[] = [process.execPath, ...source];

/** The command that a user would type for `laplace`. */
export const command: readonly string[] = process.env.LAPLACE_BIN
  ? [resolve(root, process.env.LAPLACE_BIN)]
  : fromSource;

/** What else a run may be given. */
export interface RunOptions {
  /** What stands for `laplace`, instead of `command`. */
  readonly by?: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called once the run has begun, to send it signals. */
  readonly started?: (kill: (signal: "SIGINT" | "SIGTERM" | "SIGHUP") => void) => void;
  /** Interrupts the run as soon as it prints this on stderr. */
  readonly until?: RegExp;
  /** Is called then, once, and the run not interrupted. */
  readonly upon?: () => void;
}

/** Runs `laplace ARGS`. */
export function laplace(
  args: readonly string[],
  { by = command, cwd = root, env = {}, started, until, upon }: RunOptions = {},
): Promise<Run> {
  const [program, ...rest] = [...by, ...args];
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program!, rest, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr, seen] = ["", "", false];
    const kill = (signal: "SIGINT" | "SIGTERM" | "SIGHUP") => {
      // child.kill sends only one in Deno.
      if (child.exitCode === null && child.signalCode === null) process.kill(child.pid!, signal);
    };
    child.stdout.on("data", (chunk) => stdout += chunk);
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
      if (!until?.test(stderr)) return;
      if (upon === undefined) kill("SIGINT");
      else if (!seen) upon();
      seen = true;
    });
    child.on("error", reject);
    child.on("close", (status, signal) => {
      // Deno's node:child_process reports an exit with 128 + n as a death by signal n, as a shell would the other way round.
      const code = status ?? (signal === "SIGINT" ? 130 : null);
      resolve({ code, stdout, stderr, seconds: (performance.now() - start) / 1000 });
    });
    started?.(kill);
  });
}

/** Calls `use` with an empty folder and removes it afterwards. */
export async function inEmptyFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "laplace-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What is wrong with a one-line error that should name `culprit`, or undefined. */
export function complaint({ code, stdout, stderr }: Run, exit: number, culprit: string): string | undefined {
  if (code !== exit) return `exit code ${code} instead of ${exit}: ${stderr}`;
  if (stdout !== "") return `stdout should be empty: ${stdout}`;
  const lines = stderr.trimEnd().split("\n");
  if (lines.length !== 1) return `stderr should be one line: ${stderr}`;
  if (!lines[0]!.startsWith("laplace: ")) return `the line should start with the program's name: ${stderr}`;
  return stderr.includes(culprit) ? undefined : `it should name ${culprit}: ${stderr}`;
}
