/* Levels of the general path: each made of the one above, rows dealt out to threads. The arithmetic is in galerkin.c, memory
 * comes from level.c.
 */
#include "general.h"
#include "kernels.h"
#include <stdlib.h>

struct coarsening {
  struct operator_rows rows;
  struct level *level;
  const struct level_kernels *kernels;
  float *scratch;
};

static void galerkin_work(void *task, int32_t thread, int32_t threads) {
  struct coarsening *c = task;
  const int32_t count = c->level->rows - 1;
  c->kernels->galerkin(&c->rows, c->level, (int32_t)((int64_t)count * thread / threads), (int32_t)((int64_t)count * (thread + 1) / threads),
                       c->scratch + thread * GALERKIN_BUFFERS * buffer_size(c->level, c->rows.cols));
}

static void invert_work(void *task, int32_t thread, int32_t threads) {
  struct coarsening *c = task;
  const int32_t count = c->level->rows - 2;
  for (int32_t I = 1 + (int32_t)((int64_t)count * thread / threads); I <= (int64_t)count * (thread + 1) / threads; I++)
    if (c->kernels->invert(c->level, I)) __atomic_store_n(&c->level->tight, 0, __ATOMIC_RELAXED);
}

laplace_grid *general_same(laplace_grid *fine, const int32_t halved[2], double kx, double ky) {
  laplace_grid *grid = level_create(fine, halved, 1);
  if (!grid) return NULL;
  struct level *level = grid->level;
  if (level_open_scratch(level) != LAPLACE_OK) return level_free(grid), free(grid), NULL;
  for (int64_t i = 0; i < level->rows - 1; i++)
    for (int64_t j = 0; j < level->cols - 1; j++) {
      const int64_t at = i * level->pitch + j;
      if (i) level->east[at] = (float)kx;
      if (j) level->south[at] = (float)ky;
      if (i && j) level->inverse[at] = (float)(0.5 / (kx + ky));
    }
  level->tight = 1;
  grid->path = &general_path;
  return grid;
}

laplace_grid *general_coarsen(laplace_grid *fine, const int32_t halved[2]) {
  const struct level *above = fine->level;
  if (!above && !fine->multigrid && !(fine->multigrid = finest_open(fine))) return NULL;
  laplace_grid *grid = level_create(fine, halved, 1);
  if (!grid) return NULL;
  struct level *level = grid->level;
  laplace_grid *finest = level->finest;
  const struct finest *a = fine->multigrid;
  struct coarsening c = {.level = level, .kernels = finest->levels};
  if (above)
    c.rows = (struct operator_rows){above->rows, above->cols, above->wrap, 4, above->pitch, above->pitch, above->east, above->south,
                                    above->excess, NULL, 0, 0, above->falling, above->rising, above->inverse};
  else
    c.rows = (struct operator_rows){fine->rows, fine->cols, level->wrap, fine->dtype, fine->stride, a->single, a->east, a->south,
                                    a->excess, a->row, a->kx, a->ky, NULL, NULL, a->inverse};
  const int32_t threads = level_threads(level, 1);
  c.scratch = malloc((size_t)threads * GALERKIN_BUFFERS * (size_t)buffer_size(level, c.rows.cols) * sizeof(float));
  if (!c.scratch || level_open_scratch(level) != LAPLACE_OK) return free(c.scratch), level_free(grid), free(grid), fail("out of memory"), NULL;
  if (threads > 1) model_team(finest, threads, galerkin_work, &c);
  else galerkin_work(&c, 0, 1);
  level_wrap_operator(level);
  level->tight = 1;
  if (threads > 1) model_team(finest, threads, invert_work, &c);
  else invert_work(&c, 0, 1);
  free(c.scratch);
  return grid;
}
