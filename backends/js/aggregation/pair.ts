/**
 * Aggregates by pairs, with a bound on their quality.
 *
 * A pair {i, j} may be one unknown of the coarse level if relaxation reduces the difference of its two values as fast as
 * their coupling says it must:
 *
 *     2 / (1 / d_i + 1 / d_j) <= QUALITY (k_ij + 1 / (1 / x_i + 1 / x_j))
 *
 * d are the diagonals, x the row sums. A. Napov and Y. Notay, SIAM J. Sci. Comput. 34 (2012) A1079, section 4, with symmetric
 * Gauss-Seidel.
 *
 * @module
 */

import type { Operator } from "./operator.ts";

/** The condition number that two levels have at most; and a row whose couplings are less of its diagonal needs none. */
const QUALITY = 8, COUPLED = 1 - 2 / QUALITY;

/** Of a row that is in no pair so far, and of one that is in none: relaxation alone reduces it. */
const OPEN = -2, NONE = -1;

/** Pairs of rows, and rows that are alone. */
export interface Pairs {
  readonly count: number;
  /** Of each row: its pair; negative: none. */
  readonly pair: Int32Array;
  /** Of the first row of a pair: the other one, or itself if it is alone; of other rows negative. */
  readonly partner: Int32Array;
}

/**
 * Local. Chooses pairs.
 *
 * @param diagonal of a second pass, whose rows are pairs: the sums of the diagonals of their rows. With those of A itself
 * conductivities of two values at random take ten times as many cycles.
 */
export function choosePairs(A: Operator, diagonal?: Float64Array): Pairs {
  const pair = new Int32Array(A.rows).fill(OPEN);
  const partner = new Int32Array(A.rows).fill(NONE);
  let count = 0;
  for (let i = 0; i < A.rows; i++) {
    if (pair[i] !== OPEN) continue;
    pair[i] = NONE;
    const [d, rowSum] = [A.diagonal[i]!, A.rowSum[i]!];
    // Rows that are pairs have been found to need more.
    if (!(d > 0) || (!diagonal && d - rowSum <= COUPLED * d)) continue;
    const found = bestPartner(A, diagonal ?? A.diagonal, i, pair);
    pair[i] = count;
    partner[i] = i;
    if (found >= 0) {
      pair[found] = count;
      partner[i] = found;
    }
    count++;
  }
  return { count, pair, partner };
}

/** The best partner of row i among the rows without a pair; negative if none is good enough. */
function bestPartner(A: Operator, diagonal: Float64Array, i: number, pair: Int32Array): number {
  const { start, later, column, k, rowSum } = A;
  let [best, found] = [QUALITY, NONE];
  for (let at = later[i]!; at < start[i + 1]!; at++) {
    const j = column[at]!;
    if (pair[j] !== OPEN || !(k[at]! > 0)) continue;
    const [x, y] = [rowSum[i]!, rowSum[j]!];
    const bond = k[at]! + (x > 0 && y > 0 ? 1 / (1 / x + 1 / y) : 0);
    const quality = 2 / (1 / diagonal[i]! + 1 / diagonal[j]!) / bond;
    if (quality < best) [best, found] = [quality, j];
  }
  return found;
}
