/**
 * Solves the problems of examples/fields/ whose answers are known, on finer and finer grids: rewrites docs/examples.md and
 * its pictures. Ends with 1 where an error is larger than it may be.
 *
 *     deno task bench:exact [--binary dist/laplace] [--only round-coax,motz] [--pictures]
 *
 * Without a binary the library solves them. An order is fitted to the errors on the three finest grids. Seconds are of one
 * solve, or of all of a refinement, with what they read and print.
 *
 * @module
 */

import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { encode } from "fast-png";
import type { GridData } from "../core/contract.ts";
import type { Problem } from "../core/problem/problem.ts";
import type { Results } from "../core/results.ts";
import {
  answerOf,
  EXACT_FIELDS,
  JOBS,
  KNOWN_ANSWERS,
  type KnownAnswer,
  onGrid,
  resultAt,
} from "../examples/fields/known_answers.ts";
import { inpaint, type Picture } from "../examples/inpaint/inpaint.ts";
import { damage, photograph } from "../examples/inpaint/photograph.ts";
import { readField } from "../io/fields.ts";
import { readProblem } from "../io/problem_file.ts";
import { type Refinement, solveRefined } from "../solve/refine.ts";
import { solve } from "../solve/solve.ts";
import { fillPage, flags, machine, markdown, requirePlaces, root, small, today } from "./tables.ts";
import { scratchFolder } from "./yardsticks/build.ts";

const page = "docs/examples.md";
const folder = `${root}examples/fields/`;
const given = flags({ binary: "", only: "", pictures: false });
const only = given.only === "" ? undefined : given.only.split(",");
requirePlaces(page, ["machine", "known", "exact", "jobs", "gallery"]);

/** Grids, by how many of their spacings make one of the file. */
const FACTORS = small ? [1 / 16, 1 / 8, 1 / 4] : [1 / 4, 1 / 2, 1, 2, 4];
/** Of solves, relative to the range of the field; where rounding allows no more, that is reached. */
const TOL = 1e-11;
/** How certain refined results are to be, and on how many points at most. */
const to = (file: string) => JOBS.some((job) => job.file === file) ? 1e-5 : 1e-6;
const maxPoints = small ? 2 ** 14 : 2 ** 23;

interface Solved {
  readonly results: Results;
  readonly u: GridData;
  readonly shape: readonly [ny: number, nx: number];
  readonly seconds: number;
}

type Asked = Pick<KnownAnswer, "file" | "parameters">;

/** What solves a problem, and what refines it. */
interface Engine {
  solve(asked: Asked, factor: number): Promise<Solved>;
  /** The limits of some results, by name. */
  limits(asked: Asked, results: readonly string[]): Promise<Pick<Refinement, "results">>;
}

async function problemOf({ file, parameters = {} }: Asked, factor: number): Promise<Problem> {
  const problem = onGrid(await readProblem(`${folder}${file}.toml`), factor);
  return { ...problem, parameters: { ...problem.parameters, ...parameters } };
}

const library: Engine = {
  async solve(asked, factor) {
    const start = performance.now();
    const { results, u, shape, status } = await solve(await problemOf(asked, factor), { tol: TOL });
    if (!results) throw new Error(`Cannot solve "${asked.file}" on ${shape.join(" x ")} nodes: ${status}`);
    return { results, u, shape, seconds: (performance.now() - start) / 1000 };
  },
  limits: async (asked, results) =>
    await solveRefined(await problemOf(asked, 1), { to: to(asked.file), maxPoints }, results),
};

const scratch = scratchFolder();
/** Exit code 1 is a solve that rounding has stopped: its results count, as they do in the library. */
const laplace = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(given.binary, args, { encoding: "utf8" });
  if (status === 0 || status === 1) return stdout;
  throw new Error(`${args.join(" ")}: ${stderr}`);
};
const replaced = ({ parameters = {} }: Asked) =>
  Object.entries(parameters).flatMap(([name, value]) => ["--param", `${name}=${value}`]);

const binary: Engine = {
  async solve(asked, factor) {
    const { file } = asked;
    const { shape, spacing = [1, 1], image } = await problemOf(asked, factor);
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
    return { results, u: Float64Array.from(data), shape, seconds };
  },
  limits(asked, results) {
    const names = results.flatMap((name) => ["--result", name]);
    const options = [
      "--to",
      `${to(asked.file)}`,
      "--max-points",
      `${maxPoints}`,
      "--json",
      ...names,
      ...replaced(asked),
    ];
    // It ends with 1 where it is less certain than asked, and prints its limits all the same.
    const { stdout } = spawnSync(given.binary, ["refine", `${folder}${asked.file}.toml`, ...options], {
      encoding: "utf8",
    });
    return JSON.parse(stdout);
  },
};

const engine = given.binary === "" ? library : binary;

