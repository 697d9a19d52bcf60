/**
 * Measures the backends against yardsticks: Fortran with OpenMP, NumPy, plain Python loops, a call from C. Each pair runs
 * in turn, so that a machine whose speed drifts does not favour either; what counts is the median of the ratios.
 *
 *     deno task bench:yardsticks [--rounds 7] [--naive PROGRAM] [--python PROGRAM] [--only TEXT]
 *
 * Needs dist/laplace, gcc, gfortran and python3 with numpy. `--naive` and `--python` name other programs that take the
 * same arguments and print a JSON line with `secondsPerSweep`.
 *
 * @module
 */

import { execFileSync, spawnSync } from "node:child_process";
import os from "node:os";
import process from "node:process";
import { bun } from "../tools/bun.ts";
import { fail, flags, machine, median, printHead, printRow, root, small, spread } from "./tables.ts";
import { binary, secondsPerSweep, yardstick } from "./yardsticks/build.ts";

const own = binary();

const given = flags({ rounds: 7, naive: "", python: `${root}bench/yardsticks/slices.py`, only: "" });
const naive = given.naive || yardstick("naive");
if (spawnSync("python3", ["-c", "import numpy"]).status !== 0) {
  fail("Cannot measure Python: it has no NumPy; apt-get install python3 python3-numpy");
}

/** Rows, and sweeps; for `--small` as few as all programs can do. */
const rows = (n: number) => small ? 66 : n, times = (sweeps: number) => small ? 2 : sweeps;

/** Something that runs and prints its seconds a sweep. */
type Timing = () => number;

function timed(program: string, args: readonly (string | number)[], env: Record<string, string> = {}): Timing {
  const options = { cwd: root, env: { ...process.env, ...env }, encoding: "utf8" } as const;
  return () => secondsPerSweep(execFileSync(program, args.map(String), options));
}

const bench = (
  plugin: string,
  size: number,
  args: readonly string[],
) => ["bench", "--plugin", plugin, "--size", rows(size), "--samples", small ? 1 : 5, "--json", ...args];
const laplace = (plugin: string, size: number, ...args: string[]) => timed(own, bench(plugin, size, args));
const script = (...args: readonly (string | number)[]) => timed(process.execPath, ["run", "-A", ...args]);
const deno = (plugin: string, size: number, ...args: string[]) => script("cli.ts", ...bench(plugin, size, args));
const cores = os.availableParallelism();
const fortran = (n: number, sweeps: number, threads: number) =>
  timed(naive, [rows(n), times(sweeps)], { OMP_NUM_THREADS: String(threads) });
const python = (kind: string, n: number, sweeps: number) =>
  timed("python3", [given.python, kind, rows(n), times(sweeps)]);

/** What is measured, against what, and the size that turns seconds into updates. */
interface Pair {
  readonly name: string;
  readonly against: string;
  readonly ours: Timing;
  readonly theirs: Timing;
  /** Points of ours and theirs, where they differ. */
  readonly n: number;
  readonly theirN?: number;
}

