/**
 * A fast direct solver: trigonometric transforms in one direction, a tridiagonal system in the other for each wave. A sweep
 * solves for the error that belongs to the residual, so that the first gives the solution, and a second removes its rounding
 * errors.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import type { Stencil } from "../contract.ts";
import { roundoff } from "../dtype.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { type Lines, linesOf, separationFails } from "../discretize/separable.ts";
import { batchOf, type Place, transformLines } from "../transform/lines.ts";
import { factorize } from "../transform/tridiagonal.ts";
import { planTrigTransform, transformWork } from "../transform/dst_dct.ts";
import { factorFrom } from "./comparison_function.ts";
import { residualCorrection } from "./residual_correction.ts";
import type { Neighbours, Step } from "./stepper.ts";

/**
 * R. W. Hockney, J. ACM 12 (1965) 95; B. L. Buzbee, G. H. Golub and C. W. Nielson, SIAM J. Numer. Anal. 7 (1970) 627,
 * sec. 2.
 */
export function direct<G>(kernels: Kernels<G>, grid: G, neighbours: Neighbours, stencil: Stencil): Step {
  const why = directFails(stencil, neighbours.depth);
  if (why !== undefined) throw new ConfigError(`Cannot use method "direct": ${why}`);
  const { solve, comparison } = solver(stencil);
  const correct = residualCorrection(kernels, grid, stencil);
  let begun = neighbours.writes();
  const step = async (sweeps: number) => {
    // Fixed points have their values after a sweep, whatever was written.
    if (begun !== neighbours.writes()) await kernels.sweep(grid, 1);
    begun = neighbours.writes();
    let change = 0;
    for (let n = 0; n < sweeps; n++) change = await correct(solve);
    return { change };
  };
  if (stencil.kind === "plain") return step;
  return Object.assign(step, { errorFactor: () => stencil.singular ? undefined : factorFrom(stencil, comparison()) });
}

/** Local. Why `direct` cannot solve here, and what can; or undefined. */
export function directFails(stencil: Stencil, depth = Infinity): string | undefined {
  if (depth !== Infinity) return `it runs on one rank only; use "jacobi" or "sor"`;
  const why = separationFails(stencil);
  if (why !== undefined) return `${why}, so that the problem does not separate; use "multigrid" or "cg"`;
  const lines = chosen(stencil);
  const held = lines.ends.includes("fixed") || lines.along.includes(0) ||
    robinTerms(lines, stencil).some((term) => term > 0);
  if (held || stencil.singular) return undefined;
  return `its convection is lost in the roundings of ${stencil.dtype}; use ${stencil.dtype === "f32" ? "f64" : "cg"}`;
}

/** What the diagonal of each line exceeds the other weights by: convection, unless it is rounding. */
function robinTerms({ along, before, after }: Lines, { dtype }: Stencil): Float64Array {
  return along.map((weight, line) => {
    const rest = 1 - (2 * weight + before[line]! + after[line]!);
    return weight === 0 || rest <= 16 * roundoff(dtype) ? 0 : rest;
  });
}

/** @returns a function that replaces a residual, sweep(u) − u, by the correction of u; and w with B w = 1, zero at fixed points. */
function solver(stencil: Stencil): { solve(r: Float64Array): void; comparison(): Float64Array } {
  const lines = chosen(stencil);
  const { axis, ends, unknowns: [from, to], along, before, after } = lines;
  const nx = stencil.shape[1];
  const count = stencil.shape[1 - axis]!;
  const points = to - from;
  const transform = planTrigTransform(ends[0], ends[1], points, batchOf(count));
  const eliminate = factorize({
    eigenvalues: transform.eigenvalues,
    along,
    before,
    after,
    rowSum: robinTerms(lines, stencil),
    cyclic: stencil.periodic[1 - axis]!,
    singular: stencil.singular,
  });
  const field: Place = axis === 1 ? { start: from, line: nx, point: 1 } : { start: from * nx, line: 1, point: nx };
  const dense: Place = { start: 0, line: points, point: 1 };
  const work = new Float64Array(count * points);
  /** Sets the unknowns of lines that are fixed as a whole, or of the others. */
  const setLines = (field: Float64Array, fixed: boolean, value: number) => {
    for (let line = 0; line < count; line++) {
      if ((along[line] === 0) !== fixed) continue;
      for (let at = from; at < to; at++) field[axis === 1 ? line * nx + at : at * nx + line] = value;
    }
  };
  const solve = (r: Float64Array) => {
    transformLines(transform, "forward", count, r, field, work, dense);
    eliminate(work);
    transformLines(transform, "inverse", count, work, dense, r, field);
    // Waves of other lines leave their rounding there.
    setLines(r, true, 0);
  };
  return {
    solve,
    comparison() {
      const w = new Float64Array(stencil.shape[0] * nx);
      setLines(w, false, 1);
      solve(w);
      return w;
    },
  };
}

/** Local. The lines that waves go along: those that cost least; where both cost the same, rows, which are in order in memory. */
export function chosen(stencil: Stencil): Lines {
  const [columns, rows] = linesOf(stencil);
  if (typeof columns === "string") return rows as Lines;
  if (typeof rows === "string") return columns;
  return costOf(columns, stencil) < costOf(rows, stencil) ? columns : rows;
}

/** Passes over a point besides those of its Fourier transform: what makes waves of it; and elimination, once. */
const WAVES = 8, ELIMINATION = 4;

/** What a solve costs with waves along some lines, in passes over a point. Elimination costs twice around a period. */
function costOf({ axis, ends: [low, high], unknowns: [from, to] }: Lines, { shape, periodic }: Stencil): number {
  const count = shape[1 - axis]!;
  const block = 2 * batchOf(count);
  const transformed = Math.ceil(count / block) * block;
  const eliminations = periodic[1 - axis] ? 2 : 1;
  return (to - from) *
    (transformed * (WAVES + transformWork(low, high, to - from)) + count * ELIMINATION * eliminations);
}
