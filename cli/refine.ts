/**
 * `laplace refine`: the results of a problem in the limit of fine grids.
 *
 * @module
 */

import type { Command } from "commander";
import { short } from "../io/ticks.ts";
import { type RefinedResult, type Refinement, type RefineOptions, solveRefined } from "../solve/refine.ts";
import { collect, number, type SolveFlags } from "./options.ts";
import { exponential } from "./report.ts";
import { addStudy, columns, figuresOf } from "./study.ts";

interface Flags extends SolveFlags, RefineOptions {
  readonly result?: readonly string[];
}

const ABOUT = `
It ends when these results are as certain as asked: fluxes of held parts, values of floating ones and u at probes; in a
problem without any, fluxes of edges, energy and integral; or those that --result names. Others are printed below, however
uncertain. Fluxes are relative to the largest, values to the range of u.

The first grid has an eighth of the points of the problem along each side, or what is possible; each next one has half the
spacing. Each result is extrapolated with the orders that it shows, and is as uncertain as the extrapolation moved it last.
Formulas and shapes keep their place, pixels of drawings become four; numbers from files, node by node, cannot be refined.
Exit code 0: as certain as asked; 1: ended before.`;

/** Grids that the table shows. */
const SHOWN = 3;

/** Adds the command. */
export function addRefine(program: Command, finish: (code: number) => void): void {
  addStudy(program, finish, {
    name: "refine",
    summary: "solve on finer grids until results are certain, and extrapolate them",
    about: ABOUT,
    example: "refine coax.toml --to 1e-6",
    tol: "a thousandth of --to, at most 1e-6",
    flags: (command) =>
      command
        .requiredOption("--to <x>", "how certain results are to be, relatively", number("--to"))
        .option("--max-points <n>", "no grid has more points (default: 8388608)", number("--max-points"))
        .option(
          "--result <name>",
          "a result that is to be so certain, such as parts.strip.flux (default: those below); may repeat",
          collect,
        ),
    study: ({ to, maxPoints, result }: Flags) => ({
      answer: (problem, options) => solveRefined(problem, { ...options, to, maxPoints }, result),
      json: ({ reached, to, grids, results }) => ({ reached, to, grids, results: withNulls(results) }),
      text: refinementText,
      solutions: ({ finest }) => finest.solutions,
      limit: (refinement) => refinement,
    }),
  });
}

function refinementText({ grids, results }: Refinement): string {
  const shown = grids.slice(-SHOWN);
  const all = Object.entries(results).filter(([, { values, scale }]) => !values.every((value) => isZero(value, scale)));
  const rows = ([name, { values, scale, order, value, uncertainty }]: readonly [string, RefinedResult]) => [
    name,
    ...values.slice(-SHOWN).map((value) => short(value, 9)),
    values.length < 2 ? "" : exponential(values.at(-1)! - values.at(-2)!),
    order === undefined ? "not fitted" : order.toFixed(2),
    isZero(value, scale) ? "0" : short(value, figuresOf(value, uncertainty)),
    `± ${exponential(uncertainty)}`,
  ];
  const head = ["", ...shown.map(({ shape: [ny, nx] }) => `${ny} x ${nx}`), "change", "order", "limit", ""];
  const [counting, others] = [true, false].map((counts) =>
    all.filter(([, result]) => result.counts === counts).map(rows)
  );
  return columns([head, ...counting!, ...others!]);
}

/** JSON says that an order is missing. */
function withNulls(results: Refinement["results"]) {
  return Object.fromEntries(
    Object.entries(results).map(([name, { order = null, ...more }]) => [name, { ...more, order }]),
  );
}

/** Whether a number is rounding. */
function isZero(value: number, scale: number): boolean {
  return Math.abs(value) <= 1e-13 * scale;
}