/** The grids of a problem: a drawing has one, and others begin with three nodes. */
async function factorsOf(file: string): Promise<readonly number[]> {
  const { shape, image } = await readProblem(`${folder}${file}.toml`);
  if (image) return [1];
  return FACTORS.filter((factor) => shape.every((n) => (n - 1) * factor >= 2 && Number.isInteger((n - 1) * factor)));
}

// ---- numbers ----

/** What an answer is on some grids. */
interface Measured {
  readonly answer: KnownAnswer;
  readonly grids: readonly {
    readonly factor: number;
    readonly shape: readonly [number, number];
    readonly value: number;
    readonly error: number;
    readonly seconds: number;
    readonly imbalance: number;
  }[];
  readonly order: number;
  /** After `laplace refine`. */
  readonly refined: { readonly error: number; readonly seconds: number };
}

async function measure(answer: KnownAnswer): Promise<Measured> {
  const grids: Measured["grids"][number][] = [];
  for (const factor of await factorsOf(answer.file)) {
    const { results, shape, seconds } = await engine.solve(answer, factor);
    const value = answerOf(answer, (name) => resultAt(results, name));
    const error = value / answer.exact - 1;
    grids.push({ factor, shape, value, error, seconds, imbalance: results.imbalance });
  }
  const last = grids.slice(-3);
  const [first, , third] = last;
  // An error that small changes its sign from grid to grid.
  const fits = first && third && Math.abs(first.error) > 1e-6;
  const order = fits ? Math.log2(Math.abs(first.error / third.error)) / 2 : NaN;
  const start = performance.now();
  const { results } = await engine.limits(answer, answer.results);
  const refined = answerOf(answer, (name) => results[name]?.value ?? NaN) / answer.exact - 1;
  return { answer, grids, order, refined: { error: refined, seconds: (performance.now() - start) / 1000 } };
}

const wrong: string[] = [];
const expect = (holds: boolean, what: string) => void (holds || small || wrong.push(what));

const short = (x: number) => Number.isNaN(x) ? "–" : x === 0 ? "0" : x.toExponential(1);
const figures = (x: number, digits: number) =>
  Math.abs(x) < 1e-3 ? x.toExponential(5) : `${Number(x.toPrecision(digits))}`;
const time = (x: number | undefined) => x === undefined ? "–" : `${x.toPrecision(2)}`;

function tableOf(rows: readonly Measured[]): string {
  const head = ["problem", "asked", "exact", "off, 257", "s", "off, 1025", "s", "order", "off, refined", "s"];
  return markdown(
    head,
    rows.map(({ answer, grids, order, refined }) => {
      const at = (factor: number) => grids.find((grid) => grid.factor === factor);
      return [
        `[${answer.file}](../examples/fields/${answer.file}.toml)`,
        answer.quantity,
        figures(answer.exact, 10),
        short(at(1)?.error ?? NaN),
        time(at(1)?.seconds),
        short(at(4)?.error ?? NaN),
        time(at(4)?.seconds),
        Number.isNaN(order) ? "–" : order.toFixed(2),
        short(refined.error),
        time(refined.seconds),
      ];
    }),
    2,
  );
}

/** Where the field is smooth, on the finest grid; elsewhere when refined. References of jobs have four digits. */
function check({ answer, grids, order, refined }: Measured): void {
  const name = `${answer.file}, ${answer.quantity}`;
  if (JOBS.includes(answer)) {
    expect(Math.abs(refined.error) <= 1e-3, `${name}: off by ${refined.error}, more than 1e-3`);
  } else if (answer.order === 2) {
    const least = Math.min(Math.abs(grids.at(-1)!.error), Math.abs(refined.error));
    expect(least <= 1e-6, `${name}: off by ${least}, more than 1e-6`);
    expect(Number.isNaN(order) || Math.abs(order - 2) <= 0.2, `${name}: of order ${order}, not 2`);
  } else expect(Math.abs(refined.error) <= 1e-5, `${name}: off by ${refined.error}, more than 1e-5`);
}

