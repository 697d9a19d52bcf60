/**
 * `laplace solve`: reads a problem, solves it, writes the field, reports the result.
 *
 * @module
 */

import type { Command } from "commander";
import process from "node:process";
import { ConfigError } from "../core/errors.ts";
import type { ProbeInput } from "../core/problem/parts.ts";
import type { Problem } from "../core/problem/problem.ts";
import type { LineResult, Results } from "../core/results.ts";
import { STOP_RULES, type StopRule } from "../core/criterion.ts";
import { onSignal } from "../host/signals.ts";
import { checkTable, checkWritable, isStored, readProblem, storeField, writeField, writeLines } from "../io/mod.ts";
import { BOUNDS } from "../solve/solution.ts";
import { type Solution, solve, type SolveOptions } from "../solve/solve.ts";
import { cannotSolve } from "./cannot_solve.ts";
import { EXIT } from "./exit.ts";
import {
  addSolveFlags,
  choice,
  collect,
  collectLine,
  collectPoint,
  number,
  readSize,
  type SolveFlags,
} from "./options.ts";
import { isMuted, mute, print, warn } from "./print.ts";
import { display, PROGRESS, type ProgressMode } from "./progress.ts";
import { endTogether, follows, readTogether } from "./ranks.ts";
import { json, summary } from "./report.ts";

/** The options of a solve, which have the names of their flags, and those of the command alone. */
interface Flags extends SolveFlags, Omit<SolveOptions, "settings" | keyof SolveFlags> {
  readonly size?: readonly [number, number];
  readonly stop: StopRule;
  readonly out?: string[];
  readonly results?: boolean;
  readonly point?: readonly ProbeInput[];
  readonly line?: readonly ProbeInput[];
  readonly lineOut?: string;
  readonly quiet?: boolean;
  readonly progress: ProgressMode;
}

/** Adds the command. */
export function addSolve(program: Command, finish: (code: number) => void): void {
  const command = program.command("solve")
    .description("solve a problem file, or without one the textbook plate (north 100, west 75, east 50, south 0)")
    .argument("[problem]", "a problem file, TOML or JSON")
    .option("--size <N|NYxNX>", "points of the plate, edges included (default: 257)", readSize);
  addSolveFlags(command)
    .addOption(choice("--stop <rule>", "what must be small enough", STOP_RULES).default("error"))
    .addOption(
      choice(
        "--bound <how>",
        "a bound on the error after --stop residual or change: auto gives up on large grids if half as many sweeps do not find it",
        BOUNDS,
      ).default("auto"),
    )
    .option("--eps <x>", "for change, in units of u (default: 1e-4)", number("--eps"))
    .option("--check-every <n>", "sweeps between checks", number("--check-every"))
    .option("--estimate", "estimate the discretisation error: solves on every other row and column too")
    .option("--out <file>", "write the field: .npy, .csv or .png; may repeat", collect)
    .option(
      "--results",
      "print what flows in at edges and parts, balance, energy, extremes, also without parts and probes; JSON always has them",
    )
    .option(
      "--point <y,x>",
      "u and its flux there, y up from the south-west node, in units of spacing; may repeat",
      collectPoint,
    )
    .option("--line <y0,x0:y1,x1[:n]>", "u at n points from one to the other (default: 101); may repeat", collectLine)
    .option(
      "--line-out <file>",
      "write the lines, and those among the probes of the file: .csv, with columns distance, y, x, u",
    )
    .option("--json", "print one JSON object instead of text")
    .option("--quiet", "print no text, only errors, and what --json asks for")
    .addOption(choice("--progress <how>", "progress on stderr", PROGRESS).default("auto"))
    .action(async (file: string | undefined, flags: Flags) => finish(await run(file, flags)));
}

