/* Rows of levels: Gauss-Seidel in four colours, residual, restriction, prolongation. Nine points, f32. No loops over
 * rows, no threads: see level_pass.c. Compiled for each instruction set.
 *
 * The colours are ((row & 1), (column & 1)). A row is smoothed at the columns of one parity, then at those of the
 * other; the terms of its neighbouring rows are the same for both, and computed once:
 *     t = f - row_sum e + sum over the six neighbours north and south of k (e(q) - e)
 *     e += inverse (t + west (e(w) - e) + east (e(e) - e))
 * Whole vectors go over the ghosts and beyond: inverse is 0 there, and e stays as it is.
 */
#include "level.h"
#include "../deinterleave-inl.h"
#include <string.h>

static inline floats level_mask(floats x, int parity) {
  signs chosen;
  for (int l = 0; l < FLOATS; l++) chosen[l] = l % 2 == parity ? -1 : 0;
  return (floats)((signs)x & chosen);
}

static inline void level_fill_ghost_columns(const laplace_level *level, float *row) {
  if (level->periodic & LAPLACE_PERIODIC_COLS) row[0] = row[level->cols - 2], row[level->cols - 1] = row[1];
}

/* Three vectors of a row that follow each other, going east. */
struct level_vectors {
  floats before, here, after;
};

static inline struct level_vectors level_first(const float *row) {
  return (struct level_vectors){GET(row - FLOATS), GET(row), GET(row + FLOATS)};
}
static inline void level_next(struct level_vectors *at, const float *row) {
  at->before = at->here, at->here = at->after, at->after = GET(row + FLOATS);
}

/* e and the couplings around row i, going east. */
struct level_stencil {
  struct level_vectors north, here, south; /* e */
  struct level_vectors se, sw, east;       /* se of the row north, the others of row i */
};

static inline struct level_stencil level_first_stencil(const laplace_level *a, int64_t i) {
  const float *e = a->e + i * a->stride;
  const int64_t at = level_A_row(a, i);
  return (struct level_stencil){level_first(e - a->stride), level_first(e),
                                level_first(e + a->stride), level_first(a->A.se + level_A_row(a, i - 1)),
                                level_first(a->A.sw + at),  level_first(a->A.e + at)};
}

static inline void level_next_stencil(struct level_stencil *w, const laplace_level *a, int64_t i, int64_t j) {
  const float *e = a->e + i * a->stride + j;
  const int64_t at = level_A_row(a, i) + j;
  level_next(&w->north, e - a->stride), level_next(&w->here, e), level_next(&w->south, e + a->stride);
  level_next(&w->se, a->A.se + level_A_row(a, i - 1) + j), level_next(&w->sw, a->A.sw + at);
  level_next(&w->east, a->A.e + at);
}

/* f - row_sum e, and the terms of the rows north and south, at column j. */
static inline floats level_outer_terms(const laplace_level *a, int64_t i, int64_t j, const struct level_stencil *w) {
  const int64_t at = level_A_row(a, i) + j, up = level_A_row(a, i - 1) + j;
  const floats own = w->here.here;
  floats t = GET(a->f + i * a->stride + j), q = GET(a->A.s + up) * (w->north.here - own);
  if (!a->A.zero_row_sums) t -= GET(a->A.row_sum + at) * own;
  t += WEST_F32(w->se.before, w->se.here) * (WEST_F32(w->north.before, w->north.here) - own);
  q += WEST_F32(w->sw.before, w->sw.here) * (WEST_F32(w->south.before, w->south.here) - own);
  t += GET(a->A.s + at) * (w->south.here - own);
  q += GET(a->A.sw + up) * (EAST_F32(w->north.here, w->north.after) - own);
  t += GET(a->A.se + at) * (EAST_F32(w->south.here, w->south.after) - own);
  return t + q;
}

/* The terms of the neighbours west and east. */
static inline floats level_row_terms(const struct level_vectors *e, const struct level_vectors *east) {
  return WEST_F32(east->before, east->here) * (WEST_F32(e->before, e->here) - e->here) +
         east->here * (EAST_F32(e->here, e->after) - e->here);
}

