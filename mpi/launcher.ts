/**
 * Launchers: which command starts ranks for the MPI library that is there, and how its flags say ranks, threads and
 * binding. Nothing is started here, and no library opened.
 *
 * @module
 */

import { counted } from "./errors.ts";
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

/** Why ranks cannot be started, and the fix: the two parts of an error. */
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

/** Numbers of steps from here on are no steps that `srun` made: a batch script, or the shell of `salloc`. */
const NO_STEP = 0xfffffff0;

/** Local. Whether this is inside of a job of Slurm, and not yet a rank of it, so that `srun` starts ranks. */
export function inSlurm(get: (name: string) => string | undefined = env): boolean {
  // Not SLURM_PROCID: a batch script has that too.
  if (get("SLURM_JOB_ID") === undefined || Number(get("SLURM_STEP_ID") ?? NO_STEP) < NO_STEP) return false;
  return !spawnSync("srun", ["--version"]).error;
}

/** Local. How many ranks and cores a job of Slurm has on all of its machines, as far as it says. */
export function allocated(get: (name: string) => string | undefined = env): { ranks?: number; cores?: number } {
  const ranks = get("SLURM_NTASKS");
  // Such as "16(x2),8": two machines with 16 cores, one with 8.
  const cores = get("SLURM_JOB_CPUS_PER_NODE")?.split(",").reduce((sum, some) => {
    const [, each, machines] = /^(\d+)(?:\(x(\d+)\))?$/.exec(some) ?? [];
    return sum + Number(each) * Number(machines ?? 1);
  }, 0);
  return { ...(ranks !== undefined && { ranks: Number(ranks) }), ...(cores !== undefined && { cores }) };
}

/** In the order in which they are preferred: what each MPI speaks, of what `srun --mpi=list` may say. */
const PMI: Readonly<Record<Family, readonly string[]>> = { openmpi: ["pmix", "pmi2"], mpich: ["pmi2", "pmix"] };

/** The flag by which `srun` gets ranks to find each other; none where SLURM_MPI_TYPE has it, or nothing fits. */
function pmi(family: Family): string[] {
  if (env("SLURM_MPI_TYPE") !== undefined) return [];
  const { stdout, stderr } = spawnSync("srun", ["--mpi=list"], { encoding: "utf8" });
  const words = `${stdout}${stderr}`.split(/\s+/);
  const found = PMI[family].find((name) => words.includes(name));
  return found === undefined ? [] : [`--mpi=${found}`];
}

/** Local. Why a launch would fail, in one line instead of forty of the launcher. */
export function hindrance(family: Family, launch: Launch, slurm: boolean): Hindrance | undefined {
  if (slurm) return tooMany(launch, allocated().cores ?? Infinity, "in this job of Slurm");
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
  const crowded = tooMany(launch, availableParallelism(), "");
  if (crowded) return crowded;
  const allowed = ["OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"];
  if (family === "openmpi" && process.getuid?.() === 0 && !allowed.every((name) => env(name) === "1")) {
    return { reason: "Open MPI does not run as root", fix: `be another user, or set ${allowed.join("=1 and ")}=1` };
  }
  return undefined;
}

function tooMany({ ranks, threads, oversubscribe }: Launch, cores: number, where: string): Hindrance | undefined {
  if (oversubscribe || ranks * threads <= cores) return undefined;
  const each = threads === 1 ? "" : ` of ${threads} threads`;
  const reason = `${counted(ranks, "rank")}${each} on ${counted(cores, "core")} ${where}`.trim();
  return { reason, fix: "take fewer, or add --oversubscribe" };
}

/** Local. The command line that starts ranks, by `srun` or by the launcher of the MPI, each bound to as many cores as it has threads. */
export function launchCommand(family: Family, launch: Launch, slurm: boolean): string[] {
  const { ranks, threads, oversubscribe, command } = launch;
  const n = ["-n", String(ranks)];
  if (slurm) {
    return [
      "srun",
      ...n,
      ...pmi(family),
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
