/**
 * Checks `laplace model` against runs at 1 and 2 ranks here: rate, latency and bandwidth are measured, the sweeps of ranks
 * predicted from them, and then measured.
 *
 *     deno task bench:model [--sizes 1024,2048,4096] [--kernel ffi-omp] [--rounds 5]
 *
 * Needs dist/laplace, two free cores and the launcher of an MPI. Every rank has one thread. Rates are put in twice:
 * as one process measures them, alone on the machine, and as two do at a time, since cores share memory and clock.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { flags, machine, median, printHead, printRow, root, small } from "./tables.ts";
import { binary, forMpi } from "./yardsticks/build.ts";

const given = flags({ sizes: small ? "64" : "1024,2048,4096", kernel: "ffi-omp", rounds: 5 });
const { rounds } = given;
const own = binary();
// Only those that have threads take the setting.
const single = ["ffi-omp", "wasm", "workers"].includes(given.kernel) ? ["--set", "threads=1"] : [];

function laplace(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(own, args, { cwd: root, env: forMpi, encoding: "utf8" });
  if (status !== 0) throw new Error(`Cannot run laplace ${args.join(" ")}: ${stderr.trim().split("\n").at(-1)}`);
  return stdout;
}

/** What is predicted, and from which network. */
interface Predicted {
  readonly latency: number;
  readonly bandwidth: number;
  readonly rows: readonly { readonly mlups: number }[];
}

const model = ["model", "--plugin", given.kernel, ...single, "--ranks", "1,2", "--json"];

/** From what two ranks measure at a time. */
function fromTwo(size: string): Predicted {
  return JSON.parse(laplace("launch", "-n", "2", "--", ...model, "--size", size));
}

/** From the rates of one process, and the network of two. */
function fromOne(size: string, { latency, bandwidth }: Predicted): Predicted {
  return JSON.parse(laplace(...model, "--size", size, "--latency", String(latency), "--bandwidth", String(bandwidth)));
}

/** MLUP/s of ranks of mpi, all together. */
function ofRanks(ranks: number, size: string): number {
  const bench = ["bench", "--set", `kernel=${given.kernel}`, ...single, "--size", size, "--samples", "3", "--json"];
  return JSON.parse(laplace("launch", "-n", String(ranks), "--", ...bench))[0].mlups;
}

console.log(`${machine}; kernel ${given.kernel}, one thread a rank`);
console.log(`MLUP/s, medians of ${rounds} rounds in turn\n`);
printHead(
  0,
  "size",
  "ranks",
  "measured",
  "predicted, rates of one",
  "measured / that",
  "rates of two",
  "measured / that",
);
const networks: string[] = [];
for (const size of given.sizes.split(",")) {
  const [ones, twos]: [Predicted[], Predicted[]] = [[], []];
  const measured: [number[], number[]] = [[], []];
  for (let k = 0; k < rounds; k++) {
    const two = fromTwo(size);
    twos.push(two);
    ones.push(fromOne(size, two));
    measured.forEach((all, n) => all.push(ofRanks(n + 1, size)));
  }
  for (const [n, all] of measured.entries()) {
    const of = (predicted: readonly Predicted[]) => median(predicted.map(({ rows }) => rows[n]!.mlups));
    const [got, one, two] = [median(all), of(ones), of(twos)];
    const whole = (x: number) => x.toFixed(0), ratio = (x: number) => (got / x).toFixed(2);
    printRow(`${size}²`, n + 1, whole(got), whole(one), ratio(one), whole(two), ratio(two));
  }
  const of = (key: "latency" | "bandwidth") => median(twos.map((two) => two[key]));
  networks.push(`${of("latency").toFixed(2)} µs and ${of("bandwidth").toFixed(1)} GB/s`);
}
console.log(`\nMessages between the two ranks: ${networks.join("; ")}`);
