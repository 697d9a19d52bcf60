/* Conjugate gradients' part of the interface: checks, memory, and rows dealt out to threads. The arithmetic of a row is
 * in vector_rows.c. */
#include "../plugin/kernels.h"
#include "../multigrid/multigrid.h"
#include <stdlib.h>
#include <string.h>

enum { POINTS_OF_A_THREAD = 16384 };

/* ---- memory ---- */

static void release(laplace_grid *grid) {
  struct vectors *vectors = grid->vectors;
  laplace_free(vectors->correction);
  free(vectors->found), free(vectors->memory), free(vectors->more), free(vectors);
  grid->vectors = NULL;
}

/* Gives a grid its vectors, if it has none. */
static int open_vectors(laplace_grid *grid) {
  if (!grid) return fail("there is no grid");
  if ((grid->layout & (LAPLACE_WEIGHTED | LAPLACE_DIAGONAL)) == LAPLACE_WEIGHTED)
    return fail("conjugate gradients need the diagonal of a weighted grid");
  if (grid->vectors) return LAPLACE_OK;
  struct vectors *vectors = grid->vectors = calloc(1, sizeof *vectors);
  if (!vectors) return fail("out of memory");
  vectors->release = release;
  void **fields[] = {&vectors->r, &vectors->p};
  vectors->found = calloc((size_t)grid->rows, sizeof *vectors->found);
  if (!vectors->found) return release(grid), fail("out of memory");
  if (grid_allocate(grid, fields, 2, &vectors->memory) != LAPLACE_OK) return release(grid), LAPLACE_FAILED;
  return LAPLACE_OK;
}

/* Where B p is kept, or NULL: of a plain grid it is sooner computed than read. */
static void *image_of(const laplace_grid *grid) {
  return !(grid->layout & LAPLACE_WEIGHTED) ? NULL : grid->vectors->q ? grid->vectors->q : grid->v;
}

/* ---- threads ---- */

struct task {
  laplace_grid *grid;
  const struct conjugate_kernels *kernels;
  struct row_sums *found;
  const void *z;
  void *q;
  double factor;
  void (*row)(const struct task *task, int32_t i);
};

/* z, of which r has just become another. */
static void clear(const struct task *task, int32_t i) {
  const laplace_grid *other = task->grid->vectors->correction;
  if (!other) return;
  memset((char *)other->u + i * other->stride * other->dtype, 0, (size_t)other->cols * (size_t)other->dtype);
}

static void fix_row(const struct task *task, int32_t i) { task->kernels->fix(task->grid, i); }

static void subtract_row(const struct task *task, int32_t i) {
  task->kernels->subtract(task->grid, i, task->found + i);
  clear(task, i);
}

static void move_row(const struct task *task, int32_t i) {
  task->kernels->move(task->grid, task->q, task->factor, i, task->found + i);
  clear(task, i);
}

static void multiply_row(const struct task *task, int32_t i) {
  task->kernels->products(task->grid, task->q, task->z, i, task->found + i);
}

static int32_t first_row(const laplace_grid *grid, int32_t thread, int32_t threads) {
  return 1 + (int32_t)((int64_t)(grid->rows - 2) * thread / threads);
}

static void each_row(void *of, int32_t thread, int32_t threads) {
  const struct task *task = of;
  const int32_t end = first_row(task->grid, thread + 1, threads);
  for (int32_t i = first_row(task->grid, thread, threads); i < end; i++) task->row(task, i);
}

/* p, and B p one row behind it: but for the first and last row of each thread, which need its neighbours' p. */
static void aim_rows(void *of, int32_t thread, int32_t threads) {
  const struct task *task = of;
  const int32_t from = first_row(task->grid, thread, threads), end = first_row(task->grid, thread + 1, threads);
  for (int32_t i = from; i < end; i++) {
    task->kernels->combine(task->grid, task->z, task->factor, i);
    if (i - 1 > from) task->kernels->apply(task->grid, task->q, i - 1, task->found + i - 1);
  }
  if (threads > 1) model_barrier();
  task->kernels->apply(task->grid, task->q, from, task->found + from);
  if (end - 1 > from) task->kernels->apply(task->grid, task->q, end - 1, task->found + end - 1);
}

static void run(struct task *task, void (*work)(void *task, int32_t thread, int32_t threads)) {
  const laplace_grid *grid = task->grid;
  const int64_t rows = grid->rows - 2, enough = rows * (grid->cols - 2) / POINTS_OF_A_THREAD;
  const int64_t most = enough < rows ? enough : rows;
  const int32_t threads = most < grid->threads ? (int32_t)most : grid->threads;
  if (threads > 1) model_parallel_run(grid, threads, work, task);
  else work(task, 0, 1);
}

