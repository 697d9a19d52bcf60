/* Conjugate gradients, one row: no loops over rows, no threads. Compiled once for each precision and instruction set,
 * like ../rows.c, but free to contract. A row is done in blocks: sums and norms find in L1 what was just computed.
 *
 *     plain     (B p) = p - (cx * (w + e) + cy * (n + s))
 *     weighted  (B p) = p - ((an * n + as * s) + (aw * w + ae * e))
 */
#include "../plugin/kernels.h"
#include "../sweep/row-inl.h"

enum { WIDE = VECTOR / sizeof(double), CHAINS = 4 };
typedef double sums __attribute__((vector_size(VECTOR)));
typedef real part __attribute__((vector_size(WIDE * sizeof(real)), aligned(sizeof(real)), may_alias));
#define WIDEN(p) __builtin_convertvector(*(const part *)(p), sums)

/* The sum of d a b, in f64; NULL is all ones. Several chains, since one running sum would wait for itself. */
static inline double dot(const real *a, const real *b, const real *d, int64_t count) {
  sums sum[CHAINS] = {{0}};
  double rest = 0;
  int64_t k = 0;
  if (d) {
    for (; k + CHAINS * WIDE <= count; k += CHAINS * WIDE)
      for (int c = 0; c < CHAINS; c++) {
        const int64_t at = k + c * WIDE;
        sum[c] += WIDEN(d + at) * WIDEN(a + at) * WIDEN(b + at);
      }
    for (; k < count; k++) rest += (double)d[k] * a[k] * b[k];
  } else {
    for (; k + CHAINS * WIDE <= count; k += CHAINS * WIDE)
      for (int c = 0; c < CHAINS; c++) sum[c] += WIDEN(a + k + c * WIDE) * WIDEN(b + k + c * WIDE);
    for (; k < count; k++) rest += (double)a[k] * b[k];
  }
  const sums all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  for (int l = 0; l < WIDE; l++) rest += all[l];
  return rest;
}

/* max |a|. */
static inline double max_size(const real *a, int64_t count) {
  masks most[CHAINS] = {{0}};
  double all = 0;
  int64_t k = 0;
  for (; k + CHAINS * LANES <= count; k += CHAINS * LANES)
    for (int c = 0; c < CHAINS; c++) most[c] = most_of(most[c], *(const masks *)(a + k + c * LANES) & UNSIGN);
  for (; k < count; k++) all = larger(all, fabs(a[k]));
  for (int c = 0; c < CHAINS; c++) all = larger(all, most_lane(most[c]));
  return all;
}

/* B p at columns [j, j + count) of row i, into out[0 .. count). */
static inline void evaluate(const laplace_grid *grid, int32_t i, int64_t j, int64_t count, real *restrict out) {
  const real *c = (const real *)grid->vectors->p + i * grid->stride + j, *n = c - grid->stride, *s = c + grid->stride;
  if (grid->layout & LAPLACE_WEIGHTED) {
    const real *an = (real *)grid_row(grid, &grid->an, i) + j, *as = (real *)grid_row(grid, &grid->as, i) + j;
    const real *aw = (real *)grid_row(grid, &grid->aw, i) + j, *ae = (real *)grid_row(grid, &grid->ae, i) + j;
    for (int64_t k = 0; k < count; k++)
      out[k] = c[k] - ((an[k] * n[k] + as[k] * s[k]) + (aw[k] * c[k - 1] + ae[k] * c[k + 1]));
  } else {
    const real cx = (real)grid->cx, cy = (real)grid->cy;
    for (int64_t k = 0; k < count; k++) out[k] = c[k] - (cx * (c[k - 1] + c[k + 1]) + cy * (n[k] + s[k]));
  }
}

static inline const real *diagonal(const laplace_grid *grid, int32_t i, int64_t j) {
  return grid->d.data ? (const real *)grid_row(grid, &grid->d, i) + j : NULL;
}

