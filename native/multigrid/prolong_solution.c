/* Full multigrid: cubic interpolation of the solution on a plain grid to one with twice the points, both in u, for the
 * paths that do not prolong as they load rows. Rows are shared among threads, first the even ones, then those between.
 */
#include "multigrid.h"

struct prolongation {
  laplace_grid *fine;
  const laplace_grid *coarse;
};

/* The edge point between k and k + 1 of a line of n >= 4 points, `step` apart. */
#define DEFINE(real)                                                                                                   \
  static real midpoint_##real(const real *a, int64_t k, int64_t n, int64_t step) {                                     \
    if (k > 0 && k < n - 2) {                                                                                          \
      const real *at = a + (k - 1) * step;                                                                             \
      return (real)0.0625 * (9 * (at[step] + at[2 * step]) - (at[0] + at[3 * step]));                                  \
    }                                                                                                                  \
    const real *at = k ? a + (n - 1) * step : a;                                                                       \
    const int64_t on = k ? -step : step;                                                                               \
    return (real)0.0625 * ((5 * at[0] + 15 * at[on]) - (5 * at[2 * on] - at[3 * on]));                                 \
  }                                                                                                                    \
                                                                                                                       \
  /* Row i of fine: an even one is a coarse row; an odd one lies between two even ones, which are done. */             \
  static void row_##real(const laplace_grid *fine, const laplace_grid *coarse, int64_t i) {                            \
    const real *from = (const real *)coarse->u + i / 2 * coarse->stride;                                               \
    real *to = (real *)fine->u + i * fine->stride;                                                                     \
    if (i % 2)                                                                                                         \
      for (int64_t j = 1; j < fine->cols - 1; j++)                                                                     \
        to[j] = midpoint_##real((real *)fine->u + j, i / 2, coarse->rows, 2 * fine->stride);                           \
    else {                                                                                                             \
      for (int64_t j = 1; j < coarse->cols - 1; j++) to[2 * j] = from[j];                                              \
      for (int64_t j = 0; j < coarse->cols - 1; j++) to[2 * j + 1] = midpoint_##real(from, j, coarse->cols, 1);        \
    }                                                                                                                  \
  }
DEFINE(double)
DEFINE(float)

static void prolong_rows(void *task, int32_t thread, int32_t threads) {
  const struct prolongation *r = task;
  const int64_t half = r->coarse->rows - 1, from = half * thread / threads, end = half * (thread + 1) / threads;
  void (*row)(const laplace_grid *, const laplace_grid *, int64_t) =
      r->fine->dtype == LAPLACE_F64 ? row_double : row_float;
  for (int64_t i = from ? from : 1; i < end; i++) row(r->fine, r->coarse, 2 * i);
  if (threads > 1) model_barrier();
  for (int64_t i = from; i < end; i++) row(r->fine, r->coarse, 2 * i + 1);
}

int multigrid_prolong_solution(laplace_grid *fine, laplace_grid *coarse) {
  if (coarse->rows < 4 || coarse->cols < 4) return fail("cubic interpolation needs 4 x 4 points");
  if (iterate_materialize(fine) != LAPLACE_OK || iterate_materialize(coarse) != LAPLACE_OK) return LAPLACE_FAILED;
  struct prolongation task = {fine, coarse};
  model_parallel_run(fine, coarse->rows > 64 ? fine->threads : 1, prolong_rows, &task);
  iterate_invalidate(fine);
  return LAPLACE_OK;
}
