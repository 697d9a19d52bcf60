/* Multigrid's part of the interface: checks, which path takes a grid, and the few calls that only small levels get. No
 * arithmetic of smoothing or coarsening: see general.c and fused.c.
 */
#include "multigrid.h"
#include "../plugin/lazy_grid.h"

/* In order of preference. */
static const struct multigrid_path *const paths[] = {&fused_path, &general_path};

static const struct multigrid_path *path_of(const laplace_grid *fine, const int32_t halved[2]) {
  if (fine->path) return fine->path;
  for (size_t k = 0; k < sizeof paths / sizeof *paths; k++)
    if (paths[k]->takes(fine, halved)) return paths[k];
  return NULL;
}

laplace_grid *laplace_coarsen(laplace_grid *fine, int32_t rows, int32_t cols) {
  const int32_t halved[2] = {rows != 0, cols != 0};
  if (!fine) return fail("there is no grid"), NULL;
  if (!halved[0] && !halved[1]) return fail("a level below keeps every other row or column: neither was asked for"), NULL;
  const struct multigrid_path *path = path_of(fine, halved);
  if (!path) return fail("no kernels coarsen such a grid"), NULL;
  if (path == &general_path) blank_end(fine);
  laplace_grid *level = path->coarsen(fine, halved);
  if (level && !fine->path) fine->path = path;
  if (level && !level->path) level->path = path;
  return level;
}

static int check(laplace_grid *fine, const laplace_grid *coarse, int32_t sweeps) {
  if (!fine || !coarse || !coarse->level) return fail("that is no level");
  const laplace_grid *above = coarse->level->above;
  if (above != fine && (!fine->of || above != fine->of)) return fail("that level is not below this grid");
  if (sweeps < 0) return fail("sweeps must not be negative: they are %d", sweeps);
  if (fine->path) return LAPLACE_OK;
  if (above->path->adopt(fine) != LAPLACE_OK) return LAPLACE_FAILED;
  return fine->path = above->path, LAPLACE_OK;
}

int32_t laplace_descend(laplace_grid *fine, laplace_grid *coarse, int32_t sweeps) {
  return check(fine, coarse, sweeps) == LAPLACE_OK ? fine->path->descend(fine, coarse, sweeps) : LAPLACE_FAILED;
}

int32_t laplace_ascend(laplace_grid *fine, laplace_grid *coarse, int32_t sweeps) {
  return check(fine, coarse, sweeps) == LAPLACE_OK ? fine->path->ascend(fine, coarse, sweeps) : LAPLACE_FAILED;
}

int32_t laplace_turn(laplace_grid *fine, laplace_grid *coarse, int32_t post, int32_t pre, double *norms) {
  if (check(fine, coarse, post < pre ? post : pre) != LAPLACE_OK) return LAPLACE_FAILED;
  if (fine->level || !norms) return fail("only a finest grid turns, and needs a place for its norms");
  return fine->path->turn(fine, coarse, post, pre, norms);
}

int32_t laplace_refine(laplace_grid *fine, laplace_grid *coarse) {
  if (!fine || !coarse || fine->level || coarse->level) return fail("only finest grids are refined");
  if (fine->dtype != coarse->dtype || fine->rows != 2 * coarse->rows - 1 || fine->cols != 2 * coarse->cols - 1)
    return fail("a grid of %d x %d points is not refined to %d x %d", coarse->rows, coarse->cols, fine->rows, fine->cols);
  const int own = fine->path && fine->path->refine;
  return own ? fine->path->refine(fine, coarse) : refine_naturally(fine, coarse);
}

/* ---- levels that laplace solves itself, or puts together ---- */

static struct level *level_of(const laplace_grid *grid, const void *data) {
  if (grid && grid->level && data) return grid->level;
  return fail("there is no level, or no data"), NULL;
}

static void counts_in(const struct level *level, double *scale, double *unit) {
  level->finest->path->counts_in(level->finest, scale, unit);
}

int32_t laplace_equations(const laplace_grid *grid, double *data) {
  const struct level *level = level_of(grid, data);
  double scale, unit;
  if (!level) return LAPLACE_FAILED;
  counts_in(level, &scale, &unit);
  for (int32_t i = 1; i < level->rows - 1; i++)
    for (int32_t j = 1; j < level->cols - 1; j++, data += 9) {
      level_equation(level, i, j, data);
      for (int k = 0; k < 9; k++) data[k] /= scale;
    }
  return LAPLACE_OK;
}

/* The level, if it has these rows and columns inside its ring. */
static struct level *level_with(const laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, const void *data) {
  struct level *level = level_of(grid, data);
  if (!level || (row0 >= 1 && row0 <= row1 && row1 < level->rows && col0 >= 1 && col0 <= col1 && col1 < level->cols)) return level;
  return fail("rows %d to %d, columns %d to %d are not inside the ring of a level of %d x %d", row0, row1, col0, col1, level->rows,
              level->cols), NULL;
}

int32_t laplace_right_side(const laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, double *data) {
  const struct level *level = level_with(grid, row0, row1, col0, col1, data);
  double scale, unit;
  if (!level) return LAPLACE_FAILED;
  counts_in(level, &scale, &unit);
  for (int32_t i = row0; i < row1; i++)
    for (int32_t j = col0; j < col1; j++)
      *data++ = level_fixed(level, i, j) ? 0 : level->f[i * level->stride + j] * (unit / scale);
  return LAPLACE_OK;
}

int32_t laplace_set_right_side(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, const double *data) {
  struct level *level = level_with(grid, row0, row1, col0, col1, data);
  double scale, unit;
  if (!level) return LAPLACE_FAILED;
  counts_in(level, &scale, &unit);
  for (int32_t i = row0; i < row1; i++)
    for (int32_t j = col0; j < col1; j++) level->f[i * level->stride + j] = (float)(*data++ * (scale / unit));
  return LAPLACE_OK;
}

int32_t laplace_correct(laplace_grid *grid, const double *data) {
  struct level *level = level_of(grid, data);
  double scale, unit;
  if (!level) return LAPLACE_FAILED;
  counts_in(level, &scale, &unit);
  for (int32_t i = 1; i < level->rows - 1; i++)
    for (int32_t j = 1; j < level->cols - 1; j++) {
      const double value = *data++ / unit;
      level->e[i * level->stride + j] = level_fixed(level, i, j) ? 0 : (float)value;
    }
  for (int32_t i = 1; i < level->rows - 1; i++) level->e[i * level->stride] = level->e[i * level->stride + level->cols - 1] = 0;
  level_wrap(level);
  level->zero = 0;
  return LAPLACE_OK;
}

int32_t laplace_iterate(const laplace_grid *grid, double *data) {
  const struct level *level = level_of(grid, data);
  double scale, unit;
  if (!level) return LAPLACE_FAILED;
  if (level->above) return fail("only of a level whose equations were given the iterate is read");
  counts_in(level, &scale, &unit);
  for (int32_t i = 1; i < level->rows - 1; i++) {
    const float *e = level->e + i * level->stride;
    for (int32_t j = 1; j < level->cols - 1; j++) *data++ = e[j] * unit;
  }
  return LAPLACE_OK;
}
