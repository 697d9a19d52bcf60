/* The black-box path of multigrid, which takes any grid: its operations, each a pass over a grid or a level.
 * fine_pass.c and level_pass.c deal passes out to threads. See path.h.
 */
#include "path.h"
#include <math.h>
#include <stdlib.h>

static int blackbox_accepts(const laplace_grid *fine, const int32_t halved[2]) {
  (void)halved;
  if (fine->layout & LAPLACE_WEIGHTED) return fine->layout & LAPLACE_DIAGONAL;
  return !(fine->layout & (LAPLACE_PERIODIC_ROWS | LAPLACE_PERIODIC_COLS));
}

/* The first pass is over a field of any magnitude: whether f32 holds its residual, which must neither vanish nor
 * overflow in units of `unit`, is known only after it. */
static int blackbox_smooth_and_restrict(laplace_grid *fine, laplace_level *coarse, int32_t sweeps) {
  struct fine *a = fine->multigrid;
  double norms[2], residual;
  if (sweeps < 1) return fail("at least one sweep must come before the restriction");
  coarse->zero = 1;
  if (fine_pass(fine, NULL, coarse, sweeps, norms) != LAPLACE_OK) return LAPLACE_FAILED;
  if (norms[1] > a->unit * 0x1p-90 && norms[1] < a->unit * 0x1p90) return LAPLACE_OK;
  grid_swap(fine); /* u as it was */
  if (laplace_residual(fine, &residual) != LAPLACE_OK) return LAPLACE_FAILED;
  if (residual > 0 && residual < 1e300) a->unit = ldexp(1, ilogb(residual));
  return fine_pass(fine, NULL, coarse, sweeps, norms);
}

static int blackbox_prolong_and_smooth(laplace_grid *fine, laplace_level *coarse, int32_t sweeps) {
  double norms[2];
  if (sweeps < 1) return fail("at least one sweep must follow the prolongation");
  return fine_pass(fine, coarse->zero ? NULL : coarse, NULL, sweeps, norms);
}

static int blackbox_level_smooth_and_restrict(laplace_level *fine, laplace_level *coarse, int32_t sweeps) {
  if (sweeps < 1) return fail("at least one sweep must come before the restriction");
  level_pass((struct level_pass){.level = fine, .restrict_to = coarse, .sweeps = sweeps, .coarse_first = 1});
  return coarse->zero = 1, LAPLACE_OK;
}

static int blackbox_level_prolong_and_smooth(laplace_level *fine, laplace_level *coarse, int32_t sweeps) {
  if (sweeps < 1) return fail("at least one sweep must follow the prolongation");
  level_pass((struct level_pass){.level = fine, .prolong_from = coarse->zero ? NULL : coarse, .sweeps = sweeps});
  return LAPLACE_OK;
}

/* Keeps corrections within the range of f32: a residual may be smaller than its smallest number. */
static void blackbox_rescale(struct fine *a, laplace_level *level, double residual) {
  if (!(residual > 0) || !isfinite(residual)) return;
  const int power = ilogb(residual / a->unit);
  if (abs(power) < 40) return;
  a->unit = ldexp(a->unit, power);
  const float factor = (float)ldexp(1, -power);
  for (int64_t k = 0; k < level->rows * level->stride; k++) level->f[k] *= factor;
}

/* A residual is what an f32 correction d leaves of that before it: r - A d. Its roundings, and those of conductances, are
 * at most 16 * 2^-24 of the largest d. A cycle that leaves hardly more has its residual taken again. */
static const double BLACKBOX_LEFT = 0x1p-15;

static int blackbox_prolong_smooth_restrict(laplace_grid *fine, laplace_level *c, int32_t post, int32_t pre,
                                            double norms[2]) {
  if (pre < 1 || post < 0) return fail("at least one sweep must come before the restriction");
  if (fine_pass(fine, c->zero ? NULL : c, c, post + pre, norms) != LAPLACE_OK) return LAPLACE_FAILED;
  c->zero = 1;
  if (norms[1] < BLACKBOX_LEFT * norms[0] && laplace_residual(fine, &norms[1]) != LAPLACE_OK) return LAPLACE_FAILED;
  blackbox_rescale(fine->multigrid, c, norms[1]);
  return LAPLACE_OK;
}

static struct multigrid_units blackbox_units(const laplace_grid *finest) {
  const struct fine *a = finest->multigrid;
  return (struct multigrid_units){a->scale, a->unit};
}

const struct multigrid_path blackbox_path = {.accepts = blackbox_accepts,
                                             .open = fine_open,
                                             .coarsen = blackbox_coarsen,
                                             .smooth_and_restrict = blackbox_smooth_and_restrict,
                                             .prolong_and_smooth = blackbox_prolong_and_smooth,
                                             .prolong_smooth_restrict = blackbox_prolong_smooth_restrict,
                                             .expect_source = fine_expect_source,
                                             .release = fine_close,
                                             .units = blackbox_units};
const struct level_path blackbox_levels = {blackbox_coarsen, blackbox_level_smooth_and_restrict,
                                           blackbox_level_prolong_and_smooth, NULL};
