/**
 * Measures what each technique of the native Jacobi sweep gains, and how far the machine lets it go: rewrites the tables in
 * docs/speed.md and the roofline in docs/speed.svg.
 *
 *     deno task bench:speed [--rounds 5] [--size 8192] [--naive PROGRAM]
 *
 * Needs dist/laplace, gcc and gfortran. All programs run in turn, round by round, so that a machine whose speed drifts
 * favours none; each row is the median of its ratios. `--naive` names another program than bench/yardsticks/naive.f90.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import os from "node:os";
import process from "node:process";
import { fillPage, flags, machine, markdown, median, requirePlaces, root, small, spread, today } from "./tables.ts";
import { binary, built, secondsPerSweep, yardstick } from "./yardsticks/build.ts";
import { type Point, roofline } from "./plot/roofline.ts";

const given = flags({ rounds: 5, size: small ? 66 : 8192, naive: "" });
const { size } = given;
const cores = os.availableParallelism();

const own = binary();

const page = "docs/speed.md";
requirePlaces(page, ["machine", "ladder", "blocks", "others"]);

// ---- what is measured ----

/** A library like ours, but for one technique. */
const variants: Readonly<Record<string, string>> = {
  cached: "-DCACHE_BYTES=1e18",
  natural: '-DPREFETCH(address)=(void)(address) -DLAYOUT="../../bench/variants/natural.h"',
  unprefetched: "-DPREFETCH(address)=(void)(address)",
};

const run = (program: string, args: readonly string[], env: Record<string, string> = {}) =>
  execFileSync(program, args, { cwd: root, env: { ...process.env, ...env }, encoding: "utf8" });
const programs = { naive: given.naive || yardstick("naive"), roofs: yardstick("roofs") };
for (const [name, CFLAGS] of small ? [] : Object.entries(variants)) {
  run(process.execPath, ["run", "-A", "native/build.ts", "--only", "omp", "--out", `${built}/${name}`], { CFLAGS });
}

/** A measurement: what it shows, and how to take it, in 1e9 updates a second. */
interface Measurement {
  readonly title: string;
  readonly rate: () => number;
  readonly rates: number[];
}

const measurements: Measurement[] = [];
const measure = (title: string, rate: () => number): Measurement => {
  const measurement = { title, rate, rates: [] };
  measurements.push(measurement);
  return measurement;
};

/** How to run `laplace bench`: a variant of the library, a size, settings. */
interface Options {
  readonly variant?: string;
  readonly n?: number;
  readonly block?: string;
  readonly threads?: number;
  readonly dtype?: string;
  readonly stencil?: string;
  readonly isa?: string;
}

function laplace(title: string, { variant, n = size, block, threads, dtype, stencil, isa }: Options): Measurement {
  const settings = { block, threads };
  const sets = Object.entries(settings).flatMap(([key, value]) =>
    value === undefined ? [] : ["--set", `${key}=${value}`]
  );
  const args = [
    "bench",
    "--plugin",
    "ffi-omp",
    "--size",
    `${small ? size : n}`,
    "--samples",
    small ? "1" : "3",
    "--json",
    ...sets,
  ];
  if (dtype !== undefined) args.push("--dtype", dtype);
  if (stencil !== undefined) args.push("--stencil", stencil);
  const env = {
    ...(variant !== undefined && !small && { LAPLACE_NATIVE: `${built}/${variant}` }),
    ...(isa !== undefined && { LAPLACE_ISA: isa }),
  };
  return measure(title, () => JSON.parse(run(own, args, env))[0].mlups / 1000);
}

function fortran(threads: number, n: number): Measurement {
  const sweeps = `${small ? 2 : 2 * Math.ceil(6e8 / n ** 2)}`;
  return measure(`naive Fortran, ${n}², ${threads} thread${threads === 1 ? "" : "s"}`, () => {
    const text = run(programs.naive, [`${small ? size : n}`, sweeps], { OMP_NUM_THREADS: `${threads}` });
    return (n - 2) ** 2 / secondsPerSweep(text) / 1e9;
  });
}

