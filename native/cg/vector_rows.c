/* Conjugate gradients, one row: no loops over rows, no threads. Compiled for each precision and instruction set, like
 * ../sweep/rows.c, but multiply-adds may be contracted. A row is done in blocks, so that sums and norms read from L1.
 *
 *     plain     (B p) = p - (cx * (w + e) + cy * (n + s))
 *     weighted  (B p) = p - ((an * n + as * s) + (aw * w + ae * e))
 */
#include "../plugin/kernels.h"
#include "../sweep/row-inl.h"

enum { CG_LANES = VECTOR / sizeof(double), CG_CHAINS = 4 };
typedef double cg_doubles __attribute__((vector_size(VECTOR)));
typedef real cg_part __attribute__((vector_size(CG_LANES * sizeof(real)), aligned(sizeof(real)), may_alias));
#define CG_WIDEN(p) __builtin_convertvector(*(const cg_part *)(p), cg_doubles)

/* The sum of d a b, in f64; NULL is all ones. Several chains, since one running sum would wait for itself. */
static inline double cg_dot(const real *a, const real *b, const real *d, int64_t count) {
  cg_doubles sum[CG_CHAINS] = {{0}};
  double rest = 0;
  int64_t k = 0;
  if (d) {
    for (; k + CG_CHAINS * CG_LANES <= count; k += CG_CHAINS * CG_LANES)
      for (int c = 0; c < CG_CHAINS; c++) {
        const int64_t at = k + c * CG_LANES;
        sum[c] += CG_WIDEN(d + at) * CG_WIDEN(a + at) * CG_WIDEN(b + at);
      }
    for (; k < count; k++) rest += (double)d[k] * a[k] * b[k];
  } else {
    for (; k + CG_CHAINS * CG_LANES <= count; k += CG_CHAINS * CG_LANES)
      for (int c = 0; c < CG_CHAINS; c++) sum[c] += CG_WIDEN(a + k + c * CG_LANES) * CG_WIDEN(b + k + c * CG_LANES);
    for (; k < count; k++) rest += (double)a[k] * b[k];
  }
  const cg_doubles all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  for (int l = 0; l < CG_LANES; l++) rest += all[l];
  return rest;
}

/* max |a|. */
static inline double cg_max(const real *a, int64_t count) {
  masks most[CG_CHAINS] = {{0}};
  double all = 0;
  int64_t k = 0;
  for (; k + CG_CHAINS * LANES <= count; k += CG_CHAINS * LANES)
    for (int c = 0; c < CG_CHAINS; c++) most[c] = most_of(most[c], *(const masks *)(a + k + c * LANES) & UNSIGN);
  for (; k < count; k++) all = larger(all, fabs(a[k]));
  for (int c = 0; c < CG_CHAINS; c++) all = larger(all, most_lane(most[c]));
  return all;
}

