// How levels of multigrid come about: interpolation weights that follow the equations, and the equations of the level below,
// A' = P^T A P, gathered by each coarse point. The formulas are those of backends/js/interpolate.ts and coarsen.ts.

// Whose equations an array has.
#define OF_PLAIN 0
#define OF_WEIGHTED 1
#define OF_LEVEL 2

// Equations in conductances: fields of a grid, or those of a level.
typedef struct {
  const GLOBAL real* array;
  int first, kind, planes, ny, nx, pitch, flags;
  real cx, cy;
} Operator;

FUNCTION const GLOBAL real* of_point(Operator a, int i, int j) {
  return a.array + (size_t) (i - a.first) * a.planes * a.pitch + j;
}

// The diagonal, 0 at fixed points and in a ring that repeats nothing.
FUNCTION real diagonal_of(Operator a, int i, int j) {
  if (!(a.flags & WRAP_ROWS) && (i < 1 || i >= a.ny - 1)) return 0;
  if (!(a.flags & WRAP_COLS) && (j < 1 || j >= a.nx - 1)) return 0;
  if (a.kind == OF_PLAIN) return 1;
  return of_point(a, i, j)[(a.kind == OF_LEVEL ? 4 : 5) * (size_t) a.pitch];
}

// The coupling of a point to its neighbour t: 0 to 8, nw n ne w (the point) e sw s se; 0 to walls and fixed points.
FUNCTION real coupling(Operator a, int t, int i, int j) {
  if (a.kind == OF_LEVEL) return of_point(a, i, j)[t * (size_t) a.pitch];
  if (t == 4) return diagonal_of(a, i, j);
  if (t % 2 == 0 || !(diagonal_of(a, i + t / 3 - 1, j + t % 3 - 1) > 0)) return 0;
  if (a.kind == OF_PLAIN) return t == 1 || t == 7 ? a.cy : a.cx;
  const int plane = t == 1 ? 0 : t == 7 ? 1 : t == 3 ? 2 : 3;
  return of_point(a, i, j)[plane * (size_t) a.pitch] * diagonal_of(a, i, j);
}

// The couplings that matter, and as much of the excess of the diagonal over them as is due.
FUNCTION real denominator(real couplings, real diagonal, real least) {
  const real excess = diagonal - couplings;
  return excess > 0 ? couplings + excess * excess / (excess + least) : couplings;
}

FUNCTION real smaller(real a, real b) {
  return b < a ? b : a;
}

// Weights of rows [from, to), but for points amid four coarse ones: a coarse point has its own value, one between two weighs
// them by all couplings to their sides. Threads: nx, to - from.
KERNEL weigh_beside(
    const GLOBAL real* RESTRICT array, GLOBAL real* RESTRICT weights, const int array_first, const int weights_first,
    const int from, const int to, const int kind, const int planes, const int ny, const int nx, const int pitch,
    const int my, const int mx, const int flags, const real cx, const real cy) {
  const int i = from + THREAD_Y, j = THREAD_X;
  if (i >= to || j < 1 || j >= nx - 1) return;
  const Operator a = {array, array_first, kind, planes, ny, nx, pitch, flags, cx, cy};
  const real c = diagonal_of(a, i, j);
  if (!(c > 0)) return;
  const int between_rows = low_row(i, ny, my, flags) != high_row(i, ny, my, flags);
  const int between_cols = low_col(j, nx, mx, flags) != high_col(j, nx, mx, flags);
  GLOBAL real* w = weights + (size_t) (i - weights_first) * WEIGHTS * pitch + j;
  if (between_rows && between_cols) return;
  if (!between_rows && !between_cols) {
    w[0] = 1;
    return;
  }
  real q[9];
  for (int t = 0; t < 9; t++) q[t] = coupling(a, t, i, j);
  const real one = between_cols ? q[0] + q[3] + q[6] : q[0] + q[1] + q[2];
  const real other = between_cols ? q[2] + q[5] + q[8] : q[6] + q[7] + q[8];
  const real along = between_cols ? q[1] + q[7] : q[3] + q[5];
  const real sum = denominator(one + other, c - along, smaller(one, other));
  if (!(sum > 0)) return;
  w[0] = one / sum;
  w[(between_cols ? 1 : 2) * (size_t) pitch] = other / sum;
}

// Weights of points amid four coarse ones: their own equation, the neighbours being interpolated already, and their weights
// repeated across periodic edges. Threads: nx, to - from.
KERNEL weigh_amid(
    const GLOBAL real* RESTRICT array, GLOBAL real* weights, const int array_first, const int weights_first, const int from,
    const int to, const int kind, const int planes, const int ny, const int nx, const int pitch, const int my, const int mx,
    const int flags, const real cx, const real cy) {
  const int i = from + THREAD_Y, j = THREAD_X;
  if (i >= to || j < 1 || j >= nx - 1) return;
  const Operator a = {array, array_first, kind, planes, ny, nx, pitch, flags, cx, cy};
  const real c = diagonal_of(a, i, j);
  if (!(c > 0)) return;
  if (low_row(i, ny, my, flags) == high_row(i, ny, my, flags)) return;
  if (low_col(j, nx, mx, flags) == high_col(j, nx, mx, flags)) return;
  real q[9];
  for (int t = 0; t < 9; t++) q[t] = coupling(a, t, i, j);
  const real north = q[0] + q[1] + q[2], south = q[6] + q[7] + q[8];
  const real west = q[0] + q[3] + q[6], east = q[2] + q[5] + q[8];
  const real sum = denominator(north + (q[3] + q[5]) + south, c, smaller(smaller(north, south), smaller(west, east)));
  if (!(sum > 0)) return;
  const size_t plane = pitch, row = WEIGHTS * plane;
  GLOBAL real* w = weights + (size_t) (i - weights_first) * row + j;
  const GLOBAL real* n = w - row;
  const GLOBAL real* s = w + row;
  w[0] = (q[0] + q[1] * n[0] + q[3] * w[-1]) / sum;
  w[plane] = (q[2] + q[1] * n[plane] + q[5] * w[1]) / sum;
  w[2 * plane] = (q[6] + q[7] * s[0] + q[3] * w[2 * plane - 1]) / sum;
  w[3 * plane] = (q[8] + q[7] * s[plane] + q[5] * w[2 * plane + 1]) / sum;
}

