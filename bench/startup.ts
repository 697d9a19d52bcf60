/**
 * Counts what a rank asks of file systems until it has done its first sweep, against python3 with numpy and mpi4py, and
 * against a program in C that opens MPI and nothing else: what that one asks for is MPI's own. Then times the three.
 *
 *     deno task bench:startup [--rounds 7] [--python /usr/bin/python3]
 *
 * Needs dist/laplace, strace, mpicc and mpirun of Open MPI, and NumPy and mpi4py, which Debian has for Open MPI.
 *
 * @module
 */

import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fail, flags, median, printHead, printRow, root } from "./tables.ts";
import { binary, forMpi, scratchFolder, yardstick } from "./yardsticks/build.ts";

const given = flags({ rounds: 7, python: "/usr/bin/python3" });
const own = binary();
if (spawnSync("strace", ["-V"]).error) {
  fail("Cannot count calls: there is no strace; apt-get install strace");
}
if (spawnSync(given.python, ["-c", "import numpy, mpi4py"]).status !== 0) {
  fail(`Cannot measure ${given.python}: it has no NumPy and mpi4py; apt-get install python3-numpy python3-mpi4py`);
}
const folder = scratchFolder();

/** One sweep of a plate of 9 x 9 points, after which the rule to stop holds: the exit code is 0. */
const sweep = ["solve", "--size", "9", "--method", "jacobi", "--stop", "change", "--eps", "1e9", "--check-every", "1"];
const imports = "import numpy; from mpi4py import MPI";
const unopened = "import numpy, mpi4py; mpi4py.rc.initialize = False; from mpi4py import MPI";

/** What one process asked of file systems. */
interface Counts {
  /** Calls of strace's class %file. */
  readonly all: number;
  /** Those that name a file which is not the kernel's own, in /proc, /sys or /dev: disks and shared file systems. */
  readonly files: number;
}

function count(trace: string): Counts {
  // A call that waits is printed twice.
  const lines = readFileSync(trace, "utf8").split("\n").filter((line) => /^\d+ +\w+\(/.test(line));
  const files = lines.filter((line) => !/"\/(proc|sys|dev)[/"]/.test(line) && !/\(\d+, "", .*AT_EMPTY_PATH/.test(line));
  return { all: lines.length, files: files.length };
}

const strace = ["strace", "-f", "-qq", "-e", "trace=%file", "-o"];

function run(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, env: forMpi, encoding: "utf8" });
  if (status === 0) return stdout;
  throw new Error(`Cannot run ${program} ${args.join(" ")}: ${stderr.trim().split("\n").at(-1)}`);
}

function alone(command: readonly string[]): Counts {
  run(strace[0]!, [...strace.slice(1), join(folder, "alone"), ...command]);
  return count(join(folder, "alone"));
}

/** Runs a command as two ranks, in a shell that may do something around it. */
const asRanks = (script: string, command: readonly string[]) =>
  run("mpirun.openmpi", ["-n", "2", "sh", "-c", script, folder, ...command]);

/** The least of three runs: ranks race for who makes the folders of Open MPI, and those that come second ask again. */
function ofRanks(command: readonly string[]): Counts {
  const all: Counts[] = [];
  for (let k = 0; k < 3; k++) {
    asRanks(`exec ${strace.join(" ")} "$0/$OMPI_COMM_WORLD_RANK" "$@"`, command);
    all.push(count(join(folder, "0")), count(join(folder, "1")));
  }
  return all.reduce((least, other) => other.all < least.all ? other : least);
}

/** Milliseconds from the start of a rank to its end; the slower of two. */
function time(command: readonly string[]): number {
  const text = asRanks('s=$(date +%s%N); "$@" && echo "ms $((($(date +%s%N) - s) / 10000))"', command);
  const times = [...text.matchAll(/^ms (\d+)$/gm)].map(([, hundredths]) => Number(hundredths) / 100);
  if (times.length !== 2) throw new Error(`Cannot time ${command.join(" ")}: it printed ${text}`);
  return Math.max(...times);
}

const ratio = (theirs: number, ours: number) => (theirs / ours).toFixed(1);

const init = yardstick("init");
const rank = [own, ...sweep, "--plugin", "mpi", "--quiet"];
const version = execFileSync("mpirun.openmpi", ["--version"], { encoding: "utf8" }).split("\n")[0];
console.log(`${version}, ${execFileSync(given.python, ["--version"], { encoding: "utf8" }).trim()}\n`);
console.log("Calls of strace's class %file. *: that name a file which is not in /proc, /sys or /dev.\n");

printHead(1, "a process alone", "calls", "python's / ours", "on files*", "python's / ours");
const python = alone([given.python, "-c", unopened]);
printRow("python3, numpy and mpi4py, MPI not opened", python.all, "", python.files, "");
for (const plugin of ["js", "ffi-omp", "auto"]) {
  const ours = alone([own, ...sweep, "--plugin", plugin, "--quiet"]);
  const [all, files] = [ratio(python.all, ours.all), ratio(python.files, ours.files)];
  printRow(`laplace, one sweep, --plugin ${plugin}`, ours.all, all, ours.files, files);
}

console.log();
printHead(1, "a rank of 2", "calls", "without C's", "on files*", "without C's");
const [mpi, ours, theirs] = [ofRanks([init]), ofRanks(rank), ofRanks([given.python, "-c", imports])];
const besides = ({ all, files }: Counts) => [all, all - mpi.all, files, files - mpi.files];
printRow("C, MPI_Init and MPI_Finalize", mpi.all, "", mpi.files, "");
printRow("python3, numpy and mpi4py", ...besides(theirs));
printRow("laplace, one sweep, --plugin mpi", ...besides(ours));
printRow("python's / ours", ...besides(theirs).map((n, k) => ratio(n, besides(ours)[k]!)));

const { rounds } = given;
const who = {
  "C, MPI_Init and MPI_Finalize": [init],
  "python3, one sweep": [given.python, join(root, "bench/yardsticks/first_sweep.py"), "9"],
  "laplace, one sweep": rank,
};
const times = new Map<string, number[]>(Object.keys(who).map((name) => [name, []]));
for (let k = 0; k < rounds; k++) {
  for (const [name, command] of Object.entries(who)) times.get(name)!.push(time(command));
}
console.log(`\nFrom the start of a rank of 2 to its end after the first sweep: medians of ${rounds} rounds in turn.\n`);
printHead(1, "program", "ms", "min", "max");
for (const [name, all] of times) {
  printRow(name, ...[median(all), Math.min(...all), Math.max(...all)].map((ms) => ms.toFixed(0)));
}
