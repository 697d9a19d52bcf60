/* The calls of the interface, and the finest grid: how its rows are dealt out to threads. Their arithmetic is in
 * finest_rows.c. */
#include "finest.h"
#include "../multigrid.h"
#include "../../plugin/kernels.h"
#include <stdlib.h>
#include <string.h>

/* Rows of a level that is solved directly; and where pairs have become few, since what is left is coupled to some rows
 * alone, the most that it may have. */
enum { AGGREGATION_LAST = 64, AGGREGATION_DIRECT = 1 << 15 };

/* A level is the last one where the next would keep more of its rows: the two steps on each level would take longer and
 * longer. With too many rows for elimination it may be more. */
static const double AGGREGATION_WORTH = 0.6, AGGREGATION_HARDLY = 0.8;

/* ---- making levels ---- */

/* The level below an operator, by two passes of pairs; `aggregate` of each of its rows. */
static int aggregation_coarsen(const laplace_grid *grid, const struct aggregation_operator *A, int32_t *aggregate,
                               struct aggregation_operator *to) {
  struct aggregation_pairs once = {0}, twice = {0};
  struct aggregation_operator between = {0};
  double *diagonals = NULL;
  const int ok = aggregation_pair(grid, A, NULL, &once) == LAPLACE_OK &&
                 aggregation_sum_up(grid, A, &once, &between, &diagonals) == LAPLACE_OK &&
                 aggregation_pair(grid, &between, diagonals, &twice) == LAPLACE_OK &&
                 aggregation_sum_up(grid, &between, &twice, to, NULL) == LAPLACE_OK;
  for (int32_t k = 0; ok && k < A->parts; k++)
    for (int32_t i = A->part[k].begin; i < A->part[k].end; i++)
      aggregate[i] = once.pair[i] < 0 ? -1 : twice.pair[once.pair[i]];
  aggregation_free_pairs(&once), aggregation_free_pairs(&twice);
  aggregation_free_operator(&between), free(diagonals);
  return ok ? LAPLACE_OK : LAPLACE_FAILED;
}

static int32_t *aggregation_allocate_aggregates(int64_t rows) {
  return aggregation_allocate((size_t)rows, sizeof(int32_t));
}

/* Ends at the last of the levels. */
static int aggregation_end(struct laplace_aggregation *a) {
  const struct aggregation_operator *A = &a->level[a->levels - 1].A;
  if (A->rows > AGGREGATION_DIRECT) return LAPLACE_OK;
  if (!(a->pivots = calloc((size_t)A->rows + 1, sizeof *a->pivots))) return fail("out of memory");
  return aggregation_eliminate(A, a->pivots);
}

/* The levels below the first one. */
static int aggregation_add_levels(struct laplace_aggregation *a) {
  for (;;) {
    struct aggregation_level *level = &a->level[a->levels - 1], *next = level + 1;
    const int32_t rows = level->A.rows;
    if (aggregation_open_level(level) != LAPLACE_OK) return LAPLACE_FAILED;
    if (rows <= AGGREGATION_LAST || a->levels == AGGREGATION_MOST_LEVELS) return aggregation_end(a);
    if (!(level->aggregate = aggregation_allocate_aggregates(rows)) ||
        aggregation_coarsen(a->grid, &level->A, level->aggregate, &next->A) != LAPLACE_OK)
      return LAPLACE_FAILED;
    if (next->A.rows > (rows <= AGGREGATION_DIRECT ? AGGREGATION_WORTH : AGGREGATION_HARDLY) * rows) {
      aggregation_free_operator(&next->A);
      free(level->aggregate), level->aggregate = NULL;
      return aggregation_end(a);
    }
    a->levels++;
  }
}

static int aggregation_is_singular(const struct aggregation_operator *A) {
  for (int32_t i = 0; i < A->rows; i++)
    if (A->row_sum[i] != 0) return 0;
  return A->rows > 0;
}

laplace_aggregation *laplace_aggregate(laplace_grid *grid) {
  laplace_grid *of = grid ? grid->of : NULL;
  if (!of || !blackbox_path.accepts(of, (int32_t[]){1, 1}) || !(of->layout & LAPLACE_WEIGHTED))
    return fail("aggregates are those of a preconditioned residual, of a weighted grid with a diagonal"), NULL;
  if (!of->multigrid && blackbox_path.open(of) != LAPLACE_OK) return NULL;
  of->path = &blackbox_path;
  if (of->rows * of->stride > INT32_MAX) return fail("%d x %d points are too many", of->rows, of->cols), NULL;
  laplace_aggregation *a = calloc(1, sizeof *a);
  if (!a) return fail("out of memory"), NULL;
  a->grid = grid, a->rows = of->levels->aggregation, a->finest = of->kernels->aggregation;
  struct aggregation_operator finest = {0};
  int ok = (a->aggregate = aggregation_allocate_aggregates(of->rows * of->stride)) &&
           aggregation_of_grid(of, &finest) == LAPLACE_OK &&
           aggregation_coarsen(of, &finest, a->aggregate, &a->level[0].A) == LAPLACE_OK;
  if (ok) a->levels = 1, a->parts = finest.parts, ok = aggregation_add_levels(a) == LAPLACE_OK;
  if (ok) a->singular = aggregation_is_singular(&a->level[0].A);
  aggregation_free_operator(&finest);
  if (ok) return a;
  return laplace_aggregation_free(a), NULL;
}

