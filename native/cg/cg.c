/* Conjugate gradients: the calls of the interface, memory, and rows dealt out to threads. The arithmetic of a row is in
 * vector_rows.c. */
#include "../plugin/kernels.h"
#include "../multigrid/multigrid.h"
#include <stdlib.h>
#include <string.h>

enum { CG_POINTS_OF_A_THREAD = 16384 };

/* ---- memory ---- */

static void cg_release(laplace_grid *grid) {
  struct cg_vectors *vectors = grid->vectors;
  laplace_free(vectors->preconditioned);
  free(vectors->sums), free(vectors->memory), free(vectors->q_memory), free(vectors);
  grid->vectors = NULL;
}

/* Allocates the vectors of a grid that has none. */
static int cg_open(laplace_grid *grid) {
  if (!grid) return fail("there is no grid");
  if ((grid->layout & (LAPLACE_WEIGHTED | LAPLACE_DIAGONAL)) == LAPLACE_WEIGHTED)
    return fail("conjugate gradients need the diagonal of a weighted grid");
  if (grid->vectors) return LAPLACE_OK;
  struct cg_vectors *vectors = grid->vectors = calloc(1, sizeof *vectors);
  if (!vectors) return fail("out of memory");
  vectors->release = cg_release;
  void **fields[] = {&vectors->r, &vectors->p};
  vectors->sums = calloc((size_t)grid->rows, sizeof *vectors->sums);
  if (!vectors->sums) return cg_release(grid), fail("out of memory");
  if (grid_allocate(grid, fields, 2, &vectors->memory) != LAPLACE_OK) return cg_release(grid), LAPLACE_FAILED;
  return LAPLACE_OK;
}

/* Where B p is kept, or NULL: of a plain grid it is faster to compute than to read. */
static void *cg_q(const laplace_grid *grid) {
  return !(grid->layout & LAPLACE_WEIGHTED) ? NULL : grid->vectors->q ? grid->vectors->q : grid->v;
}

/* ---- threads ---- */

struct cg_task {
  laplace_grid *grid;
  const struct cg_kernels *kernels;
  struct cg_row_sums *sums;
  const void *z;
  void *q;
  double factor;
  void (*row)(const struct cg_task *task, int32_t i);
};

/* z becomes zero, since r has changed. */
static void cg_clear_row(const struct cg_task *task, int32_t i) {
  const laplace_grid *other = task->grid->vectors->preconditioned;
  if (!other) return;
  memset((char *)other->u + i * other->stride * other->dtype, 0, (size_t)other->cols * (size_t)other->dtype);
}

static void cg_set_fixed_row(const struct cg_task *task, int32_t i) { task->kernels->set_fixed(task->grid, i); }

static void cg_residual_row(const struct cg_task *task, int32_t i) {
  task->kernels->compute_residual(task->grid, i, task->sums + i);
  cg_clear_row(task, i);
}

static void cg_step_row(const struct cg_task *task, int32_t i) {
  task->kernels->step(task->grid, task->q, task->factor, i, task->sums + i);
  cg_clear_row(task, i);
}

static void cg_dots_row(const struct cg_task *task, int32_t i) {
  task->kernels->dots(task->grid, task->q, task->z, i, task->sums + i);
}

static int32_t cg_first_row(const laplace_grid *grid, int32_t thread, int32_t threads) {
  return 1 + (int32_t)((int64_t)(grid->rows - 2) * thread / threads);
}

static void cg_each_row(void *of, int32_t thread, int32_t threads) {
  const struct cg_task *task = of;
  const int32_t end = cg_first_row(task->grid, thread + 1, threads);
  for (int32_t i = cg_first_row(task->grid, thread, threads); i < end; i++) task->row(task, i);
}

/* p, and B p one row behind it, except in the first and last row of each thread, which need the p of its neighbours. */
static void cg_direction_rows(void *of, int32_t thread, int32_t threads) {
  const struct cg_task *task = of;
  const int32_t from = cg_first_row(task->grid, thread, threads), end = cg_first_row(task->grid, thread + 1, threads);
  for (int32_t i = from; i < end; i++) {
    task->kernels->update_direction(task->grid, task->z, task->factor, i);
    if (i - 1 > from) task->kernels->apply(task->grid, task->q, i - 1, task->sums + i - 1);
  }
  if (threads > 1) model_barrier();
  task->kernels->apply(task->grid, task->q, from, task->sums + from);
  if (end - 1 > from) task->kernels->apply(task->grid, task->q, end - 1, task->sums + end - 1);
}

static void cg_run(struct cg_task *task, void (*work)(void *task, int32_t thread, int32_t threads)) {
  const laplace_grid *grid = task->grid;
  const int64_t rows = grid->rows - 2, enough = rows * (grid->cols - 2) / CG_POINTS_OF_A_THREAD;
  const int64_t most = enough < rows ? enough : rows;
  const int32_t threads = most < grid->threads ? (int32_t)most : grid->threads;
  if (threads > 1) model_parallel_run(grid, threads, work, task);
  else work(task, 0, 1);
}

