/* How a row gets into a pass: from the array of black points, from u, by interpolation from a coarser grid, and corrected by
 * the level below. Included by pass.c. */
#ifndef TAKE_H
#define TAKE_H
#include "half_rows-inl.h"

enum { RESIDUALS = 4, COARSE = 8, JUNK = 2, STREAMS = 5 };

struct work {
  const struct pass *pass;
  struct weights weights;
  int32_t rows, half;
  int32_t row0, row1, reach;    /* own rows, and how far a pass reads beyond them */
  uint32_t depth;               /* of rings: rows that are kept, by row number modulo this, */
  int64_t pitch;                /* and elements from one to the next */
  real *black, *red, *right_black, *right_red, *rest, *junk, *coarse; /* rings */
  real *beyond;                 /* black rows of other threads, as they were before the pass */
  int32_t ready;                /* coarse rows before this one are in their ring */
  masks change, residual;
};

void NAME(fused_natural)(const laplace_grid *, const struct fused *, int32_t, int64_t, int64_t, void *);

static inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

static inline real *kept(const struct work *w, real *ring, uint32_t depth, int32_t row) {
  return ring + (uint32_t)(row + (int32_t)(MOST_IN_PASS * depth)) % depth * w->pitch;
}
static inline int inside(const struct work *w, int32_t row) { return row >= 1 && row <= w->rows - 2; }
static inline real at(const void *array, int32_t k) { return array ? ((const real *)array)[k] : 0; }

/* Walls at both ends of a P. */
static inline void walls(const struct work *w, real *p, int32_t row, int64_t from, int64_t to) {
  if (from == 0) p[0] = at(w->pass->fused->west, row);
  if (to > w->half) p[w->half] = at(w->pass->fused->east, row);
}

/* Coarse rows in natural order, for interpolation. */
static const real *coarse_row(const struct work *w, int32_t row) {
  const struct pass *pass = w->pass;
  if (!pass->coarse) return (const real *)pass->coarse_grid->u + row * pass->coarse_grid->stride;
  return kept(w, w->coarse, COARSE, row);
}
static void make_coarse(struct work *w, int32_t last) {
  const struct pass *pass = w->pass;
  for (; pass->coarse && w->ready <= last && w->ready < pass->coarse->rows; w->ready++)
    NAME(fused_natural)(pass->coarse_grid, pass->coarse, w->ready, 0, pass->coarse->half + 1, kept(w, w->coarse, COARSE, w->ready));
}

/* The black half of a row inside, interpolated: cubic, and linear where there are fewer than four points in line. */
static void interpolate(const struct work *w, real *black, int32_t row, int64_t from, int64_t to) {
  const int32_t J = row / 2, end = w->rows / 2, half = w->half;
  const real *c = coarse_row(w, J);
  if (row % 2) {
    const real *d = coarse_row(w, J + 1);
    if (end < 3) {
      EACH(m) black[m] = (real)0.5 * (c[m] + d[m]);
    } else if (J == 0 || J == end - 1) {
      const real *a = J ? d : c, *b = J ? c : d, *third = coarse_row(w, J ? J - 1 : 2), *fourth = coarse_row(w, J ? J - 2 : 3);
      EACH(m) black[m] = near_end(a[m], b[m], third[m], fourth[m]);
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

/* Black points before the pass. */
static const real *old_row(const struct work *w, int32_t row) {
  const struct fused *fused = w->pass->fused;
  if (w->pass->alone || (row >= w->row0 && row < w->row1)) return (const real *)fused->black + row * fused->pitch;
  return w->beyond + (row < w->row0 ? row - w->row0 + w->reach : row - w->row1 + w->reach) * w->pitch;
}

/* What the next step reads, brought into the second-level cache meanwhile: else a step would wait for memory, and memory
 * for the next step. */
struct ahead {
  const char *next[STREAMS], *end[STREAMS];
};

static void add_stream(struct ahead *ahead, int k, const void *row, int64_t bytes) {
  ahead->next[k] = row, ahead->end[k] = (const char *)row + bytes;
}

static struct ahead look_ahead(const struct work *w, int32_t j) {
  const struct pass *pass = w->pass;
  struct ahead ahead = {{NULL}, {NULL}};
  const int64_t row = (w->half + 1) * (int64_t)sizeof(real);
  for (int k = 0; k < 2 && inside(w, j + k); k++) {
    if (pass->g) add_stream(&ahead, k, (const real *)pass->g + (j + k) * pass->g_stride, 2 * row);
    if (pass->from == FROM_BLACK) add_stream(&ahead, 2 + k, old_row(w, j + k), row);
    if (pass->from == FROM_U) add_stream(&ahead, 2 + k, (const real *)pass->grid->u + (j + k) * pass->grid->stride, 2 * row);
    if (!k && pass->from == FROM_BLACK && pass->correction)
      add_stream(&ahead, 4, pass->correction->e + (j / 2 + 1) * pass->correction->stride, (w->half + 1) * (int64_t)sizeof(float));
  }
  return ahead;
}

static inline void prefetch(struct ahead *ahead, int64_t lines) {
  for (int k = 0; k < STREAMS; k++)
    for (int64_t n = 0; n < lines && ahead->next[k] < ahead->end[k]; n++, ahead->next[k] += 64)
      __builtin_prefetch(ahead->next[k], 0, 2);
}

/* Half-columns [from, to) of a row: its black points, and what belongs to them; of a wall, and if that is all that is
 * known, the red ones too. */
static void take(struct work *w, int32_t row, int64_t from, int64_t to) {
  const struct pass *pass = w->pass;
  const struct fused *fused = pass->fused;
  const size_t bytes = (size_t)(to - from) * sizeof(real);
  const int64_t inner = least(to, w->half);
  real *black = kept(w, w->black, w->depth, row), *red = kept(w, w->red, w->depth, row);
  if (row >= w->rows) return;
  if (!inside(w, row)) {
    void *const *wall = row ? fused->last : fused->first;
    if (!wall[0]) memset(red + from, 0, bytes), memset(black + from, 0, bytes);
    else memcpy(red + from, (real *)wall[0] + from, bytes), memcpy(black + from, (real *)wall[1] + from, bytes);
    return;
  }
  if (pass->g) {
    const real *g = (const real *)pass->g + row * pass->g_stride;
    real *right_black = kept(w, w->right_black, w->depth, row), *right_red = kept(w, w->right_red, w->depth, row);
    divide(row % 2 ? right_black : right_red, row % 2 ? right_red : right_black, g, from, inner);
    if (pass->from == FROM_ZERO) {
      memcpy(red + from, right_red + from, bytes);
      if (row % 2 == 0) walls(w, red, row, from, to);
      return;
    }
  }
  if (pass->from == FROM_COARSE) return interpolate(w, black, row, from, to);
  if (pass->from == FROM_NOTHING) {
    memset(black + from, 0, bytes);
    if (row % 2) walls(w, black, row, from, to);
    return;
  }
  if (pass->from == FROM_U) {
    const real *u = (const real *)pass->grid->u + row * pass->grid->stride;
    return every_second(black, u + (row + 1) % 2, from, row % 2 ? to : inner);
  }
  const real *old = old_row(w, row);
  if (!pass->correction) return (void)memcpy(black + from, old + from, bytes);
  const float *e = pass->correction->e + row / 2 * pass->correction->stride;
  const real scale = (real)(0.5 * pass->correction_unit);
  correct_row(black, old, scale, e, row % 2 ? e + pass->correction->stride : e + 1, from, row % 2 ? to : inner);
  if (row % 2) walls(w, black, row, from, to);
}
#endif
