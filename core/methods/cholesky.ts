/**
 * Exact solves of the smallest level of multigrid: Cholesky's factors of a dense matrix.
 *
 * @module
 */

/**
 * A pivot that has lost all but so much of the diagonal is rounding, and may be negative: its unknown depends on those
 * before it. Infinity in its place keeps it zero, and the others solve the rest. Among points held fixed inside, levels have
 * such unknowns, interpolated from to points that others reach as well.
 */
const LOST = 2 ** -44;

/** A. L. Cholesky, as published by Benoît, Bulletin géodésique 2 (1924) 67. */
export class Cholesky {
  readonly #size: number;
  /** L of A = L Lᵀ, row by row. */
  readonly #factor: Float64Array;
  /** The first column of each row that is not zero: left of it L is zero too, and where nothing wraps most of it is. */
  readonly #first: Int32Array;
  /** Unknowns that are zero: points that are fixed, and the pinned one. */
  readonly #absent: Uint8Array;
  /** Singular: the share of each point in the imbalance of a right-hand side, which is rounding alone. Sums to 1. */
  readonly #share: Float64Array | undefined;

  /**
   * Local. Factorizes the operator of a level.
   *
   * @param coefficients nine a point, C order: those of the neighbours nw n ne w, of the point, of e sw s se
   * @param periodic whether the first row follows the last, and the first column the last
   * @param singular whether the operator is singular (pure Neumann, periodic): one unknown is then pinned to zero
   */
  constructor(
    coefficients: Float64Array,
    [ny, nx]: readonly [rows: number, cols: number],
    periodic: readonly [rows: boolean, cols: boolean],
    singular: boolean,
  ) {
    const size = this.#size = ny * nx;
    const matrix = this.#factor = new Float64Array(size * size);
    this.#absent = new Uint8Array(size);
    const around = (i: number, n: number, wraps: boolean) => wraps ? (i + n) % n : i;
    for (let p = 0; p < size; p++) {
      for (let t = 0; t < 9; t++) {
        const i = around(Math.floor(p / nx) + Math.floor(t / 3) - 1, ny, periodic[0]);
        const j = around(p % nx + t % 3 - 1, nx, periodic[1]);
        if (i >= 0 && i < ny && j >= 0 && j < nx) matrix[p * size + i * nx + j]! += coefficients[9 * p + t]!;
      }
    }
    if (singular) {
      const total = Array.from({ length: size }, (_, p) => matrix[p * size + p]!).reduce((sum, c) => sum + c);
      this.#share = Float64Array.from({ length: size }, (_, p) => matrix[p * size + p]! / total);
    }
    for (let p = 0, pinned = !singular; p < size; p++) {
      const free = matrix[p * size + p]! !== 0;
      if (free && pinned) continue;
      this.#absent[p] = 1;
      pinned ||= free;
      for (let q = 0; q < size; q++) matrix[p * size + q] = matrix[q * size + p] = p === q ? 1 : 0;
    }
    const first = this.#first = new Int32Array(size);
    for (let p = 0; p < size; p++) {
      while (matrix[p * size + first[p]!] === 0) first[p]!++;
      const diagonal = matrix[p * size + p]!;
      for (let q = first[p]!; q <= p; q++) {
        let sum = matrix[p * size + q]!;
        for (let r = Math.max(first[p]!, first[q]!); r < q; r++) sum -= matrix[p * size + r]! * matrix[q * size + r]!;
        if (q < p) matrix[p * size + q] = sum / matrix[q * size + q]!;
        else matrix[p * size + p] = sum <= LOST * diagonal ? Infinity : Math.sqrt(sum);
      }
    }
  }

  /** Local. Overwrites a right-hand side by the solution, and returns it. */
  solve(x: Float64Array): Float64Array {
    const [size, factor, first, share] = [this.#size, this.#factor, this.#first, this.#share];
    if (share) {
      const imbalance = x.reduce((sum, f) => sum + f);
      for (let p = 0; p < size; p++) x[p]! -= imbalance * share[p]!;
    }
    for (let p = 0; p < size; p++) {
      let sum = this.#absent[p] ? 0 : x[p]!;
      for (let q = first[p]!; q < p; q++) sum -= factor[p * size + q]! * x[q]!;
      x[p] = sum / factor[p * size + p]!;
    }
    for (let p = size - 1; p >= 0; p--) {
      x[p]! /= factor[p * size + p]!;
      for (let q = first[p]!; q < p; q++) x[q]! -= factor[p * size + q]! * x[p]!;
    }
    return x;
  }
}
