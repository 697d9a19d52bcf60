/**
 * The operator of the level below, Pᵀ A P: native/gpu/galerkin.cl in WGSL.
 *
 * @module
 */

import type { Sources } from "../source.ts";
import { COARSE, DIAGONAL, INVERSE, OPERATOR_PLANES, WEIGHT_PLANES } from "./levels.ts";
import { OPERATOR } from "./weights.ts";

/** The kernel. */
export const galerkin = {
  galerkin_product: {
    before: COARSE + OPERATOR,
    body: `
  let row = p.begin_row + y;
  let col = x;
  if (row >= p.end_row || col < 1 || col >= p.mx - 1) { return; }
  let first_is_coarse = select(0, 1, has(FIRST_IS_COARSE));
  let periodic_rows = has(PERIODIC_ROWS);
  let periodic_cols = has(PERIODIC_COLS);
  let i0 = select(row, 2 * row - first_is_coarse - 1, has(COARSEN_ROWS));
  let i1 = select(row, i0 + 2, has(COARSEN_ROWS));
  let j0 = select(col, 2 * col - first_is_coarse - 1, has(COARSEN_COLS));
  let j1 = select(col, j0 + 2, has(COARSEN_COLS));
  var sums: array<f32, 9>;
  for (var i = i0; i <= i1; i++) {
    for (var j = j0; j <= j1; j++) {
      if ((i < 1 && !periodic_rows) || i > p.ny - 2 || (j < 1 && !periodic_cols) || j > p.nx - 2) { continue; }
      let pi = select(i, i + p.ny - 2, i < 1);
      let pj = select(j, j + p.nx - 2, j < 1);
      if (diagonal_of(pi, pj) == 0) { continue; }
      var restriction = 0f;
      for (var m = 0; m < ${WEIGHT_PLANES}; m++) {
        let to_row = select(high_row(i), low_row(i), m < 2);
        let to_col = select(high_col(j), low_col(j), m % 2 == 0);
        let weight = weights[((pi - p.weights_first) * ${WEIGHT_PLANES} + m) * p.pitch + pj];
        if (to_row == row && to_col == col) { restriction += weight; }
      }
      if (restriction == 0) { continue; }
      for (var t = 0; t < 9; t++) {
        let term = coupling(t, pi, pj);
        if (term == 0) { continue; }
        let value = select(-restriction * term, restriction * term, t == ${DIAGONAL});
        let qi = i + t / 3 - 1;
        let qj = j + t % 3 - 1;
        let at_row = pi + t / 3 - 1;
        let at_col = pj + t % 3 - 1;
        for (var m = 0; m < ${WEIGHT_PLANES}; m++) {
          let weight = weights[((at_row - p.weights_first) * ${WEIGHT_PLANES} + m) * p.pitch + at_col];
          if (weight == 0) { continue; }
          let down = select(high_row(qi), low_row(qi), m < 2) - row;
          let along = select(high_col(qj), low_col(qj), m % 2 == 0) - col;
          let to_row = select(down + 1, 1, periodic_rows && p.my == 3);
          let to_col = select(along + 1, 1, periodic_cols && p.mx == 3);
          if (to_row >= 0 && to_row <= 2 && to_col >= 0 && to_col <= 2) { sums[3 * to_row + to_col] += value * weight; }
        }
      }
    }
  }
  var row_sum = 0f;
  for (var t = 0; t < 9; t++) { row_sum += sums[t]; }
  if (abs(row_sum) < 2e-6 * sums[${DIAGONAL}]) { sums[${DIAGONAL}] -= row_sum; }
  let q = (row - p.coarse_first) * ${OPERATOR_PLANES} * p.coarse_pitch + col;
  for (var t = 0; t < 9; t++) { coarse[q + t * p.coarse_pitch] = select(-sums[t], sums[t], t == ${DIAGONAL}); }
  var inverse = 0f;
  if (sums[${DIAGONAL}] > 0) { inverse = 1 / sums[${DIAGONAL}]; }
  coarse[q + ${INVERSE} * p.coarse_pitch] = inverse;`,
  },
} satisfies Sources;
