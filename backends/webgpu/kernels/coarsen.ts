/**
 * How levels of multigrid come about: native/gpu/coarsen.cl in WGSL, kernel by kernel. What each does, its numbers and its
 * threads are told there.
 *
 * @module
 */

import type { Source } from "../source.ts";
import { COARSE, COUPLINGS, DIAGONAL, INVERSE, WEIGHTS } from "./levels.ts";

/** Equations in conductances, of a grid or of a level: `equations`, of which `p` tells all that there is to know. */
const OPERATOR = `
const OF_PLAIN = 0;
const OF_LEVEL = 2;

fn of_point(i: i32, j: i32) -> i32 { return (i - p.equations_first) * p.planes * p.pitch + j; }

fn diagonal_of(i: i32, j: i32) -> f32 {
  if (!has(WRAP_ROWS) && (i < 1 || i >= p.ny - 1)) { return 0; }
  if (!has(WRAP_COLS) && (j < 1 || j >= p.nx - 1)) { return 0; }
  if (p.kind == OF_PLAIN) { return 1; }
  return equations[of_point(i, j) + select(5, ${DIAGONAL}, p.kind == OF_LEVEL) * p.pitch];
}

fn coupling(t: i32, i: i32, j: i32) -> f32 {
  if (p.kind == OF_LEVEL) { return equations[of_point(i, j) + t * p.pitch]; }
  if (t == 4) { return diagonal_of(i, j); }
  if (t % 2 == 0 || !(diagonal_of(i + t / 3 - 1, j + t % 3 - 1) > 0)) { return 0; }
  let vertical = t == 1 || t == 7;
  if (p.kind == OF_PLAIN) { return select(p.cx, p.cy, vertical); }
  let plane = select(select(3, 2, t == 3), select(1, 0, t == 1), vertical);
  return equations[of_point(i, j) + plane * p.pitch] * diagonal_of(i, j);
}

fn denominator(couplings: f32, diagonal: f32, least: f32) -> f32 {
  let excess = diagonal - couplings;
  if (excess > 0) { return couplings + excess * excess / (excess + least); }
  return couplings;
}`;

/** Numbers of both kernels that make weights. */
// deno-fmt-ignore
const WEIGH = [
  "equations_first", "weights_first", "from_", "to_", "kind", "planes", "ny", "nx", "pitch", "my", "mx", "flags",
] as const;

