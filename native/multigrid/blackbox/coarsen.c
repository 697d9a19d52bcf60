/* Levels of the general path: each made of the one above, rows dealt out to threads. The arithmetic is in galerkin.c, memory
 * comes from level.c.
 */
#include "path.h"
#include "../kernels.h"
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
    if (c->level->row[I] != c->level->row[I - 1] && c->kernels->invert(c->level, I)) __atomic_store_n(&c->level->tight, 0, __ATOMIC_RELAXED);
}

/* ---- rows that are alike ---- */

/* Fine rows that a row of the operator may depend on, to either side of its own. */
enum { REACH = 4 };

/* Whether rows i and i + step of the finer operator are known to be the same. The ring, and what lies beyond, is not. */
static int fine_alike(const struct operator_rows *fine, int32_t i, int32_t step) {
  if (i < 1 || i + step > fine->rows - 2) return 0;
  if (!fine->row) return 1; /* constant */
  return fine->row[i] == fine->row[i + step] && (!fine->excess || (fine->excess_row && fine->excess_row[i] == fine->excess_row[i + step]));
}

/* Where the rows of a level are stored whose finer rows are these. NULL if it fails. */
static int32_t *place_rows(laplace_grid *above, const struct operator_rows *fine, const int32_t halved[2], int32_t origin) {
  const int32_t rows = level_rows_below(above, halved), step = halved[0] ? 2 : 1;
  int32_t *row = malloc((size_t)rows * sizeof *row);
  if (!row) return fail("out of memory"), NULL;
  row[0] = 0;
  for (int32_t I = 1; I < rows; I++) {
    const int32_t i = halved[0] ? 2 * I - origin : I;
    int alike = I > 1 && I < rows - 1;
    for (int32_t k = i - step - REACH; alike && k <= i - step + REACH; k++) alike = fine_alike(fine, k, step);
    row[I] = row[I - 1] + !alike;
  }
  return row;
}

/* ---- making them ---- */

laplace_grid *general_same(laplace_grid *fine, const int32_t halved[2], double kx, double ky) {
  const int32_t rows = level_rows_below(fine, halved);
  int32_t *row = malloc((size_t)rows * sizeof *row);
  if (!row) return fail("out of memory"), NULL;
  for (int32_t i = 0; i < rows; i++) row[i] = i == rows - 1 ? 2 : i > 0;
  laplace_grid *grid = level_create(fine, halved, row);
  if (!grid) return NULL;
  struct level *level = grid->level;
  if (level_open_scratch(level) != LAPLACE_OK) return level_free(grid), free(grid), NULL;
  for (int64_t i = 0; i < 2; i++)
    for (int64_t j = 0; j < level->cols - 1; j++) {
      const int64_t at = operator_row(level, i) + j;
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
  const struct finest *a = fine->multigrid;
  struct coarsening c;
  if (above)
    c.rows = (struct operator_rows){above->rows, above->cols, above->wrap, 4, above->pitch, above->pitch, above->east, above->south,
                                    above->excess, above->row, above->row, 0, 0, above->falling, above->rising, above->inverse};
  else
    c.rows = (struct operator_rows){fine->rows, fine->cols, fine->layout & (LAPLACE_WRAP_ROWS | LAPLACE_WRAP_COLS), fine->dtype, fine->stride,
                                    a->single, a->east, a->south, a->excess, a->row, a->excess_row, a->kx, a->ky, NULL, NULL, a->inverse};
  int32_t *row = place_rows(fine, &c.rows, halved, above ? above->origin : a->origin);
  laplace_grid *grid = row ? level_create(fine, halved, row) : NULL;
  if (!grid) return NULL;
  struct level *level = grid->level;
  laplace_grid *finest = level->finest;
  c.level = level, c.kernels = finest->levels;
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
