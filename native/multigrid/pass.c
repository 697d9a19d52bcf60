/* A pass over a grid or level with one thread's share of the rows: takes black points from memory, corrects and smooths
 * them, and stores them, takes norms and restricts the residual while rows are in cache. Not here: the formulas (halves.h),
 * what passes there are (fused.c). Compiled like ../rows.c, for each precision and instruction set.
 *
 * A step brings in two rows, and does each operation on the two rows that have just become ready for it:
 *
 *     take      rows j, j + 1          black, and what they need of the right side
 *     red       rows j - 1, j          each half-sweep lags one row behind the one before, in place
 *     black     rows j - 2, j - 1
 *     ..        two a sweep
 *     store     rows j - 2 sweeps, ..  the black points, which are final
 *     rest      one row behind         residual of the red points; that of the black ones is zero
 *     restrict  row of the coarse grid from three of these rows
 *     norm      one row behind         residual of the black points, once the red ones have been swept again
 *
 * A few rows of each colour are kept, by row number modulo their count. Along a row, a step goes in blocks that stay in the
 * first-level cache, each operation a cache line behind the one before: nothing is overwritten that is still to be read. Rows
 * that are too long for the second-level cache are cut into strips. Strips overlap, as do the shares of threads: points
 * beyond the own ones are wrong by one more after every operation.
 */
#include "halves.h"

void NAME(fused_natural)(const laplace_grid *, const struct fused *, int32_t, int64_t, int64_t, void *);

#ifndef FUSED_STRIP
#define FUSED_STRIP 2048
#endif
#ifndef FUSED_BLOCK
#define FUSED_BLOCK 128
#endif
enum { RESIDUALS = 4, COARSE = 8, JUNK = 2, SKEW = LINE };

struct work {
  const struct pass *pass;
  struct weights weights;
  int32_t rows, half, thread;
  uint32_t depth;                    /* of rings: rows that are kept, */
  int64_t pitch;                     /* and elements from one to the next */
  real *black, *red, *right_black, *right_red, *rest, *junk, *coarse; /* rings; half-column m at [m] */
  int32_t row0, row1;                /* own rows, */
  int64_t own0, own1;                /* and half-columns; walls among them */
  int64_t from, to;                  /* half-columns of the strip */
  int32_t ready;                     /* coarse rows before this one are in their ring */
  masks change, residual;
};

static inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }
static uint32_t depth_of(const struct pass *pass) { return 2 * (uint32_t)pass->sweeps + 4; }
static int64_t margin_of(const struct pass *pass) { return (2 * pass->sweeps + 4 + LINE - 1) / LINE * LINE; }
static int64_t pitch_of(const struct pass *pass) {
  const int64_t points = least(pass->fused->half + 1, FUSED_STRIP + 2 * margin_of(pass));
  return (points + LINE - 1) / LINE * LINE + 3 * LINE; /* one before, one behind, and no power of two */
}

size_t NAME(fused_scratch)(const struct pass *pass) {
  const int64_t rows = (pass->g ? 4 : 2) * depth_of(pass) + RESIDUALS + JUNK + (pass->from == FROM_COARSE ? COARSE : 0);
  return (size_t)(rows * pitch_of(pass) + LINE) * sizeof(real);
}

static inline real *kept(const struct work *w, real *ring, uint32_t depth, int32_t row) {
  return ring + (uint32_t)(row + (int32_t)(4 * depth)) % depth * w->pitch;
}
static inline int inside(const struct work *w, int32_t row) { return row >= 1 && row <= w->rows - 2; }
static inline real at(const void *array, int32_t k) { return array ? ((const real *)array)[k] : 0; }

/* Walls at both ends of a P. */
static inline void walls(const struct work *w, real *p, int32_t row, int64_t from, int64_t to) {
  const struct fused *fused = w->pass->fused;
  if (from == 0) p[0] = at(fused->west, row);
  if (to > w->half) p[w->half] = at(fused->east, row);
}