/* B p at columns [j, j + count) of row i, into out[0 .. count). */
static inline void cg_apply_block(const laplace_grid *grid, int32_t i, int64_t j, int64_t count, real *restrict out) {
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

/* The same from conductances, in differences: strong ones times the rounding of p would hide the weak ones. Returns the
 * sum of d p (B p). */
static inline double cg_apply_conductances(const laplace_grid *grid, const struct fine *a, int32_t i, int64_t j,
                                           int64_t count, real *restrict out) {
  const real *c = (const real *)grid->vectors->p + i * grid->stride + j, *n = c - grid->stride, *s = c + grid->stride;
  const int64_t here = a->row[i] * grid->stride + j, up = a->row[i - 1] * grid->stride + j;
  const real *ks = (const real *)a->s + here, *kn = (const real *)a->s + up, *ke = (const real *)a->e + here;
  const real *x = a->row_sum ? (const real *)a->row_sum + here : NULL;
  const float *inverse = a->inverse + a->row[i] * a->pitch_f32 + j;
  real flows[ROW_BLOCK] __attribute__((aligned(64)));
  for (int64_t k = 0; k < count; k++) {
    const real diagonal = (kn[k] + ks[k]) + (ke[k - 1] + ke[k]) + (x ? x[k] : 0);
    const real flow = (kn[k] * (c[k] - n[k]) + ks[k] * (c[k] - s[k])) +
                      (ke[k - 1] * (c[k] - c[k - 1]) + ke[k] * (c[k] - c[k + 1])) + (x ? x[k] * c[k] : 0);
    flows[k] = inverse[k] != 0 ? flow : 0;
    out[k] = inverse[k] != 0 ? flow / diagonal : 0;
  }
  return cg_dot(c, flows, NULL, count) / a->scale;
}

static inline const real *cg_diagonal(const laplace_grid *grid, int32_t i, int64_t j) {
  return grid->d.data ? (const real *)grid_row(grid, &grid->d, i) + j : NULL;
}

#define CG_EACH_BLOCK                                                                                                  \
  for (int64_t j = 1, end = grid->cols - 1, count, at = i * grid->stride + j; j < end && (count = row_block(j, end));  \
       j += count, at += count)

static void cg_set_fixed(const struct cg_task *task, int32_t i) {
  const laplace_grid *grid = task->grid;
  real *restrict u = (real *)grid->u + i * grid->stride;
  const real *g = grid_row(grid, &grid->g, i), *d = grid_row(grid, &grid->d, i);
  for (int32_t j = 1; j < grid->cols - 1; j++) u[j] = d[j] == 0 ? g[j] : u[j];
}

static void cg_compute_residual(const struct cg_task *task, int32_t i) {
  const laplace_grid *grid = task->grid;
  double sum = 0;
  CG_EACH_BLOCK {
    const real *u = (const real *)grid->u + at, *v = (const real *)grid->v + at;
    real *restrict r = (real *)grid->vectors->r + at;
    for (int64_t k = 0; k < count; k++) r[k] = v[k] - u[k];
    sum += cg_dot(r, r, cg_diagonal(grid, i, j), count);
  }
  grid->vectors->sums[i].dot = sum;
}

static void cg_update_direction(const struct cg_task *task, int32_t i) {
  const laplace_grid *grid = task->grid;
  real *all = grid->vectors->p, *restrict p = all + i * grid->stride;
  const real *z = (const real *)task->z + i * grid->stride, beta = (real)task->factor;
  const int64_t end = grid->cols - 1;
  if (task->factor == 0) memcpy(p + 1, z + 1, (size_t)(end - 1) * sizeof(real));
  else
    for (int64_t j = 1; j < end; j++) p[j] = z[j] + beta * p[j];
  row_fill_ghosts(grid, all, i);
}

static void cg_apply(const struct cg_task *task, int32_t i) {
  const laplace_grid *grid = task->grid;
  real buffer[ROW_BLOCK] __attribute__((aligned(64)));
  double sum = 0;
  CG_EACH_BLOCK {
    real *out = task->q ? (real *)task->q + at : buffer;
    if (task->conductances) {
      sum += cg_apply_conductances(grid, task->conductances, i, j, count, out);
      continue;
    }
    cg_apply_block(grid, i, j, count, out);
    sum += cg_dot((const real *)grid->vectors->p + at, out, cg_diagonal(grid, i, j), count);
  }
  grid->vectors->sums[i].dot = sum;
}

static inline void cg_step_block(real *restrict u, real *restrict r, const real *restrict p, const real *restrict out,
                                 real alpha, int64_t count) {
  for (int64_t k = 0; k < count; k++) u[k] += alpha * p[k], r[k] -= alpha * out[k];
}

static void cg_step(const struct cg_task *task, int32_t i) {
  const laplace_grid *grid = task->grid;
  real buffer[ROW_BLOCK] __attribute__((aligned(64)));
  const real alpha = (real)task->factor;
  double sum = 0, most = 0, longest = 0;
  CG_EACH_BLOCK {
    const real *p = (const real *)grid->vectors->p + at, *out = task->q ? (const real *)task->q + at : buffer;
    real *u = (real *)grid->u + at, *r = (real *)grid->vectors->r + at;
    if (!task->q) cg_apply_block(grid, i, j, count, buffer);
    cg_step_block(u, r, p, out, alpha, count);
    sum += cg_dot(r, r, cg_diagonal(grid, i, j), count);
    most = larger(most, cg_max(r, count)), longest = larger(longest, cg_max(p, count));
  }
  struct cg_row_sums *sums = grid->vectors->sums + i;
  sums->dot = sum, sums->residual = most, sums->change = fabs((double)(alpha * (real)longest));
}

static void cg_dots(const struct cg_task *task, int32_t i) {
  const laplace_grid *grid = task->grid;
  real buffer[ROW_BLOCK] __attribute__((aligned(64)));
  double sum = 0, other = 0;
  CG_EACH_BLOCK {
    const real *z = (const real *)task->z + at, *d = cg_diagonal(grid, i, j);
    const real *out = task->q ? (const real *)task->q + at : buffer;
    if (!task->q) cg_apply_block(grid, i, j, count, buffer);
    sum += cg_dot((const real *)grid->vectors->r + at, z, d, count), other += cg_dot(out, z, d, count);
  }
  grid->vectors->sums[i].dot = sum, grid->vectors->sums[i].dot_q = other;
}

const struct cg_kernels NAME(cg_kernels) = {cg_set_fixed, cg_compute_residual, cg_update_direction, cg_apply, cg_step,
                                            cg_dots};
