/**
 * The command line: commands, exit codes, and the one place where errors become text.
 *
 * @module
 */

import { Command, CommanderError } from "commander";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { ConfigError, UnavailableError } from "../core/errors.ts";
import { version } from "../host/version.ts";
import { launcher } from "../mpi/library.ts";
import { addBackends } from "./backends.ts";
import { addBench } from "./bench.ts";
import { addCheck } from "./check.ts";
import { addCompletions } from "./completions.ts";
import { EXIT } from "./exit.ts";
import { isMuted, note, oneLine } from "./print.ts";
import { endsAll, endTogether } from "./ranks.ts";
import { addLaunch } from "./launch.ts";
import { addLine } from "./line.ts";
import { addMatrix } from "./matrix.ts";
import { addModel } from "./model.ts";
import { addRefine } from "./refine.ts";
import { addSolve } from "./solve.ts";

/**
 * Local. Runs the command that `args` name.
 *
 * @returns the exit code
 */
export async function main(args: readonly string[]): Promise<number> {
  let code: number = EXIT.converged;
  const program = new Command("laplace")
    .description("Solves Laplace's and Poisson's equation in every way this machine offers.")
    .version(version(), "-V, --version")
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .addHelpText("after", EPILOGUE);
  const finish = (result: number) => {
    code = result;
  };
  addSolve(program, finish);
  addRefine(program, finish);
  addMatrix(program, finish);
  addLine(program, finish);
  addBackends(program, finish);
  addCheck(program, finish);
  addBench(program, finish);
  addLaunch(program, finish);
  addModel(program, finish);
  addCompletions(program);
  try {
    if (args.length === 0) program.help();
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    return await report(error, forgotten(program, args));
  }
}

/** What was meant where no command is named: the one that has the option, or that takes a problem file. */
function forgotten(program: Command, [first = ""]: readonly string[]): string | undefined {
  const flag = first.replace(/=.*/s, "");
  const owner = program.commands.find(({ options }) => options.some((option) => option.long === flag));
  if (owner !== undefined) return `laplace ${owner.name()} ${flag}`;
  return /^[^-].*\.(toml|json)$/s.test(first) ? `laplace solve ${first}` : undefined;
}

const EPILOGUE = `
Examples:
  laplace solve                                  the textbook plate on 257 x 257 points
  laplace solve plate.toml --out plate.png       a problem file, drawn as a heat map
  laplace solve --size 1025 --plugin ffi-omp --set threads=4 --json
  laplace refine coax.toml --to 1e-6             fluxes and probes in the limit of fine grids
  laplace matrix pads.toml --out C.csv           capacitances between all conductors
  laplace line microstrip.toml --signal strip    impedance, delay and more of a transmission line
  laplace backends                               what can run here, and what is missing for the rest

Exit codes: 0 converged, 1 not converged, 2 usage or file error, 3 plugin cannot run here, 70 internal error,
130 interrupted.`;

/**
 * Prints an error as one line on stderr, its stack only if LAPLACE_DEBUG=1. Of ranks the first speaks; what it has not
 * met, another says.
 *
 * @param meant what to suggest if the command line is wrong
 * @returns the exit code
 */
async function report(error: unknown, meant: string | undefined): Promise<number> {
  if (error instanceof CommanderError) {
    // --help and --version end here too.
    if (error.exitCode === 0 || error.code === "commander.help") return EXIT.converged;
    const [what, near] = error.message.replace(/^error: /, "").split(/\s*\n\(Did you mean (.*)\?\)/);
    const guess = meant ?? near;
    note(`laplace: ${oneLine(what!)}${guess === undefined ? "" : `; did you mean ${oneLine(guess)}?`}\n`);
    return EXIT.usage;
  }
  const text = error instanceof Error ? error.message : String(error);
  const debug = process.env.LAPLACE_DEBUG === "1";
  if (debug) note(`${error instanceof Error ? error.stack : error}\n`);
  const line = oneLine(text);
  // By name too: a plugin in a file of its own cannot import these classes.
  const ours = error instanceof ConfigError || (error instanceof Error && error.name === "ConfigError")
    ? EXIT.usage
    : error instanceof UnavailableError
    ? EXIT.unavailable
    : undefined;
  if (ours === undefined) {
    note(`laplace: internal error: ${line}${debug ? "" : " (LAPLACE_DEBUG=1 shows where)"}\n`);
    return EXIT.internal;
  }
  if (!isMuted()) note(`laplace: ${line}\n`);
  // Where MPI is open all ranks meet the error: an error of one rank alone is reported to all.
  if (await endTogether() || !isMuted()) return ours;
  await setTimeout(TURN);
  // Not where all would: then `laplace launch` must be there to print it once, or a launcher that has ended all by now.
  if (process.env.LAPLACE_LAUNCH === undefined && !endsAll()) return ours;
  note(`laplace: rank ${launcher()?.rank}: ${line}\n`);
  return ours;
}

/**
 * How long the first rank has to speak, in milliseconds, before another does: a launcher that ends all when one ends
 * would else end the first unheard.
 */
const TURN = 1000;
