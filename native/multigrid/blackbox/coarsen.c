/* Levels of the black-box path: each is made of the one above, rows dealt out to threads. The arithmetic is in
 * galerkin.c, memory comes from level.c.
 */
#include "path.h"
#include <stdlib.h>

struct coarsen_task {
  struct galerkin_fine fine;
  laplace_level *level;
  char *scratch;
  size_t scratch_size; /* of a thread */
};

static void coarsen_galerkin(void *task, int32_t thread, int32_t threads) {
  struct coarsen_task *c = task;
  const int32_t rows = c->level->rows - 1;
  const int32_t I0 = share_begin(rows, thread, threads), I1 = share_begin(rows, thread + 1, threads);
  c->level->finest->levels->galerkin(&c->fine, c->level, I0, I1, c->scratch + (size_t)thread * c->scratch_size,
                                     c->scratch_size);
}

static void coarsen_invert(void *task, int32_t thread, int32_t threads) {
  struct coarsen_task *c = task;
  struct level_operator *A = &c->level->A;
  const int32_t rows = c->level->rows - 2;
  for (int32_t I = 1 + share_begin(rows, thread, threads); I <= share_begin(rows, thread + 1, threads); I++)
    if (A->row[I] != A->row[I - 1] && c->level->finest->levels->invert(c->level, I))
      __atomic_store_n(&A->zero_row_sums, 0, __ATOMIC_RELAXED);
}

/* ---- equal rows ---- */

/* Fine rows that a row of the operator may depend on, to either side of its own. */
enum { COARSEN_REACH = 4 };

/* Where the rows of a level of this shape are stored, given the fine rows. NULL if it fails. */
static int32_t *coarsen_place_rows(const laplace_level *shape, const struct galerkin_fine *fine) {
  const int32_t rows = shape->rows, halved = shape->halved[0], step = halved ? 2 : 1;
  int32_t *row = malloc((size_t)rows * sizeof *row);
  if (!row) return fail("out of memory"), NULL;
  row[0] = 0;
  for (int32_t I = 1; I < rows; I++) {
    const int32_t i = halved ? 2 * I - shape->first_is_coarse : I;
    int equal = I > 1 && I < rows - 1;
    /* Ghosts, and what lies beyond, are not known to be equal to the row that is a step south. */
    for (int32_t k = i - step - COARSEN_REACH; equal && k <= i - step + COARSEN_REACH; k++)
      equal = k >= 1 && k + step <= fine->rows - 2 && (!fine->row || fine->row[k] == fine->row[k + step]);
    row[I] = row[I - 1] + !equal;
  }
  return row;
}

/* ---- levels ---- */

laplace_level *blackbox_constant_level(laplace_level shape) {
  int32_t *row = malloc((size_t)shape.rows * sizeof *row);
  if (!row) return fail("out of memory"), NULL;
  for (int32_t i = 0; i < shape.rows; i++) row[i] = i == shape.rows - 1 ? 2 : i > 0;
  laplace_level *level = level_open(shape, &blackbox_levels, row);
  if (!level) return NULL;
  struct level_operator *A = &level->A;
  const double kx = level->finest->cx, ky = level->finest->cy;
  for (int64_t i = 0; i < 2; i++)
    for (int64_t j = 0; j < level->cols - 1; j++) {
      const int64_t at = level_A_row(level, i) + j;
      if (i) A->e[at] = (float)kx;
      if (j) A->s[at] = (float)ky;
      if (i && j) A->inverse[at] = (float)(0.5 / (kx + ky));
    }
  A->zero_row_sums = 1;
  return level;
}

static struct galerkin_fine coarsen_of_grid(const laplace_grid *grid) {
  const struct fine *a = grid->multigrid;
  struct galerkin_fine fine = {.rows = grid->rows, .cols = grid->cols, .dtype = grid->dtype, .pitch = grid->stride};
  fine.periodic = grid->layout & (LAPLACE_PERIODIC_ROWS | LAPLACE_PERIODIC_COLS);
  fine.pitch_f32 = a->pitch_f32, fine.row = a->row;
  fine.e = a->e, fine.s = a->s, fine.row_sum = a->row_sum, fine.inverse = a->inverse;
  fine.cx = grid->cx, fine.cy = grid->cy;
  return fine;
}

static struct galerkin_fine coarsen_of_level(const laplace_level *level) {
  const struct level_operator *A = &level->A;
  struct galerkin_fine fine = {.rows = level->rows, .cols = level->cols, .dtype = LAPLACE_F32};
  fine.periodic = level->periodic, fine.pitch = fine.pitch_f32 = A->pitch, fine.row = A->row;
  fine.e = A->e, fine.s = A->s, fine.se = A->se, fine.sw = A->sw, fine.row_sum = A->row_sum, fine.inverse = A->inverse;
  return fine;
}

laplace_level *blackbox_coarsen(laplace_level shape) {
  struct coarsen_task c = {.fine = shape.above ? coarsen_of_level(shape.above) : coarsen_of_grid(shape.finest)};
  int32_t *row = coarsen_place_rows(&shape, &c.fine);
  laplace_level *level = c.level = row ? level_open(shape, &blackbox_levels, row) : NULL;
  if (!level) return NULL;
  const int32_t threads = level_threads(level, 1);
  c.scratch_size = level->finest->levels->galerkin_scratch(&c.fine, level);
  c.scratch = multigrid_reserve((size_t)threads * c.scratch_size);
  if (!c.scratch) return laplace_level_free(level), NULL;
  model_parallel_run(level->finest, threads, coarsen_galerkin, &c);
  level_fill_operator_ghosts(level);
  level->A.zero_row_sums = 1;
  model_parallel_run(level->finest, threads, coarsen_invert, &c);
  free(c.scratch);
  return level;
}
