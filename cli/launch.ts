/**
 * `laplace launch`: starts another command on ranks of MPI, by the launcher that fits the library, or by Slurm's.
 *
 * @module
 */

import process from "node:process";
import type { Command } from "commander";
import { registry } from "../backends/registry.ts";
import { kernelNames } from "../backends/table.ts";
import { ConfigError, counted, UnavailableError } from "../core/errors.ts";
import { cores } from "../host/cores.ts";
import { LibraryError } from "../host/ffi.ts";
import { allocated, type Family, hindrance, inSlurm, launchCommand } from "../mpi/launcher.ts";
import { load } from "../mpi/library.ts";
import { runLauncher } from "./launched.ts";
import { count, self } from "./options.ts";
import { print } from "./print.ts";

interface Flags {
  readonly n?: number;
  readonly threads?: number;
  readonly oversubscribe?: boolean;
  readonly dryRun?: boolean;
}

/** Adds the command. */
export function addLaunch(program: Command, finish: (code: number) => void): void {
  program.command("launch")
    .description("run a command of laplace on ranks of MPI: laplace launch -n 4 --threads 2 -- solve plate.toml")
    .argument("<command...>", "what each rank runs, after --")
    .option(
      "-n <ranks>",
      "ranks (default: as Slurm has tasks, else one for each core, or each --threads of them)",
      count("-n"),
    )
    .option(
      "--threads <n>",
      "threads of each rank, bound to as many cores (default: OMP_NUM_THREADS, else 1)",
      count("--threads"),
    )
    .option("--oversubscribe", "allow more ranks than cores, and bind none")
    .option("--dry-run", "print the command line of the launcher, and start nothing")
    .action(async (args: string[], flags: Flags) => finish(await launch(args, flags)));
}

async function launch(args: readonly string[], flags: Flags): Promise<number> {
  if (args[0] === "launch") throw new ConfigError("launch starts no other launch");
  requireRanks(args);
  const { oversubscribe = false } = flags;
  const given = flags.threads === undefined ? process.env.OMP_NUM_THREADS : undefined;
  const threads = flags.threads ?? threadsOf(given) ?? 1;
  const slurm = inSlurm();
  const fit = Math.max(1, Math.floor(cores().count / threads));
  const ranks = flags.n ?? (slurm ? allocated().ranks : undefined) ?? fit;
  const request = { ranks, threads, oversubscribe, command: [...self(), ...withPlugin(args)] };
  const library = process.env.LAPLACE_MPI ?? onlyFamily(pluginOf(args));
  const family = await familyOf(library);
  const why = hindrance(family, request, slurm);
  if (why) {
    const reason = flags.threads === undefined ? why.reason.replace(/ threads/, "$& (OMP_NUM_THREADS)") : why.reason;
    throw new UnavailableError(`Cannot launch ${counted(ranks, "rank")}: ${reason}; ${why.fix}`);
  }
  const [command, ...rest] = launchCommand(family, request, slurm);
  // Ranks find the same library as this command did.
  const env = { OMP_NUM_THREADS: threadsOf(given) ? given : String(threads), LAPLACE_MPI: library ?? family };
  if (flags.dryRun) {
    const variables = Object.entries(env).map(([name, value]) => `${name}=${quoted(value!)}`);
    print([...variables, ...[command!, ...rest].map(quoted)].join(" "));
    return 0;
  }
  return await runLauncher([command!, ...rest], ranks, { ...process.env, ...env, LAPLACE_LAUNCH: "1" });
}

/** How many threads OMP_NUM_THREADS asks for; of a list, such as "4,2", its first counts. */
function threadsOf(text: string | undefined): number | undefined {
  return Number(/^\s*([1-9]\d{0,6})\s*(,|$)/.exec(text ?? "")?.[1]) || undefined;
}

/** A word as a shell reads it back. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A solve of ranks is one of `mpi`, unless another plugin is named. */
function withPlugin(args: readonly string[]): string[] {
  return ["solve", "bench", "check"].includes(args[0]!) && pluginOf(args) === undefined
    ? [...args, "--plugin", "mpi"]
    : [...args];
}

/** Ranks of a plugin that has none would do the same work as often as there are ranks. */
function requireRanks(args: readonly string[]): void {
  if (!["solve", "check"].includes(args[0]!)) return;
  const plugin = pluginOf(args);
  if (plugin === undefined || !kernelNames.includes(plugin)) return;
  throw new ConfigError(
    `Cannot launch ranks of "${plugin}", which has none: leave --plugin out, and say --set kernel=${plugin}`,
  );
}

/** What follows `--plugin`; undefined where it is absent. */
function pluginOf(args: readonly string[]): string | undefined {
  const at = args.findIndex((arg) => arg === "--plugin" || arg.startsWith("--plugin="));
  return at < 0 ? undefined : args[at]!.startsWith("--plugin=") ? args[at]!.slice(9) : args[at + 1];
}

/** The one family of MPI that a plugin can have; undefined: any. */
function onlyFamily(plugin: string | undefined): Family | undefined {
  return plugin !== undefined && Object.hasOwn(registry, plugin) ? registry[plugin]!.mpi : undefined;
}

/** @param library that ranks are to load; undefined: the one that is found first */
async function familyOf(library: string | undefined): Promise<Family> {
  try {
    const { abi } = await load(library);
    // Behind the standard ABI may be either: that whose launcher is there.
    return abi.name === "mpich" ? "mpich" : "openmpi";
  } catch (cause) {
    if (!(cause instanceof LibraryError)) throw cause;
    throw new UnavailableError(`Cannot launch ranks: ${cause.message}`);
  }
}
