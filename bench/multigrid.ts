/**
 * Measures multigrid against hypre's structured multigrid, and one pass of full multigrid against naive sweeps. Programs
 * run in turn, round by round; what counts is the median of the ratios.
 *
 *     deno task bench:multigrid [--rounds 5] [--sizes 2049,4097,8193] [--pfmg PROGRAM] [--naive PROGRAM]
 *
 * Needs dist/laplace, hypre and Open MPI for yardsticks/pfmg.c, and gfortran for yardsticks/naive.f90. `--pfmg` and
 * `--naive` name other programs: `pfmg N TOL` runs under `mpirun.openmpi -n 2` and prints a JSON line with `setupSeconds`
 * and `solveSeconds`; `naive N SWEEPS` prints one with `secondsPerSweep`. Ours is timed from the problem to the last cycle,
 * opening included, and is checked: the residual of the field that it writes, in hypre's norm, is as small as was asked of
 * hypre. At the end it reports how much the time per point of the plate differs from size to size: of these runs, and of solves
 * in a process that has solved before, which have its code compiled and its threads started.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { decodeNpy, encodeNpy } from "../io/mod.ts";
import { solve } from "../solve/solve.ts";
import { flags, machine, median, printHead, printRow, small, spread } from "./tables.ts";
import { binary, forMpi, scratchFolder, secondsPerSweep, yardstick } from "./yardsticks/build.ts";

const given = flags({ rounds: 5, sizes: small ? "257" : "2049,4097,8193", pfmg: "", naive: "" });
const own = binary();
const pfmg = given.pfmg || yardstick("pfmg");
const naive = given.naive || yardstick("naive");
const { rounds } = given;
const folder = scratchFolder();

/** What both are asked for: ‖r‖₂ / ‖b‖₂. Ours stops by the largest residual, relative to the spread. */
const RELATIVE = 1e-10, TOL = small ? 1e-12 : 1e-10;

/** By its full name: beside MPICH, mpirun may be the other one. */
const MPIRUN = "mpirun.openmpi";

const run = (program: string, ...args: (string | number)[]) =>
  execFileSync(program, args.map(String), {
    cwd: folder,
    env: program === MPIRUN ? forMpi : process.env,
    stdio: ["ignore", "pipe", "ignore"],
    maxBuffer: 1 << 26,
  }).toString();
const number = (text: string, key: string) => Number(new RegExp(`"${key}":\\s*([-+.\\deE]+)`).exec(text)![1]);

function hypre(n: number): number {
  const text = run(MPIRUN, "-n", 2, "--oversubscribe", pfmg, n, RELATIVE);
  return number(text, "setupSeconds") + number(text, "solveSeconds");
}

/** Seconds of a run of ours: from the problem to the last cycle, or of the cycles alone. */
function ours(
  problem: readonly string[],
  more: readonly string[] = [],
): { all: number; solve: number; sweeps: number } {
  const solve = ["solve", ...problem, "--plugin", "ffi-omp", "--method", "multigrid", "--quiet", "--json"];
  let text: string;
  try {
    text = run(own, ...solve, ...more);
  } catch (cause) {
    text = String((cause as { stdout?: unknown }).stdout); // not converged: full multigrid's one cycle
  }
  const { seconds, sweeps } = JSON.parse(text);
  return { all: seconds.open + seconds.solve, solve: seconds.solve, sweeps };
}

const read = (file: string) => decodeNpy(readFileSync(join(folder, file)), file).data as Float64Array;

/** ‖r‖₂ / ‖b‖₂ of the plate's field as hypre counts: unknowns inside the edges, b what these bring in. */
function relative(file: string): number {
  const u = read(file);
  const nx = Math.round(Math.sqrt(u.length));
  const ny = u.length / nx;
  let [r2, b2] = [0, 0];
  for (let i = 1; i < ny - 1; i++) {
    for (let j = 1; j < nx - 1; j++) {
      const k = i * nx + j;
      r2 += (u[k - 1]! + u[k + 1]! + u[k - nx]! + u[k + nx]! - 4 * u[k]!) ** 2;
      b2 += ((j === 1 ? u[k - 1]! : 0) + (j === nx - 2 ? u[k + 1]! : 0) + (i === 1 ? u[k - nx]! : 0) +
        (i === ny - 2 ? u[k + nx]! : 0)) ** 2;
    }
  }
  return Math.sqrt(r2 / b2);
}

/** Largest distance of a field from sin(πx) sinh(πy) / sinh(π), y from the south. */
function distance(file: string): number {
  const u = read(file);
  const n = Math.round(Math.sqrt(u.length));
  const [across, up] = [Math.sin, Math.sinh].map((f) =>
    Float64Array.from({ length: n }, (_, k) => f(Math.PI * k / (n - 1)))
  );
  let most = 0;
  for (let i = 0; i < n; i++) {
    const factor = up![n - 1 - i]! / Math.sinh(Math.PI);
    for (let j = 0; j < n; j++) most = Math.max(most, Math.abs(u[i * n + j]! - across![j]! * factor));
  }
  return most;
}