#define EACH_BLOCK                                                                                                    \
  for (int64_t j = 1, end = grid->cols - 1, count, at = i * grid->stride + j; j < end && (count = row_block(j, end));      \
       j += count, at += count)

static void fix(const laplace_grid *grid, int32_t i) {
  real *restrict u = (real *)grid->u + i * grid->stride;
  const real *g = grid_row(grid, &grid->g, i), *d = grid_row(grid, &grid->d, i);
  for (int32_t j = 1; j < grid->cols - 1; j++) u[j] = d[j] == 0 ? g[j] : u[j];
}

static void subtract(const laplace_grid *grid, int32_t i, struct row_sums *found) {
  double sum = 0;
  EACH_BLOCK {
    const real *u = (const real *)grid->u + at, *v = (const real *)grid->v + at;
    real *restrict r = (real *)grid->vectors->r + at;
    for (int64_t k = 0; k < count; k++) r[k] = v[k] - u[k];
    sum += dot(r, r, diagonal(grid, i, j), count);
  }
  found->product = sum;
}

static void combine(const laplace_grid *grid, const void *from, double factor, int32_t i) {
  real *all = grid->vectors->p, *restrict p = all + i * grid->stride;
  const real *z = (const real *)from + i * grid->stride, beta = (real)factor;
  const int64_t end = grid->cols - 1;
  if (factor == 0) memcpy(p + 1, z + 1, (size_t)(end - 1) * sizeof(real));
  else
    for (int64_t j = 1; j < end; j++) p[j] = z[j] + beta * p[j];
  row_fill_ghosts(grid, all, i);
}

static void apply(const laplace_grid *grid, void *q, int32_t i, struct row_sums *found) {
  real buffer[ROW_BLOCK] __attribute__((aligned(64)));
  double sum = 0;
  EACH_BLOCK {
    real *out = q ? (real *)q + at : buffer;
    evaluate(grid, i, j, count, out);
    sum += dot((const real *)grid->vectors->p + at, out, diagonal(grid, i, j), count);
  }
  found->product = sum;
}

static inline void step(real *restrict u, real *restrict r, const real *restrict p, const real *restrict out, real alpha,
                        int64_t count) {
  for (int64_t k = 0; k < count; k++) u[k] += alpha * p[k], r[k] -= alpha * out[k];
}

static void move(const laplace_grid *grid, const void *q, double factor, int32_t i, struct row_sums *found) {
  real buffer[ROW_BLOCK] __attribute__((aligned(64)));
  const real alpha = (real)factor;
  double sum = 0, most = 0, longest = 0;
  EACH_BLOCK {
    const real *p = (const real *)grid->vectors->p + at, *out = q ? (const real *)q + at : buffer;
    real *u = (real *)grid->u + at, *r = (real *)grid->vectors->r + at;
    if (!q) evaluate(grid, i, j, count, buffer);
    step(u, r, p, out, alpha, count);
    sum += dot(r, r, diagonal(grid, i, j), count);
    most = larger(most, max_size(r, count)), longest = larger(longest, max_size(p, count));
  }
  found->product = sum, found->most = most, found->moved = fabs((double)(alpha * (real)longest));
}

static void products(const laplace_grid *grid, const void *q, const void *from, int32_t i, struct row_sums *found) {
  real buffer[ROW_BLOCK] __attribute__((aligned(64)));
  double sum = 0, other = 0;
  EACH_BLOCK {
    const real *z = (const real *)from + at, *d = diagonal(grid, i, j), *out = q ? (const real *)q + at : buffer;
    if (!q) evaluate(grid, i, j, count, buffer);
    sum += dot((const real *)grid->vectors->r + at, z, d, count), other += dot(out, z, d, count);
  }
  found->product = sum, found->other = other;
}

const struct conjugate_kernels NAME(conjugate_kernels) = {fix, subtract, combine, apply, move, products};
