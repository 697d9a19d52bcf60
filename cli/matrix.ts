/**
 * `laplace matrix`: the Maxwell matrix of the conductors of a problem.
 *
 * @module
 */

import type { Command } from "commander";
import { checkTable, writeTable } from "../io/mod.ts";
import { short } from "../io/ticks.ts";
import { type MaxwellMatrix, maxwellMatrix } from "../solve/matrix.ts";
import type { RefineOptions } from "../solve/refine.ts";
import type { SolveFlags } from "./options.ts";
import { exponential, keyed } from "./report.ts";
import { addLimitFlags, addStudy, columns, figuresOf } from "./study.ts";

interface Flags extends SolveFlags, Partial<RefineOptions> {
  readonly out?: string;
}

const ABOUT = `
The flux into each held or floating part while one of them is at 1 and all else that is held at 0, with sources and given
fluxes off: one solve for each. The matrix is the mean of both ways, its asymmetry what they differ by. Numbers are fluxes
for 1, times depth: where conductivities are relative permittivities, times eps0 = 8.8541878188e-12 they are F/m. A parameter
of that name does nothing by itself.`;

/** Adds the command. */
export function addMatrix(program: Command, finish: (code: number) => void): void {
  addStudy(program, finish, {
    name: "matrix",
    summary: "the Maxwell matrix of the held and floating parts: capacitances, or conductances, between them",
    about: ABOUT,
    example: "matrix coax.toml --to 1e-4 --out C.csv",
    flags: (command) =>
      addLimitFlags(command, "every entry is so certain, relative to the largest")
        .option("--out <file>", "write the matrix: .csv, with names"),
    study: ({ out, to, maxPoints }: Flags) => ({
      check: async () => {
        if (out !== undefined) await checkTable(out);
      },
      answer: (problem, options) => maxwellMatrix(problem, { ...options, to, maxPoints }),
      write: async ({ names, matrix }) => {
        if (out === undefined) return;
        await writeTable(out, [["part", ...names], ...matrix.map((row, i) => [names[i]!, ...row])]);
      },
      json: matrixJson,
      text: matrixText,
      solutions: ({ solutions }) => solutions,
      limit: (matrix) => to === undefined ? undefined : matrix,
    }),
  });
}

/** What `--json` has of a matrix. */
export function matrixJson({ names, matrix, mutual, self, asymmetry, imbalance, uncertainty }: MaxwellMatrix) {
  return { names, matrix, mutual, self, asymmetry, imbalance, ...(uncertainty !== undefined && { uncertainty }) };
}

function matrixText({ names, matrix, mutual, self, asymmetry, imbalance, uncertainty }: MaxwellMatrix): string {
  // What is rounding beside the others is 0.
  const least = asymmetry + imbalance;
  const figures = (value: number) => uncertainty === undefined ? 9 : figuresOf(value, uncertainty);
  const figure = (value: number) => Math.abs(value) <= least ? "0" : short(value, figures(value));
  return [
    columns([["matrix", ...names], ...matrix.map((row, i) => [names[i]!, ...row.map(figure)])]),
    columns([
      ["mutual", ...names, "self"],
      ...mutual.map((row, i) => [names[i]!, ...row.map((value, j) => i === j ? "" : figure(value)), figure(self[i]!)]),
    ]),
    keyed([
      ["asymmetry", exponential(asymmetry)],
      ["imbalance", exponential(imbalance)],
      ...(uncertainty === undefined ? [] : [["uncertainty", uncertaintyText(uncertainty, names.length)] as const]),
    ]),
  ].join("\n\n");
}

/** Sums of rows are as uncertain as all of their entries. */
function uncertaintyText(uncertainty: number, count: number): string {
  const ofSums = count === 1 ? "" : `, self ± ${exponential(count * uncertainty)}`;
  return `each entry ± ${exponential(uncertainty)}${ofSums}`;
}
