/**
 * Operators of the algebraic preconditioner: sparse rows of couplings. That of a grid is made in `grid_operator.ts`, those of
 * levels in `sum_up.ts`.
 *
 * @module
 */

/** A symmetric operator: (A e)_i = row sum_i e_i + Σ k_ij (e_i − e_j). */
export interface Operator {
  readonly rows: number;
  readonly rowSum: Float64Array;
  /** The row sum and all k of a row. */
  readonly diagonal: Float64Array;
  /** The couplings of row i are at start[i] to start[i + 1]: first those to earlier rows, from later[i] on the others. */
  readonly start: Int32Array;
  readonly later: Int32Array;
  readonly column: Int32Array;
  readonly k: Float64Array;
}

/** Makes an operator row by row. */
export class OperatorBuilder {
  readonly #rowSum: Float64Array;
  readonly #diagonal: Float64Array;
  readonly #start: Int32Array;
  readonly #later: Int32Array;
  readonly #column: Int32Array;
  readonly #k: Float64Array;
  /** For each row the last coupling to it. */
  readonly #place: Int32Array;
  #row = 0;
  #end = 0;

  /** @param couplings that it may have at most: memory that is not written is not used */
  constructor(rows: number, couplings: number) {
    this.#rowSum = new Float64Array(rows);
    this.#diagonal = new Float64Array(rows);
    this.#start = new Int32Array(rows + 1);
    this.#later = new Int32Array(rows);
    this.#column = new Int32Array(couplings);
    this.#k = new Float64Array(couplings);
    this.#place = new Int32Array(rows).fill(-1);
  }

  /** Adds to the coupling between the row that is being made and another one. */
  couple(column: number, k: number): void {
    const at = this.#place[column]!;
    if (at >= this.#start[this.#row]!) {
      this.#k[at]! += k;
      return;
    }
    this.#place[column] = this.#end;
    this.#column[this.#end] = column;
    this.#k[this.#end++] = k;
  }

  /** Ends the row that is being made. */
  endRow(rowSum: number): void {
    const row = this.#row++;
    const [column, k] = [this.#column, this.#k];
    let later = this.#start[row]!;
    let diagonal = rowSum;
    for (let at = later; at < this.#end; at++) {
      const [other, coupling] = [column[at]!, k[at]!];
      diagonal += coupling;
      if (other > row) continue;
      [column[at], k[at]] = [column[later]!, k[later]!];
      [column[later], k[later]] = [other, coupling];
      later++;
    }
    this.#later[row] = later;
    this.#start[row + 1] = this.#end;
    this.#rowSum[row] = rowSum;
    this.#diagonal[row] = diagonal;
  }

  /** @returns the operator, once all rows are made */
  finish(): Operator {
    release({ place: this.#place });
    return {
      rows: this.#row,
      rowSum: this.#rowSum,
      diagonal: this.#diagonal,
      start: this.#start,
      later: this.#later,
      column: this.#column,
      k: this.#k,
    };
  }
}

/** Local. Frees the arrays of an object at once, which must not be used again: engines collect large ones late. */
export function release(object: object): void {
  for (const array of Object.values(object)) if (ArrayBuffer.isView(array)) (array.buffer as ArrayBuffer).transfer(0);
}
