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

import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { encode } from "fast-png";
import {
  answerOf,
  errorsOf,
  EXACT_FIELDS,
  type ExactField,
  JOBS,
  KNOWN_ANSWERS,
  type KnownAnswer,
  resultAt,
} from "../examples/fields/known_answers.ts";
import { inpaint, type Picture } from "../examples/inpaint/inpaint.ts";
import { damage, photograph } from "../examples/inpaint/photograph.ts";
import { readProblem } from "../io/problem_file.ts";
import { binaryAt, folder, library } from "./exact/engines.ts";
import { fillPage, flags, machine, markdown, requirePlaces, root, small, today } from "./tables.ts";

const page = "docs/examples.md";
const given = flags({ binary: "", only: "", pictures: false });
const only = given.only === "" ? undefined : given.only.split(",");
requirePlaces(page, ["machine", "known", "exact", "jobs", "gallery"]);

/** Grids, by how many of their spacings make one of the file. */
const FACTORS = small ? [1 / 16, 1 / 8, 1 / 4] : [1 / 4, 1 / 2, 1, 2, 4];
const engine = given.binary === "" ? library : binaryAt(given.binary);

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
    const { problem: { shape }, results, seconds } = await engine.solve(answer, factor);
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

/** How far a field is from what it should be, and what is missing from its balance. */
async function exactRow(field: ExactField): Promise<string[]> {
  const { file } = field;
  const { problem, ...solved } = await engine.solve({ file }, small && file !== "rods" ? 1 / 4 : 1);
  const { imbalance } = solved.results;
  const { u, totals } = errorsOf(field, problem, solved);
  expect(u <= 1e-12, `${file}: off by ${u} of its scale`);
  expect(Math.abs(imbalance) <= 1e-10, `${file}: an imbalance of ${imbalance}`);
  expect(totals === undefined || totals <= 1e-10, `${file}: totals off by ${totals}`);
  return [
    `[${file}](../examples/fields/${file}.toml)`,
    problem.shape.join(" x "),
    short(u),
    totals === undefined ? "–" : short(totals),
    short(imbalance),
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
    engine.laplace("solve", `${folder}${file}.toml`, "--quiet", "--out", `${root}docs/examples/${file}.png`);
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
