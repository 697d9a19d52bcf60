// Multigrid below a grid, what a cycle does: smoothing, residuals, and the way between a level and what is above it. The
// formulas are those of backends/js/level.ts and transfer.ts; each coarse point gathers what restriction gives it.
//
// A level has an iterate e, a right side f and `equations`, COUPLINGS planes: those to nw n ne w, the diagonal c, e sw s se, and
// 1 / c (0 at fixed points). Interpolation to the points of a grid or level has four planes of its shape: weights of the coarse
// points (low, low), (low, high), (high, low), (high, high) around: row, column.

#define COUPLINGS 10
#define INVERSE 9
#define WEIGHTS 4

// What `flags` says of the way between a grid or level and the one below it.
#define WRAP_ROWS 1
#define WRAP_COLS 2
#define HALVE_ROWS 4
#define HALVE_COLS 8
// The first unknown is coarse, not the second.
#define OUTSIDE 16

// The coarse row below row i, or column below column i, and the one above; the same where it is itself coarse. Across a
// periodic edge they run on: `inner` unknowns are a turn here, `unknowns` on the coarse level.
FUNCTION int coarse_at(int i, int inner, int unknowns, int wrap, int halve, int shift) {
  int turns = 0;
  if (wrap && i < 1) {
    i += inner;
    turns = -unknowns;
  } else if (wrap && i > inner) {
    i -= inner;
    turns = unknowns;
  }
  return (halve ? (i + shift) >> 1 : i) + turns;
}
FUNCTION int low_row(int i, int ny, int my, int flags) {
  return coarse_at(i, ny - 2, my - 2, flags & WRAP_ROWS, flags & HALVE_ROWS, flags & OUTSIDE ? 1 : 0);
}
FUNCTION int high_row(int i, int ny, int my, int flags) {
  return coarse_at(i, ny - 2, my - 2, flags & WRAP_ROWS, flags & HALVE_ROWS, flags & OUTSIDE ? 2 : 1);
}
FUNCTION int low_col(int j, int nx, int mx, int flags) {
  return coarse_at(j, nx - 2, mx - 2, flags & WRAP_COLS, flags & HALVE_COLS, flags & OUTSIDE ? 1 : 0);
}
FUNCTION int high_col(int j, int nx, int mx, int flags) {
  return coarse_at(j, nx - 2, mx - 2, flags & WRAP_COLS, flags & HALVE_COLS, flags & OUTSIDE ? 2 : 1);
}

// What the neighbours of a point add to its equation; `q` leads to the couplings of the point, `p` to its iterate.
FUNCTION real pulled(const GLOBAL real* q, const GLOBAL real* p, int pitch) {
  const size_t plane = pitch;
  const GLOBAL real* north = p - plane;
  const GLOBAL real* south = p + plane;
  const real beside = (q[plane] * north[0] + q[7 * plane] * south[0]) + (q[3 * plane] * p[-1] + q[5 * plane] * p[1]);
  const real diagonal = (q[0] * north[-1] + q[2 * plane] * north[1]) + (q[6 * plane] * south[-1] + q[8 * plane] * south[1]);
  return beside + diagonal;
}

// Gauss-Seidel on one colour of rows [from, to): rows i and columns j with i + odd_rows and j + odd_cols even.
// Threads: (nx + 1) / 2, (to - from + 1) / 2.
KERNEL smooth(
    GLOBAL real* e, const GLOBAL real* RESTRICT f, const GLOBAL real* RESTRICT equations, const int e_first,
    const int f_first, const int equations_first, const int from, const int to, const int nx, const int pitch,
    const int odd_rows, const int odd_cols) {
  const int i = from + ((from + odd_rows) & 1) + 2 * THREAD_Y;
  const int j = 2 * THREAD_X + odd_cols;
  if (i >= to || j < 1 || j >= nx - 1) return;
  GLOBAL real* p = e + (size_t) (i - e_first) * pitch + j;
  const GLOBAL real* q = equations + (size_t) (i - equations_first) * COUPLINGS * pitch + j;
  p[0] = q[INVERSE * (size_t) pitch] * (f[(size_t) (i - f_first) * pitch + j] + pulled(q, p, pitch));
}