const residual = ["--stop", "residual", "--tol", String(TOL)];
const plate = (n: number) => ["--size", String(n)];
/** Writes a problem file. @returns the arguments that name it */
const problemFile = (name: string, n: number, sections: string) => {
  const file = join(folder, `${name}-${n}.toml`);
  writeFileSync(file, `shape = [${n}, ${n}]\n${sections}\n`);
  return [file];
};
const insulated = (n: number) =>
  problemFile("insulated", n, "[edges]\nnorth = 100\nwest = 75\neast = 50\nsouth = { flux = 0 }");
const uneven = (n: number) => {
  // No row is like the one before.
  const k = Float64Array.from(
    { length: n * n },
    (_, p) => 1 + 0.5 * Math.sin(40 * (p % n) / n) * Math.cos(30 * p / n ** 2),
  );
  writeFileSync(join(folder, `k-${n}.npy`), Buffer.concat(encodeNpy([n, n], k)));
  return problemFile("uneven", n, `[edges]\nnorth = 100\nwest = 75\n[conductivity]\nfile = "k-${n}.npy"`);
};
const smooth = (n: number) => {
  const wave = Float64Array.from({ length: n }, (_, k) => k === n - 1 ? 0 : Math.sin(Math.PI * k / (n - 1)));
  writeFileSync(join(folder, `wave-${n}.npy`), Buffer.concat(encodeNpy([n], wave)));
  return problemFile("smooth", n, `[edges]\nnorth = { file = "wave-${n}.npy" }`);
};

const head = () => printHead(1, "measured", "s", "cycles", "against", "s", "times faster: median (min to max)");
console.log(`${machine}, ${rounds} rounds\n`);
head();
/** Nanoseconds a point of the plate, by size. */
const perPoint = new Map<number, number>();
for (const n of given.sizes.split(",").map(Number)) {
  const cases = [
    ["plain", plate(n)],
    ...(n === 4097
      ? [["weighted: insulated south", insulated(n)], ["weighted: conductivity varies", uneven(n)]] as const
      : []),
  ] as const;
  ours(plate(n), [...residual, "--out", "u.npy"]);
  const reached = relative("u.npy");
  if (!(reached <= RELATIVE)) throw new Error(`the field of ${n}² leaves ${reached} of the right side: not timed`);
  rmSync(join(folder, "u.npy"));
  const theirs: number[] = [];
  const found = cases.map(() => ({ times: [] as number[], ratios: [] as number[], sweeps: 0 }));
  for (let k = 0; k < rounds; k++) {
    theirs.push(hypre(n));
    for (const [c, [, problem]] of cases.entries()) {
      const { all, sweeps } = ours(problem, residual);
      found[c]!.times.push(all);
      found[c]!.ratios.push(theirs.at(-1)! / all);
      found[c]!.sweeps = sweeps;
    }
  }
  for (const [c, [name]] of cases.entries()) {
    const { times, ratios, sweeps } = found[c]!;
    const each = median(times) / n ** 2 * 1e9;
    if (c === 0) perPoint.set(n, each);
    printRow(
      `${n}², ${name} (${each.toPrecision(3)} ns a point)`,
      median(times).toPrecision(3),
      sweeps,
      "hypre PFMG-CG, 2 ranks",
      median(theirs).toPrecision(3),
      spread(ratios),
    );
  }
  if (n !== 4097) continue;

  const problem = smooth(n);
  ours(problem, [...residual, "--out", "exact.npy"]);
  ours(problem, ["--max-sweeps", "1", "--stop", "residual", "--tol", "1e-15", "--out", "pass.npy"]);
  const [discretisation, pass] = [distance("exact.npy"), distance("pass.npy")];
  const [times, sweeps]: [number[], number[]] = [[], []];
  for (let k = 0; k < rounds; k++) {
    sweeps.push(secondsPerSweep(run(naive, n, 60)));
    times.push(ours(problem, ["--max-sweeps", "1", "--stop", "residual", "--tol", "1e-15"]).solve);
  }
  const ratios = times.map((time, k) => time / sweeps[k]!);
  console.log(
    `\nOne pass of full multigrid, ${n}², smooth data: ${median(times).toPrecision(3)} s, ${
      spread(ratios)
    } naive sweeps; ` +
      `its error is ${pass.toExponential(2)}, that of the discretisation ${discretisation.toExponential(2)}\n`,
  );
  head();
}
const flatness = (what: string, times: ReadonlyMap<number, number>) =>
  console.log(
    `\nTime per point of the plate, ${what}: ${
      [...times].map(([n, time]) => `${time.toPrecision(3)} ns at ${n}²`).join(", ")
    }; largest over smallest ${(Math.max(...times.values()) / Math.min(...times.values())).toPrecision(3)}`,
  );
flatness("a process each", perPoint);
const again = new Map([...perPoint.keys()].map((n) => [n, [] as number[]]));
for (let k = 0; k <= rounds; k++) {
  for (const [n, times] of again) {
    const problem = { shape: [n, n], edges: { north: 100, west: 75, east: 50 } } as const;
    const { seconds } = await solve(problem, { plugin: "ffi-omp", method: "multigrid", stop: "residual", tol: TOL });
    if (k > 0) times.push((seconds.open + seconds.solve) / n ** 2 * 1e9); // the first warms up
  }
}
flatness("in a process that has solved before", new Map([...again].map(([n, times]) => [n, median(times)])));
process.exit(0);
