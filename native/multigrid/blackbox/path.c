/* The general path of multigrid, which takes any grid: its calls, each a pass over a grid or a level. How passes are dealt out
 * to threads is in finest_pass.c and level_pass.c. See general.h.
 */
#include "path.h"
#include <math.h>
#include <stdlib.h>

static int takes(const laplace_grid *fine, const int32_t halved[2]) {
  (void)halved;
  if (fine->layout & LAPLACE_WEIGHTED) return fine->layout & LAPLACE_DIAGONAL;
  return !(fine->layout & (LAPLACE_PERIODIC_ROWS | LAPLACE_PERIODIC_COLS));
}

/* Whether f32 holds what is found in units of `unit`: neither lost nor infinite. */
static int holds_unit(const struct finest *a, double residual) {
  return residual > a->unit * 0x1p-90 && residual < a->unit * 0x1p90;
}

/* The first pass of a field of any size: what unit fits, is known afterwards. */
static int first_pass(laplace_grid *fine, laplace_level *coarse, int32_t sweeps) {
  struct finest *a = fine->multigrid;
  double norms[2], residual;
  if (finest_pass(fine, NULL, coarse, sweeps, norms) != LAPLACE_OK) return LAPLACE_FAILED;
  if (holds_unit(a, norms[1])) return LAPLACE_OK;
  grid_swap(fine); /* u as it was */
  if (laplace_residual(fine, &residual) != LAPLACE_OK) return LAPLACE_FAILED;
  if (residual > 0 && residual < 1e300) a->unit = ldexp(1, ilogb(residual));
  return finest_pass(fine, NULL, coarse, sweeps, norms);
}

static int smooth_and_restrict(laplace_grid *fine, laplace_level *coarse, int32_t sweeps) {
  if (sweeps < 1) return fail("a descent needs at least one sweep");
  const int status = first_pass(fine, coarse, sweeps);
  coarse->zero = 1;
  return status;
}

static int prolong_and_smooth(laplace_grid *fine, laplace_level *coarse, int32_t sweeps) {
  double norms[2];
  if (sweeps < 1) return fail("an ascent needs at least one sweep");
  return finest_pass(fine, coarse->zero ? NULL : coarse, NULL, sweeps, norms);
}

static int level_smooth_and_restrict(laplace_level *fine, laplace_level *coarse, int32_t sweeps) {
  if (sweeps < 1) return fail("a descent needs at least one sweep");
  const int status = level_pass((struct level_pass){.level = fine, .to = coarse, .sweeps = sweeps, .down = 1, .clear = fine->zero});
  fine->zero = 0;
  coarse->zero = 1;
  return status;
}

static int level_prolong_and_smooth(laplace_level *fine, laplace_level *coarse, int32_t sweeps) {
  if (sweeps < 1) return fail("an ascent needs at least one sweep");
  const int clear = fine->zero;
  fine->zero = 0;
  return level_pass((struct level_pass){.level = fine, .from = coarse->zero ? NULL : coarse, .sweeps = sweeps, .clear = clear});
}

/* Corrections are kept within the range of f32: what is left may be smaller than its smallest number. */
static void rescale(struct finest *a, laplace_level *level, double residual) {
  if (!(residual > 0) || !isfinite(residual)) return;
  const int power = ilogb(residual / a->unit);
  if (abs(power) < 40) return;
  a->unit = ldexp(a->unit, power);
  const float factor = (float)ldexp(1, -power);
  for (int64_t k = 0; k < level->rows * level->stride; k++) level->f[k] *= factor;
}

static int prolong_smooth_restrict(laplace_grid *fine, laplace_level *c, int32_t post, int32_t pre, double norms[2]) {
  if (pre < 1 || post < 0) return fail("a turn needs at least one sweep on the way down"), LAPLACE_FAILED;
  if (finest_pass(fine, c->zero ? NULL : c, c, post + pre, norms) != LAPLACE_OK) return LAPLACE_FAILED;
  c->zero = 1;
  rescale(fine->multigrid, c, norms[1]);
  return LAPLACE_OK;
}

static void release(laplace_grid *grid) {
  struct finest *a = grid->multigrid;
  if (!a) return;
  finest_close(a);
  grid->multigrid = NULL;
}

static int adopt(laplace_grid *correction) {
  struct finest *a = malloc(sizeof *a);
  if (!a) return fail("out of memory");
  *a = *(const struct finest *)correction->of->multigrid;
  a->unit = 1, a->constant = 1, a->shared = 1;
  a->memory = a->scratch = NULL, a->scratch_size = 0;
  return correction->multigrid = a, LAPLACE_OK;
}

static void counts_in(const laplace_grid *finest, double *scale, double *unit) {
  const struct finest *a = finest->multigrid;
  *scale = a->origin ? a->scale : 1, *unit = a->unit;
}

const struct multigrid_path general_path = {.accepts = takes,
                                            .coarsen = general_coarsen,
                                            .smooth_and_restrict = smooth_and_restrict,
                                            .prolong_and_smooth = prolong_and_smooth,
                                            .prolong_smooth_restrict = prolong_smooth_restrict,
                                            .release = release,
                                            .open_correction = adopt,
                                            .units = counts_in};
const struct level_path general_levels = {general_coarsen_level, level_smooth_and_restrict, level_prolong_and_smooth, NULL};