const naive = fortran(cores, size);
const ladder = [
  laplace("rows in blocks of 512 points, in vectors, norm included", { variant: "cached", block: "off" }),
  laplace("v stored non-temporally", { block: "off" }),
  laplace("32 sweeps in a pass: tiles of 576 columns, four rows at a time, natural layout", { variant: "natural" }),
  laplace("dimension-lifted layout", { variant: "unprefetched" }),
  laplace("the next block prefetched: as it is", {}),
];
const best = ladder.at(-1)!;
const depths = [2, 4, 8, 16, 32, 48].map((sweeps) => ({
  sweeps,
  taken: laplace(`block=${sweeps}x576`, { block: `${sweeps}x576` }),
}));
const widths = [288, 1088, 2112].map((width) => laplace(`block=32x${width}`, { block: `32x${width}` }));
const one = fortran(1, size);
const cache = fortran(cores, 1024);
const others = [
  { ours: laplace("one thread", { threads: 1 }), theirs: one },
  { ours: laplace("1024², in cache", { n: 1024 }), theirs: cache },
  { ours: laplace("4096²", { n: 4096 }), theirs: fortran(cores, 4096) },
  { ours: laplace("f32", { dtype: "f32" }), theirs: best },
  { ours: laplace("SSE2 instead of the widest vectors", { isa: "baseline" }), theirs: best },
  { ours: laplace("weighted stencil", { stencil: "weighted" }), theirs: best },
  { ours: laplace("weighted stencil, row by row", { stencil: "weighted", block: "off" }), theirs: best },
  { ours: laplace(`${4 * cores} threads on ${cores} cores`, { threads: 4 * cores }), theirs: best },
];

// ---- the rounds ----

const roofs = { copy: 0, formula: 0 };
for (let round = 1; round <= given.rounds; round++) {
  console.error(`round ${round} of ${given.rounds}`);
  const seen = JSON.parse(run(programs.roofs, small ? ["12"] : [], { OMP_NUM_THREADS: `${cores}` }));
  roofs.copy = Math.max(roofs.copy, seen.copy);
  roofs.formula = Math.max(roofs.formula, seen.formula);
  for (const { rate, rates } of measurements) rates.push(rate());
}

// ---- what came out ----

const figure = (value: number) => value.toPrecision(3);
const ratio = (a: Measurement, b: Measurement) => spread(a.rates.map((rate, k) => rate / b.rates[k]!));

const parts: Record<string, string> = {
  machine: `${machine}, ${run("gcc", ["--version"]).split("\n")[0]}; ` +
    `${today}, ${given.rounds} rounds. ` +
    `The best of all rounds: memory is copied at ${
      roofs.copy.toFixed(1)
    } GB/s, and the formula is evaluated in registers ` +
    `${figure(roofs.formula)} times 10⁹ a second.`,
  ladder: markdown(["", "10⁹ updates/s", "× naive Fortran", "× the line before"], [
    [naive.title, figure(median(naive.rates)), "1", ""],
    ...ladder.map((step, k) => [
      step.title,
      figure(median(step.rates)),
      ratio(step, naive),
      ratio(step, k === 0 ? naive : ladder[k - 1]!),
    ]),
  ]),
  blocks: markdown(
    ["", "10⁹ updates/s", "× naive Fortran"],
    [...depths.map(({ taken }) => taken), ...widths].map((step) => [
      step.title,
      figure(median(step.rates)),
      ratio(step, naive),
    ]),
  ),
  others: markdown(
    ["", "10⁹ updates/s", "against", "ratio"],
    others.map(({ ours, theirs }) => [
      ours.title,
      figure(median(ours.rates)),
      theirs === best ? "f64, all threads" : theirs.title,
      ratio(ours, theirs),
    ]),
  ),
};

/** Updates for each byte that memory must move: a tile reads its margins too, and a cached store reads what it overwrites. */
const bytes = { cached: 24, streamed: 16 };
const margin = (sweeps: number) => 576 / (576 - 16 * Math.ceil(sweeps / 8));
const points: Point[] = [
  { label: "naive Fortran", x: 1 / bytes.cached, y: median(naive.rates) },
  { label: "row by row", x: 1 / bytes.streamed, y: median(ladder[1]!.rates) },
  ...depths.map(({ sweeps, taken }) => ({
    label: `${sweeps} sweeps a pass`,
    x: sweeps / (8 * margin(sweeps) + 8),
    y: median(taken.rates),
  })),
];
fillPage(page, parts, { file: "docs/speed.svg", svg: roofline(roofs, points) });