/* Coarse rows in natural order, for interpolation. */
static const real *coarse_row(const struct work *w, int32_t row) {
  const struct pass *pass = w->pass;
  if (!pass->coarse) return (const real *)pass->coarse_grid->u + row * pass->coarse_grid->stride;
  return kept(w, w->coarse, COARSE, row);
}
static void make_coarse(struct work *w, int32_t last) {
  const struct pass *pass = w->pass;
  const int64_t from = most(w->from - 1, 0) / 2, to = least((w->to + 2) / 2 + 1, pass->coarse->half + 1);
  for (; w->ready <= last && w->ready < pass->coarse->rows; w->ready++)
    NAME(fused_natural)(pass->coarse_grid, pass->coarse, w->ready, from, to, kept(w, w->coarse, COARSE, w->ready) + 2 * from);
}

/* The black half of a row inside, interpolated. */
static void interpolate(const struct work *w, real *black, int32_t row, int64_t from, int64_t to) {
  const int32_t J = row / 2, end = w->rows / 2, half = w->half;
  const real *c = coarse_row(w, J);
  if (row % 2) {
    const real *d = coarse_row(w, J + 1);
    if (end < 3) {
      EACH(m) black[m] = (real)0.5 * (c[m] + d[m]);
    } else if (J == 0 || J == end - 1) {
      const real *near = J ? d : c, *next = J ? c : d, *third = coarse_row(w, J ? J - 1 : 2), *fourth = coarse_row(w, J ? J - 2 : 3);
      EACH(m) black[m] = near_end(near[m], next[m], third[m], fourth[m]);
    } else {
      const real *b = coarse_row(w, J - 1), *e = coarse_row(w, J + 2);
      EACH(m) black[m] = amid(b[m], c[m], d[m], e[m]);
    }
    return walls(w, black, row, from, to);
  }
  if (half < 3) {
    EACH(m) black[m] = (real)0.5 * (c[m] + c[m + 1]);
    return;
  }
  if (from == 0) black[0] = near_end(c[0], c[1], c[2], c[3]);
  if (to >= half) black[half - 1] = near_end(c[half], c[half - 1], c[half - 2], c[half - 3]);
  from = most(from, 1), to = least(to, half - 1);
  EACH(m) black[m] = amid(c[m - 1], c[m], c[m + 1], c[m + 2]);
}

/* Brings a row in. */
static void take(struct work *w, int32_t row, int64_t from, int64_t to) {
  const struct pass *pass = w->pass;
  const struct fused *fused = pass->fused;
  const int64_t bytes = (to - from) * (int64_t)sizeof(real), inner = least(to, w->half);
  real *black = kept(w, w->black, w->depth, row), *red = kept(w, w->red, w->depth, row);
  if (row >= w->rows) return;
  if (row == 0 || row == w->rows - 1) {
    void *const *wall = row ? fused->last : fused->first;
    if (!wall[0]) memset(red + from, 0, bytes), memset(black + from, 0, bytes);
    else memcpy(red + from, (real *)wall[0] + from, bytes), memcpy(black + from, (real *)wall[1] + from, bytes);
    return;
  }
  if (pass->g) {
    const real *g = (const real *)pass->g + row * pass->g_stride;
    real *right_black = kept(w, w->right_black, w->depth, row), *right_red = kept(w, w->right_red, w->depth, row);
    real *p = row % 2 ? right_black : right_red, *q = row % 2 ? right_red : right_black;
    divide(p, q, g, from, inner);
    if (to > w->half) p[w->half] = q[w->half] = 0;
    if (pass->from == FROM_ZERO) {
      memcpy(red + from, right_red + from, bytes);
      if (row % 2 == 0) walls(w, red, row, from, to);
      return;
    }
  }
  if (pass->from == FROM_COARSE) return interpolate(w, black, row, from, to);
  if (pass->from == FROM_U)
    return every_second(black, (const real *)pass->grid->u + row * pass->grid->stride + (row + 1) % 2, from, row % 2 ? to : inner);
  const real *old = (const real *)fused->black[fused->now] + row * fused->pitch;
  if (!pass->correction) return (void)memcpy(black + from, old + from, bytes);
  const float *e = pass->correction->e + row / 2 * pass->correction->stride;
  const real scale = (real)(0.5 * pass->correction->unit);
  correct_row(black, old, scale, e, row % 2 ? e + pass->correction->stride : e + 1, from, row % 2 ? to : inner);
  if (row % 2) walls(w, black, row, from, to);
}

