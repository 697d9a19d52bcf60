/**
 * Measures how each method converges on the textbook plate, with the reference backend: rewrites the tables in
 * docs/methods.md and the figure docs/methods.svg.
 *
 *     deno task bench:methods [--rounds 5] [--size 257]
 *
 * The error is the largest distance from the exact discrete solution, relative to the range of the field. Runs take turns,
 * round by round; a time is the median of the rounds, from the opening of a session on, what is read for the error apart.
 *
 * @module
 */

import js from "../backends/js/mod.ts";
import type { GridData, Method, Stencil } from "../core/contract.ts";
import { optimalOmega } from "../core/methods/sor.ts";
import { lower } from "../core/discretize/lower.ts";
import { type Curve, curves } from "./plot/curves.ts";
import { fillPage, flags, machine, markdown, median, requirePlaces, runtime, small, spread, today } from "./tables.ts";

const page = "docs/methods.md";
const { rounds, size } = flags({ rounds: 5, size: small ? 33 : 257 });
requirePlaces(page, ["machine", "table"]);

const plate = (n: number) => lower({ shape: [n, n], edges: { north: 100, west: 75, east: 50, south: 0 } });
const stencil = plate(size);
const omega = optimalOmega(stencil.analysis);
const range = 100;

/** An error this small is reached by all; below, rounding errors come into it. */
const GOAL = 1e-10;

/** The colours of the curves. */
const COLOURS: Readonly<Record<Method, string>> = {
  jacobi: "#b2182b",
  sor: "#ef8a62",
  cg: "#7b3294",
  multigrid: "#2166ac",
  direct: "#1b7837",
  spectral: "#222222",
};

/** What is known after some sweeps. */
interface Sample {
  readonly sweeps: number;
  readonly error: number;
  /** Of each round. */
  readonly seconds: number[];
}

async function open(stencil: Stencil, method: Method) {
  const start = performance.now();
  const session = await js.open(stencil, { method, settings: {} });
  return { session, seconds: (performance.now() - start) / 1000 };
}

/** Solves as well as f64 can. */
async function exact(stencil: Stencil): Promise<GridData> {
  const { session } = await open(stencil, "direct");
  await session.advance(3);
  const u = (await session.read("global"))!;
  await session[Symbol.asyncDispose]();
  return u;
}

const solution = await exact(stencil);
const errorOf = (u: GridData) => {
  let most = 0;
  for (let k = 0; k < u.length; k++) most = Math.max(most, Math.abs(u[k]! - solution[k]!));
  return most / range;
};

/** One run, looked at after 1, 2, 3, … sweeps, each count a twentieth larger than the one before, until GOAL is reached. */
async function run(method: Method, samples: Sample[]): Promise<void> {
  let { session, seconds } = await open(stencil, method);
  let [sweeps, error] = [0, 1];
  for (let n = 0; error > GOAL / 10 && n < 1000; n++) {
    const next = Math.max(sweeps + 1, Math.floor(sweeps * 1.05));
    const start = performance.now();
    await session.advance(next - sweeps, { omega });
    seconds += (performance.now() - start) / 1000;
    sweeps = next;
    error = errorOf((await session.read("global"))!);
    if (samples.length === n) samples.push({ sweeps, error, seconds: [] });
    samples[n]!.seconds.push(seconds);
    if (samples.length > 6 && error > 0.5 * samples[samples.length - 6]!.error && error < 10 * GOAL) break;
  }
  await session[Symbol.asyncDispose]();
}

/** Runs of their own, each to another number of sweeps. */
async function leaps(samples: Sample[], counts: readonly number[]): Promise<void> {
  for (const [n, count] of counts.entries()) {
    let { session, seconds } = await open(stencil, "spectral");
    const start = performance.now();
    await session.advance(count);
    seconds += (performance.now() - start) / 1000;
    if (samples.length === n) {
      samples.push({ sweeps: count, error: errorOf((await session.read("global"))!), seconds: [] });
    }
    samples[n]!.seconds.push(seconds);
    await session[Symbol.asyncDispose]();
  }
}

const names = Object.keys(COLOURS) as Method[];
const found: Record<Method, Sample[]> = { jacobi: [], sor: [], cg: [], multigrid: [], direct: [], spectral: [] };
const counts = [1, 10, 100, 1000, 3000, 1e4, 3e4, 6e4, 1e5, 1.5e5, 2e5, 2.5e5, 3e5, 3.5e5];
for (const method of names) {
  // The loops are compiled before they are timed.
  const { session } = await open(plate(65), method);
  for (let n = 0; n < 20; n++) await session.advance(3);
  await session[Symbol.asyncDispose]();
}
for (let round = 1; round <= rounds; round++) {
  console.error(`round ${round} of ${rounds}`);
  for (const method of names) {
    await (method === "spectral" ? leaps(found.spectral, counts) : run(method, found[method]));
  }
}

// ---- what came out ----

const time = (seconds: number) => seconds < 1 ? `${(1000 * seconds).toPrecision(3)} ms` : `${seconds.toPrecision(3)} s`;
const reached = (samples: readonly Sample[], goal: number) => samples.find(({ error }) => error <= goal);
const cell = (sample: Sample | undefined, what: "sweeps" | "time") => {
  if (!sample) return "–";
  if (what === "sweeps") return `${sample.sweeps}`;
  return spread(sample.seconds, time);
};
const GOALS = [1e-4, GOAL];
const head = ["", ...GOALS.flatMap((goal) => [`sweeps to ${goal}`, "time"])];
const rows = names.map((method) => [
  `\`${method}\``,
  ...GOALS.flatMap((goal) => {
    const sample = reached(found[method], goal);
    return [cell(sample, "sweeps"), cell(sample, "time")];
  }),
]);
const table = markdown(head, rows);
const parts: Record<string, string> = {
  machine: `${machine}, one thread of ${runtime}, f64, ${size} x ${size} points; ${today}, ${rounds} rounds.`,
  table,
};

const curve = (method: Method, of: (sample: Sample) => number): Curve => ({
  label: method === "spectral" ? "spectral (dots)" : method,
  colour: COLOURS[method],
  points: found[method].map((sample) => [of(sample), Math.max(sample.error, 1e-14)]),
  apart: method === "spectral",
});
const panel = (axis: string, of: (sample: Sample) => number) => ({
  axis,
  curves: names.map((method) => curve(method, of)),
});
const svg = curves("error, relative to the range", [
  panel("sweeps", ({ sweeps }) => sweeps),
  panel("seconds", ({ seconds }) => median(seconds)),
]);
fillPage(page, parts, { file: "docs/methods.svg", svg });