static void level_smooth(const laplace_level *a, int32_t i, int first, float *restrict t) {
  float *e = a->e + i * a->stride;
  const float *inverse = a->A.inverse + level_A_row(a, i), *east = a->A.e + level_A_row(a, i);
  struct level_stencil w = level_first_stencil(a, i);
  for (int64_t j = 0; j < a->cols; j += FLOATS, level_next_stencil(&w, a, i, j)) {
    const floats sum = level_outer_terms(a, i, j, &w);
    AT(t + j) = sum;
    AT(e + j) = w.here.here + level_mask(GET(inverse + j), first) * (sum + level_row_terms(&w.here, &w.east));
  }
  level_fill_ghost_columns(a, e);
  struct level_vectors c = level_first(e), k = level_first(east);
  for (int64_t j = 0; j < a->cols; j += FLOATS, level_next(&c, e + j), level_next(&k, east + j))
    AT(e + j) = c.here + level_mask(GET(inverse + j), !first) * (GET(t + j) + level_row_terms(&c, &k));
  level_fill_ghost_columns(a, e);
}

static void level_residual(const laplace_level *a, int32_t i, float *restrict r) {
  struct level_stencil w = level_first_stencil(a, i);
  for (int64_t j = 0; j < a->cols; j += FLOATS, level_next_stencil(&w, a, i, j))
    AT(r + j) = level_outer_terms(a, i, j, &w) + level_row_terms(&w.here, &w.east);
  r[0] = r[a->cols - 1] = 0;
  level_fill_ghost_columns(a, r);
}

/* Centre points have no residual: they were smoothed last. */
static void level_restrict_row(const laplace_level *c, int32_t I, const float *north, const float *here,
                               const float *south, float *restrict even, float *restrict odd) {
  const int64_t at = level_P_row(c, I), up = level_P_row(c, I - 1), columns = c->cols;
  float *f = c->f + I * c->stride;
  if (c->halved[1]) {
    /* Coarse column J is column 2J - first_is_coarse. */
    deinterleave(here - c->first_is_coarse, even, odd, columns);
    const float *west = c->P.west + at, *east = c->P.east + at;
    f[0] = 0;
    for (int64_t J = 1; J < columns; J += FLOATS)
      AT(f + J) = GET(even + J) + GET(west + J) * GET(odd + J) + GET(east + J - 1) * GET(odd + J - 1);
  } else memcpy(f, here, (size_t)columns * sizeof *f);
  if (!c->halved[0]) return;
  for (int side = 0; side < 2; side++) {
    const float *row = side ? south : north, *weight = side ? c->P.north + at : c->P.south + up;
    if (c->halved[1]) deinterleave(row - c->first_is_coarse, even, odd, columns), row = even;
    for (int64_t J = 1; J < columns; J += FLOATS) AT(f + J) += GET(weight + J) * GET(row + J);
  }
}

/* Centre points are smoothed next, and need no value. */
static void level_prolong_row(const laplace_level *c, int32_t i, float *restrict row, float *restrict a,
                              float *restrict b) {
  const int32_t between = c->halved[0] && (i & 1) != (c->first_is_coarse & 1);
  const int64_t I = c->halved[0] ? (i + c->first_is_coarse - between) / 2 : i;
  const int64_t at = level_P_row(c, I), columns = c->cols;
  const float *e = c->e + I * c->stride;
  if (between) {
    const float *north = c->P.north + at, *south = c->P.south + at;
    for (int64_t J = 0; J < columns; J += FLOATS)
      AT(a + J) = GET(north + J) * GET(e + J) + GET(south + J) * GET(e + c->stride + J);
    if (c->halved[1]) memset(b, 0, (size_t)(columns + FLOATS) * sizeof *b);
  } else if (c->halved[1]) {
    const float *west = c->P.west + at, *east = c->P.east + at;
    memcpy(a, e, (size_t)columns * sizeof *a);
    for (int64_t J = 0; J < columns; J += FLOATS)
      AT(b + J) = GET(west + J) * GET(e + J) + GET(east + J) * GET(e + J + 1);
  } else memcpy(a, e, (size_t)columns * sizeof *a);
  if (c->halved[1]) interleave(a, b, row - c->first_is_coarse, columns);
  else memcpy(row, a, (size_t)columns * sizeof *row);
  float *restrict to = c->above->e + i * c->above->stride;
  for (int32_t j = 1; j < c->above->cols - 1; j++) to[j] += row[j];
  level_fill_ghost_columns(c->above, to);
}

void NAME(galerkin)(const struct galerkin_fine *, laplace_level *, int32_t, int32_t, void *, size_t);
size_t NAME(galerkin_scratch)(const struct galerkin_fine *, const laplace_level *);
int NAME(galerkin_invert)(laplace_level *, int32_t);
extern const struct aggregation_rows NAME(aggregation_rows);
const struct level_kernels NAME(level_kernels) = {level_smooth,          level_residual,         level_restrict_row,
                                                  level_prolong_row,     NAME(galerkin),         NAME(galerkin_scratch),
                                                  NAME(galerkin_invert), &NAME(aggregation_rows)};
