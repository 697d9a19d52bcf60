// The prolongation of multigrid, induced by the operator: the formulas of backends/js/prolongation.ts. galerkin.cl makes the
// operator of the level below of it.

// Kinds of an operator: of a grid, plain or weighted, or of a level.
#define OF_PLAIN 0
#define OF_WEIGHTED 1
#define OF_LEVEL 2

// An operator in conductances: fields of a grid, or coefficients of a level.
typedef struct {
  const GLOBAL real* coefficients;
  int first, kind, planes, ny, nx, pitch, flags;
  real cx, cy;
} Operator;

FUNCTION const GLOBAL real* of_point(Operator a, int i, int j) {
  return a.coefficients + (size_t) (i - a.first) * a.planes * a.pitch + j;
}

// The diagonal, 0 at fixed points and in a ghost layer that is not periodic.
FUNCTION real diagonal_of(Operator a, int i, int j) {
  if (!(a.flags & PERIODIC_ROWS) && (i < 1 || i >= a.ny - 1)) return 0;
  if (!(a.flags & PERIODIC_COLS) && (j < 1 || j >= a.nx - 1)) return 0;
  if (a.kind == OF_PLAIN) return 1;
  return of_point(a, i, j)[(a.kind == OF_LEVEL ? DIAGONAL : 5) * (size_t) a.pitch];
}

// The coupling of a point to its neighbour t: 0 to 8, nw n ne w (the point) e sw s se; 0 to walls and fixed points.
FUNCTION real coupling(Operator a, int t, int i, int j) {
  if (a.kind == OF_LEVEL) return of_point(a, i, j)[t * (size_t) a.pitch];
  if (t == DIAGONAL) return diagonal_of(a, i, j);
  if (t % 2 == 0 || !(diagonal_of(a, i + t / 3 - 1, j + t % 3 - 1) > 0)) return 0;
  if (a.kind == OF_PLAIN) return t == 1 || t == 7 ? a.cy : a.cx;
  const int plane = t == 1 ? 0 : t == 7 ? 1 : t == 3 ? 2 : 3;
  return of_point(a, i, j)[plane * (size_t) a.pitch] * diagonal_of(a, i, j);
}

// The sum of couplings, plus the row sum where it outweighs the least of them: a wall; hardly anything where it is small.
FUNCTION real denominator(real couplings, real diagonal, real least) {
  const real row_sum = diagonal - couplings;
  return row_sum > 0 ? couplings + row_sum * row_sum / (row_sum + least) : couplings;
}

FUNCTION real smaller(real a, real b) {
  return b < a ? b : a;
}

// Weights of rows [begin_row, end_row): of coarse points, and of edge points, between two coarse ones, by all couplings to
// either side; or with `centres` those of centres, between four coarse ones, from their own equation, where edge points have their
// weights already, and those their periodic ghosts. Threads: nx, end_row - begin_row.
KERNEL interpolation_weights(
    const GLOBAL real* RESTRICT coefficients, GLOBAL real* weights, const int coefficients_first, const int weights_first,
    const int begin_row, const int end_row, const int kind, const int planes, const int ny, const int nx, const int pitch,
    const int my, const int mx, const int flags, const int centres, const real cx, const real cy) {
  const int i = begin_row + THREAD_Y, j = THREAD_X;
  if (i >= end_row || j < 1 || j >= nx - 1) return;
  const Operator a = {coefficients, coefficients_first, kind, planes, ny, nx, pitch, flags, cx, cy};
  const real c = diagonal_of(a, i, j);
  if (!(c > 0)) return;
  const int between_rows = low_row(i, ny, my, flags) != high_row(i, ny, my, flags);
  const int between_cols = low_col(j, nx, mx, flags) != high_col(j, nx, mx, flags);
  if ((between_rows && between_cols) != (centres != 0)) return;
  const size_t plane = pitch, row = WEIGHT_PLANES * plane;
  GLOBAL real* w = weights + (size_t) (i - weights_first) * row + j;
  if (!between_rows && !between_cols) {
    w[0] = 1;
    return;
  }
  real q[9];
  for (int t = 0; t < 9; t++) {
    q[t] = coupling(a, t, i, j);
    if (!centres && q[t] < 0) q[t] = 0; // a Galerkin operator has some: weights along them are no interpolation
  }
  const real north = q[0] + q[1] + q[2], south = q[6] + q[7] + q[8];
  const real west = q[0] + q[3] + q[6], east = q[2] + q[5] + q[8];
  if (!centres) {
    const real low = between_cols ? west : north, high = between_cols ? east : south;
    const real along = between_cols ? q[1] + q[7] : q[3] + q[5];
    const real sum = denominator(low + high, c - along, smaller(low, high));
    if (!(sum > 0)) return;
    w[0] = low / sum;
    w[(between_cols ? 1 : 2) * plane] = high / sum;
    return;
  }
  const real sum = denominator(north + (q[3] + q[5]) + south, c, smaller(smaller(north, south), smaller(west, east)));
  if (!(sum > 0)) return;
  const GLOBAL real* n = w - row;
  const GLOBAL real* s = w + row;
  w[0] = (q[0] + q[1] * n[0] + q[3] * w[-1]) / sum;
  w[plane] = (q[2] + q[1] * n[plane] + q[5] * w[1]) / sum;
  w[2 * plane] = (q[6] + q[7] * s[0] + q[3] * w[2 * plane - 1]) / sum;
  w[3 * plane] = (q[8] + q[7] * s[plane] + q[5] * w[2 * plane + 1]) / sum;
}