/** How far a field is from what it should be, relative to its scale, and what is missing from its balance. */
async function exactRow({ file, u: exact, totals }: (typeof EXACT_FIELDS)[number]): Promise<string[]> {
  const factor = small && file !== "rods" ? 1 / 4 : 1;
  const { results, u, shape: [ny, nx] } = await engine.solve({ file }, factor);
  const { spacing: [dy, dx] = [1, 1], origin: [y0, x0] = [0, 0] } = onGrid(
    await readProblem(`${folder}${file}.toml`),
    factor,
  );
  let [scale, most] = [0, 0];
  for (let k = 0; k < u.length; k++) {
    const value = exact(x0 + k % nx * dx, y0 + (ny - 1 - Math.floor(k / nx)) * dy);
    scale = Math.max(scale, Math.abs(value));
    most = Math.max(most, Math.abs(u[k]! - value));
  }
  const { north, south, west, east } = results.edges;
  const flows = [north, south, west, east].map((edge) => edge?.flux ?? NaN).concat(results.source);
  const off = totals && Math.max(...flows.map((flow, n) => Math.abs(flow - totals[n]!)));
  expect(most <= 1e-12 * scale, `${file}: off by ${most / scale} of its scale`);
  expect(Math.abs(results.imbalance) <= 1e-10, `${file}: an imbalance of ${results.imbalance}`);
  expect(off === undefined || off <= 1e-10, `${file}: totals off by ${off}`);
  return [
    `[${file}](../examples/fields/${file}.toml)`,
    `${ny} x ${nx}`,
    short(most / scale),
    off === undefined ? "–" : short(off),
    short(results.imbalance),
  ];
}

// ---- texts and pictures ----

/** The comment that a file begins with, and its title. */
function about(file: string): { readonly title: string; readonly text: string } {
  const lines = readFileSync(`${folder}${file}.toml`, "utf8").split("\n");
  const end = lines.findIndex((line) => !line.startsWith("#"));
  const title = /^title = "(.*)"$/m.exec(lines.join("\n"))?.[1] ?? file;
  return { title, text: lines.slice(0, end).map((line) => line.slice(2)).join("\n") };
}

function sectionOf(file: string, measured: readonly Measured[]): string {
  const { title, text } = about(file);
  const numbers = measured.filter(({ answer }) => answer.file === file).map(({ answer, grids }) => {
    const { value, error, shape } = grids.find(({ factor }) => factor === 1) ?? grids.at(-1)!;
    return `**${answer.quantity}: ${figures(value, 7)}** on ${shape.join(" x ")} nodes, off by ${short(error)}.`;
  });
  return [
    `### ${title}`,
    `![${title}](examples/${file}.png)`,
    text,
    [`[${file}.toml](../examples/fields/${file}.toml)`, ...numbers].join(" "),
  ].join("\n\n");
}

const wanted = ({ file }: { readonly file: string }) => only?.includes(file) ?? true;
const known: Measured[] = [];
const jobs: Measured[] = [];
const exact: string[][] = [];
for (const [answers, rows] of [[KNOWN_ANSWERS, known], [JOBS, jobs]] as const) {
  for (const answer of answers.filter(wanted)) {
    rows.push(await measure(answer));
    check(rows.at(-1)!);
    console.error(tableOf(rows.slice(-1)).split("\n").at(-1));
  }
}
for (const field of EXACT_FIELDS.filter(wanted)) {
  exact.push(await exactRow(field));
  console.error(exact.at(-1)!.join("  "));
}
const files = (list: readonly { readonly file: string }[]) => [...new Set(list.map(({ file }) => file))];
/** Writes pictures of one size side by side, with a gap between. */
function writeBeside(file: string, pictures: readonly Picture[], gap = 8): void {
  const { width, height } = pictures[0]!;
  const across = pictures.length * (width + gap) - gap;
  const data = new Uint8Array(4 * across * height).fill(255);
  pictures.forEach((picture, n) => {
    for (let row = 0; row < height; row++) {
      const line = picture.data.subarray(4 * row * width, 4 * (row + 1) * width);
      data.set(line, 4 * (row * across + n * (width + gap)));
    }
  });
  writeFileSync(file, encode({ width: across, height, data }));
}

if (given.pictures) {
  const whole = photograph();
  const damaged = damage(whole);
  writeBeside(`${root}docs/examples/inpaint.png`, [whole, damaged, await inpaint(damaged)]);
  for (const file of files([...KNOWN_ANSWERS, ...JOBS, ...EXACT_FIELDS].filter(wanted))) {
    const args = ["solve", `${folder}${file}.toml`, "--quiet", "--out", `${root}docs/examples/${file}.png`];
    if (given.binary === "") execFileSync(process.execPath, ["run", "-A", `${root}cli.ts`, ...args]);
    else laplace(...args);
  }
}
if (only === undefined) {
  fillPage(page, {
    machine: `${machine}; ${given.binary === "" ? "the library on Deno" : "the binary"}; ${today}.`,
    known: tableOf(known),
    exact: markdown(["problem", "nodes", "u off by", "totals off by", "imbalance"], exact),
    jobs: [tableOf(jobs), ...files(JOBS).map((file) => sectionOf(file, jobs))].join("\n\n"),
    gallery: files([...KNOWN_ANSWERS, ...EXACT_FIELDS]).map((file) => sectionOf(file, known)).join("\n\n"),
  });
} else console.log(tableOf([...known, ...jobs]));
for (const line of wrong) console.error(line);
process.exitCode = wrong.length > 0 ? 1 : 0;