static struct cg_task cg_task(laplace_grid *grid, void (*row)(const struct cg_task *task, int32_t i)) {
  return (struct cg_task){
      .grid = grid, .kernels = grid->kernels->cg, .sums = grid->vectors->sums, .q = cg_q(grid), .row = row};
}

static struct cg_row_sums cg_total(const laplace_grid *grid) {
  struct cg_row_sums all = {0, 0, 0, 0};
  for (int32_t i = 1; i < grid->rows - 1; i++) {
    const struct cg_row_sums *one = grid->vectors->sums + i;
    all.dot += one->dot, all.dot_q += one->dot_q;
    all.residual = larger(all.residual, one->residual), all.change = larger(all.change, one->change);
  }
  return all;
}

/* z is zero now, and so are its ghosts. */
static void cg_cleared(const laplace_grid *grid) {
  laplace_grid *other = grid->vectors->preconditioned;
  if (other) iterate_invalidate(other);
}

/* ---- the interface ---- */

int32_t laplace_compute_residual(laplace_grid *grid, double *found) {
  if (cg_open(grid) != LAPLACE_OK || iterate_materialize(grid) != LAPLACE_OK) return LAPLACE_FAILED;
  if (!found) return fail("there is no place for the residual");
  if (grid->d.data) {
    struct cg_task task = cg_task(grid, cg_set_fixed_row);
    cg_run(&task, cg_each_row);
    grid->ghosts_stale = 1, grid->next_sweep_ready = 0;
  }
  /* v is the next sweep now, and remains so. */
  double residual;
  if (laplace_residual(grid, &residual) != LAPLACE_OK) return LAPLACE_FAILED;
  struct cg_task task = cg_task(grid, cg_residual_row);
  cg_run(&task, cg_each_row);
  cg_cleared(grid);
  found[0] = cg_total(grid).dot, found[1] = residual;
  return LAPLACE_OK;
}

int32_t laplace_update_direction(laplace_grid *grid, double beta, double *length) {
  if (cg_open(grid) != LAPLACE_OK) return LAPLACE_FAILED;
  if (!length) return fail("there is no place for the length");
  laplace_grid *other = grid->vectors->preconditioned;
  if (other && iterate_materialize(other) != LAPLACE_OK) return LAPLACE_FAILED;
  struct cg_task task = cg_task(grid, NULL);
  task.z = other ? other->u : grid->vectors->r, task.factor = beta;
  if (task.q == grid->v) grid->next_sweep_ready = 0;
  cg_run(&task, cg_direction_rows);
  *length = cg_total(grid).dot;
  return LAPLACE_OK;
}

int32_t laplace_step(laplace_grid *grid, double alpha, double *found) {
  if (cg_open(grid) != LAPLACE_OK || iterate_materialize(grid) != LAPLACE_OK) return LAPLACE_FAILED;
  if (!found) return fail("there is no place for the residual");
  struct cg_task task = cg_task(grid, cg_step_row);
  task.factor = alpha;
  cg_run(&task, cg_each_row);
  grid->next_sweep_ready = 0;
  if (grid->layout & (LAPLACE_PERIODIC_ROWS | LAPLACE_PERIODIC_COLS)) grid->ghosts_stale = 1;
  cg_cleared(grid);
  const struct cg_row_sums all = cg_total(grid);
  found[0] = all.dot, found[1] = all.residual, found[2] = all.change;
  return LAPLACE_OK;
}

laplace_grid *laplace_preconditioned_residual(laplace_grid *grid) {
  if (cg_open(grid) != LAPLACE_OK) return NULL;
  struct cg_vectors *vectors = grid->vectors;
  if (vectors->preconditioned) return vectors->preconditioned;
  void **fields[] = {&vectors->q};
  const int lacks = grid->layout & LAPLACE_WEIGHTED && !vectors->q;
  if (lacks && grid_allocate(grid, fields, 1, &vectors->q_memory) != LAPLACE_OK) return NULL;
  return vectors->preconditioned = grid_share(grid, vectors->r);
}

int32_t laplace_dots(laplace_grid *grid, double *dots) {
  laplace_grid *other = grid && grid->vectors ? grid->vectors->preconditioned : NULL;
  if (!other || !dots) return fail("there is no preconditioned residual, or no place for the dot products");
  if (iterate_materialize(other) != LAPLACE_OK) return LAPLACE_FAILED;
  struct cg_task task = cg_task(grid, cg_dots_row);
  task.z = other->u;
  cg_run(&task, cg_each_row);
  const struct cg_row_sums all = cg_total(grid);
  dots[0] = all.dot, dots[1] = all.dot_q;
  return LAPLACE_OK;
}
