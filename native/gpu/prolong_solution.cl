// Cubic interpolation from a plate with fixed edges to one with twice the points, for full multigrid: backends/js/prolong_solution.ts.
// Both have four points a side or more, and the finer one 2 m - 1 where the coarser has m.

// The value midway between points k and k + 1 of a line of n; `a` points to point k, points are `step` apart.
FUNCTION real midpoint(const GLOBAL real* a, int k, int n, int step) {
  const int end = k == 0 || k == n - 2;
  // The four points start at the end of the line, or at point k - 1.
  const GLOBAL real* p = k == n - 2 ? a + step : k == 0 ? a : a - step;
  const int on = k == n - 2 ? -step : step;
  const real first = end ? (real) 0.3125 : (real) -0.0625, second = end ? (real) 0.9375 : (real) 0.5625;
  const real third = end ? (real) -0.3125 : (real) 0.5625, fourth = end ? (real) 0.0625 : (real) -0.0625;
  return first * p[0] + second * p[on] + (third * p[2 * on] + fourth * p[3 * on]);
}

// The rows of u that are coarse rows [begin_row, end_row). Threads: nx, end_row - begin_row.
KERNEL prolong_solution_rows(
    const GLOBAL real* RESTRICT coarse, GLOBAL real* RESTRICT u, const int coarse_first, const int u_first,
    const int begin_row, const int end_row, const int nx, const int pitch, const int mx, const int coarse_pitch) {
  const int row = begin_row + THREAD_Y, j = THREAD_X;
  if (row >= end_row || j < 1 || j >= nx - 1) return;
  const GLOBAL real* line = coarse + (size_t) (row - coarse_first) * coarse_pitch;
  u[(size_t) (2 * row - u_first) * pitch + j] = j % 2 == 0 ? line[j / 2] : midpoint(line + j / 2, j / 2, mx, 1);
}

// The rows of u right after coarse rows [begin_row, end_row), of which its edges are some. Threads: nx, end_row - begin_row.
KERNEL prolong_solution_between(
    GLOBAL real* u, const int u_first, const int begin_row, const int end_row, const int nx, const int pitch,
    const int my) {
  const int row = begin_row + THREAD_Y, j = THREAD_X;
  if (row >= end_row || j < 1 || j >= nx - 1) return;
  GLOBAL real* at = u + (size_t) (2 * row - u_first) * pitch + j;
  at[pitch] = midpoint(at, row, my, 2 * pitch);
}
