/* Levels of the general path: each made of the one above, rows dealt out to threads. The arithmetic is in galerkin.c, memory
 * comes from level.c.
 */
#include "path.h"
#include "../kernels.h"
#include <stdlib.h>

struct coarsening {
  struct operator_rows rows;
  laplace_level *level;
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

/* Where the rows of a level of this shape are stored whose finer rows are these. NULL if it fails. */
static int32_t *place_rows(const laplace_level *shape, const struct operator_rows *fine) {
  const int32_t rows = shape->rows, halved = shape->halved[0], step = halved ? 2 : 1;
  int32_t *row = malloc((size_t)rows * sizeof *row);
  if (!row) return fail("out of memory"), NULL;
  row[0] = 0;
  for (int32_t I = 1; I < rows; I++) {
    const int32_t i = halved ? 2 * I - shape->origin : I;
    int alike = I > 1 && I < rows - 1;
    for (int32_t k = i - step - REACH; alike && k <= i - step + REACH; k++) alike = fine_alike(fine, k, step);
    row[I] = row[I - 1] + !alike;
  }
  return row;
}

/* ---- making them ---- */

laplace_level *general_same(laplace_level shape, double kx, double ky) {
  int32_t *row = malloc((size_t)shape.rows * sizeof *row);
  if (!row) return fail("out of memory"), NULL;
  for (int32_t i = 0; i < shape.rows; i++) row[i] = i == shape.rows - 1 ? 2 : i > 0;
  laplace_level *level = level_open(shape, &general_levels, row);
  if (!level) return NULL;
  if (level_open_scratch(level) != LAPLACE_OK) return laplace_level_free(level), NULL;
  for (int64_t i = 0; i < 2; i++)
    for (int64_t j = 0; j < level->cols - 1; j++) {
      const int64_t at = operator_row(level, i) + j;
      if (i) level->east[at] = (float)kx;
      if (j) level->south[at] = (float)ky;
      if (i && j) level->inverse[at] = (float)(0.5 / (kx + ky));
    }
  level->tight = 1;
  return level;
}

/* A level of this shape, made of these finer rows. */
static laplace_level *make(laplace_level shape, struct operator_rows rows) {
  int32_t *row = place_rows(&shape, &rows);
  laplace_level *level = row ? level_open(shape, &general_levels, row) : NULL;
  if (!level) return NULL;
  laplace_grid *finest = level->finest;
  struct coarsening c = {.rows = rows, .level = level, .kernels = finest->levels};
  const int32_t threads = level_threads(level, 1);
  c.scratch = malloc((size_t)threads * GALERKIN_BUFFERS * (size_t)buffer_size(level, c.rows.cols) * sizeof(float));
  if (!c.scratch || level_open_scratch(level) != LAPLACE_OK) return free(c.scratch), laplace_level_free(level), fail("out of memory"), NULL;
  if (threads > 1) model_parallel_run(finest, threads, galerkin_work, &c);
  else galerkin_work(&c, 0, 1);
  level_wrap_operator(level);
  level->tight = 1;
  if (threads > 1) model_parallel_run(finest, threads, invert_work, &c);
  else invert_work(&c, 0, 1);
  free(c.scratch);
  return level;
}

laplace_level *general_coarsen(laplace_grid *fine, const int32_t halved[2]) {
  if (!fine->multigrid && !(fine->multigrid = finest_open(fine))) return NULL;
  const struct finest *a = fine->multigrid;
  return make(level_below_grid(fine, halved),
              (struct operator_rows){fine->rows, fine->cols, fine->layout & (LAPLACE_PERIODIC_ROWS | LAPLACE_PERIODIC_COLS), fine->dtype,
                                     fine->stride, a->single, a->east, a->south, a->excess, a->row, a->excess_row, a->kx, a->ky, NULL,
                                     NULL, a->inverse});
}

laplace_level *general_coarsen_level(laplace_level *fine, const int32_t halved[2]) {
  return make(level_below_level(fine, halved),
              (struct operator_rows){fine->rows, fine->cols, fine->wrap, 4, fine->pitch, fine->pitch, fine->east, fine->south,
                                     fine->excess, fine->row, fine->row, 0, 0, fine->falling, fine->rising, fine->inverse});
}
