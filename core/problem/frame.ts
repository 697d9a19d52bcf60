/**
 * The frame of a problem: where its nodes are, and what its formulas may name. Here numbers and points are evaluated;
 * quantities that depend on the position are those of `quantity.ts`.
 *
 * @module
 */

import { evaluate, type Scope } from "../formula/compile.ts";
import { type ParametersInput, readParameters } from "../formula/parameters.ts";
import { parseFormula } from "../formula/parse.ts";
import type { NodeGrid } from "../geometry/region.ts";
import type { NumberInput, PointInput } from "./parts.ts";
import type { Coordinates, Problem } from "./problem.ts";

/** Where the nodes are, and the numbers that formulas may name. */
export interface Frame {
  readonly coordinates: Coordinates;
  readonly grid: NodeGrid;
  /** Whether north and south are periodic, and west and east. */
  readonly periodic: readonly [rows: boolean, cols: boolean];
  /** Extents of the domain: from the first node to the last, around a periodic direction the period. */
  readonly extent: readonly [height: number, width: number];
  /** What formulas call the position: x and y, or r and z. */
  readonly axes: readonly [x: string, y: string];
  /** The parameters, `width` and `height`. */
  readonly constants: Scope;
}

/**
 * Local. The frame of a validated problem; its parameters are evaluated.
 *
 * @param overrides what replaces parameters of the problem
 * @throws ProblemError for a parameter that cannot be evaluated or depends on itself, and an override of what is no parameter.
 */
export function frameOf(problem: Problem, overrides: ParametersInput = {}): Frame {
  const { shape: [ny, nx], spacing = [1, 1], coordinates = "planar", origin = [0, 0], edges, parameters = {} } =
    problem;
  const periodic = [edges?.north === "periodic", edges?.west === "periodic"] as const;
  const height = (periodic[0] ? ny : ny - 1) * spacing[0];
  const width = (periodic[1] ? nx : nx - 1) * spacing[1];
  return {
    coordinates,
    grid: { shape: [ny, nx], spacing, origin },
    periodic,
    extent: [height, width],
    axes: coordinates === "planar" ? ["x", "y"] : ["r", "z"],
    constants: { width, height, ...readParameters(parameters, overrides, { width, height }) },
  };
}

/** Local. A validated problem whose parameters have other values. @throws ProblemError as `frameOf` does */
export function withParameters(problem: Problem, overrides: ParametersInput): Problem {
  frameOf(problem, overrides);
  return { ...problem, parameters: { ...problem.parameters, ...overrides } };
}

/** Local. Cells between nodes, in rows and columns: around a periodic direction one more than between its ends. */
export function cellShape(
  [ny, nx]: readonly [number, number],
  [rows, cols]: Frame["periodic"],
): readonly [rows: number, cols: number] {
  return [rows ? ny : ny - 1, cols ? nx : nx - 1];
}

/** Local. A number that may be a formula. @throws ProblemError for a formula with a fault, or one that is not finite */
export function numberOf({ constants }: Frame, input: NumberInput, path: string): number {
  return typeof input === "number" ? input : evaluate(parseFormula(input, path), constants);
}

/** Local. Two numbers that may be formulas, such as a position. @throws ProblemError as `numberOf` does */
export function pairOf(frame: Frame, input: PointInput, path: string): readonly [number, number] {
  return [numberOf(frame, input[0], `${path}[0]`), numberOf(frame, input[1], `${path}[1]`)];
}
