/* Rows of the finest grid under the algebraic preconditioner. Compiled for each precision and instruction set.
 *
 *     left = c r + sum of k (z(q) - z) - row_sum z,    c = row_sum + sum of k
 *
 * Differences are taken first: strong couplings times the rounding of z would hide the weak ones.
 */
#include "finest.h"
#include "../../plugin/kernels.h"
#include "../../sweep/row-inl.h"

/* The conductances of a block of a row, and where its neighbours are. */
struct finest_block {
  const real *n, *w, *e, *s, *row_sum; /* row_sum: NULL if it is zero everywhere */
  const float *inverse;
};

INLINE struct finest_block finest_block(const laplace_grid *grid, int32_t i, int64_t j) {
  const struct fine *a = grid->of->multigrid;
  const int64_t here = a->row[i] * grid->stride + j, up = a->row[i - 1] * grid->stride + j;
  return (struct finest_block){.n = (const real *)a->s + up,
                               .w = (const real *)a->e + here - 1,
                               .e = (const real *)a->e + here,
                               .s = (const real *)a->s + here,
                               .row_sum = a->row_sum ? (const real *)a->row_sum + here : NULL,
                               .inverse = a->inverse + a->row[i] * a->pitch_f32 + j};
}

#define FINEST_EACH_BLOCK                                                                                              \
  for (int64_t j = 1, end = grid->cols - 1, count; j < end && (count = row_block(j, end)); j += count)

/* Row i of an array, beyond an edge that of the opposite side. */
static const real *finest_periodic_row(const laplace_grid *grid, const void *field, int32_t i) {
  const int32_t last = grid->rows - 1;
  if (grid->layout & LAPLACE_PERIODIC_ROWS) i = i == 0 ? last - 1 : i == last ? 1 : i;
  return (const real *)field + i * grid->stride;
}

static void finest_start(const laplace_grid *grid, int32_t i) {
  const real *north = finest_periodic_row(grid, grid->g.data, i - 1);
  const real *south = finest_periodic_row(grid, grid->g.data, i + 1);
  const real *here = (const real *)grid->g.data + i * grid->stride;
  real *z = (real *)grid->u + i * grid->stride;
  real next[ROW_BLOCK] __attribute__((aligned(64)));
  FINEST_EACH_BLOCK {
    const struct finest_block k = finest_block(grid, i, j);
    const real *n = north + j, *s = south + j, *r = here + j;
    for (int64_t x = 0; x < count; x++) {
      const real around = (k.n[x] * n[x] + k.s[x] * s[x]) + (k.w[x] * r[x - 1] + k.e[x] * r[x + 1]);
      next[x] = r[x] + k.inverse[x] * around;
    }
    if (grid->layout & LAPLACE_PERIODIC_COLS) {
      const int64_t last = end - 1 - j;
      if (j == 1) next[0] += k.inverse[0] * k.w[0] * here[end - 1];
      if (last < count) next[last] += k.inverse[last] * k.e[last] * here[1];
    }
    blend(next, r, 1, (int)((i + j + 1) & 1), count);
    memcpy(z + j, next, (size_t)count * sizeof *next);
  }
  row_fill_ghosts(grid, grid->u, i);
}

/* What z leaves at columns [j, j + count) of row i. */
INLINE void finest_residual(const laplace_grid *grid, int32_t i, int64_t j, int64_t count, real *restrict left) {
  const struct finest_block k = finest_block(grid, i, j);
  const int64_t at = i * grid->stride + j;
  const real *z = (const real *)grid->u + at, *n = z - grid->stride, *s = z + grid->stride;
  const real *r = (const real *)grid->g.data + at;
  for (int64_t x = 0; x < count; x++) {
    const real c = (k.n[x] + k.s[x]) + (k.w[x] + k.e[x]);
    left[x] = c * r[x] + ((k.n[x] * (n[x] - z[x]) + k.s[x] * (s[x] - z[x])) +
                          (k.w[x] * (z[x - 1] - z[x]) + k.e[x] * (z[x + 1] - z[x])));
  }
  if (!k.row_sum) return;
  for (int64_t x = 0; x < count; x++) left[x] += k.row_sum[x] * (r[x] - z[x]);
}

static void finest_restrict_row(const laplace_grid *grid, int32_t i, const int32_t *aggregate, double *f) {
  real left[ROW_BLOCK] __attribute__((aligned(64)));
  FINEST_EACH_BLOCK {
    finest_residual(grid, i, j, count, left);
    const int32_t *to = aggregate + i * grid->stride + j;
    for (int64_t x = 0; x < count; x++)
      if (to[x] >= 0) f[to[x]] += left[x];
  }
}

static void finest_correct(const laplace_grid *grid, int32_t i, const int32_t *aggregate, const double *e) {
  real *z = (real *)grid->u + i * grid->stride;
  const int32_t *from = aggregate + i * grid->stride;
  for (int32_t j = 1; j < grid->cols - 1; j++)
    if (from[j] >= 0) z[j] += (real)e[from[j]];
  row_fill_ghosts(grid, grid->u, i);
}

static void finest_relax(const laplace_grid *grid, int32_t i, int colour) {
  real next[ROW_BLOCK] __attribute__((aligned(64)));
  real *z = (real *)grid->u + i * grid->stride;
  FINEST_EACH_BLOCK {
    const float *inverse = finest_block(grid, i, j).inverse;
    finest_residual(grid, i, j, count, next);
    for (int64_t x = 0; x < count; x++) next[x] = z[j + x] + inverse[x] * next[x];
    blend(next, z + j, 1, (int)((i + j + colour) & 1), count);
    memcpy(z + j, next, (size_t)count * sizeof *next);
  }
  row_fill_ghosts(grid, grid->u, i);
}

static void finest_sum_row(const laplace_grid *grid, int32_t i, double sum[2]) {
  const real *z = (const real *)grid->u + i * grid->stride;
  double weighted = 0, weights = 0;
  FINEST_EACH_BLOCK {
    const struct finest_block k = finest_block(grid, i, j);
    for (int64_t x = 0; x < count; x++) {
      const double c = (double)((k.n[x] + k.s[x]) + (k.w[x] + k.e[x])) + (k.row_sum ? (double)k.row_sum[x] : 0);
      weighted += c * (double)z[j + x], weights += c;
    }
  }
  sum[0] += weighted, sum[1] += weights;
}

static void finest_shift_row(const laplace_grid *grid, int32_t i, double by) {
  real *z = (real *)grid->u + i * grid->stride;
  FINEST_EACH_BLOCK {
    const float *inverse = finest_block(grid, i, j).inverse;
    for (int64_t x = 0; x < count; x++)
      if (inverse[x] != 0) z[j + x] -= (real)by;
  }
  row_fill_ghosts(grid, grid->u, i);
}

const struct aggregation_kernels NAME(aggregation_kernels) = {finest_start, finest_restrict_row, finest_correct,
                                                              finest_relax, finest_sum_row,      finest_shift_row};