/* A half-sweep of rows j and j + 1 of one ring from the other; `rest`: their residual. */
static void sweep(struct work *w, real *ring, real *other, real *right, int rest, int32_t j, int64_t from, int64_t to) {
  const int first = inside(w, j), second = inside(w, j + 1);
  if (!first && !second) return;
  real *target = rest ? w->rest : ring;
  const uint32_t depth = rest ? RESIDUALS : w->depth;
  const struct rows rows = {
      .q = first ? kept(w, target, depth, j) : w->junk,
      .p = second ? kept(w, target, depth, j + 1) : w->junk + w->pitch,
      .a = kept(w, other, w->depth, j - 1), .b = kept(w, other, w->depth, j),
      .c = kept(w, other, w->depth, j + 1), .d = kept(w, other, w->depth, j + 2),
      .right_q = w->pass->g ? kept(w, right, w->depth, j) : NULL,
      .right_p = w->pass->g ? kept(w, right, w->depth, j + 1) : NULL,
  };
  if (!rest) {
    half_sweep(&w->weights, &rows, NULL, NULL, from, to);
    if (second) walls(w, rows.p, j + 1, from, to);
    return;
  }
  half_sweep(&w->weights, &rows, kept(w, ring, w->depth, j), kept(w, ring, w->depth, j + 1), from, to);
  if (second && from == 0) rows.p[0] = 0;
  if (second && to > w->half) rows.p[w->half] = 0;
}

/* Of a wall nothing is left. */
static void rest(struct work *w, int32_t j, int64_t from, int64_t to) {
  for (int32_t row = j; row < j + 2; row++)
    if (row == 0 || row == w->rows - 1)
      memset(kept(w, w->rest, RESIDUALS, row) + from, 0, (to - from) * sizeof(real));
  sweep(w, w->red, w->black, w->right_red, 1, j, from, to);
}

/* Stores what is final of a row. */
static void store(struct work *w, int32_t row, int64_t from, int64_t to) {
  const struct pass *pass = w->pass;
  if (row < w->row0 || row >= w->row1) return;
  from = most(from, w->own0), to = least(to, w->own1);
  if (from >= to) return;
  const real *black = kept(w, w->black, w->depth, row), *red = kept(w, w->red, w->depth, row);
  if (pass->black) {
    real *out = (real *)pass->black + row * pass->fused->pitch;
    if (pass->norms && pass->from == FROM_BLACK) {
      const real *old = (const real *)pass->fused->black[pass->fused->now] + row * pass->fused->pitch;
      w->change = raise(w->change, black, old, from, least(to, w->half));
    }
    if (pass->stream) stream(out + from, black + from, to - from);
    else memcpy(out + from, black + from, (to - from) * sizeof(real));
  }
#if PRECISION == 32
  if (pass->natural && inside(w, row))
    interleave(pass->natural + row * pass->natural_stride, row % 2 ? black : red, row % 2 ? red : black, from,
               least(to, w->half));
#else
  (void)red;
#endif
}

static void restricted(struct work *w, int32_t j, int64_t from, int64_t to) {
  const struct pass *pass = w->pass;
  if (j < w->row0 || j >= w->row1 || j < 3 || j > w->rows - 2) return;
  const real *row = kept(w, w->rest, RESIDUALS, j - 1);
  const real *above = kept(w, w->rest, RESIDUALS, j - 2), *below = kept(w, w->rest, RESIDUALS, j);
  restrict_row(pass->restricted + j / 2 * pass->restricted_stride, (real)(1 / pass->unit), above, row, below,
               most(most(from, w->own0), 1), least(least(to, w->own1), w->half));
}

