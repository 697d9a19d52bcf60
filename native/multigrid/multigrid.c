/* Multigrid's part of the interface: checks, the path of a grid, and the calls that read and write small levels. No
 * arithmetic of smoothing or coarsening: see plate/ and blackbox/.
 */
#include "multigrid.h"

static const struct multigrid_path *multigrid_path_of(const laplace_grid *fine, const int32_t halved[2]) {
  if (fine->path) return fine->path;
  return plate_path.accepts(fine, halved) ? &plate_path : blackbox_path.accepts(fine, halved) ? &blackbox_path : NULL;
}

static int multigrid_check_halved(const void *fine, const int32_t halved[2]) {
  if (!fine) return fail("there is no grid");
  return halved[0] || halved[1] ? LAPLACE_OK
                                : fail("a level below keeps every other row or column: neither was asked for");
}

laplace_level *laplace_coarsen(laplace_grid *fine, int32_t rows, int32_t cols) {
  const int32_t halved[2] = {rows != 0, cols != 0};
  if (multigrid_check_halved(fine, halved) != LAPLACE_OK) return NULL;
  const struct multigrid_path *path = multigrid_path_of(fine, halved);
  if (!path) return fail("no kernels coarsen such a grid"), NULL;
  if (!path->pack && iterate_materialize(fine) != LAPLACE_OK) return NULL;
  if (!fine->multigrid && path->open(fine) != LAPLACE_OK) return NULL;
  fine->path = path;
  return path->coarsen(level_below_grid(fine, halved));
}

laplace_level *laplace_level_coarsen(laplace_level *fine, int32_t rows, int32_t cols) {
  const int32_t halved[2] = {rows != 0, cols != 0};
  if (multigrid_check_halved(fine, halved) != LAPLACE_OK) return NULL;
  return fine->path->coarsen(level_below_level(fine, halved));
}

static int multigrid_check_sweeps(int32_t sweeps) {
  return sweeps < 0 ? fail("sweeps must not be negative: they are %d", sweeps) : LAPLACE_OK;
}

/* Whether the level is below this grid, or below the one that this is the preconditioned residual of. */
static int multigrid_check_level(laplace_grid *fine, const laplace_level *coarse, int32_t sweeps) {
  if (!fine || !coarse) return fail("there is no grid, or no level");
  if (coarse->given || coarse->above || (coarse->finest != fine && (!fine->of || coarse->finest != fine->of)))
    return fail("that level is not below this grid");
  if (multigrid_check_sweeps(sweeps) != LAPLACE_OK) return LAPLACE_FAILED;
  if (fine->path) return LAPLACE_OK;
  const struct multigrid_path *path = coarse->finest->path;
  if (path->open(fine) != LAPLACE_OK) return LAPLACE_FAILED;
  return fine->path = path, LAPLACE_OK;
}

static int multigrid_check_levels(const laplace_level *fine, const laplace_level *coarse, int32_t sweeps) {
  if (!fine || !coarse) return fail("there is no level");
  return coarse->above == fine ? multigrid_check_sweeps(sweeps) : fail("that level is not below this one");
}

int32_t laplace_smooth_and_restrict(laplace_grid *fine, laplace_level *coarse, int32_t sweeps) {
  if (multigrid_check_level(fine, coarse, sweeps) != LAPLACE_OK) return LAPLACE_FAILED;
  return fine->path->smooth_and_restrict(fine, coarse, sweeps);
}

int32_t laplace_prolong_and_smooth(laplace_grid *fine, laplace_level *coarse, int32_t sweeps) {
  if (multigrid_check_level(fine, coarse, sweeps) != LAPLACE_OK) return LAPLACE_FAILED;
  return fine->path->prolong_and_smooth(fine, coarse, sweeps);
}

int32_t laplace_prolong_smooth_restrict(laplace_grid *fine, laplace_level *coarse, int32_t post, int32_t pre,
                                        double *norms) {
  if (!norms) return fail("there is no place for the norms");
  if (multigrid_check_level(fine, coarse, post < pre ? post : pre) != LAPLACE_OK) return LAPLACE_FAILED;
  return fine->path->prolong_smooth_restrict(fine, coarse, post, pre, norms);
}

int32_t laplace_level_smooth_and_restrict(laplace_level *fine, laplace_level *coarse, int32_t sweeps) {
  if (multigrid_check_levels(fine, coarse, sweeps) != LAPLACE_OK) return LAPLACE_FAILED;
  return fine->path->smooth_and_restrict(fine, coarse, sweeps);
}

int32_t laplace_level_prolong_and_smooth(laplace_level *fine, laplace_level *coarse, int32_t sweeps) {
  if (multigrid_check_levels(fine, coarse, sweeps) != LAPLACE_OK) return LAPLACE_FAILED;
  return fine->path->prolong_and_smooth(fine, coarse, sweeps);
}

