/**
 * Compares the files that ranks of MPI write with those of `js`, byte by byte, through the command line. Not a test file:
 * ranks_test.ts takes a cut of the matrix, rank_matrix.ts all of it.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { command, laplace } from "./harness.ts";
import { writeProblem } from "../support/problem_files.ts";

/** The smallest grid there is, a prime one, and one whose parts have halos of several layers. */
export const GRIDS = [[3, 3], [97, 131], [1025, 777]] as const;
export const METHODS = ["jacobi", "sor"] as const;
/** Fixed edges that jump; and weights that differ from point to point, with a hole and free edges. */
export const KINDS = ["plain", "weighted"] as const;
export const MPIS = ["openmpi", "mpich"] as const;
export const RANKS = [1, 2, 3, 4, 5] as const;
export const KERNELS = ["js", "ndarray", "wasm", "workers", "ffi-c", "ffi-omp", "ffi-fortran"] as const;

/** What is solved. */
export interface Task {
  readonly grid: (typeof GRIDS)[number];
  readonly method: (typeof METHODS)[number];
  readonly kind: (typeof KINDS)[number];
}

/** Who solves it. */
export interface RankSetup {
  readonly mpi: (typeof MPIS)[number];
  readonly ranks: number;
  readonly kernel: (typeof KERNELS)[number];
}

/** How a message names both. */
export function inWords({ grid, method, kind }: Task, { mpi, ranks, kernel }: RankSetup): string {
  return `${ranks} ranks of ${mpi}, ${kernel}, ${kind} ${grid.join(" x ")}, ${method}`;
}

/**
 * What root in a container needs, and ranks that share cores. Zero seconds of grace: mpirun of Open MPI takes an exit code
 * of 1, which says that no tolerance was reached, for a failure, and would wait for ranks that have ended.
 */
export const RANKS_ENV: Readonly<Record<string, string>> = {
  OMPI_ALLOW_RUN_AS_ROOT: "1",
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
  OMPI_MCA_mpi_yield_when_idle: "1",
  OMPI_MCA_btl_base_warn_component_unused: "0",
  OMPI_MCA_odls_base_sigkill_timeout: "0",
};

/** Local. Writes all problems, and the arrays that they name, into a folder. */
export function writeProblems(folder: string): void {
  for (const grid of GRIDS) for (const kind of KINDS) writeProblem(folder, kind, grid);
}

function problemFile({ grid, kind }: Pick<Task, "grid" | "kind">): string {
  return `${kind}-${grid.join("x")}.toml`;
}

/** What a solve leaves: how it ended, in one line, and the digest of its file. */
export interface Answer {
  readonly end: string;
  readonly digest: string;
}

/**
 * Solves, in a folder where `writeProblems` has been.
 *
 * @param setup ranks of MPI; without, `js` alone
 * @param by what stands for `laplace`
 */
export async function answer(
  cwd: string,
  task: Task,
  setup?: RankSetup,
  by: readonly string[] = command,
): Promise<Answer> {
  const out = "u.npy";
  rmSync(join(cwd, out), { force: true });
  // As many sweeps as are no multiple of what kernels and halos take at a time, and a tolerance out of reach for these.
  const limits = ["--max-sweeps", "37", "--tol", "1e-13"];
  const solve = ["solve", problemFile(task), "--method", task.method, ...limits, "--json", "--out", out, "--plugin"];
  const args = setup
    ? ["launch", "-n", `${setup.ranks}`, "--oversubscribe", "--", ...solve, "mpi", "--set", `kernel=${setup.kernel}`]
    : [...solve, "js"];
  const env = { ...RANKS_ENV, ...(setup && { LAPLACE_MPI: setup.mpi }) };
  const { code, stdout, stderr } = await laplace(args, { by, cwd, env });
  if (code !== 0 && code !== 1) throw new Error(`exit code ${code}: ${stderr}`);
  const { status, sweeps, change, residual, ranks } = JSON.parse(stdout);
  if (ranks !== (setup?.ranks ?? 1)) throw new Error(`${ranks} ranks solved it: ${stderr}`);
  return {
    end: `${status} after ${sweeps} sweeps, change ${change}, residual ${residual}, exit code ${code}`,
    digest: createHash("sha256").update(readFileSync(join(cwd, out))).digest("hex"),
  };
}
