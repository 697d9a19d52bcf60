// Kernels of the GPU backends, in what OpenCL C and CUDA C have in common: Jacobi and red-black sweeps, one a launch, and
// norms. Several sweeps a launch: blocked.cl; multigrid: levels.cl and coarsen.cl. A prelude (opencl.cl) comes first.
//
// An array has `planes` numbers for each point, row by row: plane 0 of row i, plane 1 of row i, ..., then row i + 1; `pitch`
// numbers from one to the next. Kernels see a window of it, whose first row is `<array>_first`. Rows and columns are those of
// the whole stored array, ring included. Groups have COLS x ROWS threads; threads may be more than there is to do.
//
// Fields: plain: plane 0 is g, if there is a source. Weighted: an as aw ae g, and d if the layout has it.
//
// Association (core/kernels/kernels.ts), never contracted:
//   square     0.25 * ((n + s) + (w + e))             [+ g]
//   stretched  cx * (w + e) + cy * (n + s)             [+ g]
//   weighted   ((an * n + as * s) + (aw * w + ae * e)) + g

#define COLS 64
#define ROWS 4

// What a program made for one grid knows of it: then what is passed does not matter.
#ifdef FORM
#define FORM_OF(form) FORM
#else
#define FORM_OF(form) (form)
#endif
#ifdef PITCH
#define PITCH_OF(pitch) PITCH
#else
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

// What the neighbours say; `f` leads to plane 0 of the point, `pitch` from there to its other planes.
FUNCTION real swept(int form, real n, real s, real w, real e, const GLOBAL real* f, int pitch, real cx, real cy) {
  if (form == WEIGHTED) {
    return ((f[0] * n + f[pitch] * s) + (f[2 * (size_t) pitch] * w + f[3 * (size_t) pitch] * e)) + f[4 * (size_t) pitch];
  }
  const real value = form < STRETCHED ? (real) 0.25 * ((n + s) + (w + e)) : cx * (w + e) + cy * (n + s);
  return form == SQUARE_SOURCE || form == STRETCHED_SOURCE ? value + f[0] : value;
}

// The largest value of a group goes to partials[at + number of the group]. All threads of the group call it.
FUNCTION void collect(IN_SHARED real* scratch, real value, GLOBAL real* partials, int at) {
  const int thread = LOCAL_Y * COLS + LOCAL_X;
  scratch[thread] = value;
  BARRIER;
  for (int some = COLS * ROWS / 2; some > 0; some /= 2) {
    if (thread < some) scratch[thread] = larger(scratch[thread], scratch[thread + some]);
    BARRIER;
  }
  if (thread == 0) partials[at + GROUP_Y * GROUPS_X + GROUP_X] = scratch[0];
}

// Rows that a thread takes in `sweep` and `difference`.
#define EACH 4

// Jacobi, rows [from, to): v = what the neighbours in u say, or with `remainder` d times what that is away from u (d is 1 in
// a plain stencil). With partial >= 0 the largest distance within rows [r0, r1), columns [c0, c1) is collected from there on.
// Threads: nx, (to - from) / EACH.
KERNEL sweep(
    const GLOBAL real* RESTRICT u, GLOBAL real* RESTRICT v, const GLOBAL real* RESTRICT fields, GLOBAL real* RESTRICT partials,
    const int u_first, const int v_first, const int fields_first, const int from, const int to, const int nx,
    const int pitch_, const int planes, const int r0, const int r1, const int c0, const int c1, const int form_,
    const int remainder, const int partial, const real cx, const real cy) {
  SHARED real scratch[COLS * ROWS];
  const int form = FORM_OF(form_), pitch = PITCH_OF(pitch_);
  const int j = THREAD_X;
  real most = 0;
  if (j >= 1 && j < nx - 1) {
    const int begin = from + EACH * THREAD_Y;
    const int end = begin + EACH < to ? begin + EACH : to;
    for (int i = begin; i < end; i++) {
      const GLOBAL real* at = u + (size_t) (i - u_first) * pitch + j;
      const GLOBAL real* f = fields + (size_t) (i - fields_first) * planes * pitch + j;
      const real value = swept(form, at[-pitch], at[pitch], at[-1], at[1], f, pitch, cx, cy);
      const real way = value - at[0];
      const real result = remainder == 0 ? value : form == WEIGHTED ? f[5 * (size_t) pitch] * way : way;
      v[(size_t) (i - v_first) * pitch + j] = result;
      if (i >= r0 && i < r1 && j >= c0 && j < c1) most = larger(most, fabs(way));
    }
  }
  if (partial >= 0) collect(scratch, most, partials, partial);
}

