/**
 * `laplace solve`: reads a problem, solves it, writes the field, reports the result.
 *
 * @module
 */

import type { Command } from "commander";
import process from "node:process";
import { type Dtype, METHODS } from "../core/contract.ts";
import { ConfigError, ProblemError } from "../core/errors.ts";
import type { Problem } from "../core/problem/problem.ts";
import { STOP_RULES, type StopRule } from "../core/criterion.ts";
import { onSignal } from "../host/signals.ts";
import { checkWritable, isStored, readProblem, storeField, writeField } from "../io/mod.ts";
import { type Solution, solve, type SolveOptions } from "../solve/solve.ts";
import { EXIT } from "./exit.ts";
import { choice, collect, collectSetting, number, readSize } from "./options.ts";
import { isMuted, mute, print, warn } from "./print.ts";
import { display, PROGRESS, type ProgressMode } from "./progress.ts";
import { endTogether, follows, readTogether } from "./ranks.ts";
import { json, summary } from "./report.ts";

/** The options of a solve, which have the names of their flags, and those of the command alone. */
interface Flags extends Omit<SolveOptions, "settings"> {
  readonly size?: readonly [number, number];
  readonly plugin: string;
  readonly set?: Record<string, string>;
  readonly stop: StopRule;
  readonly dtype?: Dtype;
  readonly out?: string[];
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly progress: ProgressMode;
}

/** Adds the command. */
export function addSolve(program: Command, finish: (code: number) => void): void {
  program.command("solve")
    .description("solve a problem file, or without one the textbook plate (north 100, west 75, east 50, south 0)")
    .argument("[problem]", "a problem file, TOML or JSON")
    .option("--size <N|NYxNX>", "points of the plate, edges included (default: 257)", readSize)
    .option("--plugin <name|path>", "a plugin's name, or a path to a .ts or shared library", "auto")
    .option("--set <key=value>", "a setting of the plugin, or omega of sor; may repeat", collectSetting)
    .addOption(choice("--method <name>", METHOD_HELP, ["auto", ...METHODS]).default("auto"))
    .addOption(choice("--stop <rule>", "what must be small enough", STOP_RULES).default("error"))
    .option(
      "--tol <x>",
      "for error and residual, relative to the range of held values, ambients and field (default: 1e-6, or what the precision can reach)",
      number("--tol"),
    )
    .option("--eps <x>", "for change, in units of u (default: 1e-4)", number("--eps"))
    .option("--check-every <n>", "sweeps between checks", number("--check-every"))
    .option(
      "--max-sweeps <n>",
      "give up after so many sweeps (default: 1000 for multigrid, ten million for others; none for spectral)",
      number("--max-sweeps"),
    )
    .addOption(choice("--dtype <type>", "precision, instead of the problem's", ["f64", "f32"]))
    .option("--estimate", "estimate the discretisation error: solves on every other row and column too")
    .option("--out <file>", "write the field: .npy, .csv or .png; may repeat", collect)
    .option("--json", "print one JSON object instead of text")
    .option("--quiet", "print no text, only errors, and what --json asks for")
    .addOption(choice("--progress <how>", "progress on stderr", PROGRESS).default("auto"))
    .action(async (file: string | undefined, flags: Flags) => finish(await run(file, flags)));
}

const METHOD_HELP = "the method; direct and spectral need rows or columns that are alike, " +
  "and a sweep of spectral is a Jacobi-equivalent: many are taken at once";

async function run(file: string | undefined, flags: Flags): Promise<number> {
  if (flags.eps !== undefined && flags.stop !== "change") throw new ConfigError("--eps goes with --stop change");
  if (flags.tol !== undefined && flags.stop === "change") {
    throw new ConfigError("--tol goes with --stop error or residual");
  }
  mute(follows(flags.plugin));
  const out = flags.out ?? [];
  const problem = await readTogether(flags.plugin, async () => {
    const problem = await problemOf(file, flags);
    for (const path of out) await checkWritable(path);
    return problem;
  });
  const silent = isMuted();

  const interrupt = interruption();
  const progress = display(
    flags.quiet || silent ? "none" : flags.progress,
    ({ change, residual }) => flags.stop === "change" ? change : residual,
  );
  const stored = new Set<string>();
  let unwritten: ConfigError | undefined;
  let solution: Solution;
  try {
    solution = await solve(problem, {
      ...flags,
      settings: flags.set,
      save: async (session, { status, shape, dtype }) => {
        interrupt.writing();
        try {
          for (const path of status === "diverged" ? [] : out.filter(isStored)) {
            await storeField(path, { shape, dtype }, session);
            stored.add(path);
          }
        } catch (cause) {
          // All ranks met it, and end as they do after a solve: thrown here, it would make each abort the others.
          if (!(cause instanceof ConfigError)) throw cause;
          unwritten = cause;
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
    throw file !== undefined && error instanceof ProblemError
      ? new ConfigError(`Cannot solve "${file}": ${error.message}`)
      : error;
  } finally {
    progress.end();
  }
  if (unwritten) throw unwritten;
  const written: string[] = [];
  interrupt.writing();
  if (solution.status !== "diverged") {
    for (const path of out) {
      const { shape, u: data, spacing } = solution;
      if (!silent && !stored.has(path)) await writeField(path, { shape, data, spacing });
      written.push(path);
    }
  }
  if (flags.json) print(JSON.stringify(json(solution)));
  else if (!flags.quiet) print(summary(solution, file ?? "the textbook plate", written));
  // After a solve that all ranks got through: to their launcher an exit code other than 0 would look like one that failed.
  if (solution.ranks > 1) await endTogether();
  return interrupt.signal.aborted ? EXIT.interrupted : EXIT[solution.status];
}

async function problemOf(file: string | undefined, { size, dtype, quiet }: Flags): Promise<Problem> {
  const override = dtype === undefined ? {} : { dtype };
  if (file === undefined) {
    return { shape: size ?? [257, 257], edges: { north: 100, west: 75, east: 50, south: 0 }, ...override };
  }
  if (size !== undefined) {
    throw new ConfigError(`--size belongs to the built-in plate: "${file}" has a shape of its own`);
  }
  return { ...await readProblem(file, quiet ? {} : { onWarning: warn }), ...override };
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
