/**
 * The prolongation of multigrid, induced by the operator: native/gpu/weights.cl in WGSL.
 *
 * @module
 */

import type { Sources } from "../source.ts";
import { COARSE, DIAGONAL, WEIGHT_PLANES } from "./levels.ts";

/** An operator in conductances, of a grid or of a level: `coefficients`, which parameters describe. */
export const OPERATOR = `
const OF_PLAIN = 0;
const OF_LEVEL = 2;

fn of_point(i: i32, j: i32) -> i32 { return (i - p.coefficients_first) * p.planes * p.pitch + j; }

fn diagonal_of(i: i32, j: i32) -> f32 {
  if (!has(PERIODIC_ROWS) && (i < 1 || i >= p.ny - 1)) { return 0; }
  if (!has(PERIODIC_COLS) && (j < 1 || j >= p.nx - 1)) { return 0; }
  if (p.kind == OF_PLAIN) { return 1; }
  return coefficients[of_point(i, j) + select(5, ${DIAGONAL}, p.kind == OF_LEVEL) * p.pitch];
}

fn coupling(t: i32, i: i32, j: i32) -> f32 {
  if (p.kind == OF_LEVEL) { return coefficients[of_point(i, j) + t * p.pitch]; }
  if (t == ${DIAGONAL}) { return diagonal_of(i, j); }
  if (t % 2 == 0 || !(diagonal_of(i + t / 3 - 1, j + t % 3 - 1) > 0)) { return 0; }
  let vertical = t == 1 || t == 7;
  if (p.kind == OF_PLAIN) { return select(p.cx, p.cy, vertical); }
  let plane = select(select(3, 2, t == 3), select(1, 0, t == 1), vertical);
  return coefficients[of_point(i, j) + plane * p.pitch] * diagonal_of(i, j);
}

fn denominator(couplings: f32, diagonal: f32, least: f32) -> f32 {
  let row_sum = diagonal - couplings;
  if (row_sum > 0) { return couplings + row_sum * row_sum / (row_sum + least); }
  return couplings;
}`;

/** The kernel. */
export const weights = {
  interpolation_weights: {
    before: COARSE + OPERATOR,
    body: `
  let i = p.begin_row + y;
  let j = x;
  if (i >= p.end_row || j < 1 || j >= p.nx - 1) { return; }
  let c = diagonal_of(i, j);
  if (!(c > 0)) { return; }
  let between_rows = low_row(i) != high_row(i);
  let between_cols = low_col(j) != high_col(j);
  if ((between_rows && between_cols) != (p.centres != 0)) { return; }
  let plane = p.pitch;
  let w = (i - p.weights_first) * ${WEIGHT_PLANES} * plane + j;
  if (!between_rows && !between_cols) {
    weights[w] = 1;
    return;
  }
  var q: array<f32, 9>;
  for (var t = 0; t < 9; t++) {
    q[t] = coupling(t, i, j);
    if (p.centres == 0) { q[t] = max(q[t], 0); }
  }
  let north = q[0] + q[1] + q[2];
  let south = q[6] + q[7] + q[8];
  let west = q[0] + q[3] + q[6];
  let east = q[2] + q[5] + q[8];
  if (p.centres == 0) {
    let low = select(north, west, between_cols);
    let high = select(south, east, between_cols);
    let along = select(q[3] + q[5], q[1] + q[7], between_cols);
    let sum = denominator(low + high, c - along, min(low, high));
    if (!(sum > 0)) { return; }
    weights[w] = low / sum;
    weights[w + select(2, 1, between_cols) * plane] = high / sum;
    return;
  }
  let sum = denominator(north + (q[3] + q[5]) + south, c, min(min(north, south), min(west, east)));
  if (!(sum > 0)) { return; }
  let n = w - ${WEIGHT_PLANES} * plane;
  let s = w + ${WEIGHT_PLANES} * plane;
  weights[w] = (q[0] + q[1] * weights[n] + q[3] * weights[w - 1]) / sum;
  weights[w + plane] = (q[2] + q[1] * weights[n + plane] + q[5] * weights[w + 1]) / sum;
  weights[w + 2 * plane] = (q[6] + q[7] * weights[s] + q[3] * weights[w + 2 * plane - 1]) / sum;
  weights[w + 3 * plane] = (q[8] + q[7] * weights[s + plane] + q[5] * weights[w + 2 * plane + 1]) / sum;`,
  },
} satisfies Sources;
