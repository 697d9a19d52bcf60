/**
 * Measures what parts, formulas and results add to a solve: rewrites the table in docs/results.md.
 *
 *     deno task bench:answers [--rounds 7] [--size 2049] [--plugin ffi-omp]
 *
 * What they add is the time to lower the problem, less that of the plate without them, and the time of the results; it is set
 * beside the whole solve. Runs take turns, round by round; figures are medians of the rounds.
 *
 * @module
 */

import { lower } from "../core/discretize/lower.ts";
import { type Problem, validateProblem } from "../core/problem/problem.ts";
import { solve } from "../solve/solve.ts";
import { fillPage, flags, machine, markdown, median, requirePlaces, runtime, small, today } from "./tables.ts";

const page = "docs/results.md";
const { rounds, size: n, plugin } = flags({ rounds: 7, size: small ? 33 : 2049, plugin: "ffi-omp" });
requirePlaces(page, ["cost machine", "cost"]);

const h = 2.2 / (n - 1);
const plate: Problem = { shape: [n, n], spacing: [h, h], origin: [-1.1, -1.1], edges: { north: 1 } };
const circle = (name: string, radius: number) => ({ name, kind: "circle", center: [0.01, 0.02], radius }) as const;
const coax: Problem = {
  ...plate,
  edges: {},
  parts: [
    { ...circle("coat", 0.75), conductivity: 2 },
    { ...circle("wire", 0.5), value: 1 },
    { ...circle("shield", 1), outside: true, value: 0 },
  ],
};
const problems: Readonly<Record<string, Problem>> = {
  "plate, results alone": plate,
  "formulas along edges": { ...plate, edges: { north: "sin(pi*x)", west: "x*y" } },
  "conductivity by a formula": { ...plate, conductivity: { formula: "1 + x^2 + y^2" } },
  "coated coax: three parts": coax,
  "the same with a floating rod": {
    ...coax,
    parts: [...coax.parts!, { ...circle("rod", 0.1), center: [0.8, 0.2], charge: 0 }],
  },
};

const rows = [];
for (const [name, input] of Object.entries(problems)) {
  const problem = validateProblem(input);
  const varies: Problem = { ...plate, conductivity: { formula: () => 1 } };
  const base = problem.conductivity || problem.parts ? { ...varies, conductivity: (i: number) => 1 + i / n } : plate;
  const times: { extra: number; results: number; total: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const total = (await solve(problem, { plugin, gather: true })).seconds.total;
    const [with_, without] = [timed(() => lower(problem)), timed(() => lower(base))];
    const stencil = lower(problem);
    const u = new Float64Array(n * n).map((_, k) => k % 7);
    const owned = { rows: [0, n], cols: [0, n] } as const;
    const start = performance.now();
    await stencil.results(u, { rank: 0, ranks: 1, owned });
    const results = (performance.now() - start) / 1000;
    times.push({ extra: Math.max(0, with_ - without), results, total });
  }
  const of = (pick: (one: typeof times[0]) => number) => median(times.map(pick));
  const ms = (seconds: number) => (1000 * seconds).toFixed(0);
  rows.push([
    name,
    ms(of(({ total }) => total)),
    ms(of(({ extra }) => extra)),
    ms(of(({ results }) => results)),
    of(({ extra, results, total }) => (extra + results) / total).toFixed(2),
  ]);
  console.log(rows.at(-1)!.join("  "));
}

function timed(run: () => unknown): number {
  const start = performance.now();
  run();
  return (performance.now() - start) / 1000;
}

fillPage(page, {
  "cost machine": `${n} × ${n} nodes, ${plugin}, ${runtime}, ${machine}, ${today}; medians of ${rounds} rounds, in ms.`,
  "cost": markdown(["problem", "solve", "parts, formulas", "results", "part of the solve"], rows),
});
