// Kernels of the GPU backends, in what OpenCL C and CUDA C have in common: Jacobi and red-black sweeps, one a launch, and
// norms. Several sweeps a launch: blocked.cl; multigrid: levels.cl and the files after it. A prelude (opencl.cl) comes first.
//
// An array has `planes` numbers for each point, row by row: plane 0 of row i, plane 1 of row i, ..., then row i + 1; `pitch`
// numbers from one to the next. Kernels see a window of it, whose first row is `<array>_first`. Rows and columns are those of
// the whole stored array, ghost layer included. Groups have COLS x ROWS threads; surplus threads return at once.
//
// A launch names its buffers and scalars: their order is declared here and in backends/engine-gpu/signatures.ts.
//
// Fields: plain: plane 0 is g, if there is a source. Weighted: an as aw ae g, and d if the layout has it.
//
// Association (core/kernels/kernels.ts), never contracted:
//   square     0.25 * ((n + s) + (w + e))             [+ g]
//   stretched  cx * (w + e) + cy * (n + s)             [+ g]
//   weighted   ((an * n + as * s) + (aw * w + ae * e)) + g

#define COLS 64
#define ROWS 4

// A program that is built for one grid has these as constants, and ignores what is passed.
#ifdef FORM
#define FORM_OF(form) FORM
#define PITCH_OF(pitch) PITCH
#else
#define FORM_OF(form) (form)
#define PITCH_OF(pitch) (pitch)
#endif

// Forms of a sweep.
#define SQUARE 0
#define SQUARE_SOURCE 1
#define STRETCHED 2
#define STRETCHED_SOURCE 3
#define WEIGHTED 4

// NaN wins, as in `larger` of core/kernels/kernels.ts.
FUNCTION real larger(real a, real b) {
  return b > a || b != b ? b : a;
}

// The value of a Jacobi sweep at a point; `f` points to its plane 0, planes are `pitch` apart.
FUNCTION real jacobi_value(int form, real n, real s, real w, real e, const GLOBAL real* f, int pitch, real cx, real cy) {
  if (form == WEIGHTED) {
    return ((f[0] * n + f[pitch] * s) + (f[2 * (size_t) pitch] * w + f[3 * (size_t) pitch] * e)) + f[4 * (size_t) pitch];
  }
  const real value = form < STRETCHED ? (real) 0.25 * ((n + s) + (w + e)) : cx * (w + e) + cy * (n + s);
  return form == SQUARE_SOURCE || form == STRETCHED_SOURCE ? value + f[0] : value;
}

// partials[at + number of the group] = the largest value of a group. All its threads must call it.
FUNCTION void store_group_max(IN_SHARED real* scratch, real value, GLOBAL real* partials, int at) {
  const int thread = LOCAL_Y * COLS + LOCAL_X;
  scratch[thread] = value;
  BARRIER;
  for (int stride = COLS * ROWS / 2; stride > 0; stride /= 2) {
    if (thread < stride) scratch[thread] = larger(scratch[thread], scratch[thread + stride]);
    BARRIER;
  }
  if (thread == 0) partials[at + GROUP_Y * GROUPS_X + GROUP_X] = scratch[0];
}

// Rows of a thread in `sweep` and `difference`.
#define ROWS_PER_THREAD 4

// Jacobi, rows [begin_row, end_row): v = swept u, or with `write_residual` d (swept u - u), where d is 1 in a plain stencil.
// With partial >= 0 the largest |swept u - u| of each group within rows [r0, r1), columns [c0, c1) is stored from there on.
// Threads: nx, (end_row - begin_row) / ROWS_PER_THREAD.
KERNEL sweep(
    const GLOBAL real* RESTRICT u, GLOBAL real* RESTRICT v, const GLOBAL real* RESTRICT fields, GLOBAL real* RESTRICT partials,
    const int u_first, const int v_first, const int fields_first, const int begin_row, const int end_row, const int nx,
    const int pitch_, const int planes, const int r0, const int r1, const int c0, const int c1, const int form_,
    const int write_residual, const int partial, const real cx, const real cy) {
  SHARED real scratch[COLS * ROWS];
  const int form = FORM_OF(form_), pitch = PITCH_OF(pitch_);
  const int j = THREAD_X;
  real largest = 0;
  if (j >= 1 && j < nx - 1) {
    const int begin = begin_row + ROWS_PER_THREAD * THREAD_Y;
    const int end = begin + ROWS_PER_THREAD < end_row ? begin + ROWS_PER_THREAD : end_row;
    for (int i = begin; i < end; i++) {
      const GLOBAL real* at = u + (size_t) (i - u_first) * pitch + j;
      const GLOBAL real* f = fields + (size_t) (i - fields_first) * planes * pitch + j;
      const real value = jacobi_value(form, at[-pitch], at[pitch], at[-1], at[1], f, pitch, cx, cy);
      const real residual = value - at[0];
      const real result = write_residual == 0 ? value : form == WEIGHTED ? f[5 * (size_t) pitch] * residual : residual;
      v[(size_t) (i - v_first) * pitch + j] = result;
      if (i >= r0 && i < r1 && j >= c0 && j < c1) largest = larger(largest, fabs(residual));
    }
  }
  if (partial >= 0) store_group_max(scratch, largest, partials, partial);
}