const slices = { against: "NumPy slices 512²", theirs: python("numpy", 512, 300), n: 512 };
const plain = { against: "plain Python loops 256²", theirs: python("loops", 256, 4), n: 512, theirN: 256 };
const [program, ...args] = bun;
const perCall = ["bench/yardsticks/call.ts", 66, times(3e5)];
const call = {
  against: "the same call from C",
  theirs: timed(yardstick("call"), ["native/build/liblaplace_c.so", 66, times(3e5)]),
  n: 66,
};
const all = { against: `Fortran, ${cores} threads, 8192²`, theirs: fortran(8192, 30, cores), n: 8192 };
const half = { against: `Fortran, ${cores} threads, 4096²`, theirs: fortran(4096, 120, cores), n: 4096 };
const inCache = { against: `Fortran, ${cores} threads, 1024²`, theirs: fortran(1024, 4000, cores), n: 1024 };
const alone = { against: "Fortran, 1 thread, 8192²", theirs: fortran(8192, 16, 1), n: 8192 };
const one = { against: "Fortran, 1 thread, 1024²", theirs: fortran(1024, 1000, 1), n: 1024 };
const weighted = {
  against: `Fortran, ${cores} threads, weighted, 8192²`,
  theirs: timed(yardstick("weighted"), [rows(8192), times(8)], { OMP_NUM_THREADS: String(cores) }),
  n: 8192,
};
const c = { against: "C, 1 thread, 512²", theirs: timed(yardstick("naive_c"), [rows(512), times(8000)]), n: 512 };
const pairs: readonly Pair[] = [
  { name: "js 512² (binary)", ours: laplace("js", 512), ...slices },
  { name: "js 512² (Deno)", ours: deno("js", 512), ...slices },
  { name: "js 512² (binary)", ours: laplace("js", 512), ...plain },
  { name: "js 512² (Deno)", ours: deno("js", 512), ...plain },
  { name: "ndarray 512² (binary)", ours: laplace("ndarray", 512), ...slices },
  { name: "ndarray 512² (Deno)", ours: deno("ndarray", 512), ...slices },
  { name: "ffi-c 66², one call a sweep (Bun)", ours: timed(program, [...args, ...perCall]), ...call },
  { name: "ffi-c 66², one call a sweep (Deno)", ours: script(...perCall), ...call },
  { name: "ffi-omp 8192²", ours: laplace("ffi-omp", 8192), ...all },
  { name: "ffi-omp 4096²", ours: laplace("ffi-omp", 4096), ...half },
  { name: "ffi-omp 1024²", ours: laplace("ffi-omp", 1024), ...inCache },
  { name: "ffi-omp 8192², 1 thread", ours: laplace("ffi-omp", 8192, "--set", "threads=1"), ...alone },
  { name: "ffi-c 8192²", ours: laplace("ffi-c", 8192), ...alone },
  {
    name: "ffi-omp 8192², f32",
    ours: laplace("ffi-omp", 8192, "--dtype", "f32"),
    against: "ffi-omp 8192², f64",
    theirs: laplace("ffi-omp", 8192),
    n: 8192,
  },
  {
    name: "ffi-omp 8192²",
    ours: laplace("ffi-omp", 8192),
    against: "ffi-omp 1024²",
    theirs: laplace("ffi-omp", 1024),
    n: 8192,
    theirN: 1024,
  },
  { name: "ffi-omp 8192², weighted", ours: laplace("ffi-omp", 8192, "--stencil", "weighted"), ...weighted },
  { name: "ffi-omp 8192², row by row", ours: laplace("ffi-omp", 8192, "--set", "block=off"), ...all },
  { name: "wasm 512², 1 thread (binary)", ours: laplace("wasm", 512, "--set", "threads=1"), ...c },
  { name: "wasm 512², 1 thread (Deno)", ours: deno("wasm", 512, "--set", "threads=1"), ...c },
  { name: "wasm 8192² (binary)", ours: laplace("wasm", 8192), ...all },
  { name: "wasm 8192² (Deno)", ours: deno("wasm", 8192), ...all },
  { name: "workers 8192²", ours: laplace("workers", 8192), ...all },
  { name: "ffi-c 1024²", ours: laplace("ffi-c", 1024), ...one },
  { name: "ffi-fortran 1024²", ours: laplace("ffi-fortran", 1024), ...one },
];

const mlups = (n: number, seconds: number) => ((n - 2) ** 2 / seconds / 1e6).toPrecision(3);

console.log(`${machine}, ${given.rounds} rounds\n`);
printHead(1, "measured", "MLUP/s", "against", "MLUP/s", "ratio of rates: median (min to max)");
for (const { name, against, ours, theirs, n, theirN = n } of pairs) {
  if (!`${name} ${against}`.includes(given.only)) continue;
  const rounds = Array.from({ length: given.rounds }, () => [ours(), theirs()] as const);
  printRow(
    name,
    mlups(n, median(rounds.map(([a]) => a))),
    against,
    mlups(theirN, median(rounds.map(([, b]) => b))),
    spread(rounds.map(([a, b]) => ((n - 2) ** 2 / a) / ((theirN - 2) ** 2 / b))),
  );
}
