// Several Jacobi sweeps of a plain stencil in one launch (temporal blocking). A group loads a tile of 64 x 64 points, sweeps it
// in place and stores the points that are valid in the end: one less on each side with each sweep, so tiles overlap by as much.
// A thread has DEPTH rows of one column in registers; neighbours come through shared memory. Bits are those of single sweeps.

#define DEPTH 16
#define TILE (ROWS * DEPTH)

// Rows [begin_row, end_row) of v = u after `sweeps`. With partial >= 0 the changes of the last sweep are stored from there on,
// and from `second` on the residuals of the result, for which tiles overlap by one more. Halo is `sweeps`, or one more.
// Threads: COLS for each COLS - 2 halo columns inside the ghost layer, ROWS for each TILE - 2 halo rows.
KERNEL blocked(
    const GLOBAL real* RESTRICT u, GLOBAL real* RESTRICT v, const GLOBAL real* RESTRICT fields, GLOBAL real* RESTRICT partials,
    const int u_first, const int v_first, const int fields_first, const int begin_row, const int end_row, const int ny,
    const int nx, const int pitch_, const int planes, const int r0, const int r1, const int c0, const int c1,
    const int form_, const int sweeps, const int partial, const int second, const real cx, const real cy) {
  SHARED real tile[TILE * COLS];
  const int form = FORM_OF(form_), pitch = PITCH_OF(pitch_);
  const int halo = partial >= 0 ? sweeps + 1 : sweeps;
  const int x = LOCAL_X, y = LOCAL_Y * DEPTH;
  const int j = 1 + GROUP_X * (COLS - 2 * halo) - halo + x;
  const int top = begin_row + GROUP_Y * (TILE - 2 * halo) - halo + y;
  const int inside = j >= 1 && j < nx - 1;
  const int is_stored = inside && x >= halo && x < COLS - halo;
  const int left = x > 0 ? -1 : 0, right = x < COLS - 1 ? 1 : 0;
  // Rows beyond these are neither in the window nor needed.
  const int first = begin_row - halo > 0 ? begin_row - halo : 0, last = end_row + halo < ny ? end_row + halo : ny;
  real column[DEPTH];
  UNROLL
  for (int k = 0; k < DEPTH; k++) {
    const int i = top + k;
    column[k] = i >= first && i < last && j >= 0 && j < nx ? u[(size_t) (i - u_first) * pitch + j] : (real) 0;
  }
  real change = 0, residual = 0;
  for (int done = 0; done < halo; done++) {
    UNROLL
    for (int k = 0; k < DEPTH; k++) tile[(y + k) * COLS + x] = column[k];
    BARRIER;
    real north = y > 0 ? tile[(y - 1) * COLS + x] : (real) 0;
    UNROLL
    for (int k = 0; k < DEPTH; k++) {
      const int i = top + k;
      const int at = (y + k) * COLS + x;
      const real here = column[k];
      const real south =
          k < DEPTH - 1 ? column[k < DEPTH - 1 ? k + 1 : k] : at + COLS < TILE * COLS ? tile[at + COLS] : (real) 0;
      if (inside && i >= 1 && i < ny - 1 && i >= first && i < last) {
        const GLOBAL real* f = fields + (size_t) (i - fields_first) * planes * pitch + j;
        const real value = jacobi_value(form, north, south, tile[at + left], tile[at + right], f, pitch, cx, cy);
        if (is_stored && y + k >= halo && y + k < TILE - halo && i < end_row && i >= r0 && i < r1 && j >= c0 && j < c1) {
          if (done == sweeps - 1) change = larger(change, fabs(value - here));
          if (done == sweeps) residual = larger(residual, fabs(value - here));
        }
        if (done < sweeps) column[k] = value;
      }
      north = here;
    }
    BARRIER;
  }
  if (is_stored) {
    UNROLL
    for (int k = 0; k < DEPTH; k++) {
      const int i = top + k;
      if (y + k >= halo && y + k < TILE - halo && i < end_row) v[(size_t) (i - v_first) * pitch + j] = column[k];
    }
  }
  if (partial >= 0) {
    store_group_max(tile, change, partials, partial);
    store_group_max(tile, residual, partials, second);
  }
}
