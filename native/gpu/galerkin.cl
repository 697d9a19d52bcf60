// The operator of the level below, A' = P^T A P, gathered by each coarse point: the formulas of backends/js/coarsen.ts.

// Nine sums of products round by so much of the largest at the most.
#define ROUNDING (sizeof(real) == 4 ? (real) 2e-6 : (real) 4e-15)

// A' in coarse rows [begin_row, end_row): P^T applied to the rows of A P around each point. Threads: mx, end_row - begin_row.
KERNEL galerkin_product(
    const GLOBAL real* RESTRICT coefficients, const GLOBAL real* RESTRICT weights, GLOBAL real* RESTRICT coarse,
    const int coefficients_first, const int weights_first, const int coarse_first, const int begin_row, const int end_row,
    const int kind, const int planes, const int ny, const int nx, const int pitch, const int my, const int mx,
    const int coarse_pitch, const int flags, const real cx, const real cy) {
  const int row = begin_row + THREAD_Y, col = THREAD_X;
  if (row >= end_row || col < 1 || col >= mx - 1) return;
  const Operator a = {coefficients, coefficients_first, kind, planes, ny, nx, pitch, flags, cx, cy};
  const int first_is_coarse = flags & FIRST_IS_COARSE ? 1 : 0;
  const int periodic_rows = flags & PERIODIC_ROWS, periodic_cols = flags & PERIODIC_COLS;
  const int i0 = flags & COARSEN_ROWS ? 2 * row - first_is_coarse - 1 : row, i1 = flags & COARSEN_ROWS ? i0 + 2 : row;
  const int j0 = flags & COARSEN_COLS ? 2 * col - first_is_coarse - 1 : col, j1 = flags & COARSEN_COLS ? j0 + 2 : col;
  real sums[9];
  for (int t = 0; t < 9; t++) sums[t] = 0;
  for (int i = i0; i <= i1; i++) {
    for (int j = j0; j <= j1; j++) {
      if ((i < 1 && !periodic_rows) || i > ny - 2 || (j < 1 && !periodic_cols) || j > nx - 2) continue;
      // A periodic ghost stands for the point (pi, pj) at the other end, but its coarse neighbours are counted from here.
      const int pi = i < 1 ? i + ny - 2 : i, pj = j < 1 ? j + nx - 2 : j;
      if (diagonal_of(a, pi, pj) == 0) continue;
      real restriction = 0;
      for (int m = 0; m < WEIGHT_PLANES; m++) {
        const int to_row = m < 2 ? low_row(i, ny, my, flags) : high_row(i, ny, my, flags);
        const int to_col = m % 2 == 0 ? low_col(j, nx, mx, flags) : high_col(j, nx, mx, flags);
        const real weight = weights[((size_t) (pi - weights_first) * WEIGHT_PLANES + m) * pitch + pj];
        if (to_row == row && to_col == col) restriction += weight;
      }
      if (restriction == 0) continue;
      for (int t = 0; t < 9; t++) {
        const real term = coupling(a, t, pi, pj);
        if (term == 0) continue;
        const real value = t == DIAGONAL ? restriction * term : -restriction * term;
        const int qi = i + t / 3 - 1, qj = j + t % 3 - 1;
        const int at_row = pi + t / 3 - 1, at_col = pj + t % 3 - 1;
        for (int m = 0; m < WEIGHT_PLANES; m++) {
          const real weight = weights[((size_t) (at_row - weights_first) * WEIGHT_PLANES + m) * pitch + at_col];
          if (weight == 0) continue;
          const int down = (m < 2 ? low_row(qi, ny, my, flags) : high_row(qi, ny, my, flags)) - row;
          const int along = (m % 2 == 0 ? low_col(qj, nx, mx, flags) : high_col(qj, nx, mx, flags)) - col;
          // A single coarse point of a periodic axis is its own neighbour.
          const int to_row = periodic_rows && my == 3 ? 1 : down + 1, to_col = periodic_cols && mx == 3 ? 1 : along + 1;
          if (to_row >= 0 && to_row <= 2 && to_col >= 0 && to_col <= 2) sums[3 * to_row + to_col] += value * weight;
        }
      }
    }
  }
  // A row sum that is rounding alone is none: a floating part would lose more than its surroundings conduct, or gain.
  real row_sum = 0;
  for (int t = 0; t < 9; t++) row_sum += sums[t];
  if (fabs(row_sum) < ROUNDING * sums[DIAGONAL]) sums[DIAGONAL] -= row_sum;
  GLOBAL real* q = coarse + (size_t) (row - coarse_first) * OPERATOR_PLANES * coarse_pitch + col;
  for (int t = 0; t < 9; t++) q[t * (size_t) coarse_pitch] = t == DIAGONAL ? sums[t] : -sums[t];
  q[INVERSE * (size_t) coarse_pitch] = sums[DIAGONAL] > 0 ? 1 / sums[DIAGONAL] : (real) 0;
}
