/**
 * A level of the algebraic preconditioner: relaxation, what it leaves, and the way to the level below. Cycles are in
 * `k_cycle.ts`.
 *
 * Relaxation before the coarse correction goes forward from zero: it needs no more than the couplings to earlier rows, and
 * the residual no more than the others. After it relaxation goes backward, so that a cycle is symmetric, and what it leaves
 * follows from how far earlier rows moved.
 *
 * @module
 */

import type { Operator } from "./operator.ts";

/** A e = f. */
export interface Level {
  readonly A: Operator;
  /** Of the diagonal; 0 where a row has nothing. */
  readonly inverse: Float64Array;
  /** Right-hand side. */
  readonly f: Float64Array;
  /** Correction. */
  e: Float64Array;
  /** How far the last relaxation moved e. */
  readonly moved: Float64Array;
  /** f − A e. */
  readonly r: Float64Array;
  /** Of a K-cycle: its first direction, and A z. */
  z: Float64Array;
  readonly q: Float64Array;
  /** Of each row: the row of the level below; negative: none. Undefined on the last level. */
  readonly aggregate: Int32Array | undefined;
}

/** ⟨e, f⟩, ⟨e, r⟩ and ⟨e, q⟩. */
export interface Sums {
  readonly ef: number;
  readonly er: number;
  readonly eq: number;
}

/** Local. Allocates what a level needs besides its operator and its aggregates. */
export function createLevel(A: Operator, aggregate: Int32Array | undefined): Level {
  const zeros = () => new Float64Array(A.rows);
  const inverse = A.diagonal.map((d) => d > 0 ? 1 / d : 0);
  return { A, inverse, f: zeros(), e: zeros(), moved: zeros(), r: zeros(), z: zeros(), q: zeros(), aggregate };
}

/** Local. Whether constants are solutions of A e = 0: a problem with no value held anywhere. */
export function isSingular({ A: { rows, rowSum } }: Level): boolean {
  return rows > 0 && rowSum.every((sum) => sum === 0);
}

/** Local. Of a singular level: takes what rounding has added to the sum of f out of all rows, as their diagonals are. */
export function balance({ A: { diagonal }, f }: Level): void {
  const sum = (of: Float64Array) => of.reduce((total, value) => total + value, 0);
  const share = sum(f) / sum(diagonal);
  for (let i = 0; i < f.length; i++) f[i]! -= share * diagonal[i]!;
}

/** Local. Relaxes e from zero, forward. */
export function relaxForward({ A: { rows, start, later, column, k }, inverse, f, e }: Level): void {
  for (let i = 0; i < rows; i++) {
    let sum = f[i]!;
    for (let at = start[i]!, end = later[i]!; at < end; at++) sum += k[at]! * e[column[at]!]!;
    e[i] = inverse[i]! * sum;
  }
}

/** Local. What that leaves, added up in f of the level below: couplings to earlier rows leave nothing. */
export function restrict({ A: { rows, start, later, column, k }, e, aggregate }: Level, below: Float64Array): void {
  below.fill(0);
  for (let i = 0; i < rows; i++) {
    const to = aggregate![i]!;
    if (to < 0) continue;
    let sum = 0;
    for (let at = later[i]!, end = start[i + 1]!; at < end; at++) sum += k[at]! * e[column[at]!]!;
    below[to]! += sum;
  }
}

/** Local. Adds e of the level below. */
export function addCorrection({ A: { rows }, e, aggregate }: Level, below: Float64Array): void {
  for (let i = 0; i < rows; i++) {
    const from = aggregate![i]!;
    if (from >= 0) e[i]! += below[from]!;
  }
}

/** Local. Relaxes e backward, and notes how far it moved. */
export function relaxBackward({ A: { rows, start, column, k }, inverse, f, e, moved }: Level): void {
  for (let i = rows - 1; i >= 0; i--) {
    let sum = f[i]!;
    for (let at = start[i]!, end = start[i + 1]!; at < end; at++) sum += k[at]! * e[column[at]!]!;
    const next = inverse[i]! * sum;
    moved[i] = next - e[i]!;
    e[i] = next;
  }
}

/** Local. r = f − A e, after `relaxBackward`: what earlier rows have moved since. */
export function computeResidual({ A: { rows, start, later, column, k }, f, e, moved, r, q }: Level): Sums {
  let [ef, er, eq] = [0, 0, 0];
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let at = start[i]!, end = later[i]!; at < end; at++) sum += k[at]! * moved[column[at]!]!;
    r[i] = sum;
    ef += e[i]! * f[i]!;
    er += e[i]! * sum;
    eq += e[i]! * q[i]!;
  }
  return { ef, er, eq };
}
