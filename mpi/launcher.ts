/**
 * Launchers: which command starts ranks for the MPI library that is there, and how its flags say ranks, threads and
 * binding. Nothing is started here, and no library opened.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import process from "node:process";
import { env } from "../host/runtime.ts";

/** An MPI with a launcher of its own. */
export type Family = "openmpi" | "mpich";

/** What is to be started. */
export interface Launch {
  readonly ranks: number;
  /** Of each rank. */
  readonly threads: number;
  /** More ranks than cores: then they are bound to none. */
  readonly oversubscribe: boolean;
  /** The program and its arguments. */
  readonly command: readonly string[];
}

/** Why ranks cannot be started, and what mends it: the two parts of an error. */
export interface Hindrance {
  readonly reason: string;
  readonly fix: string;
}

/** By what each launcher says of itself. Debian has both MPIs beside each other, under names of their own. */
const LAUNCHERS: Readonly<
  Record<Family, { readonly commands: readonly string[]; readonly says: RegExp; readonly install: string }>
> = {
  openmpi: {
    commands: ["mpirun.openmpi", "mpirun", "mpiexec"],
    says: /Open MPI|OpenRTE|PRRTE/i,
    install: "openmpi-bin",
  },
  mpich: {
    commands: ["mpiexec.hydra", "mpirun.mpich", "mpiexec", "mpirun"],
    says: /HYDRA|MPICH|Intel\(R\) MPI/i,
    install: "mpich",
  },
};

/** Local. The command that starts ranks of a family; undefined if there is none. */
export function findLauncher(family: Family): string | undefined {
  const { commands, says } = LAUNCHERS[family];
  return commands.find((command) => {
    const { stdout, stderr, error } = spawnSync(command, ["--version"], { encoding: "utf8" });
    return !error && says.test(`${stdout}${stderr}`);
  });
}

/** Local. Whether this is inside of a job of Slurm, where `srun` starts ranks. */
export function inSlurm(): boolean {
  // Not SLURM_PROCID: a batch script is a process of its job too, number 0. What srun started has this.
  if (env("SLURM_JOB_ID") === undefined || env("SLURM_STEP_NUM_TASKS") !== undefined) return false;
  return !spawnSync("srun", ["--version"]).error;
}

/** Local. Why a launch would fail, before the launcher tells it in forty lines. */
export function hindrance(family: Family, { ranks, threads, oversubscribe }: Launch): Hindrance | undefined {
  const launcher = findLauncher(family);
  const { install } = LAUNCHERS[family];
  if (launcher === undefined) {
    const other = family === "openmpi" ? "mpich" : "openmpi";
    return {
      reason: `the MPI library is that of ${family}, and its launcher is not there`,
      fix: findLauncher(other)
        ? `apt-get install ${install}, or set LAPLACE_MPI=${other}, whose launcher is`
        : `apt-get install ${install}`,
    };
  }
  const cores = availableParallelism();
  if (ranks * threads > cores && !oversubscribe) {
    const each = threads === 1 ? "" : ` of ${threads} threads`;
    return { reason: `${ranks} ranks${each} on ${cores} cores`, fix: "take fewer, or add --oversubscribe" };
  }
  const allowed = ["OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"];
  if (family === "openmpi" && process.getuid?.() === 0 && !allowed.every((name) => env(name) === "1")) {
    return { reason: "Open MPI does not run as root", fix: `be another user, or set ${allowed.join("=1 and ")}=1` };
  }
  return undefined;
}

/** Local. The command line that starts ranks, each bound to as many cores as it has threads. */
export function launchCommand(family: Family | "slurm", launch: Launch): string[] {
  const { ranks, threads, oversubscribe, command } = launch;
  const n = ["-n", String(ranks)];
  if (family === "slurm") {
    return [
      "srun",
      ...n,
      `--cpus-per-task=${threads}`,
      ...(oversubscribe ? ["--overcommit"] : ["--cpu-bind=cores"]),
      ...command,
    ];
  }
  const launcher = findLauncher(family)!;
  if (family === "mpich") {
    return [launcher, ...n, "-bind-to", oversubscribe ? "none" : `core:${threads}`, ...command];
  }
  const binding = oversubscribe
    ? ["--oversubscribe", "--bind-to", "none"]
    : ["--map-by", `slot:PE=${threads}`, "--bind-to", "core"];
  return [launcher, ...n, ...binding, "-x", "OMP_NUM_THREADS", ...command];
}