// r = f - A e in rows [from, to). Threads: nx, to - from.
KERNEL remain(
    const GLOBAL real* RESTRICT e, const GLOBAL real* RESTRICT f, const GLOBAL real* RESTRICT equations,
    GLOBAL real* RESTRICT r, const int e_first, const int f_first, const int equations_first, const int r_first,
    const int from, const int to, const int nx, const int pitch) {
  const int i = from + THREAD_Y, j = THREAD_X;
  if (i >= to || j < 1 || j >= nx - 1) return;
  const GLOBAL real* p = e + (size_t) (i - e_first) * pitch + j;
  const GLOBAL real* q = equations + (size_t) (i - equations_first) * COUPLINGS * pitch + j;
  r[(size_t) (i - r_first) * pitch + j] =
      f[(size_t) (i - f_first) * pitch + j] - q[4 * (size_t) pitch] * p[0] + pulled(q, p, pitch);
}

// Coarse rows [from, to), ring included: f = P^T r, e = 0. r and the weights repeat the other side across periodic edges.
// Threads: mx, to - from.
KERNEL restrict_residual(
    const GLOBAL real* RESTRICT r, const GLOBAL real* RESTRICT weights, GLOBAL real* RESTRICT f, GLOBAL real* RESTRICT e,
    const int r_first, const int weights_first, const int f_first, const int e_first, const int from, const int to,
    const int ny, const int nx, const int pitch, const int my, const int mx, const int coarse_pitch, const int flags) {
  const int row = from + THREAD_Y, col = THREAD_X;
  if (row >= to || col >= mx) return;
  real sum = 0;
  if (row >= 1 && row < my - 1 && col >= 1 && col < mx - 1) {
    const int shift = flags & OUTSIDE ? 1 : 0;
    const int i0 = flags & HALVE_ROWS ? 2 * row - shift - 1 : row, i1 = flags & HALVE_ROWS ? i0 + 2 : row;
    const int j0 = flags & HALVE_COLS ? 2 * col - shift - 1 : col, j1 = flags & HALVE_COLS ? j0 + 2 : col;
    const int ring_rows = flags & WRAP_ROWS ? 0 : 1, ring_cols = flags & WRAP_COLS ? 0 : 1;
    for (int i = i0 > ring_rows ? i0 : ring_rows; i <= i1 && i < ny - ring_rows; i++) {
      const int low = low_row(i, ny, my, flags) == row, high = high_row(i, ny, my, flags) == row;
      const GLOBAL real* w = weights + (size_t) (i - weights_first) * WEIGHTS * pitch;
      for (int j = j0 > ring_cols ? j0 : ring_cols; j <= j1 && j < nx - ring_cols; j++) {
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

// u += P e in rows [from, to), e the iterate of the level below, which repeats the other side across periodic edges. Where
// there is but one coarse row, or column, it is its own neighbour. Threads: nx, to - from.
KERNEL interpolate(
    GLOBAL real* u, const GLOBAL real* RESTRICT e, const GLOBAL real* RESTRICT weights, const int u_first,
    const int e_first, const int weights_first, const int from, const int to, const int ny, const int nx, const int pitch,
    const int my, const int mx, const int coarse_pitch, const int flags) {
  const int i = from + THREAD_Y, j = THREAD_X;
  if (i >= to || j < 1 || j >= nx - 1) return;
  const int one_row = (flags & WRAP_ROWS) && my == 3, one_col = (flags & WRAP_COLS) && mx == 3;
  const int low = one_row ? 1 : low_row(i, ny, my, flags), high = one_row ? 1 : high_row(i, ny, my, flags);
  const int left = one_col ? 1 : low_col(j, nx, mx, flags), right = one_col ? 1 : high_col(j, nx, mx, flags);
  const GLOBAL real* w = weights + (size_t) (i - weights_first) * WEIGHTS * pitch + j;
  const GLOBAL real* above = e + (size_t) (low - e_first) * coarse_pitch;
  const GLOBAL real* below = e + (size_t) (high - e_first) * coarse_pitch;
  u[(size_t) (i - u_first) * pitch + j] += (w[0] * above[left] + w[pitch] * above[right]) +
      (w[2 * (size_t) pitch] * below[left] + w[3 * (size_t) pitch] * below[right]);
}
