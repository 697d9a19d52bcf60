/**
 * What a cycle of multigrid does below a grid: native/gpu/levels.cl in WGSL, kernel by kernel. What each does, its numbers and
 * its threads are told there.
 *
 * @module
 */

import type { Source } from "../source.ts";

/** Planes of the equations of a level, and of the interpolation to a grid or level; planes of the diagonal and of 1 / c. */
export const COUPLINGS = 10, WEIGHTS = 4, DIAGONAL = 4, INVERSE = 9;

/** Where rows and columns are on the level below. */
export const COARSE = `
const WRAP_ROWS = 1;
const WRAP_COLS = 2;
const HALVE_ROWS = 4;
const HALVE_COLS = 8;
const OUTSIDE = 16;

fn has(flag: i32) -> bool { return (p.flags & flag) != 0; }

fn coarse_at(at: i32, inner: i32, unknowns: i32, wrap: bool, halve: bool, shift: i32) -> i32 {
  var i = at;
  var turns = 0;
  if (wrap && i < 1) {
    i += inner;
    turns = -unknowns;
  } else if (wrap && i > inner) {
    i -= inner;
    turns = unknowns;
  }
  return select(i, (i + shift) >> 1u, halve) + turns;
}
fn low_row(i: i32) -> i32 {
  return coarse_at(i, p.ny - 2, p.my - 2, has(WRAP_ROWS), has(HALVE_ROWS), select(0, 1, has(OUTSIDE)));
}
fn high_row(i: i32) -> i32 {
  return coarse_at(i, p.ny - 2, p.my - 2, has(WRAP_ROWS), has(HALVE_ROWS), select(1, 2, has(OUTSIDE)));
}
fn low_col(j: i32) -> i32 {
  return coarse_at(j, p.nx - 2, p.mx - 2, has(WRAP_COLS), has(HALVE_COLS), select(0, 1, has(OUTSIDE)));
}
fn high_col(j: i32) -> i32 {
  return coarse_at(j, p.nx - 2, p.mx - 2, has(WRAP_COLS), has(HALVE_COLS), select(1, 2, has(OUTSIDE)));
}`;

/** What the neighbours of a point add to its equation: `q` is where its couplings are, `k` where its iterate is. */
const PULLED = `
fn pulled(q: i32, k: i32) -> f32 {
  let n = k - p.pitch;
  let s = k + p.pitch;
  let beside = (equations[q + p.pitch] * e[n] + equations[q + 7 * p.pitch] * e[s]) +
    (equations[q + 3 * p.pitch] * e[k - 1] + equations[q + 5 * p.pitch] * e[k + 1]);
  let diagonal = (equations[q] * e[n - 1] + equations[q + 2 * p.pitch] * e[n + 1]) +
    (equations[q + 6 * p.pitch] * e[s - 1] + equations[q + 8 * p.pitch] * e[s + 1]);
  return beside + diagonal;
}`;

/** Kernels by name. */
export const levels: Readonly<Record<string, Source>> = {
  smooth: {
    buffers: [["e", "w"], ["f", "r"], ["equations", "r"]],
    ints: ["e_first", "f_first", "equations_first", "from_", "to_", "nx", "pitch", "odd_rows", "odd_cols"],
    reals: [],
    before: PULLED,
    body: `
  let i = p.from_ + ((p.from_ + p.odd_rows) & 1) + 2 * y;
  let j = 2 * x + p.odd_cols;
  if (i >= p.to_ || j < 1 || j >= p.nx - 1) { return; }
  let k = (i - p.e_first) * p.pitch + j;
  let q = (i - p.equations_first) * ${COUPLINGS} * p.pitch + j;
  e[k] = equations[q + ${INVERSE} * p.pitch] * (f[(i - p.f_first) * p.pitch + j] + pulled(q, k));`,
  },

  remain: {
    buffers: [["e", "r"], ["f", "r"], ["equations", "r"], ["r", "w"]],
    ints: ["e_first", "f_first", "equations_first", "r_first", "from_", "to_", "nx", "pitch"],
    reals: [],
    before: PULLED,
    body: `
  let i = p.from_ + y;
  if (i >= p.to_ || x < 1 || x >= p.nx - 1) { return; }
  let k = (i - p.e_first) * p.pitch + x;
  let q = (i - p.equations_first) * ${COUPLINGS} * p.pitch + x;
  r[(i - p.r_first) * p.pitch + x] =
    f[(i - p.f_first) * p.pitch + x] - equations[q + ${DIAGONAL} * p.pitch] * e[k] + pulled(q, k);`,
  },

  restrict_residual: {
    buffers: [["r", "r"], ["weights", "r"], ["f", "w"], ["e", "w"]],
    // deno-fmt-ignore
    ints: [
      "r_first", "weights_first", "f_first", "e_first", "from_", "to_", "ny", "nx", "pitch", "my", "mx", "coarse_pitch", "flags",
    ],
    reals: [],
    before: COARSE,
    body: `
  let row = p.from_ + y;
  let col = x;
  if (row >= p.to_ || col >= p.mx) { return; }
  var sum = 0f;
  if (row >= 1 && row < p.my - 1 && col >= 1 && col < p.mx - 1) {
    let shift = select(0, 1, has(OUTSIDE));
    let i0 = select(row, 2 * row - shift - 1, has(HALVE_ROWS));
    let i1 = select(row, i0 + 2, has(HALVE_ROWS));
    let j0 = select(col, 2 * col - shift - 1, has(HALVE_COLS));
    let j1 = select(col, j0 + 2, has(HALVE_COLS));
    let ring_rows = select(1, 0, has(WRAP_ROWS));
    let ring_cols = select(1, 0, has(WRAP_COLS));
    for (var i = max(i0, ring_rows); i <= min(i1, p.ny - ring_rows - 1); i++) {
      let low = low_row(i) == row;
      let high = high_row(i) == row;
      let w = (i - p.weights_first) * ${WEIGHTS} * p.pitch;
      for (var j = max(j0, ring_cols); j <= min(j1, p.nx - ring_cols - 1); j++) {
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

  interpolate: {
    buffers: [["u", "w"], ["e", "r"], ["weights", "r"]],
    // deno-fmt-ignore
    ints: [
      "u_first", "e_first", "weights_first", "from_", "to_", "ny", "nx", "pitch", "my", "mx", "coarse_pitch", "flags",
    ],
    reals: [],
    before: COARSE,
    body: `
  let i = p.from_ + y;
  let j = x;
  if (i >= p.to_ || j < 1 || j >= p.nx - 1) { return; }
  let one_row = has(WRAP_ROWS) && p.my == 3;
  let one_col = has(WRAP_COLS) && p.mx == 3;
  let low = (select(low_row(i), 1, one_row) - p.e_first) * p.coarse_pitch;
  let high = (select(high_row(i), 1, one_row) - p.e_first) * p.coarse_pitch;
  let left = select(low_col(j), 1, one_col);
  let right = select(high_col(j), 1, one_col);
  let w = (i - p.weights_first) * ${WEIGHTS} * p.pitch + j;
  u[(i - p.u_first) * p.pitch + j] += (weights[w] * e[low + left] + weights[w + p.pitch] * e[low + right]) +
    (weights[w + 2 * p.pitch] * e[high + left] + weights[w + 3 * p.pitch] * e[high + right]);`,
  },
};