/** Kernels by name. */
export const coarsen: Readonly<Record<string, Source>> = {
  weigh_beside: {
    buffers: [["equations", "r"], ["weights", "w"]],
    ints: WEIGH,
    reals: ["cx", "cy"],
    before: COARSE + OPERATOR,
    body: `
  let i = p.from_ + y;
  let j = x;
  if (i >= p.to_ || j < 1 || j >= p.nx - 1) { return; }
  let c = diagonal_of(i, j);
  if (!(c > 0)) { return; }
  let between_rows = low_row(i) != high_row(i);
  let between_cols = low_col(j) != high_col(j);
  let w = (i - p.weights_first) * ${WEIGHTS} * p.pitch + j;
  if (between_rows && between_cols) { return; }
  if (!between_rows && !between_cols) {
    weights[w] = 1;
    return;
  }
  var q: array<f32, 9>;
  for (var t = 0; t < 9; t++) { q[t] = coupling(t, i, j); }
  let one = select(q[0] + q[1] + q[2], q[0] + q[3] + q[6], between_cols);
  let other = select(q[6] + q[7] + q[8], q[2] + q[5] + q[8], between_cols);
  let along = select(q[3] + q[5], q[1] + q[7], between_cols);
  let sum = denominator(one + other, c - along, min(one, other));
  if (!(sum > 0)) { return; }
  weights[w] = one / sum;
  weights[w + select(2, 1, between_cols) * p.pitch] = other / sum;`,
  },

  weigh_amid: {
    buffers: [["equations", "r"], ["weights", "w"]],
    ints: WEIGH,
    reals: ["cx", "cy"],
    before: COARSE + OPERATOR,
    body: `
  let i = p.from_ + y;
  let j = x;
  if (i >= p.to_ || j < 1 || j >= p.nx - 1) { return; }
  let c = diagonal_of(i, j);
  if (!(c > 0)) { return; }
  if (low_row(i) == high_row(i) || low_col(j) == high_col(j)) { return; }
  var q: array<f32, 9>;
  for (var t = 0; t < 9; t++) { q[t] = coupling(t, i, j); }
  let north = q[0] + q[1] + q[2];
  let south = q[6] + q[7] + q[8];
  let west = q[0] + q[3] + q[6];
  let east = q[2] + q[5] + q[8];
  let sum = denominator(north + (q[3] + q[5]) + south, c, min(min(north, south), min(west, east)));
  if (!(sum > 0)) { return; }
  let plane = p.pitch;
  let w = (i - p.weights_first) * ${WEIGHTS} * plane + j;
  let n = w - ${WEIGHTS} * plane;
  let s = w + ${WEIGHTS} * plane;
  weights[w] = (q[0] + q[1] * weights[n] + q[3] * weights[w - 1]) / sum;
  weights[w + plane] = (q[2] + q[1] * weights[n + plane] + q[5] * weights[w + 1]) / sum;
  weights[w + 2 * plane] = (q[6] + q[7] * weights[s] + q[3] * weights[w + 2 * plane - 1]) / sum;
  weights[w + 3 * plane] = (q[8] + q[7] * weights[s + plane] + q[5] * weights[w + 2 * plane + 1]) / sum;`,
  },

  project: {
    buffers: [["equations", "r"], ["weights", "r"], ["coarse", "w"]],
    // deno-fmt-ignore
    ints: [
      "equations_first", "weights_first", "coarse_first", "from_", "to_", "kind", "planes", "ny", "nx", "pitch", "my", "mx",
      "coarse_pitch", "flags",
    ],
    reals: ["cx", "cy"],
    before: COARSE + OPERATOR,
    body: `
  let row = p.from_ + y;
  let col = x;
  if (row >= p.to_ || col < 1 || col >= p.mx - 1) { return; }
  let shift = select(0, 1, has(OUTSIDE));
  let wrap_rows = has(WRAP_ROWS);
  let wrap_cols = has(WRAP_COLS);
  let i0 = select(row, 2 * row - shift - 1, has(HALVE_ROWS));
  let i1 = select(row, i0 + 2, has(HALVE_ROWS));
  let j0 = select(col, 2 * col - shift - 1, has(HALVE_COLS));
  let j1 = select(col, j0 + 2, has(HALVE_COLS));
  var sums: array<f32, 9>;
  for (var i = i0; i <= i1; i++) {
    for (var j = j0; j <= j1; j++) {
      if ((i < 1 && !wrap_rows) || i > p.ny - 2 || (j < 1 && !wrap_cols) || j > p.nx - 2) { continue; }
      let pi = select(i, i + p.ny - 2, i < 1);
      let pj = select(j, j + p.nx - 2, j < 1);
      if (diagonal_of(pi, pj) == 0) { continue; }
      var taken = 0f;
      for (var m = 0; m < ${WEIGHTS}; m++) {
        let to_row = select(high_row(i), low_row(i), m < 2);
        let to_col = select(high_col(j), low_col(j), m % 2 == 0);
        let weight = weights[((pi - p.weights_first) * ${WEIGHTS} + m) * p.pitch + pj];
        if (to_row == row && to_col == col) { taken += weight; }
      }
      if (taken == 0) { continue; }
      for (var t = 0; t < 9; t++) {
        let term = coupling(t, pi, pj);
        if (term == 0) { continue; }
        let value = select(-taken * term, taken * term, t == 4);
        let qi = i + t / 3 - 1;
        let qj = j + t % 3 - 1;
        let at_row = pi + t / 3 - 1;
        let at_col = pj + t % 3 - 1;
        for (var m = 0; m < ${WEIGHTS}; m++) {
          let weight = weights[((at_row - p.weights_first) * ${WEIGHTS} + m) * p.pitch + at_col];
          if (weight == 0) { continue; }
          let down = select(high_row(qi), low_row(qi), m < 2) - row;
          let along = select(high_col(qj), low_col(qj), m % 2 == 0) - col;
          let to_row = select(down + 1, 1, wrap_rows && p.my == 3);
          let to_col = select(along + 1, 1, wrap_cols && p.mx == 3);
          if (to_row >= 0 && to_row <= 2 && to_col >= 0 && to_col <= 2) { sums[3 * to_row + to_col] += value * weight; }
        }
      }
    }
  }
  var rest = 0f;
  for (var t = 0; t < 9; t++) { rest += sums[t]; }
  if (abs(rest) < 2e-6 * sums[${DIAGONAL}]) { sums[${DIAGONAL}] -= rest; }
  let q = (row - p.coarse_first) * ${COUPLINGS} * p.coarse_pitch + col;
  for (var t = 0; t < 9; t++) { coarse[q + t * p.coarse_pitch] = select(-sums[t], sums[t], t == ${DIAGONAL}); }
  var inverse = 0f;
  if (sums[${DIAGONAL}] > 0) { inverse = 1 / sums[${DIAGONAL}]; }
  coarse[q + ${INVERSE} * p.coarse_pitch] = inverse;`,
  },
};
