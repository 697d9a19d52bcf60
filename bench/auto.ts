/**
 * Measures how long every method of a plugin takes to its default tolerance, and whether `--method auto` takes one that
 * is at most twice as slow as the fastest: rewrites the table in docs/methods.md. Exits with 1 where it does not.
 *
 *     deno task bench:auto [--rounds 3] [--plugin js,wasm,ffi-omp] [--problem plate,…] [--size 5,17,…] [--dry-run]
 *
 * A time is that of `solve`: opening, sweeps, and the bound on the error. Methods take turns, after a tenth of a second of
 * each that is not counted; of a turn the fastest solve counts, of the turns the median. A method that takes four times as
 * long as the fastest so far is given up, there and on larger grids.
 *
 * @module
 */

import process from "node:process";
import { loadPlugin } from "../backends/registry.ts";
import type { Backend, Method } from "../core/contract.ts";
import { traits } from "../core/methods/traits.ts";
import type { Problem } from "../core/problem/problem.ts";
import { planFor } from "../core/methods/plan.ts";
import { lower } from "../core/discretize/lower.ts";
import { solve } from "../solve/solve.ts";
import { fillPage, flags, machine, markdown, median, requirePlaces, runtime, small, today } from "./tables.ts";

const page = "docs/methods.md";
const given = flags({
  rounds: 3,
  plugin: "js,wasm,ffi-omp",
  problem: "",
  // 521 and 519 = 3 · 173 have large primes, which cost transforms most.
  size: "5,17,65,257,521,1025,2049",
  "dry-run": false,
});
const { rounds } = given;
const sizes = given.size.split(",").map(Number);
requirePlaces(page, ["auto machine", "auto"]);

/** Larger ones are for native plugins. */
const LARGE = 1500;

/** From those that are fastest most often on, since they set how long the others are waited for. */
const METHODS: readonly Method[] = ["direct", "multigrid", "cg", "sor", "spectral", "jacobi"];

const edges = { north: 100, west: 75, east: 50 };
const problems: Readonly<Record<string, (n: number) => Problem>> = {
  plate: (n) => ({ shape: [n, n], edges }),
  stretched: (n) => ({ shape: [n, n], edges, spacing: [1, 10] }),
  insulated: (n) => ({ shape: [n, n], edges: { ...edges, south: { flux: 0 } } }),
  tube: (n) => ({ shape: [n, n], edges: { north: 100, west: "periodic", east: "periodic" } }),
  // What direct cannot solve.
  electrode: (n) => ({
    shape: [n, n],
    edges,
    fixed: { shapes: [{ kind: "circle", center: [n / 3, n / 2], radius: n / 8, value: 200 }] },
  }),
  materials: (n) => ({ shape: [n, n], edges, conductivity: (i, j) => ((i >> 2) + (j >> 2)) % 2 === 0 ? 1 : 100 }),
};
const names = given.problem === "" ? Object.keys(problems) : given.problem.split(",");

/** A method that is given up has taken so many times as long as the fastest, and so many seconds. */
const HOPELESS = 4, PATIENCE = 0.1;

/** Seconds that each method runs before it is timed, so that its loops are compiled. */
const WARM = 0.1;

/** Seconds of a turn: what is shorter is repeated, and the fastest counts. */
const TURN = 0.03;

/** The choice may take so many times as long as the fastest, or so many seconds longer: nobody waits for those. */
const FAIR = 2, UNSEEN = 0.002;

/** A row of the table. */
interface Row {
  readonly plugin: string;
  readonly problem: string;
  readonly n: number;
  /** Of each method that the plugin has and the problem admits: seconds, or Infinity where it was given up. */
  readonly seconds: Map<Method, number>;
  readonly auto: Method;
}

