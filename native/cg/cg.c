/* Conjugate gradients: the calls of the interface, memory, and rows dealt out to threads. The arithmetic of a row is in
 * vector_rows.c. */
#include "../multigrid/multigrid.h"
#include "../plugin/kernels.h"
#include <stdlib.h>
#include <string.h>

enum { CG_POINTS_OF_A_THREAD = 16384 };

/* ---- memory ---- */

static void cg_release(laplace_grid *grid) {
  struct cg_vectors *vectors = grid->vectors;
  laplace_free(vectors->preconditioned);
  free(vectors->memory), free(vectors->q_memory), free(vectors);
  grid->vectors = NULL;
}

/* Allocates the vectors of a grid that has none. */
static int cg_open(laplace_grid *grid) {
  if (!grid) return fail("there is no grid");
  if ((grid->layout & (LAPLACE_WEIGHTED | LAPLACE_DIAGONAL)) == LAPLACE_WEIGHTED)
    return fail("conjugate gradients need the diagonal of a weighted grid");
  if (grid->vectors) return LAPLACE_OK;
  struct cg_vectors *vectors = grid->vectors = calloc(1, sizeof *vectors + (size_t)grid->rows * sizeof *vectors->sums);
  if (!vectors) return fail("out of memory");
  vectors->release = cg_release;
  void **fields[] = {&vectors->r, &vectors->p};
  if (grid_allocate(grid, grid->rows, fields, 2, &vectors->memory) != LAPLACE_OK)
    return cg_release(grid), LAPLACE_FAILED;
  return LAPLACE_OK;
}

/* ---- threads ---- */

static int32_t cg_first_row(const laplace_grid *grid, int32_t thread, int32_t threads) {
  return 1 + share_begin(grid->rows - 2, thread, threads);
}

static void cg_each_row(void *of, int32_t thread, int32_t threads) {
  const struct cg_task *task = of;
  const laplace_grid *z = task->cleared;
  const int32_t end = cg_first_row(task->grid, thread + 1, threads);
  for (int32_t i = cg_first_row(task->grid, thread, threads); i < end; i++) {
    task->row(task, i);
    if (z) memset((char *)z->u + i * z->stride * z->dtype, 0, (size_t)z->cols * (size_t)z->dtype);
  }
}

/* p, and B p one row behind it, except in the first and last row of each thread, which need the p of its neighbours. */
static void cg_direction_rows(void *of, int32_t thread, int32_t threads) {
  const struct cg_task *task = of;
  const struct cg_kernels *kernels = task->grid->kernels->cg;
  const int32_t from = cg_first_row(task->grid, thread, threads), end = cg_first_row(task->grid, thread + 1, threads);
  for (int32_t i = from; i < end; i++) {
    kernels->update_direction(task, i);
    if (i - 1 > from) kernels->apply(task, i - 1);
  }
  if (threads > 1) model_barrier();
  kernels->apply(task, from);
  if (end - 1 > from) kernels->apply(task, end - 1);
}

static void cg_run(struct cg_task *task, void (*work)(void *task, int32_t thread, int32_t threads)) {
  const laplace_grid *grid = task->grid;
  const int64_t rows = grid->rows - 2, enough = rows * (grid->cols - 2) / CG_POINTS_OF_A_THREAD;
  const int64_t most = enough < rows ? enough : rows;
  const int32_t threads = most < grid->threads ? (int32_t)most : grid->threads;
  model_parallel_run(grid, threads, work, task);
  if (task->cleared) iterate_invalidate(task->cleared); /* and so are its ghosts */
}

static struct cg_task cg_task(laplace_grid *grid, void (*row)(const struct cg_task *task, int32_t i)) {
  struct cg_task task = {.grid = grid, .row = row};
  /* B p of a plain grid is faster to compute than to read. */
  if (grid->layout & LAPLACE_WEIGHTED) {
    task.q = grid->vectors->q ? grid->vectors->q : grid->v;
    if (grid->path == &blackbox_path) task.conductances = grid->multigrid;
  }
  return task;
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

/* ---- the interface ---- */

int32_t laplace_compute_residual(laplace_grid *grid, double *found) {
  if (cg_open(grid) != LAPLACE_OK || iterate_materialize(grid) != LAPLACE_OK) return LAPLACE_FAILED;
  if (!found) return fail("there is no place for the residual");
  if (grid->d.data) {
    struct cg_task task = cg_task(grid, grid->kernels->cg->set_fixed);
    cg_run(&task, cg_each_row);
    grid->ghosts_stale = 1, grid->next_sweep_ready = 0;
  }
  /* v is the next sweep now, and remains so. */
  if (laplace_residual(grid, &found[1]) != LAPLACE_OK) return LAPLACE_FAILED;
  struct cg_task task = cg_task(grid, grid->kernels->cg->compute_residual);
  task.cleared = grid->vectors->preconditioned;
  cg_run(&task, cg_each_row);
  found[0] = cg_total(grid).dot;
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
  struct cg_task task = cg_task(grid, grid->kernels->cg->step);
  task.factor = alpha, task.cleared = grid->vectors->preconditioned;
  cg_run(&task, cg_each_row);
  grid->next_sweep_ready = 0;
  if (grid->layout & (LAPLACE_PERIODIC_ROWS | LAPLACE_PERIODIC_COLS)) grid->ghosts_stale = 1;
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
  if (lacks && grid_allocate(grid, grid->rows, fields, 1, &vectors->q_memory) != LAPLACE_OK) return NULL;
  return vectors->preconditioned = grid_share(grid, vectors->r);
}

int32_t laplace_dots(laplace_grid *grid, double *dots) {
  laplace_grid *other = grid && grid->vectors ? grid->vectors->preconditioned : NULL;
  if (!other || !dots) return fail("there is no preconditioned residual, or no place for the dot products");
  if (iterate_materialize(other) != LAPLACE_OK) return LAPLACE_FAILED;
  struct cg_task task = cg_task(grid, grid->kernels->cg->dots);
  task.z = other->u;
  cg_run(&task, cg_each_row);
  const struct cg_row_sums all = cg_total(grid);
  dots[0] = all.dot, dots[1] = all.dot_q;
  return LAPLACE_OK;
}
