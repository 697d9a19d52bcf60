/**
 * The direct solve of the last level of the algebraic preconditioner: A = L D Lᵀ, sparse, the rows with the fewest couplings
 * eliminated first. W. F. Tinney and J. W. Walker, Proc. IEEE 55 (1967) 1801.
 *
 * Row sums and couplings are eliminated apart, and only added, never subtracted: what is known of weak couplings beside
 * strong ones is kept, and a pivot is zero just where A is singular. A. S. Alfa, J. Xue and Q. Ye, Math. Comp. 71 (2002) 217.
 *
 * @module
 */

import type { Operator } from "./operator.ts";

/** An eliminated row: of D the inverse, 0 where A is singular; of −L the column. */
interface Eliminated {
  readonly row: number;
  readonly inverse: number;
  readonly columns: Int32Array;
  readonly parts: Float64Array;
}

/** The factors of an operator. */
export class Factors {
  readonly #eliminated: Eliminated[] = [];

  /** Local. Factorises. */
  constructor(A: Operator) {
    const couplings = couplingsOf(A);
    const rowSum = A.rowSum.slice();
    for (const row of fewestFirst(couplings)) {
      const own = couplings[row]!;
      const columns = Int32Array.from(own.keys());
      const parts = Float64Array.from(own.values());
      const pivot = parts.reduce((sum, k) => sum + k, rowSum[row]!);
      const inverse = pivot > 0 ? 1 / pivot : 0;
      columns.forEach((column, n) => {
        const other = couplings[column]!;
        other.delete(row);
        const part = parts[n]! *= inverse;
        rowSum[column]! += part * rowSum[row]!;
        for (const [to, k] of own) if (to !== column) other.set(to, (other.get(to) ?? 0) + part * k);
      });
      own.clear();
      this.#eliminated.push({ row, inverse, columns, parts });
    }
  }

  /** Local. e = A⁻¹ f. */
  solve(f: Float64Array, e: Float64Array): void {
    e.set(f);
    for (const { row, inverse, columns, parts } of this.#eliminated) {
      for (let n = 0; n < columns.length; n++) e[columns[n]!]! += parts[n]! * e[row]!;
      e[row]! *= inverse;
    }
    for (let at = this.#eliminated.length - 1; at >= 0; at--) {
      const { row, columns, parts } = this.#eliminated[at]!;
      for (let n = 0; n < columns.length; n++) e[row]! += parts[n]! * e[columns[n]!]!;
    }
  }
}

/** Of each row: its couplings by column. */
function couplingsOf({ rows, start, column, k }: Operator): Map<number, number>[] {
  return Array.from({ length: rows }, (_, i) => {
    const all = new Map<number, number>();
    for (let at = start[i]!; at < start[i + 1]!; at++) all.set(column[at]!, k[at]!);
    return all;
  });
}

/** All rows, each time one with the fewest couplings: the caller changes those of its neighbours before the next. */
function* fewestFirst(couplings: readonly Map<number, number>[]): Generator<number> {
  /** Rows by what their count was. */
  const byCount: number[][] = [];
  const add = (row: number) => (byCount[couplings[row]!.size] ??= []).push(row);
  couplings.forEach((_, row) => add(row));
  const isDone = new Uint8Array(couplings.length);
  for (let count = 0; count < byCount.length;) {
    const row = byCount[count]?.pop();
    if (row === undefined) count++;
    else if (!isDone[row] && couplings[row]!.size === count) {
      isDone[row] = 1;
      const neighbours = [...couplings[row]!.keys()];
      yield row;
      for (const neighbour of neighbours) {
        add(neighbour);
        count = Math.min(count, couplings[neighbour]!.size);
      }
    }
  }
}
