/** Problem files of every kind that the format knows, with the arrays that they name: written for tests that start a process. */

import { Buffer } from "node:buffer";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeNpy } from "../../io/mod.ts";
import { rough } from "./problems.ts";

export type GridShape = readonly [ny: number, nx: number];
type Put = (what: string, shape: readonly number[], at: (i: number, j: number) => number) => string;

const jump = (_: number, j: number) => j % 7 < 3 ? 100 : -40;
const layered = (i: number, j: number) => 1 + Math.sqrt((3 * i + 5 * j) % 11);

/** The lines of each kind below `shape` and `initial`; `put` writes an array and returns the TOML that names it. */
const LINES = {
  plain: (put, [, nx]) => [`edges = { north = ${put("north", [nx], jump)}, west = 75, east = 50 }`],
  stretched: (put, [, nx]) => [
    "spacing = [0.5, 0.2]",
    `edges = { north = ${put("north", [nx], jump)}, south = 2.5, west = 10, east = -5 }`,
  ],
  source: (put, shape) => [`source = ${put("source", shape, rough)}`],
  flux: () => ["edges = { north = 100, south = { flux = 0 }, west = { flux = -1.5 } }"],
  convection: () => ["edges = { north = 100, south = 0, east = { convection = { h = 0.3, ambient = 20 } } }"],
  conductivity: (put, shape) => [
    `conductivity = ${put("conductivity", shape, layered)}`,
    "edges = { north = 100, west = { flux = 0 }, east = { flux = 0 } }",
  ],
  weighted: (put, [ny, nx]) => [
    `conductivity = ${put("conductivity", [ny, nx], layered)}`,
    `edges = { north = ${
      put("north", [nx], jump)
    }, south = { flux = 0 }, east = { convection = { h = 0.3, ambient = 20 } } }`,
    ...rectangle([Math.floor(ny / 3), Math.floor(nx / 3)], [Math.floor(ny / 2), Math.floor(nx / 2)], -100),
  ],
  electrodes: (_, [ny, nx]) => [
    "spacing = [0.1, 0.1]",
    "[[fixed.shapes]]",
    `kind = "circle"`,
    `center = [${0.05 * ny}, ${0.03 * nx}]`,
    `radius = ${0.02 * Math.min(ny, nx)}`,
    "value = 100",
    ...rectangle([0.03 * ny, 0.065 * nx], [0.07 * ny, 0.07 * nx], -100),
  ],
  mask: (put, shape) => [
    `fixed.mask = ${JSON.stringify(file(put("mask", shape, (i, j) => (5 * i + 3 * j) % 17 === 0 ? 1 : 0)))}`,
    `fixed.values = ${JSON.stringify(file(put("values", shape, rough)))}`,
  ],
  "periodic-x": (put, [, nx]) => [
    `edges = { north = ${put("north", [nx], jump)}, south = 0, west = "periodic", east = "periodic" }`,
  ],
  "periodic-y": () => [`edges = { north = "periodic", south = "periodic", west = 75, east = { flux = -1.5 } }`],
  neumann: () => ["edges = { north = { flux = 0 }, south = { flux = 0 }, west = { flux = 1 }, east = { flux = -1 } }"],
  torus: (put, shape) => [
    `source = ${put("charges", shape, (i, j) => i !== 1 ? 0 : j === 0 ? 1 : j === 2 ? -1 : 0)}`,
    `edges = { north = "periodic", south = "periodic", west = "periodic", east = "periodic" }`,
  ],
} satisfies Record<string, (put: Put, shape: GridShape) => string[]>;

export type ProblemKind = keyof typeof LINES;
export const PROBLEM_KINDS = Object.keys(LINES) as ProblemKind[];

/** Writes the problem of a kind and shape into a folder. @returns the name of its file */
export function writeProblem(folder: string, kind: ProblemKind, shape: GridShape): string {
  const put: Put = (what, of, at) => {
    const data = Float64Array.from({ length: of.reduce((a, b) => a * b) }, (_, k) => {
      const nx = of.at(-1)!;
      return at(Math.floor(k / nx), k % nx);
    });
    const name = `${what}-${shape.join("x")}.npy`;
    writeFileSync(join(folder, name), Buffer.concat(encodeNpy(of, data)));
    return `{ file = "${name}" }`;
  };
  const name = `${kind}-${shape.join("x")}.toml`;
  const lines = [
    `shape = [${shape.join(", ")}]`,
    `initial = ${put("initial", shape, rough)}`,
    ...LINES[kind](put, shape),
  ];
  writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
  return name;
}

const file = (toml: string) => /"(.*)"/.exec(toml)![1]!;
const rectangle = (from: readonly number[], to: readonly number[], value: number) => [
  "[[fixed.shapes]]",
  `kind = "rect"`,
  `from = [${from.join(", ")}]`,
  `to = [${to.join(", ")}]`,
  `value = ${value}`,
];
