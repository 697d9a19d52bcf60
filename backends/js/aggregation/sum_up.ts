/**
 * Coarse operators of the algebraic preconditioner: Pᵀ A P, where P is constant on each aggregate.
 *
 * @module
 */

import { type Operator, OperatorBuilder, release } from "./operator.ts";
import { choosePairs, type Pairs } from "./pair.ts";

/** A coarse operator, and of each row of the fine one its aggregate; negative: none. */
export interface Coarse {
  readonly A: Operator;
  readonly aggregate: Int32Array;
}

/**
 * Local. The level below an operator: aggregates of up to four rows, by two passes of pairs.
 *
 * @param isNeeded whether A is used afterwards; else it is freed
 */
export function coarsen(A: Operator, isNeeded = true): Coarse {
  const once = choosePairs(A);
  const diagonals = sumOfDiagonals(A, once);
  const between = sumUp(A, once);
  if (!isNeeded) release(A);
  const twice = choosePairs(between, diagonals);
  const coarse = sumUp(between, twice);
  release(between);
  const aggregate = once.pair.map((pair) => pair < 0 ? pair : twice.pair[pair]!);
  release(once);
  release(twice);
  return { A: coarse, aggregate };
}

/** The operator of pairs: what their rows have, added up. A coupling to a row without a pair is part of the row sum. */
function sumUp(A: Operator, { count, pair, partner }: Pairs): Operator {
  const { start, column, k } = A;
  const builder = new OperatorBuilder(count, start[A.rows]!);
  for (let i = 0; i < A.rows; i++) {
    const other = partner[i]!;
    if (other < 0) continue;
    let rowSum = 0;
    for (let row = i;; row = other) {
      rowSum += A.rowSum[row]!;
      for (let at = start[row]!; at < start[row + 1]!; at++) {
        const to = pair[column[at]!]!;
        if (to < 0) rowSum += k[at]!;
        else if (to !== pair[i]) builder.couple(to, k[at]!);
      }
      if (row === other) break;
    }
    builder.endRow(rowSum);
  }
  return builder.finish();
}

/** Of each pair: the sum of the diagonals of its rows. */
function sumOfDiagonals(A: Operator, { count, pair }: Pairs): Float64Array {
  const sums = new Float64Array(count);
  for (let i = 0; i < A.rows; i++) if (pair[i]! >= 0) sums[pair[i]!]! += A.diagonal[i]!;
  return sums;
}
