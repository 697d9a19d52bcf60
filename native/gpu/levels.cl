// Multigrid below a grid, what a cycle does: smoothing, residuals, restriction and prolongation. The formulas are those of
// backends/js/level.ts and transfer.ts; each coarse point gathers what restriction gives it.
//
// A level has a correction e, a right-hand side f and an operator A, whose coefficients have OPERATOR_PLANES planes: couplings
// to nw n ne w, the diagonal c, couplings to e sw s se, and 1 / c (0 at fixed points). Prolongation P to the points of a grid
// or level has WEIGHT_PLANES planes of its shape: weights of the coarse points (low, low), (low, high), (high, low), (high,
// high) around: row, column.

#define OPERATOR_PLANES 10
#define DIAGONAL 4
#define INVERSE 9
#define WEIGHT_PLANES 4

// Bits of `flags`, about a grid or level and the one below it.
#define PERIODIC_ROWS 1
#define PERIODIC_COLS 2
#define COARSEN_ROWS 4
#define COARSEN_COLS 8
// The first unknown is coarse, not the second.
#define FIRST_IS_COARSE 16

// The coarse row below row i, or column below column i, and the one above; the same where it is itself coarse. Across a
// periodic edge numbers run on: the period is `inner` unknowns here, `unknowns` on the coarse level.
FUNCTION int coarse_at(int i, int inner, int unknowns, int periodic, int coarsened, int shift) {
  int period = 0;
  if (periodic && i < 1) {
    i += inner;
    period = -unknowns;
  } else if (periodic && i > inner) {
    i -= inner;
    period = unknowns;
  }
  return (coarsened ? (i + shift) >> 1 : i) + period;
}
FUNCTION int low_row(int i, int ny, int my, int flags) {
  return coarse_at(i, ny - 2, my - 2, flags & PERIODIC_ROWS, flags & COARSEN_ROWS, flags & FIRST_IS_COARSE ? 1 : 0);
}
FUNCTION int high_row(int i, int ny, int my, int flags) {
  return coarse_at(i, ny - 2, my - 2, flags & PERIODIC_ROWS, flags & COARSEN_ROWS, flags & FIRST_IS_COARSE ? 2 : 1);
}
FUNCTION int low_col(int j, int nx, int mx, int flags) {
  return coarse_at(j, nx - 2, mx - 2, flags & PERIODIC_COLS, flags & COARSEN_COLS, flags & FIRST_IS_COARSE ? 1 : 0);
}
FUNCTION int high_col(int j, int nx, int mx, int flags) {
  return coarse_at(j, nx - 2, mx - 2, flags & PERIODIC_COLS, flags & COARSEN_COLS, flags & FIRST_IS_COARSE ? 2 : 1);
}

// Coupling times correction, summed over the neighbours of a point; `q` points to its couplings, `p` to its correction.
FUNCTION real off_diagonal(const GLOBAL real* q, const GLOBAL real* p, int pitch) {
  const size_t plane = pitch;
  const GLOBAL real* north = p - plane;
  const GLOBAL real* south = p + plane;
  const real beside = (q[plane] * north[0] + q[7 * plane] * south[0]) + (q[3 * plane] * p[-1] + q[5 * plane] * p[1]);
  const real corners = (q[0] * north[-1] + q[2 * plane] * north[1]) + (q[6 * plane] * south[-1] + q[8 * plane] * south[1]);
  return beside + corners;
}

// Gauss-Seidel on one colour of rows [begin_row, end_row): rows i and columns j with i + odd_rows and j + odd_cols even.
// Threads: (nx + 1) / 2, (end_row - begin_row + 1) / 2.
KERNEL smooth(
    GLOBAL real* e, const GLOBAL real* RESTRICT f, const GLOBAL real* RESTRICT coefficients, const int e_first,
    const int f_first, const int coefficients_first, const int begin_row, const int end_row, const int nx, const int pitch,
    const int odd_rows, const int odd_cols) {
  const int i = begin_row + ((begin_row + odd_rows) & 1) + 2 * THREAD_Y;
  const int j = 2 * THREAD_X + odd_cols;
  if (i >= end_row || j < 1 || j >= nx - 1) return;
  GLOBAL real* p = e + (size_t) (i - e_first) * pitch + j;
  const GLOBAL real* q = coefficients + (size_t) (i - coefficients_first) * OPERATOR_PLANES * pitch + j;
  p[0] = q[INVERSE * (size_t) pitch] * (f[(size_t) (i - f_first) * pitch + j] + off_diagonal(q, p, pitch));
}