/* What is left of black points, once the red ones have followed them, is a sweep of what was left of the red ones. */
static void norm(struct work *w, int32_t j, int64_t from, int64_t to) {
  if (j + 1 < w->row0 || j >= w->row1) return;
  const struct rows rows = {
      .q = w->junk, .p = w->junk + w->pitch,
      .a = kept(w, w->rest, RESIDUALS, j - 1), .b = kept(w, w->rest, RESIDUALS, j),
      .c = kept(w, w->rest, RESIDUALS, j + 1), .d = kept(w, w->rest, RESIDUALS, j + 2),
  };
  half_sweep(&w->weights, &rows, NULL, NULL, from, to);
  from = most(from, w->own0), to = least(least(to, w->own1), w->half);
  if (inside(w, j) && j >= w->row0) w->residual = raise(w->residual, rows.q, NULL, from, to);
  if (inside(w, j + 1) && j + 1 < w->row1) w->residual = raise(w->residual, rows.p, NULL, most(from, 1), to);
}

/* How many operations a step has, and one of them, at row j. */
static int32_t operations(const struct pass *pass) {
  return 2 * pass->sweeps + 2 + (pass->restricted ? 2 : 0) + (pass->restricted && pass->norms);
}
static void operation(struct work *w, int32_t k, int32_t j, int64_t from, int64_t to) {
  const struct pass *pass = w->pass;
  const int32_t end = 2 * pass->sweeps, last = j - end;
  if (from >= to) return;
  if (k == 0) take(w, j, from, to), take(w, j + 1, from, to);
  else if (k <= end && k % 2) {
    if (pass->from != FROM_ZERO || k > 1) sweep(w, w->red, w->black, w->right_red, 0, j - k, from, to);
  } else if (k <= end) sweep(w, w->black, w->red, w->right_black, 0, j - k, from, to);
  else if (k == end + 1) store(w, last, from, to), store(w, last + 1, from, to);
  else if (k == end + 2) rest(w, last - 1, from, to);
  else if (k == end + 3) restricted(w, last - 1, from, to);
  else norm(w, last - 2, from, to);
}

void NAME(fused_pass)(const struct pass *pass, int32_t thread) {
  const struct fused *fused = pass->fused;
  struct work w = {
      .pass = pass, .rows = fused->rows, .half = fused->half, .thread = thread,
      .weights = {(real)pass->cx, (real)pass->cy, pass->cx == 0.25 && pass->cy == 0.25},
      .depth = depth_of(pass), .pitch = pitch_of(pass),
      .row0 = share(fused->rows, thread, pass->threads), .row1 = share(fused->rows, thread + 1, pass->threads),
  };
  const int32_t reach = 2 * pass->sweeps + 2, start = (int32_t)most(w.row0 - reach, 0), stop = w.row1 + reach, count = operations(pass);
  for (w.own0 = 0; w.own0 < w.half; w.own0 = w.own1) {
    w.own1 = w.own0 + FUSED_STRIP < w.half ? w.own0 + FUSED_STRIP : w.half + 1;
    w.from = most(w.own0 - margin_of(pass), 0), w.to = least(w.own1 + margin_of(pass), w.half + 1);
    real **rings[] = {&w.black, &w.red, &w.rest, &w.junk, &w.right_black, &w.right_red, &w.coarse};
    const int64_t kept[] = {w.depth, w.depth, RESIDUALS, JUNK, pass->g ? w.depth : 0, pass->g ? w.depth : 0, COARSE};
    real *at = (real *)pass->scratch[thread].memory + LINE - w.from;
    for (int k = 0; k < 7; at += kept[k++] * w.pitch) *rings[k] = at;
    w.ready = (int32_t)most(start / 2 - 2, 0);
    for (int32_t j = start; j < stop; j += 2) {
      if (pass->from == FROM_COARSE && pass->coarse) make_coarse(&w, j / 2 + 3);
      for (int64_t x = w.from; x - (count - 1) * SKEW < w.to; x += FUSED_BLOCK)
        for (int32_t k = 0; k < count; k++)
          operation(&w, k, j, most(x - k * SKEW, w.from), least(x + FUSED_BLOCK - k * SKEW, w.to));
    }
  }
  if (pass->stream) stream_end();
  if (pass->norms) pass->found[thread].change = most_lane(w.change), pass->found[thread].residual = most_lane(w.residual);
}
