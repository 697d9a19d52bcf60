/**
 * What solves the problems of examples/fields/ for bench/exact.ts: the library, or a binary.
 *
 * @module
 */

import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import type { GridData } from "../../core/contract.ts";
import type { Problem } from "../../core/problem/problem.ts";
import type { Results } from "../../core/results.ts";
import { JOBS, type KnownAnswer, onGrid } from "../../examples/fields/known_answers.ts";
import { readField } from "../../io/fields.ts";
import { readProblem } from "../../io/problem_file.ts";
import { type Refinement, solveRefined } from "../../solve/refine.ts";
import { solve } from "../../solve/solve.ts";
import { root, small } from "../tables.ts";
import { scratchFolder } from "../yardsticks/build.ts";

/** Where the problem files lie. */
export const folder = `${root}examples/fields/`;

/** Of solves, relative to the range of the field; where rounding allows no more, that is reached. */
const TOL = 1e-11;
/** How certain refined results are to be, and on how many points at most. */
const to = (file: string) => JOBS.some((job) => job.file === file) ? 1e-5 : 1e-6;
const maxPoints = small ? 2 ** 14 : 2 ** 23;

/** A solve, with what it reads and prints. */
export interface Solved {
  readonly problem: Problem;
  readonly results: Results;
  readonly u: GridData;
  readonly seconds: number;
}

/** A problem file, and parameters that differ from its own. */
export type Asked = Pick<KnownAnswer, "file" | "parameters">;

/** What solves problems and refines them. */
export interface Engine {
  solve(asked: Asked, factor: number): Promise<Solved>;
  /** The limits of some results, by name. */
  limits(asked: Asked, results: readonly string[]): Promise<Pick<Refinement, "results">>;
  /** Runs `laplace` with some arguments. @returns what it prints */
  laplace(...args: string[]): string;
}

async function problemOf({ file, parameters }: Asked, factor: number): Promise<Problem> {
  return onGrid(await readProblem(`${folder}${file}.toml`), factor, parameters);
}

/** The library on the runtime of this script. */
export const library: Engine = {
  async solve(asked, factor) {
    const start = performance.now();
    const problem = await problemOf(asked, factor);
    const { results, u, shape, status } = await solve(problem, { tol: TOL });
    if (!results) throw new Error(`Cannot solve "${asked.file}" on ${shape.join(" x ")} nodes: ${status}`);
    return { problem, results, u, seconds: (performance.now() - start) / 1000 };
  },
  limits: async (asked, results) =>
    await solveRefined(await problemOf(asked, 1), { to: to(asked.file), maxPoints }, results),
  laplace: (...args) => execFileSync(process.execPath, ["run", "-A", `${root}cli.ts`, ...args], { encoding: "utf8" }),
};

/** The binary of this path. */
export function binaryAt(path: string): Engine {
  const scratch = scratchFolder();
  /** Exit code 1 is a solve that rounding has stopped, or a limit less certain than asked: its numbers count all the same. */
  const laplace = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(path, args, { encoding: "utf8" });
    if (status === 0 || status === 1) return stdout;
    throw new Error(`${args.join(" ")}: ${stderr}`);
  };
  const replaced = ({ parameters = {} }: Asked) =>
    Object.entries(parameters).flatMap(([name, value]) => ["--param", `${name}=${value}`]);
  return {
    async solve(asked, factor) {
      const { file } = asked;
      const problem = await problemOf(asked, factor);
      const { shape, spacing = [1, 1], image } = problem;
      if (image) copyFileSync(`${folder}${file}.png`, `${scratch}/${file}.png`);
      const text = readFileSync(`${folder}${file}.toml`, "utf8")
        .replace(/^shape = .*$/m, `shape = [${shape.join()}]`)
        .replace(/^spacing = .*$/m, `spacing = [${spacing.join()}]`);
      writeFileSync(`${scratch}/${file}.toml`, text);
      const files = [`${scratch}/${file}.toml`, "--out", `${scratch}/u.npy`];
      const start = performance.now();
      const printed = laplace("solve", ...files, "--tol", `${TOL}`, "--json", "--quiet", ...replaced(asked));
      const seconds = (performance.now() - start) / 1000;
      const { results }: { results: Results } = JSON.parse(printed);
      const { data } = await readField(`${scratch}/u.npy`);
      return { problem, results, u: Float64Array.from(data), seconds };
    },
    limits(asked, results) {
      const names = results.flatMap((name) => ["--result", name]);
      const limits = ["--to", `${to(asked.file)}`, "--max-points", `${maxPoints}`, "--json"];
      return JSON.parse(laplace("refine", `${folder}${asked.file}.toml`, ...limits, ...names, ...replaced(asked)));
    },
    laplace,
  };
}