// A half-sweep, rows [from, to): points of one colour move omega times as far as their neighbours say. They are those whose
// row + column + odd is even. Norm as above. Threads: (nx + 1) / 2, to - from.
KERNEL relax(
    GLOBAL real* u, const GLOBAL real* RESTRICT fields, GLOBAL real* RESTRICT partials, const int u_first,
    const int fields_first, const int from, const int to, const int nx, const int pitch_, const int planes, const int r0,
    const int r1, const int c0, const int c1, const int form_, const int odd, const int partial, const real cx,
    const real cy, const real omega) {
  SHARED real scratch[COLS * ROWS];
  const int form = FORM_OF(form_), pitch = PITCH_OF(pitch_);
  const int i = from + THREAD_Y;
  const int j = 2 * THREAD_X + ((i + odd) & 1);
  real most = 0;
  if (i < to && j >= 1 && j < nx - 1) {
    GLOBAL real* at = u + (size_t) (i - u_first) * pitch + j;
    const GLOBAL real* f = fields + (size_t) (i - fields_first) * planes * pitch + j;
    const real before = at[0];
    const real value = before + omega * (swept(form, at[-pitch], at[pitch], at[-1], at[1], f, pitch, cx, cy) - before);
    at[0] = value;
    if (i >= r0 && i < r1 && j >= c0 && j < c1) most = fabs(value - before);
  }
  if (partial >= 0) collect(scratch, most, partials, partial);
}

// Across periodic columns: the ring of rows [from, to) repeats the other side. Threads: to - from, 1.
KERNEL wrap_columns(GLOBAL real* a, const int a_first, const int from, const int to, const int nx, const int pitch) {
  const int i = from + THREAD_X;
  if (i >= to || THREAD_Y > 0) return;
  GLOBAL real* row = a + (size_t) (i - a_first) * pitch;
  row[0] = row[nx - 2];
  row[nx - 1] = row[1];
}

// Copies `rows` x `width` numbers that lie in a row. Both may be parts of one array. Threads: width, rows.
KERNEL copy(const GLOBAL real* source, GLOBAL real* target, const int rows, const int width) {
  const int x = THREAD_X, y = THREAD_Y;
  if (x < width && y < rows) target[(size_t) y * width + x] = source[(size_t) y * width + x];
}

// The largest |u - v| within rows [r0, r1), columns [c0, c1) of rows [from, to). Threads: nx, (to - from) / EACH.
KERNEL difference(
    const GLOBAL real* RESTRICT u, const GLOBAL real* RESTRICT v, GLOBAL real* RESTRICT partials, const int u_first,
    const int v_first, const int from, const int to, const int pitch, const int r0, const int r1, const int c0,
    const int c1, const int partial) {
  SHARED real scratch[COLS * ROWS];
  const int j = THREAD_X;
  real most = 0;
  if (j >= c0 && j < c1) {
    const int begin = from + EACH * THREAD_Y;
    for (int i = begin; i < begin + EACH && i < to; i++) {
      if (i < r0 || i >= r1) continue;
      most = larger(most, fabs(u[(size_t) (i - u_first) * pitch + j] - v[(size_t) (i - v_first) * pitch + j]));
    }
  }
  collect(scratch, most, partials, partial);
}

// norms[slot] = the largest of partials [from, to). One group: threads COLS, ROWS.
KERNEL reduce(const GLOBAL real* RESTRICT partials, GLOBAL real* RESTRICT norms, const int from, const int to, const int slot) {
  SHARED real scratch[COLS * ROWS];
  real most = 0;
  for (int k = from + LOCAL_Y * COLS + LOCAL_X; k < to; k += COLS * ROWS) most = larger(most, partials[k]);
  collect(scratch, most, norms, slot);
}
