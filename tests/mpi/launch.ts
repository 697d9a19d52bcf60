/** Starts programs on several ranks, by the launchers that are there. Not a test file. */

import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** An MPI with its launcher; `missing` says why it cannot be tested. */
export interface Installed {
  readonly name: "openmpi" | "mpich";
  readonly title: string;
  readonly mpirun: string | undefined;
  readonly mpicc: string | undefined;
}

/** What a program did. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** When, by Date.now(). */
  readonly at: number;
}

const says = (command: string, argument: string, pattern: RegExp) => {
  const { stdout, stderr } = spawnSync(command, [argument], { encoding: "utf8" });
  return pattern.test(`${stdout}${stderr}`);
};

/** Debian has a name for each; elsewhere `mpirun` is that of the only one. */
const installed: readonly Installed[] = [
  {
    name: "openmpi",
    title: "Open MPI",
    mpirun: ["mpirun.openmpi", "mpirun"].find((command) => says(command, "--version", /Open MPI|OpenRTE/)),
    mpicc: ["mpicc.openmpi", "mpicc"].find((command) => says(command, "--showme:version", /Open MPI/)),
  },
  {
    name: "mpich",
    title: "MPICH",
    mpirun: ["mpirun.mpich", "mpiexec.hydra", "mpirun"].find((command) => says(command, "--version", /HYDRA/)),
    mpicc: ["mpicc.mpich", "mpicc"].find((command) => says(command, "-v", /MPICH/)),
  },
];

/** Open MPI and MPICH, whether they are there or not. */
export const mpis: readonly Installed[] = installed;

/** The command that runs a file with the runtime that runs this. */
export const runtime: readonly string[] = "Deno" in globalThis
  ? [process.execPath, "run", "-A", "--no-check", "--v8-flags=--expose-gc"]
  : [process.execPath, "run"];

/** Runs a file of this folder on `ranks` ranks. */
export function launch(mpi: Installed, ranks: number, file: string, ...args: string[]): Ended {
  return ended(command(mpi, ranks, fileURLToPath(new URL(file, import.meta.url)), ...args));
}

/** Runs `laplace` on `ranks` ranks, with more environment variables. */
export function laplace(
  mpi: Installed,
  ranks: number,
  args: readonly string[],
  env: Record<string, string> = {},
): Ended {
  return ended(command(mpi, ranks, fileURLToPath(new URL("../../cli.ts", import.meta.url)), ...args), env);
}

/** Runs a file of this folder alone, with more environment variables. */
export function alone(env: Record<string, string>, file: string, ...args: string[]): Ended {
  return ended([...runtime, fileURLToPath(new URL(file, import.meta.url)), ...args], env);
}

function command({ name, mpirun }: Installed, ranks: number, path: string, ...args: string[]): string[] {
  const many = name === "openmpi" ? ["--oversubscribe"] : [];
  return [mpirun!, ...many, "-n", String(ranks), ...runtime, path, ...args];
}

/** Runs a command with what ranks need that share cores, and a container's root. */
export function ended([program, ...args]: readonly string[], more: Record<string, string> = {}): Ended {
  const env = {
    ...process.env,
    NO_COLOR: "1",
    OMPI_ALLOW_RUN_AS_ROOT: "1",
    OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
    OMPI_MCA_mpi_yield_when_idle: "1",
    OMPI_MCA_btl_base_warn_component_unused: "0",
    ...more,
  };
  const { status, stdout, stderr, error }: SpawnSyncReturns<string> = spawnSync(program!, args, {
    env,
    encoding: "utf8",
    timeout: 220_000,
    killSignal: "SIGKILL",
  });
  if (error) throw error;
  return { code: status, out: stdout, err: stderr, at: Date.now() };
}
