/**
 * What the commands have in common that answer one question by several solves of a problem file: they read it together, solve
 * it, and print a table or one object.
 *
 * @module
 */

import type { Command } from "commander";
import { counted } from "../core/errors.ts";
import type { Problem } from "../core/problem/problem.ts";
import { readProblem } from "../io/mod.ts";
import type { Solution, SolveOptions } from "../solve/solution.ts";
import { cannotSolve } from "./cannot_solve.ts";
import { EXIT } from "./exit.ts";
import { addSolveFlags, number, type SolveFlags } from "./options.ts";
import { isMuted, mute, print, warn } from "./print.ts";
import { display } from "./progress.ts";
import { endTogether, follows, readTogether } from "./ranks.ts";
import { duration, exponential, keyed } from "./report.ts";

/** A question about a problem. */
export interface Study<T> {
  /** Local. What can be checked before: names of files, say. */
  readonly check?: () => Promise<void>;
  /** Collective. Finds the answer. */
  readonly answer: (problem: Problem, options: SolveOptions) => Promise<T>;
  /** Local. Writes files; not where a field is not finite. */
  readonly write?: (answer: T) => Promise<void>;
  /** What `--json` prints. */
  readonly json: (answer: T) => object;
  /** What is printed otherwise, below the lines about the solves. */
  readonly text: (answer: T) => string;
  /** The solves of the answer, of which the first has the finest grid. */
  readonly solutions: (answer: T) => readonly Solution[];
  /** Of a limit of fine grids, why it was not reached; undefined where none was asked for. */
  readonly limit: (answer: T) => { readonly why: string | undefined } | undefined;
}

/** A command that answers a question about a problem file. */
export interface StudyCommand<F extends SolveFlags, T> {
  readonly name: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** What else its help says, below the flags. */
  readonly about: string;
  /** A command to try, behind the name of this program. */
  readonly example: string;
  /** What the default of `--tol` is, where it differs. */
  readonly tol?: string;
  /** Adds flags of its own. */
  readonly flags: (command: Command) => Command;
  /** The question that some flags ask. */
  readonly study: (flags: F) => Study<T>;
}

/** Adds a command, which passes its exit code to `finish`. */
export function addStudy<F extends SolveFlags, T>(
  program: Command,
  finish: (code: number) => void,
  { name, summary, about, example, tol, flags, study }: StudyCommand<F, T>,
): void {
  const command = program.command(name).description(summary).argument("<problem>", "a problem file, TOML or JSON");
  flags(addSolveFlags(command, tol))
    .option("--json", "print one JSON object instead of text")
    .addHelpText("after", `${about}\n\nExample: laplace ${example}`)
    .action(async (file: string, flags: F) => finish(await runStudy(file, flags, study(flags))));
}

/** Adds the flags of a limit of fine grids to a command that can do without. @param certain what `--to` is for */
export function addLimitFlags(command: Command, certain: string): Command {
  return command
    .option("--to <x>", `refine the grid until ${certain}`, number("--to"))
    .option("--max-points <n>", "with --to: no grid has more points (default: 8388608)", number("--max-points"));
}

/** Collective. Answers a question about a problem file. @returns the exit code */
async function runStudy<T>(file: string, flags: SolveFlags, study: Study<T>): Promise<number> {
  const { plugin, set: settings, param, method, tol, maxSweeps, dtype } = flags;
  mute(follows(plugin));
  const problem = await readTogether(plugin, async () => {
    await study.check?.();
    const read = await readProblem(file, { onWarning: warn, ...(param && { parameters: param }) });
    return { ...read, ...(dtype && { dtype }) };
  });
  const began = performance.now();
  const progress = display(isMuted() ? "none" : "auto", ({ residual }) => residual);
  let answer: T;
  try {
    answer = await study.answer(problem, { plugin, settings, method, tol, maxSweeps, onBatch: progress.show });
  } catch (error) {
    throw cannotSolve(error, file, problem);
  } finally {
    progress.end();
  }
  const total = (performance.now() - began) / 1000;
  const solutions = study.solutions(answer);
  const limit = study.limit(answer);
  const why = limit?.why;
  const failed = solutions.find(({ status }) => status !== "converged");
  // What rounding ends may be exact enough for a limit.
  const status = why !== undefined ? "limit" : limit ? "converged" : failed?.status ?? "converged";
  if (!isMuted() && status !== "diverged") await study.write?.(answer);
  const { plugin: ran, device, method: used, dtype: type, shape, ranks } = solutions[0]!;
  if (flags.json) {
    const run = { plugin: ran, device, method: used, dtype: type, shape, ranks, seconds: { total } };
    print(JSON.stringify({ status, ...(why !== undefined && { why }), ...study.json(answer), ...run }));
  } else {
    const head = about(file, problem, solutions, why === undefined ? status : `not reached: ${why}`, !!limit, total);
    print(`${head}\n\n${study.text(answer)}`);
  }
  if (ranks > 1) await endTogether();
  return EXIT[status];
}

/** As many figures as are certain, and one more. */
export function figuresOf(value: number, uncertainty: number): number {
  const certain = Math.floor(Math.log10(Math.abs(value))) - Math.floor(Math.log10(uncertainty));
  return Math.min(15, Math.max(3, certain + 2));
}

/** Rows of a table; the first column is to the left, the others to the right. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, n) => Math.max(...rows.map((row) => row[n]!.length)));
  const pad = (cell: string, n: number) => n === 0 ? cell.padEnd(widths[n]!) : cell.padStart(widths[n]!);
  return rows.map((row) => row.map(pad).join("  ").trimEnd()).join("\n");
}

/** How the answer was found, in a few lines. @param limited whether it is that of fine grids */
function about(
  file: string,
  { title }: Problem,
  solutions: readonly Solution[],
  status: string,
  limited: boolean,
  seconds: number,
): string {
  const { shape: [ny, nx], dtype, plugin, device, method } = solutions[0]!;
  const bounds = solutions.map(({ errorBound }) => errorBound ?? NaN);
  const bound = Math.max(...bounds);
  const within = bound >= 0 ? `at most ${exponential(bound)} from the exact discrete solution` : "no bound is known";
  const besides = limited ? "" : "; the discretisation error is not known: --to 1e-3 finds it";
  const of = solutions.length === 1 ? "" : `, ${counted(solutions.length, "solve")}`;
  return keyed([
    ["problem", `${title === undefined ? file : `${title} (${file})`}, ${ny} x ${nx} points, ${dtype}`],
    ["plugin", `${plugin} (${device}), ${method}`],
    ["status", `${status}${of}`],
    ["error", `${within}${besides}`],
    ["time", duration(seconds)],
  ]);
}