// Nine sums of products round by so much of the largest at the most.
#define ROUNDING (sizeof(real) == 4 ? (real) 2e-6 : (real) 4e-15)

// Equations of coarse rows [from, to): what P^T takes of the rows of A P at the points around. Threads: mx, to - from.
KERNEL project(
    const GLOBAL real* RESTRICT array, const GLOBAL real* RESTRICT weights, GLOBAL real* RESTRICT equations,
    const int array_first, const int weights_first, const int equations_first, const int from, const int to, const int kind,
    const int planes, const int ny, const int nx, const int pitch, const int my, const int mx, const int coarse_pitch,
    const int flags, const real cx, const real cy) {
  const int row = from + THREAD_Y, col = THREAD_X;
  if (row >= to || col < 1 || col >= mx - 1) return;
  const Operator a = {array, array_first, kind, planes, ny, nx, pitch, flags, cx, cy};
  const int shift = flags & OUTSIDE ? 1 : 0, wrap_rows = flags & WRAP_ROWS, wrap_cols = flags & WRAP_COLS;
  const int i0 = flags & HALVE_ROWS ? 2 * row - shift - 1 : row, i1 = flags & HALVE_ROWS ? i0 + 2 : row;
  const int j0 = flags & HALVE_COLS ? 2 * col - shift - 1 : col, j1 = flags & HALVE_COLS ? j0 + 2 : col;
  real sums[9];
  for (int t = 0; t < 9; t++) sums[t] = 0;
  for (int i = i0; i <= i1; i++) {
    for (int j = j0; j <= j1; j++) {
      if ((i < 1 && !wrap_rows) || i > ny - 2 || (j < 1 && !wrap_cols) || j > nx - 2) continue;
      // A point that is seen across a periodic edge is at the other end, but its coarse neighbours are counted from here.
      const int pi = i < 1 ? i + ny - 2 : i, pj = j < 1 ? j + nx - 2 : j;
      if (diagonal_of(a, pi, pj) == 0) continue;
      real taken = 0;
      for (int m = 0; m < WEIGHTS; m++) {
        const int to_row = m < 2 ? low_row(i, ny, my, flags) : high_row(i, ny, my, flags);
        const int to_col = m % 2 == 0 ? low_col(j, nx, mx, flags) : high_col(j, nx, mx, flags);
        const real weight = weights[((size_t) (pi - weights_first) * WEIGHTS + m) * pitch + pj];
        if (to_row == row && to_col == col) taken += weight;
      }
      if (taken == 0) continue;
      for (int t = 0; t < 9; t++) {
        const real term = coupling(a, t, pi, pj);
        if (term == 0) continue;
        const real value = t == 4 ? taken * term : -taken * term;
        const int qi = i + t / 3 - 1, qj = j + t % 3 - 1;
        const int at_row = pi + t / 3 - 1, at_col = pj + t % 3 - 1;
        for (int m = 0; m < WEIGHTS; m++) {
          const real weight = weights[((size_t) (at_row - weights_first) * WEIGHTS + m) * pitch + at_col];
          if (weight == 0) continue;
          const int down = (m < 2 ? low_row(qi, ny, my, flags) : high_row(qi, ny, my, flags)) - row;
          const int along = (m % 2 == 0 ? low_col(qj, nx, mx, flags) : high_col(qj, nx, mx, flags)) - col;
          // Around an axis with one coarse point every neighbour is the point itself.
          const int to_row = wrap_rows && my == 3 ? 1 : down + 1, to_col = wrap_cols && mx == 3 ? 1 : along + 1;
          if (to_row >= 0 && to_row <= 2 && to_col >= 0 && to_col <= 2) sums[3 * to_row + to_col] += value * weight;
        }
      }
    }
  }
  // What rounding leaves of nothing would make a part that floats lose more than what is around it conducts, or gain.
  real rest = 0;
  for (int t = 0; t < 9; t++) rest += sums[t];
  if (fabs(rest) < ROUNDING * sums[4]) sums[4] -= rest;
  GLOBAL real* q = equations + (size_t) (row - equations_first) * COUPLINGS * coarse_pitch + col;
  for (int t = 0; t < 9; t++) q[t * (size_t) coarse_pitch] = t == 4 ? sums[t] : -sums[t];
  q[INVERSE * (size_t) coarse_pitch] = sums[4] > 0 ? 1 / sums[4] : (real) 0;
}