static struct task task_of(laplace_grid *grid, void (*row)(const struct task *task, int32_t i)) {
  return (struct task){.grid = grid, .kernels = grid->kernels->conjugate, .found = grid->vectors->found,
                       .q = image_of(grid), .row = row};
}

/* What all rows found. */
static struct row_sums total(const laplace_grid *grid) {
  struct row_sums all = {0, 0, 0, 0};
  for (int32_t i = 1; i < grid->rows - 1; i++) {
    const struct row_sums *one = grid->vectors->found + i;
    all.product += one->product, all.other += one->other;
    all.most = larger(all.most, one->most), all.moved = larger(all.moved, one->moved);
  }
  return all;
}

/* z is zero, and so are its images. */
static void cleared(const laplace_grid *grid) {
  laplace_grid *other = grid->vectors->correction;
  if (other) iterate_invalidate(other);
}

/* ---- the interface ---- */

int32_t laplace_compute_residual(laplace_grid *grid, double *found) {
  if (open_vectors(grid) != LAPLACE_OK || iterate_materialize(grid) != LAPLACE_OK) return LAPLACE_FAILED;
  if (!found) return fail("there is no place for what is found");
  if (grid->d.data) {
    struct task fix = task_of(grid, fix_row);
    run(&fix, each_row);
    grid->ghosts_stale = 1, grid->next_sweep_ready = 0;
  }
  /* v is the next sweep now, and remains so. */
  double residual;
  if (laplace_residual(grid, &residual) != LAPLACE_OK) return LAPLACE_FAILED;
  struct task subtract = task_of(grid, subtract_row);
  run(&subtract, each_row);
  cleared(grid);
  found[0] = total(grid).product, found[1] = residual;
  return LAPLACE_OK;
}

int32_t laplace_update_direction(laplace_grid *grid, double beta, double *length) {
  if (open_vectors(grid) != LAPLACE_OK) return LAPLACE_FAILED;
  if (!length) return fail("there is no place for the length");
  laplace_grid *other = grid->vectors->correction;
  if (other && iterate_materialize(other) != LAPLACE_OK) return LAPLACE_FAILED;
  struct task task = task_of(grid, NULL);
  task.z = other ? other->u : grid->vectors->r, task.factor = beta;
  if (task.q == grid->v) grid->next_sweep_ready = 0;
  run(&task, aim_rows);
  *length = total(grid).product;
  return LAPLACE_OK;
}

int32_t laplace_step(laplace_grid *grid, double alpha, double *found) {
  if (open_vectors(grid) != LAPLACE_OK || iterate_materialize(grid) != LAPLACE_OK) return LAPLACE_FAILED;
  if (!found) return fail("there is no place for what is found");
  struct task task = task_of(grid, move_row);
  task.factor = alpha;
  run(&task, each_row);
  grid->next_sweep_ready = 0;
  if (grid->layout & (LAPLACE_PERIODIC_ROWS | LAPLACE_PERIODIC_COLS)) grid->ghosts_stale = 1;
  cleared(grid);
  const struct row_sums all = total(grid);
  found[0] = all.product, found[1] = all.most, found[2] = all.moved;
  return LAPLACE_OK;
}

laplace_grid *laplace_preconditioned_residual(laplace_grid *grid) {
  if (open_vectors(grid) != LAPLACE_OK) return NULL;
  struct vectors *vectors = grid->vectors;
  if (vectors->correction) return vectors->correction;
  void **fields[] = {&vectors->q};
  const int lacks = grid->layout & LAPLACE_WEIGHTED && !vectors->q;
  if (lacks && grid_allocate(grid, fields, 1, &vectors->more) != LAPLACE_OK) return NULL;
  return vectors->correction = grid_share(grid, vectors->r);
}

int32_t laplace_dots(laplace_grid *grid, double *dots) {
  laplace_grid *other = grid && grid->vectors ? grid->vectors->correction : NULL;
  if (!other || !dots) return fail("there is no correction, or no place for the products");
  if (iterate_materialize(other) != LAPLACE_OK) return LAPLACE_FAILED;
  struct task task = task_of(grid, multiply_row);
  task.z = other->u;
  run(&task, each_row);
  const struct row_sums all = total(grid);
  dots[0] = all.product, dots[1] = all.other;
  return LAPLACE_OK;
}
