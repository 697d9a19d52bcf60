/**
 * Measures messages between two ranks against C and mpi4py: what TypeScript adds to the latency, and what is left of the
 * bandwidth. Programs run in turn, round by round; what counts is the median of the ratios. Each reports its best of many
 * batches: on a busy machine the others measure the scheduler.
 *
 *     deno task bench:mpi [--rounds 7] [--bun PROGRAM] [--python /usr/bin/python3]
 *
 * Needs two free cores, mpicc and mpirun of Open MPI or MPICH (as Debian names them, or the only one), and mpi4py for the
 * column of Python: mpi4py belongs to one of the two, Debian's to Open MPI.
 *
 * @module
 */

import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { bunPath } from "../tools/bun.ts";
import { flags, machine, median, printHead, printRow, root, small, spread } from "./tables.ts";
import { forMpi, scratchFolder } from "./yardsticks/build.ts";

const given = flags({ rounds: 7, bun: "", python: "/usr/bin/python3" });
const bun = given.bun || bunPath();
const folder = scratchFolder();

/** What a program prints. */
interface Told {
  readonly microseconds: number;
  readonly callNanoseconds: number;
}

/** Bytes, batches, round trips in each. */
const messages = small ? [[8, 2, 2]] : [[8, 300, 500], [65536, 100, 50], [1 << 20, 100, 5], [1 << 22, 60, 1]];

const has = (command: string) => spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;

function run(mpirun: string, program: readonly string[], message: readonly number[]): Told {
  const args = ["-n", "2", ...program, ...message.map(String)];
  return JSON.parse(execFileSync(mpirun, args, { env: forMpi, cwd: root, encoding: "utf8" }));
}

/** Who is measured under one MPI; C first. */
function programs(suffix: string, mpirun: string): [string, readonly string[]][] {
  const c = join(folder, `pingpong${suffix}`);
  execFileSync(`mpicc${suffix}`, ["-O2", "-o", c, join(root, "bench/yardsticks/pingpong.c")]);
  const ranks = "bench/yardsticks/pingpong.ts";
  const all: [string, readonly string[]][] = [
    ["C", [c]],
    ["mpi4py", [given.python, "bench/yardsticks/pingpong.py"]],
    ["Deno", [process.execPath, "run", "-A", "--no-check", ranks]],
    ["Bun", [bun, "run", ranks]],
  ];
  return all.filter(([name, program]) => {
    try {
      run(mpirun, program, [8, 1, 1]);
      return true;
    } catch {
      console.log(`${name} cannot run under ${mpirun}\n`);
      return false;
    }
  });
}

console.log(`${machine}, ${given.rounds} rounds\n`);
const suffixes = [".openmpi", ".mpich"].filter((suffix) => has(`mpirun${suffix}`));
for (const suffix of suffixes.length > 0 ? suffixes : [""]) {
  const mpirun = `mpirun${suffix}`;
  const who = programs(suffix, mpirun);
  console.log(`## ${mpirun}\n`);
  printHead(2, "bytes", "program", "µs", "of C's speed", "added, ns", "of what mpi4py adds", "ns in a call");
  for (const message of messages) {
    const told = new Map<string, Told[]>(who.map(([name]) => [name, []]));
    for (let k = 0; k < given.rounds; k++) {
      for (const [name, program] of who) told.get(name)!.push(run(mpirun, program, message));
    }
    const c = told.get("C")!.map(({ microseconds }) => microseconds);
    const python = told.get("mpi4py")?.map(({ microseconds }) => microseconds);
    for (const [name, runs] of told) {
      const times = runs.map(({ microseconds }) => microseconds);
      const added = times.map((time, k) => time - c[k]!);
      printRow(
        message[0]!,
        name,
        median(times).toPrecision(4),
        spread(times.map((time, k) => c[k]! / time)),
        (1000 * median(added)).toFixed(0),
        python && name !== "C" && name !== "mpi4py" ? spread(added.map((more, k) => more / (python[k]! - c[k]!))) : "",
        median(runs.map(({ callNanoseconds }) => callNanoseconds)).toFixed(1),
      );
    }
  }
  console.log();
}
process.exit(0);
