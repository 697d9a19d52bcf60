// Several Jacobi sweeps of a plain stencil in one launch. A group loads a tile, 64 x 64 points, sweeps it in place as often as
// asked, and keeps what is right in the end: a point less on each side with each sweep. Tiles overlap by that much. A thread has
// DEEP rows of one column in registers; what its neighbours have comes through shared memory. Bits are those of single sweeps.

#define DEEP 16
#define TILE (ROWS * DEEP)

// Rows [from, to) of v = u after `sweeps`. With partial >= 0 the changes of the last sweep are collected from there on, and from
// `second` on the residuals of the result, for which tiles overlap by one more.
// Threads: COLS for each COLS - 2 halo columns inside the ring, ROWS for each TILE - 2 halo rows; halo is `sweeps`, or one more.
KERNEL blocked(
    const GLOBAL real* RESTRICT u, GLOBAL real* RESTRICT v, const GLOBAL real* RESTRICT fields, GLOBAL real* RESTRICT partials,
    const int u_first, const int v_first, const int fields_first, const int from, const int to, const int ny, const int nx,
    const int pitch_, const int planes, const int r0, const int r1, const int c0, const int c1, const int form_,
    const int sweeps, const int partial, const int second, const real cx, const real cy) {
  SHARED real tile[TILE * COLS];
  const int form = FORM_OF(form_), pitch = PITCH_OF(pitch_);
  const int halo = partial >= 0 ? sweeps + 1 : sweeps;
  const int x = LOCAL_X, y = LOCAL_Y * DEEP;
  const int j = 1 + GROUP_X * (COLS - 2 * halo) - halo + x;
  const int top = from + GROUP_Y * (TILE - 2 * halo) - halo + y;
  const int inside = j >= 1 && j < nx - 1;
  const int kept = inside && x >= halo && x < COLS - halo;
  const int left = x > 0 ? -1 : 0, right = x < COLS - 1 ? 1 : 0;
  // Nothing beyond these rows is in the window, or needed.
  const int first = from - halo > 0 ? from - halo : 0, last = to + halo < ny ? to + halo : ny;
  real column[DEEP];
  UNROLL
  for (int k = 0; k < DEEP; k++) {
    const int i = top + k;
    column[k] = i >= first && i < last && j >= 0 && j < nx ? u[(size_t) (i - u_first) * pitch + j] : (real) 0;
  }
  real change = 0, residual = 0;
  for (int done = 0; done < halo; done++) {
    UNROLL
    for (int k = 0; k < DEEP; k++) tile[(y + k) * COLS + x] = column[k];
    BARRIER;
    real north = y > 0 ? tile[(y - 1) * COLS + x] : (real) 0;
    UNROLL
    for (int k = 0; k < DEEP; k++) {
      const int i = top + k;
      const int at = (y + k) * COLS + x;
      const real here = column[k];
      const real south = k < DEEP - 1 ? column[k < DEEP - 1 ? k + 1 : k] : at + COLS < TILE * COLS ? tile[at + COLS] : (real) 0;
      if (inside && i >= 1 && i < ny - 1 && i >= first && i < last) {
        const GLOBAL real* f = fields + (size_t) (i - fields_first) * planes * pitch + j;
        const real value = swept(form, north, south, tile[at + left], tile[at + right], f, pitch, cx, cy);
        if (kept && y + k >= halo && y + k < TILE - halo && i < to && i >= r0 && i < r1 && j >= c0 && j < c1) {
          if (done == sweeps - 1) change = larger(change, fabs(value - here));
          if (done == sweeps) residual = larger(residual, fabs(value - here));
        }
        if (done < sweeps) column[k] = value;
      }
      north = here;
    }
    BARRIER;
  }
  if (kept) {
    UNROLL
    for (int k = 0; k < DEEP; k++) {
      const int i = top + k;
      if (y + k >= halo && y + k < TILE - halo && i < to) v[(size_t) (i - v_first) * pitch + j] = column[k];
    }
  }
  if (partial >= 0) {
    collect(tile, change, partials, partial);
    collect(tile, residual, partials, second);
  }
}
