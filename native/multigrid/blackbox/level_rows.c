/* The rows of levels: Gauss-Seidel in four colours, residual, restriction, interpolation. Nine points, f32. No loops over
 * rows, no threads: see level_pass.c. Compiled for each instruction set.
 *
 * The colours are ((row & 1), (column & 1)). A row is smoothed at the columns of one parity, then at those of the other;
 * what its neighbouring rows give is the same for both, and taken once:
 *     t = f - excess e + sum over the six neighbours north and south of k (e(q) - e)
 *     e += inverse (t + west (e(w) - e) + east (e(e) - e))
 * Whole vectors go over the ring and what lies beyond: there inverse is 0, and e stays as it is.
 */
#include "../kernels.h"
#include "../deinterleave-inl.h"
#include <string.h>

static inline floats mask_parity(floats x, int parity) {
  signs chosen;
  for (int l = 0; l < FLOATS; l++) chosen[l] = l % 2 == parity ? -1 : 0;
  return (floats)((signs)x & chosen);
}

static inline void images(const laplace_level *level, float *row) {
  if (level->wrap & LAPLACE_PERIODIC_COLS) row[0] = row[level->cols - 2], row[level->cols - 1] = row[1];
}

/* The vectors of a row at columns before, at and after those at work. */
struct three {
  floats before, here, after;
};

static inline struct three begin(const float *row) { return (struct three){GET(row - FLOATS), GET(row), GET(row + FLOATS)}; }
static inline void move(struct three *at, const float *row) {
  at->before = at->here, at->here = at->after, at->after = GET(row + FLOATS);
}

/* e and the conductances around row i, going east. */
struct around {
  struct three n, c, s, falling, rising, east; /* falling of the row north, the others of row i */
};

static inline struct around enter(const laplace_level *a, int64_t i) {
  const float *e = a->e + i * a->stride;
  const int64_t at = operator_row(a, i);
  return (struct around){begin(e - a->stride), begin(e), begin(e + a->stride), begin(a->falling + operator_row(a, i - 1)),
                         begin(a->rising + at), begin(a->east + at)};
}

static inline void proceed(struct around *w, const laplace_level *a, int64_t i, int64_t j) {
  const float *e = a->e + i * a->stride + j;
  const int64_t at = operator_row(a, i) + j;
  move(&w->n, e - a->stride), move(&w->c, e), move(&w->s, e + a->stride);
  move(&w->falling, a->falling + operator_row(a, i - 1) + j), move(&w->rising, a->rising + at), move(&w->east, a->east + at);
}

/* f - excess e, and what the rows north and south give, at column j. */
static inline floats outside(const laplace_level *a, int64_t i, int64_t j, const struct around *w) {
  const int64_t at = operator_row(a, i) + j, up = operator_row(a, i - 1) + j;
  const floats own = w->c.here;
  floats t = GET(a->f + i * a->stride + j), q = GET(a->south + up) * (w->n.here - own);
  if (!a->tight) t -= GET(a->excess + at) * own;
  t += WEST_F32(w->falling.before, w->falling.here) * (WEST_F32(w->n.before, w->n.here) - own);
  q += WEST_F32(w->rising.before, w->rising.here) * (WEST_F32(w->s.before, w->s.here) - own);
  t += GET(a->south + at) * (w->s.here - own);
  q += GET(a->rising + up) * (EAST_F32(w->n.here, w->n.after) - own);
  t += GET(a->falling + at) * (EAST_F32(w->s.here, w->s.after) - own);
  return t + q;
}

static inline floats beside(const struct three *c, const struct three *east) {
  return WEST_F32(east->before, east->here) * (WEST_F32(c->before, c->here) - c->here) +
         east->here * (EAST_F32(c->here, c->after) - c->here);
}