async function run(file: string | undefined, flags: Flags): Promise<number> {
  if (flags.eps !== undefined && flags.stop !== "change") throw new ConfigError("--eps goes with --stop change");
  if (flags.tol !== undefined && flags.stop === "change") {
    throw new ConfigError("--tol goes with --stop error or residual");
  }
  if (flags.bound === "off" && flags.stop === "error") {
    throw new ConfigError("--bound off goes with --stop residual or change: --stop error ends by the bound");
  }
  mute(follows(flags.plugin));
  const began = performance.now();
  const out = flags.out ?? [];
  const problem = await readTogether(flags.plugin, async () => {
    const problem = await problemOf(file, flags);
    for (const path of out) await checkWritable(path);
    if (flags.lineOut !== undefined) {
      if (!problem.probes?.some((probe) => "from" in probe)) {
        throw new ConfigError("--line-out needs a line: --line, or a probe of the file");
      }
      await checkTable(flags.lineOut);
    }
    return problem;
  });
  const read = performance.now();
  const silent = isMuted();

  const interrupt = interruption();
  const progress = display(
    flags.quiet || silent ? "none" : flags.progress,
    ({ change, residual }) => flags.stop === "change" ? change : residual,
  );
  /** The files that ranks have written together, or failed to. */
  const stored = new Map<string, boolean>();
  const unwritten: ConfigError[] = [];
  /** What cannot be written keeps nothing else from being written. All ranks meet it, and end as they do after a solve. */
  const attempt = async (write: () => Promise<void>) => {
    try {
      await write();
      return true;
    } catch (cause) {
      if (!(cause instanceof ConfigError)) throw cause;
      unwritten.push(cause);
      return false;
    }
  };
  let solution: Solution;
  try {
    solution = await solve(problem, {
      ...flags,
      settings: flags.set,
      save: async (session, { status, shape, dtype }) => {
        interrupt.writing();
        for (const path of status === "diverged" ? [] : out.filter(isStored)) {
          stored.set(path, await attempt(() => storeField(path, { shape, dtype }, session)));
        }
      },
      // A summary and other formats need the field in one place.
      gather: !(flags.json || flags.quiet) || !out.every(isStored),
      signal: interrupt.signal,
      onBatch: (batch) => {
        interrupt.sweeping();
        progress.show(batch);
      },
    });
  } catch (error) {
    const { point = [], line = [] } = flags;
    const typed = [...point.map(({ name }) => `--point ${name}`), ...line.map(({ name }) => `--line ${name}`)];
    throw cannotSolve(error, file, problem, typed);
  } finally {
    progress.end();
  }
  const written: string[] = [];
  const solved = performance.now();
  interrupt.writing();
  if (solution.status !== "diverged") {
    const { shape, u: data, spacing, results } = solution;
    for (const path of out) {
      const done = stored.get(path) ?? (silent || await attempt(() => writeField(path, { shape, data, spacing })));
      if (done) written.push(path);
    }
    const { lineOut } = flags;
    if (lineOut !== undefined && results) {
      if (silent || await attempt(() => writeLines(lineOut, linesOf(results)))) written.push(lineOut);
    }
  }
  const ended = performance.now();
  const { open, setup, bound, solve: solving } = solution.seconds;
  const seconds = {
    read: (read - began) / 1000,
    open,
    setup,
    bound,
    solve: solving,
    write: (ended - solved) / 1000,
    total: (ended - began) / 1000,
  };
  if (flags.json) print(JSON.stringify(json({ ...solution, seconds })));
  else if (!flags.quiet) {
    const withResults = flags.results ??
      [problem.probes, problem.parts, problem.image].some((key) => key !== undefined);
    print(summary(solution, file ?? "the textbook plate", written, problem, withResults));
  }
  // After a solve that all ranks got through: to their launcher an exit code other than 0 would look like one that failed.
  if (solution.ranks > 1) await endTogether();
  unwritten.slice(1).forEach(({ message }) => warn(message));
  if (unwritten[0]) throw unwritten[0];
  return interrupt.signal.aborted ? EXIT.interrupted : EXIT[solution.status];
}

async function problemOf(file: string | undefined, flags: Flags): Promise<Problem> {
  const { size, param, dtype, quiet, point = [], line = [] } = flags;
  if (file !== undefined && size !== undefined) {
    throw new ConfigError(`--size belongs to the built-in plate: "${file}" has a shape of its own`);
  }
  if (file === undefined && param !== undefined) {
    throw new ConfigError("--param belongs to a problem file: the built-in plate has no parameters");
  }
  const problem: Problem = file === undefined
    ? { shape: size ?? [257, 257], edges: { north: 100, west: 75, east: 50, south: 0 } }
    : await readProblem(file, {
      ...(!quiet && { onWarning: warn }),
      ...(param !== undefined && { parameters: param }),
    });
  const probes = [...problem.probes ?? [], ...point, ...line];
  return { ...problem, ...(dtype !== undefined && { dtype }), ...(probes.length > 0 && { probes }) };
}

function linesOf({ probes }: Results): Record<string, LineResult> {
  return Object.fromEntries(
    Object.entries(probes).flatMap(([name, probe]) => "distance" in probe ? [[name, probe]] : []),
  );
}

/**
 * Turns the first signal into an abort between batches, after which the field is still written. Before the first batch
 * nothing can be lost: there it ends the process, and so does the second one anywhere.
 */
function interruption() {
  const controller = new AbortController();
  let sweeping = false;
  return {
    signal: controller.signal,
    sweeping: () => {
      if (!sweeping) onSignal(() => controller.abort());
      sweeping = true;
    },
    /** From here on the second signal is heard too, so that no temporary file is left. */
    writing: function writing() {
      onSignal(() => {
        if (controller.signal.aborted) process.exit(EXIT.interrupted);
        controller.abort();
        writing();
      });
    },
  };
}
