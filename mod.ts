/**
 * `laplace` solves Laplace's and Poisson's equation, div(k grad u) + f = 0, on a uniform grid, in every way a machine
 * offers: plain loops, array slices, workers, C, OpenMP, Fortran.
 *
 * @example
 * ```ts
 * import { solve } from "@laplace/laplace";
 *
 * const { u, status } = await solve({ shape: [5, 5], edges: { north: 100, west: 75, east: 50 } });
 * console.log(status, u[12].toFixed(2)); // converged 56.25
 * ```
 *
 * @module
 */

export { type Solution, solve, type SolveOptions } from "./solve/solve.ts";
export { BOUNDS, type Seconds } from "./solve/solution.ts";
export {
  type CoupledLine,
  type LineMode,
  type LineQuantities,
  type TransmissionLine,
  transmissionLine,
} from "./solve/line.ts";
export { type MatrixOptions, type MaxwellMatrix, maxwellMatrix } from "./solve/matrix.ts";
export {
  type Measure,
  type Measured,
  type RefinedResult,
  type Refinement,
  type RefineOptions,
  solveRefined,
} from "./solve/refine.ts";
export type { Limit } from "./core/discretize/extrapolate.ts";
export type {
  ConductivityInput,
  Coordinates,
  EdgeInput,
  EdgeName,
  FormulaInput,
  Problem,
  QuantityInput,
  SectionInput,
  Shape,
} from "./core/problem/problem.ts";
export type {
  FigureInput,
  ImageInput,
  NumberInput,
  PartInput,
  PlaceFunction,
  PlaceInput,
  PointInput,
  ProbeInput,
  RoleInput,
} from "./core/problem/parts.ts";
export { validateProblem } from "./core/problem/problem.ts";
export type { FieldInput, NdArray } from "./core/problem/field.ts";
export { type Analysis, lower, type Lowered } from "./core/discretize/lower.ts";
export { ConfigError, ProblemError, UnavailableError } from "./core/errors.ts";
export { type Criterion, type Limits, type Progress, STOP_RULES, type StopRule } from "./core/criterion.ts";
export type { Floating, Residual, Scale } from "./core/analysis.ts";
export type { Excitation } from "./core/section/layers.ts";
export type { Outcome, Status } from "./core/iterate.ts";
export type * from "./core/results.ts";

// What a backend is made of.
export * from "./core/contract.ts";
export * from "./core/kernels/distributed.ts";
export * from "./core/kernels/kernels.ts";
export { openSession } from "./core/session.ts";
export * from "./core/settings.ts";
export { loadPlugin, probeAll, type Probed } from "./backends/registry.ts";