// A red-black half-sweep of rows [begin_row, end_row), over-relaxed by omega, on points whose row + column + odd is even.
// Norms as in `sweep`. Threads: (nx + 1) / 2, end_row - begin_row.
KERNEL relax(
    GLOBAL real* u, const GLOBAL real* RESTRICT fields, GLOBAL real* RESTRICT partials, const int u_first,
    const int fields_first, const int begin_row, const int end_row, const int nx, const int pitch_, const int planes,
    const int r0, const int r1, const int c0, const int c1, const int form_, const int odd, const int partial,
    const real cx, const real cy, const real omega) {
  SHARED real scratch[COLS * ROWS];
  const int form = FORM_OF(form_), pitch = PITCH_OF(pitch_);
  const int i = begin_row + THREAD_Y;
  const int j = 2 * THREAD_X + ((i + odd) & 1);
  real largest = 0;
  if (i < end_row && j >= 1 && j < nx - 1) {
    GLOBAL real* at = u + (size_t) (i - u_first) * pitch + j;
    const GLOBAL real* f = fields + (size_t) (i - fields_first) * planes * pitch + j;
    const real before = at[0];
    const real value = before + omega * (jacobi_value(form, at[-pitch], at[pitch], at[-1], at[1], f, pitch, cx, cy) - before);
    at[0] = value;
    if (i >= r0 && i < r1 && j >= c0 && j < c1) largest = fabs(value - before);
  }
  if (partial >= 0) store_group_max(scratch, largest, partials, partial);
}

// Fills the ghosts of periodic columns in rows [begin_row, end_row). Threads: end_row - begin_row, 1.
KERNEL fill_ghost_columns(
    GLOBAL real* a, const int a_first, const int begin_row, const int end_row, const int nx, const int pitch) {
  const int i = begin_row + THREAD_X;
  if (i >= end_row || THREAD_Y > 0) return;
  GLOBAL real* row = a + (size_t) (i - a_first) * pitch;
  row[0] = row[nx - 2];
  row[nx - 1] = row[1];
}

// Copies `rows` x `width` contiguous numbers. Both may be parts of one array. Threads: width, rows.
KERNEL copy(const GLOBAL real* origin, GLOBAL real* copied, const int rows, const int width) {
  const int x = THREAD_X, y = THREAD_Y;
  if (x < width && y < rows) copied[(size_t) y * width + x] = origin[(size_t) y * width + x];
}

// The largest |u - v| within rows [r0, r1), columns [c0, c1) of rows [begin_row, end_row).
// Threads: nx, (end_row - begin_row) / ROWS_PER_THREAD.
KERNEL difference(
    const GLOBAL real* RESTRICT u, const GLOBAL real* RESTRICT v, GLOBAL real* RESTRICT partials, const int u_first,
    const int v_first, const int begin_row, const int end_row, const int pitch, const int r0, const int r1, const int c0,
    const int c1, const int partial) {
  SHARED real scratch[COLS * ROWS];
  const int j = THREAD_X;
  real largest = 0;
  if (j >= c0 && j < c1) {
    const int begin = begin_row + ROWS_PER_THREAD * THREAD_Y;
    for (int i = begin; i < begin + ROWS_PER_THREAD && i < end_row; i++) {
      if (i < r0 || i >= r1) continue;
      largest = larger(largest, fabs(u[(size_t) (i - u_first) * pitch + j] - v[(size_t) (i - v_first) * pitch + j]));
    }
  }
  store_group_max(scratch, largest, partials, partial);
}

// norms[slot] = the largest of partials [begin, end). One group: threads COLS, ROWS.
KERNEL reduce(
    const GLOBAL real* RESTRICT partials, GLOBAL real* RESTRICT norms, const int begin, const int end, const int slot) {
  SHARED real scratch[COLS * ROWS];
  real largest = 0;
  for (int k = begin + LOCAL_Y * COLS + LOCAL_X; k < end; k += COLS * ROWS) largest = larger(largest, partials[k]);
  store_group_max(scratch, largest, norms, slot);
}