/** @param hopeless methods that were given up on smaller grids; more may be added */
async function measure(backend: Backend, name: string, n: number, hopeless: Set<Method>): Promise<Row> {
  const problem = problems[name]!(n);
  const stencil = lower(problem);
  const able = METHODS.filter((method) =>
    backend.methods.includes(method) && traits[method].fails?.(stencil) === undefined
  );
  /** Seconds, or undefined if it took too long. */
  const run = async (method: Method, patience: number): Promise<number | undefined> => {
    const signal = patience < Infinity ? AbortSignal.timeout(1000 * patience) : undefined;
    const { status, seconds } = await solve(problem, { plugin: backend.name, method, signal });
    if (status === "interrupted") return undefined;
    if (status === "converged") return seconds.total;
    throw new Error(`Cannot compare ${method} of "${backend.name}", ${name} ${n}: it ended as ${status}`);
  };
  const taken = new Map<Method, number[]>();
  let best = Infinity;
  for (const method of able.filter((method) => !hopeless.has(method))) {
    const until = performance.now() + 1000 * WARM;
    let last = await run(method, Math.max(PATIENCE, HOPELESS * best));
    if (last === undefined) {
      hopeless.add(method);
      continue;
    }
    while (performance.now() < until) last = Math.min(last, (await run(method, Infinity))!);
    best = Math.min(best, last);
    taken.set(method, []);
  }
  for (let round = 0; round < rounds; round++) {
    for (const [method, all] of taken) {
      const until = performance.now() + 1000 * TURN;
      let fastest = Infinity;
      do fastest = Math.min(fastest, (await run(method, Infinity))!); while (performance.now() < until);
      all.push(fastest);
    }
  }
  const seconds = new Map(able.map((method) => [method, taken.has(method) ? median(taken.get(method)!) : Infinity]));
  return { plugin: backend.name, problem: name, n, seconds, auto: planFor(backend, stencil, "auto", {}).method };
}

const rows: Row[] = [];
for (const plugin of given.plugin.split(",")) {
  const backend = await loadPlugin(plugin);
  const probe = await backend.probe();
  if (!probe.available) throw new Error(`Cannot measure "${plugin}": ${probe.reason}`);
  for (const name of names) {
    const hopeless = new Set<Method>();
    for (const n of sizes) {
      if (n > LARGE && !plugin.startsWith("ffi-")) continue;
      const row = await measure(backend, name, n, hopeless);
      rows.push(row);
      const times = [...row.seconds].map(([method, seconds]) => `${method} ${(1000 * seconds).toPrecision(3)}`);
      console.error(`${plugin} ${name} ${n}: ${times.join(", ")} ms; auto ${row.auto}, ${ratio(row).toPrecision(3)}`);
    }
  }
}

/** How many times as long as the fastest the choice of `auto` takes. */
function ratio({ seconds, auto }: Row): number {
  return seconds.get(auto)! / Math.min(...seconds.values());
}

// ---- what came out ----

const time = (seconds: number) => seconds === Infinity ? "too long" : `${(1000 * seconds).toPrecision(3)} ms`;
const column = (row: Row, method: Method) => {
  const seconds = row.seconds.get(method);
  const text = seconds === undefined ? "–" : time(seconds);
  return method === row.auto ? `**${text}**` : text;
};
const head = ["plugin", "problem", "", ...METHODS.map((method) => `\`${method}\``), "auto / fastest"];
const table = markdown(
  head,
  rows.map((row) => [
    `\`${row.plugin}\``,
    row.problem,
    `${row.n}²`,
    ...METHODS.map((method) => column(row, method)),
    ratio(row).toFixed(2),
  ]),
  2,
);
const seen = rows.filter(({ seconds, auto }) => seconds.get(auto)! - Math.min(...seconds.values()) > UNSEEN);
const unfair = seen.filter((row) => ratio(row) > FAIR);
const where = `where the difference is more than ${1000 * UNSEEN} ms`;
const verdict = unfair.length === 0
  ? `At most ${Math.max(1, ...seen.map(ratio)).toFixed(2)} times as long as the fastest, ${where}.`
  : `More than ${FAIR} times as long as the fastest, ${where}: ${
    unfair.map((row) => `${row.plugin}, ${row.problem}, ${row.n}² (${ratio(row).toFixed(2)})`).join("; ")
  }.`;
const parts: Record<string, string> = {
  "auto machine": `${machine}, ${runtime}, f64; ${today}, median of ${rounds} rounds. ${verdict}`,
  auto: table,
};
console.log(verdict);
if (!given["dry-run"]) fillPage(page, parts);
process.exitCode = unfair.length === 0 || small ? 0 : 1;