// r = f - A e in rows [begin_row, end_row). Threads: nx, end_row - begin_row.
KERNEL compute_residual(
    const GLOBAL real* RESTRICT e, const GLOBAL real* RESTRICT f, const GLOBAL real* RESTRICT coefficients,
    GLOBAL real* RESTRICT r, const int e_first, const int f_first, const int coefficients_first, const int r_first,
    const int begin_row, const int end_row, const int nx, const int pitch) {
  const int i = begin_row + THREAD_Y, j = THREAD_X;
  if (i >= end_row || j < 1 || j >= nx - 1) return;
  const GLOBAL real* p = e + (size_t) (i - e_first) * pitch + j;
  const GLOBAL real* q = coefficients + (size_t) (i - coefficients_first) * OPERATOR_PLANES * pitch + j;
  r[(size_t) (i - r_first) * pitch + j] =
      f[(size_t) (i - f_first) * pitch + j] - q[DIAGONAL * (size_t) pitch] * p[0] + off_diagonal(q, p, pitch);
}

// Coarse rows [begin_row, end_row), ghost layer included: f = P^T r, e = 0. r and the weights have periodic ghosts.
// Threads: mx, end_row - begin_row.
KERNEL restrict_residual(
    const GLOBAL real* RESTRICT r, const GLOBAL real* RESTRICT weights, GLOBAL real* RESTRICT f, GLOBAL real* RESTRICT e,
    const int r_first, const int weights_first, const int f_first, const int e_first, const int begin_row,
    const int end_row, const int ny, const int nx, const int pitch, const int my, const int mx, const int coarse_pitch,
    const int flags) {
  const int row = begin_row + THREAD_Y, col = THREAD_X;
  if (row >= end_row || col >= mx) return;
  real sum = 0;
  if (row >= 1 && row < my - 1 && col >= 1 && col < mx - 1) {
    const int first_is_coarse = flags & FIRST_IS_COARSE ? 1 : 0;
    const int i0 = flags & COARSEN_ROWS ? 2 * row - first_is_coarse - 1 : row, i1 = flags & COARSEN_ROWS ? i0 + 2 : row;
    const int j0 = flags & COARSEN_COLS ? 2 * col - first_is_coarse - 1 : col, j1 = flags & COARSEN_COLS ? j0 + 2 : col;
    const int ghost_rows = flags & PERIODIC_ROWS ? 0 : 1, ghost_cols = flags & PERIODIC_COLS ? 0 : 1;
    for (int i = i0 > ghost_rows ? i0 : ghost_rows; i <= i1 && i < ny - ghost_rows; i++) {
      const int low = low_row(i, ny, my, flags) == row, high = high_row(i, ny, my, flags) == row;
      const GLOBAL real* w = weights + (size_t) (i - weights_first) * WEIGHT_PLANES * pitch;
      for (int j = j0 > ghost_cols ? j0 : ghost_cols; j <= j1 && j < nx - ghost_cols; j++) {
        const int left = low_col(j, nx, mx, flags) == col, right = high_col(j, nx, mx, flags) == col;
        real weight = 0;
        if (low && left) weight += w[j];
        if (low && right) weight += w[pitch + j];
        if (high && left) weight += w[2 * (size_t) pitch + j];
        if (high && right) weight += w[3 * (size_t) pitch + j];
        sum += weight * r[(size_t) (i - r_first) * pitch + j];
      }
    }
  }
  f[(size_t) (row - f_first) * coarse_pitch + col] = sum;
  e[(size_t) (row - e_first) * coarse_pitch + col] = 0;
}

// u += P e in rows [begin_row, end_row), e the correction of the level below, which has periodic ghosts. A single coarse row or
// column of a periodic axis is its own neighbour. Threads: nx, end_row - begin_row.
KERNEL prolong_correction(
    GLOBAL real* u, const GLOBAL real* RESTRICT e, const GLOBAL real* RESTRICT weights, const int u_first,
    const int e_first, const int weights_first, const int begin_row, const int end_row, const int ny, const int nx,
    const int pitch, const int my, const int mx, const int coarse_pitch, const int flags) {
  const int i = begin_row + THREAD_Y, j = THREAD_X;
  if (i >= end_row || j < 1 || j >= nx - 1) return;
  const int one_row = (flags & PERIODIC_ROWS) && my == 3, one_col = (flags & PERIODIC_COLS) && mx == 3;
  const int low = one_row ? 1 : low_row(i, ny, my, flags), high = one_row ? 1 : high_row(i, ny, my, flags);
  const int left = one_col ? 1 : low_col(j, nx, mx, flags), right = one_col ? 1 : high_col(j, nx, mx, flags);
  const GLOBAL real* w = weights + (size_t) (i - weights_first) * WEIGHT_PLANES * pitch + j;
  const GLOBAL real* above = e + (size_t) (low - e_first) * coarse_pitch;
  const GLOBAL real* below = e + (size_t) (high - e_first) * coarse_pitch;
  u[(size_t) (i - u_first) * pitch + j] += (w[0] * above[left] + w[pitch] * above[right]) +
      (w[2 * (size_t) pitch] * below[left] + w[3 * (size_t) pitch] * below[right]);
}
