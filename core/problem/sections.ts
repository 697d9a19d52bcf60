/**
 * Reads the fields of a problem that cover the grid: source, conductivity, first guess.
 *
 * @module
 */

import { largestValue } from "../dtype.ts";
import { ProblemError } from "../errors.ts";
import { isField, type Sampler, sampler } from "./field.ts";
import { cellShape, type Frame, frameOf } from "./frame.ts";
import type { Problem } from "./problem.ts";
import { quantityOf, samplerOf } from "./quantity.ts";

/**
 * Local. Makes a field of a validated problem readable, its default where it is missing: 0, or a conductivity of 1, also where
 * that is given by cells.
 *
 * @throws ProblemError as `sampler` and `quantityOf` do
 */
export function readSection(
  problem: Problem,
  key: "source" | "conductivity" | "initial",
  frame: Frame = frameOf(problem),
): Sampler {
  const section = problem[key] ?? (key === "conductivity" ? 1 : 0);
  const most = key === "initial" ? largestValue(problem.dtype ?? "f64") : undefined;
  if (isField(section)) return sampler(key, section, problem.shape, most);
  if ("cells" in section) return sampler(key, 1, problem.shape);
  if ("value" in section) return sampler(key, section.value, problem.shape, most);
  const range = { positive: key === "conductivity", ...(most !== undefined && { most }) };
  return samplerOf(quantityOf(frame, section.formula, `${key}.formula`, range), frame.grid);
}

/**
 * Local. Makes a conductivity by cells readable, in rows from the top; undefined where the problem has none.
 *
 * @throws ProblemError for a wrong size, or a value that is not greater than 0.
 */
export function readCells({ conductivity, shape }: Problem, { periodic }: Frame): Sampler | undefined {
  if (conductivity === undefined || isField(conductivity) || !("cells" in conductivity)) return undefined;
  const path = "conductivity.cells";
  const [rows, cols] = cellShape(shape, periodic);
  const cells = sampler(path, conductivity.cells, [rows, cols]);
  const row = new Float64Array(cols);
  for (let i = 0; i < (cells.uniform === undefined ? rows : 1); i++) {
    cells.read(i, 0, cols, row);
    const j = row.findIndex((value) => !(value > 0));
    if (j >= 0) throw new ProblemError(`${path} must be greater than 0: at row ${i}, column ${j} it is ${row[j]}`);
  }
  return cells;
}
