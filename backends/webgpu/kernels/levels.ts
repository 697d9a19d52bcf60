/**
 * The parts of a cycle of multigrid below a grid: native/gpu/levels.cl in WGSL.
 *
 * @module
 */

import type { Sources } from "../source.ts";

/** Planes of the operator of a level, and of the prolongation to a grid or level; planes of the diagonal and of 1 / c. */
export const OPERATOR_PLANES = 10, WEIGHT_PLANES = 4, DIAGONAL = 4, INVERSE = 9;

/** The coarse rows and columns around those of a grid or level. */
export const COARSE = `
const PERIODIC_ROWS = 1;
const PERIODIC_COLS = 2;
const COARSEN_ROWS = 4;
const COARSEN_COLS = 8;
const FIRST_IS_COARSE = 16;

fn has(flag: i32) -> bool { return (p.flags & flag) != 0; }

fn coarse_at(at: i32, inner: i32, unknowns: i32, periodic: bool, coarsened: bool, shift: i32) -> i32 {
  var i = at;
  var period = 0;
  if (periodic && i < 1) {
    i += inner;
    period = -unknowns;
  } else if (periodic && i > inner) {
    i -= inner;
    period = unknowns;
  }
  return select(i, (i + shift) >> 1u, coarsened) + period;
}
fn low_row(i: i32) -> i32 {
  return coarse_at(i, p.ny - 2, p.my - 2, has(PERIODIC_ROWS), has(COARSEN_ROWS), select(0, 1, has(FIRST_IS_COARSE)));
}
fn high_row(i: i32) -> i32 {
  return coarse_at(i, p.ny - 2, p.my - 2, has(PERIODIC_ROWS), has(COARSEN_ROWS), select(1, 2, has(FIRST_IS_COARSE)));
}
fn low_col(j: i32) -> i32 {
  return coarse_at(j, p.nx - 2, p.mx - 2, has(PERIODIC_COLS), has(COARSEN_COLS), select(0, 1, has(FIRST_IS_COARSE)));
}
fn high_col(j: i32) -> i32 {
  return coarse_at(j, p.nx - 2, p.mx - 2, has(PERIODIC_COLS), has(COARSEN_COLS), select(1, 2, has(FIRST_IS_COARSE)));
}`;

/** Coupling times correction, summed over the neighbours of a point: `q` is where its couplings are, `k` its correction. */
const OFF_DIAGONAL = `
fn off_diagonal(q: i32, k: i32) -> f32 {
  let n = k - p.pitch;
  let s = k + p.pitch;
  let beside = (coefficients[q + p.pitch] * e[n] + coefficients[q + 7 * p.pitch] * e[s]) +
    (coefficients[q + 3 * p.pitch] * e[k - 1] + coefficients[q + 5 * p.pitch] * e[k + 1]);
  let corners = (coefficients[q] * e[n - 1] + coefficients[q + 2 * p.pitch] * e[n + 1]) +
    (coefficients[q + 6 * p.pitch] * e[s - 1] + coefficients[q + 8 * p.pitch] * e[s + 1]);
  return beside + corners;
}`;

/** Kernels by name. */
export const levels = {
  smooth: {
    before: OFF_DIAGONAL,
    body: `
  let i = p.begin_row + ((p.begin_row + p.odd_rows) & 1) + 2 * y;
  let j = 2 * x + p.odd_cols;
  if (i >= p.end_row || j < 1 || j >= p.nx - 1) { return; }
  let k = (i - p.e_first) * p.pitch + j;
  let q = (i - p.coefficients_first) * ${OPERATOR_PLANES} * p.pitch + j;
  e[k] = coefficients[q + ${INVERSE} * p.pitch] * (f[(i - p.f_first) * p.pitch + j] + off_diagonal(q, k));`,
  },

  compute_residual: {
    before: OFF_DIAGONAL,
    body: `
  let i = p.begin_row + y;
  if (i >= p.end_row || x < 1 || x >= p.nx - 1) { return; }
  let k = (i - p.e_first) * p.pitch + x;
  let q = (i - p.coefficients_first) * ${OPERATOR_PLANES} * p.pitch + x;
  r[(i - p.r_first) * p.pitch + x] =
    f[(i - p.f_first) * p.pitch + x] - coefficients[q + ${DIAGONAL} * p.pitch] * e[k] + off_diagonal(q, k);`,
  },

  restrict_residual: {
    before: COARSE,
    body: `
  let row = p.begin_row + y;
  let col = x;
  if (row >= p.end_row || col >= p.mx) { return; }
  var sum = 0f;
  if (row >= 1 && row < p.my - 1 && col >= 1 && col < p.mx - 1) {
    let first_is_coarse = select(0, 1, has(FIRST_IS_COARSE));
    let i0 = select(row, 2 * row - first_is_coarse - 1, has(COARSEN_ROWS));
    let i1 = select(row, i0 + 2, has(COARSEN_ROWS));
    let j0 = select(col, 2 * col - first_is_coarse - 1, has(COARSEN_COLS));
    let j1 = select(col, j0 + 2, has(COARSEN_COLS));
    let ghost_rows = select(1, 0, has(PERIODIC_ROWS));
    let ghost_cols = select(1, 0, has(PERIODIC_COLS));
    for (var i = max(i0, ghost_rows); i <= min(i1, p.ny - ghost_rows - 1); i++) {
      let low = low_row(i) == row;
      let high = high_row(i) == row;
      let w = (i - p.weights_first) * ${WEIGHT_PLANES} * p.pitch;
      for (var j = max(j0, ghost_cols); j <= min(j1, p.nx - ghost_cols - 1); j++) {
        let left = low_col(j) == col;
        let right = high_col(j) == col;
        var weight = 0f;
        if (low && left) { weight += weights[w + j]; }
        if (low && right) { weight += weights[w + p.pitch + j]; }
        if (high && left) { weight += weights[w + 2 * p.pitch + j]; }
        if (high && right) { weight += weights[w + 3 * p.pitch + j]; }
        sum += weight * r[(i - p.r_first) * p.pitch + j];
      }
    }
  }
  f[(row - p.f_first) * p.coarse_pitch + col] = sum;
  e[(row - p.e_first) * p.coarse_pitch + col] = 0;`,
  },

  prolong_correction: {
    before: COARSE,
    body: `
  let i = p.begin_row + y;
  let j = x;
  if (i >= p.end_row || j < 1 || j >= p.nx - 1) { return; }
  let one_row = has(PERIODIC_ROWS) && p.my == 3;
  let one_col = has(PERIODIC_COLS) && p.mx == 3;
  let low = (select(low_row(i), 1, one_row) - p.e_first) * p.coarse_pitch;
  let high = (select(high_row(i), 1, one_row) - p.e_first) * p.coarse_pitch;
  let left = select(low_col(j), 1, one_col);
  let right = select(high_col(j), 1, one_col);
  let w = (i - p.weights_first) * ${WEIGHT_PLANES} * p.pitch + j;
  u[(i - p.u_first) * p.pitch + j] += (weights[w] * e[low + left] + weights[w + p.pitch] * e[low + right]) +
    (weights[w + 2 * p.pitch] * e[high + left] + weights[w + 3 * p.pitch] * e[high + right]);`,
  },
} satisfies Sources;