int32_t laplace_prolong_solution(laplace_grid *fine, laplace_grid *coarse) {
  if (!fine || !coarse) return fail("there is no grid");
  if (fine->dtype != coarse->dtype || fine->rows != 2 * coarse->rows - 1 || fine->cols != 2 * coarse->cols - 1)
    return fail("a grid of %d x %d points is not prolonged to %d x %d", coarse->rows, coarse->cols, fine->rows,
                fine->cols);
  return fine->path && fine->path->pack ? iterate_set_coarse(fine, coarse) : multigrid_prolong_solution(fine, coarse);
}

/* ---- small levels that laplace solves itself, or distributes ---- */

static int multigrid_check_data(const laplace_level *level, const void *data) {
  return level && data ? LAPLACE_OK : fail("there is no level, or no data");
}

static struct multigrid_units multigrid_units_of(const laplace_level *level) {
  return level->finest->path->units(level->finest);
}

int32_t laplace_level_read_operator(const laplace_level *level, double *data) {
  if (multigrid_check_data(level, data) != LAPLACE_OK) return LAPLACE_FAILED;
  const double scale = multigrid_units_of(level).scale;
  for (int32_t i = 1; i < level->rows - 1; i++)
    for (int32_t j = 1; j < level->cols - 1; j++, data += 9) {
      level_operator_at(level, i, j, data);
      for (int k = 0; k < 9; k++) data[k] /= scale;
    }
  return LAPLACE_OK;
}

/* Whether a level has these rows and columns inside its ghost layer. */
static int multigrid_check_part(const laplace_level *level, int32_t row0, int32_t row1, int32_t col0, int32_t col1,
                                const void *data) {
  if (multigrid_check_data(level, data) != LAPLACE_OK) return LAPLACE_FAILED;
  if (row0 >= 1 && row0 <= row1 && row1 < level->rows && col0 >= 1 && col0 <= col1 && col1 < level->cols)
    return LAPLACE_OK;
  return fail("rows %d to %d, columns %d to %d are not inside the ghost layer of a level of %d x %d", row0, row1, col0,
              col1, level->rows, level->cols);
}

int32_t laplace_level_read_rhs(const laplace_level *level, int32_t row0, int32_t row1, int32_t col0, int32_t col1,
                               double *data) {
  if (multigrid_check_part(level, row0, row1, col0, col1, data) != LAPLACE_OK) return LAPLACE_FAILED;
  const struct multigrid_units of = multigrid_units_of(level);
  for (int32_t i = row0; i < row1; i++)
    for (int32_t j = col0; j < col1; j++)
      *data++ = level_is_fixed(level, i, j) ? 0 : level->f[i * level->stride + j] * (of.unit / of.scale);
  return LAPLACE_OK;
}

int32_t laplace_level_write_rhs(laplace_level *level, int32_t row0, int32_t row1, int32_t col0, int32_t col1,
                                const double *data) {
  if (multigrid_check_part(level, row0, row1, col0, col1, data) != LAPLACE_OK) return LAPLACE_FAILED;
  const struct multigrid_units of = multigrid_units_of(level);
  for (int32_t i = row0; i < row1; i++)
    for (int32_t j = col0; j < col1; j++) level->f[i * level->stride + j] = (float)(*data++ * (of.scale / of.unit));
  return LAPLACE_OK;
}

int32_t laplace_level_write_correction(laplace_level *level, const double *data) {
  if (multigrid_check_data(level, data) != LAPLACE_OK) return LAPLACE_FAILED;
  const double unit = multigrid_units_of(level).unit;
  for (int32_t i = 1; i < level->rows - 1; i++) {
    float *e = level->e + i * level->stride;
    for (int32_t j = 1; j < level->cols - 1; j++, data++)
      e[j] = level_is_fixed(level, i, j) ? 0 : (float)(*data / unit);
    e[0] = e[level->cols - 1] = 0;
  }
  level_fill_ghosts(level);
  level->zero = 0;
  return LAPLACE_OK;
}

int32_t laplace_level_read_correction(const laplace_level *level, double *data) {
  if (multigrid_check_data(level, data) != LAPLACE_OK) return LAPLACE_FAILED;
  if (!level->given) return fail("a correction is read only of levels whose operator was given");
  const double unit = multigrid_units_of(level).unit;
  for (int32_t i = 1; i < level->rows - 1; i++) {
    const float *e = level->e + i * level->stride;
    for (int32_t j = 1; j < level->cols - 1; j++) *data++ = e[j] * unit;
  }
  return LAPLACE_OK;
}