void laplace_aggregation_free(laplace_aggregation *a) {
  if (!a) return;
  for (int32_t i = 0; a->pivots && i < a->level[a->levels - 1].A.rows; i++) free(a->pivots[i].part);
  for (int32_t l = 0; l < AGGREGATION_MOST_LEVELS; l++) aggregation_free_level(&a->level[l]);
  free(a->aggregate), free(a->pivots), free(a);
}

/* ---- the finest grid ---- */

/* What is done to a row; each row needs the stage before in the rows beside it. */
typedef void (*finest_stage)(const struct laplace_aggregation *a, int32_t i);

static void finest_start(const struct laplace_aggregation *a, int32_t i) { a->finest->start(a->grid, i); }
static void finest_red(const struct laplace_aggregation *a, int32_t i) { a->finest->relax(a->grid, i, 0); }
static void finest_black(const struct laplace_aggregation *a, int32_t i) { a->finest->relax(a->grid, i, 1); }
static void finest_restrict(const struct laplace_aggregation *a, int32_t i) {
  a->finest->restrict_row(a->grid, i, a->aggregate, a->level[0].f);
}
static void finest_correct(const struct laplace_aggregation *a, int32_t i) {
  a->finest->correct(a->grid, i, a->aggregate, a->level[0].e);
}

/* Does stage after stage, each a row behind the one before, while rows are in cache; rows beside those of other threads
 * follow at the end, stage by stage. */
static void finest_run(const struct laplace_aggregation *a, int32_t k, int32_t parts, const finest_stage *stages,
                       int32_t count) {
  const int32_t rows = a->grid->rows - 2, from = 1 + share_begin(rows, k, parts),
                end = 1 + share_begin(rows, k + 1, parts);
  for (int32_t i = from; i < end + count; i++)
    for (int32_t s = 0; s < count; s++)
      if (i - s >= from + s && i - s < end - s) stages[s](a, i - s);
  for (int32_t s = 1; s < count; s++) {
    if (parts > 1) model_barrier();
    for (int32_t i = from; i < end; i++)
      if (i < from + s || i >= end - s) stages[s](a, i);
  }
}

static void finest_down(void *task, int32_t k, int32_t parts) {
  static const finest_stage stages[] = {finest_start, finest_red, finest_black, finest_restrict};
  const struct laplace_aggregation *a = task;
  const int32_t rows = a->level[0].A.rows, from = share_begin(rows, k, parts), end = share_begin(rows, k + 1, parts);
  memset(a->level[0].f + from, 0, (size_t)(end - from) * sizeof *a->level[0].f);
  if (parts > 1) model_barrier();
  finest_run(a, k, parts, stages, sizeof stages / sizeof *stages);
}

/* In the reverse order, so that a cycle is symmetric. */
static void finest_up(void *task, int32_t k, int32_t parts) {
  static const finest_stage stages[] = {finest_correct, finest_black, finest_red, finest_black, finest_red};
  finest_run(task, k, parts, stages, sizeof stages / sizeof *stages);
}

/* ---- singular problems ---- */

/* Takes what rounding has added to the sum of f out of all rows, as their diagonals are: no e would reduce it. */
static void aggregation_balance(const struct aggregation_level *level) {
  const double *diagonal = level->A.diagonal;
  double sum = 0, diagonals = 0;
  for (int32_t i = 0; i < level->A.rows; i++) sum += level->f[i], diagonals += diagonal[i];
  for (int32_t i = 0; i < level->A.rows; i++) level->f[i] -= sum / diagonals * diagonal[i];
}

struct finest_mean {
  const struct laplace_aggregation *a;
  double (*sum)[2], mean; /* sum: of each part */
};

static void finest_sum(void *task, int32_t k, int32_t parts) {
  const struct finest_mean *t = task;
  const int32_t rows = t->a->grid->rows - 2;
  double *sum = t->sum[k];
  sum[0] = sum[1] = 0;
  for (int32_t i = share_begin(rows, k, parts); i < share_begin(rows, k + 1, parts); i++)
    t->a->finest->sum_row(t->a->grid, 1 + i, sum);
}

static void finest_shift(void *task, int32_t k, int32_t parts) {
  const struct finest_mean *t = task;
  const int32_t rows = t->a->grid->rows - 2;
  for (int32_t i = share_begin(rows, k, parts); i < share_begin(rows, k + 1, parts); i++)
    t->a->finest->shift_row(t->a->grid, 1 + i, t->mean);
}

/* Makes the mean of z zero, the diagonal being the weight: else what rounding has left of the mean of r, times that of
 * z, would be most of <r, z> in the end. */
static void finest_remove_mean(struct laplace_aggregation *a) {
  double of_parts[a->parts][2], sum = 0, weights = 0;
  struct finest_mean task = {.a = a, .sum = of_parts};
  model_parallel_run(a->grid, a->parts, finest_sum, &task);
  for (int32_t k = 0; k < a->parts; k++) sum += of_parts[k][0], weights += of_parts[k][1];
  task.mean = sum / weights;
  model_parallel_run(a->grid, a->parts, finest_shift, &task);
}

int32_t laplace_aggregation_cycle(laplace_aggregation *a) {
  if (!a) return fail("there are no aggregates");
  laplace_grid *grid = a->grid;
  if (iterate_materialize(grid) != LAPLACE_OK) return LAPLACE_FAILED;
  model_parallel_run(grid, a->parts, finest_down, a);
  if (a->singular) aggregation_balance(&a->level[0]);
  aggregation_solve(a, 0);
  model_parallel_run(grid, a->parts, finest_up, a);
  if (a->singular) finest_remove_mean(a);
  grid->next_sweep_ready = 0, grid->ghosts_stale = 1;
  return LAPLACE_OK;
}