static void smooth(const laplace_level *a, int32_t i, int first, float *restrict t) {
  float *e = a->e + i * a->stride;
  const float *inverse = a->inverse + operator_row(a, i), *east = a->east + operator_row(a, i);
  struct around w = enter(a, i);
  for (int64_t j = 0; j < a->cols; j += FLOATS, proceed(&w, a, i, j)) {
    const floats sum = outside(a, i, j, &w);
    AT(t + j) = sum;
    AT(e + j) = w.c.here + mask_parity(GET(inverse + j), first) * (sum + beside(&w.c, &w.east));
  }
  images(a, e);
  struct three c = begin(e), k = begin(east);
  for (int64_t j = 0; j < a->cols; j += FLOATS, move(&c, e + j), move(&k, east + j))
    AT(e + j) = c.here + mask_parity(GET(inverse + j), !first) * (GET(t + j) + beside(&c, &k));
  images(a, e);
}

static void residual(const laplace_level *a, int32_t i, float *restrict r) {
  struct around w = enter(a, i);
  for (int64_t j = 0; j < a->cols; j += FLOATS, proceed(&w, a, i, j)) AT(r + j) = outside(a, i, j, &w) + beside(&w.c, &w.east);
  r[0] = r[a->cols - 1] = 0;
  images(a, r);
}

/* f of coarse row I, from the residuals north of its row, in it and south of it. Points amid four have none: they were
 * smoothed last. */
static void restrict_row(const laplace_level *c, int32_t I, const float *north, const float *here, const float *south,
                         float *restrict even, float *restrict odd) {
  const int64_t at = weights_row(c, I), up = weights_row(c, I - 1), columns = c->cols;
  float *f = c->f + I * c->stride;
  if (c->halved[1]) {
    /* Coarse column J is column 2J - origin. */
    deinterleave(here - c->origin, even, odd, columns);
    const float *west = c->from_west + at, *east = c->from_east + at;
    f[0] = 0;
    for (int64_t J = 1; J < columns; J += FLOATS)
      AT(f + J) = GET(even + J) + GET(west + J) * GET(odd + J) + GET(east + J - 1) * GET(odd + J - 1);
  } else memcpy(f, here, (size_t)columns * sizeof *f);
  if (!c->halved[0]) return;
  for (int side = 0; side < 2; side++) {
    const float *row = side ? south : north, *weight = side ? c->from_north + at : c->from_south + up;
    if (c->halved[1]) deinterleave(row - c->origin, even, odd, columns), row = even;
    for (int64_t J = 1; J < columns; J += FLOATS) AT(f + J) += GET(weight + J) * GET(row + J);
  }
}

/* row[j] = P e of the coarse level at row i of the level above, but at points amid four, which are to be smoothed next. */
static void interpolate(const laplace_level *c, int32_t i, float *restrict row, float *restrict a, float *restrict b) {
  const int32_t between = c->halved[0] && (i & 1) != (c->origin & 1);
  const int64_t I = c->halved[0] ? (i + c->origin - between) / 2 : i, at = weights_row(c, I), columns = c->cols;
  const float *e = c->e + I * c->stride;
  if (between) {
    const float *north = c->from_north + at, *south = c->from_south + at;
    for (int64_t J = 0; J < columns; J += FLOATS)
      AT(a + J) = GET(north + J) * GET(e + J) + GET(south + J) * GET(e + c->stride + J);
    if (c->halved[1]) memset(b, 0, (size_t)(columns + FLOATS) * sizeof *b);
  } else if (c->halved[1]) {
    const float *west = c->from_west + at, *east = c->from_east + at;
    memcpy(a, e, (size_t)columns * sizeof *a);
    for (int64_t J = 0; J < columns; J += FLOATS)
      AT(b + J) = GET(west + J) * GET(e + J) + GET(east + J) * GET(e + J + 1);
  } else memcpy(a, e, (size_t)columns * sizeof *a);
  if (c->halved[1]) interleave(a, b, row - c->origin, columns);
  else memcpy(row, a, (size_t)columns * sizeof *row);
}

static void add(const laplace_level *a, int32_t i, const float *restrict row) {
  float *restrict e = a->e + i * a->stride;
  for (int32_t j = 1; j < a->cols - 1; j++) e[j] += row[j];
  images(a, e);
}

void NAME(galerkin)(const struct operator_rows *, laplace_level *, int32_t, int32_t, float *);
int NAME(invert)(laplace_level *, int32_t);
const struct level_kernels NAME(level_kernels) = {smooth, residual, restrict_row, interpolate, add, NAME(galerkin), NAME(invert)};
