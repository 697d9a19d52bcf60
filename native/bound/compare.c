/* The right-hand side of a comparison function, and whether one has been found: laplace_plugin.h says what they are
 * for. f64 only. */
#include "../multigrid/multigrid.h"
#include "../plugin/weights.h"
#include <math.h>
#include <stdlib.h>

struct compare_task {
  const laplace_grid *grid;
  int absolute; /* of r its size */
  double rounding;
  double (*found)[2]; /* of each thread */
};

static int compare_check(const laplace_grid *grid, const double *place) {
  if (!grid || !place) return fail("there is no grid, or no place for what is found");
  if (grid->dtype != LAPLACE_F64 || !grid->d.data)
    return fail("only a weighted grid in f64 with a diagonal is compared");
  return LAPLACE_OK;
}

/* found[0] = max d (r + rounding), r = v - u or its size; found[1] = max u. */
static void compare_rows(void *of, int32_t thread, int32_t threads) {
  const struct compare_task *task = of;
  const laplace_grid *grid = task->grid;
  const int32_t rows = grid->rows - 2;
  double most = 0, largest = 0;
  for (int32_t i = 1 + share_begin(rows, thread, threads); i <= share_begin(rows, thread + 1, threads); i++) {
    const double *u = (const double *)grid->u + i * grid->stride, *v = (const double *)grid->v + i * grid->stride;
    const double *d = grid_row(grid, &grid->d, i);
    for (int32_t j = 1; j < grid->cols - 1; j++) {
      const double r = v[j] - u[j], size = d[j] * ((task->absolute ? fabs(r) : r) + task->rounding);
      most = larger(most, size), largest = larger(largest, u[j]);
    }
  }
  task->found[thread][0] = most, task->found[thread][1] = largest;
}

/* v = sweep(u), and what the rows have. */
static int compare_look(laplace_grid *grid, int absolute, double rounding, double found[2]) {
  double of_threads[grid->threads][2], residual;
  if (laplace_residual(grid, &residual) != LAPLACE_OK) return LAPLACE_FAILED;
  struct compare_task task = {grid, absolute, rounding, of_threads};
  const int32_t threads = grid->rows - 2 < grid->threads ? grid->rows - 2 : grid->threads;
  model_parallel_run(grid, threads, compare_rows, &task);
  found[0] = found[1] = 0;
  for (int32_t k = 0; k < threads; k++)
    for (int which = 0; which < 2; which++) found[which] = larger(found[which], of_threads[k][which]);
  return LAPLACE_OK;
}

int32_t laplace_compare(laplace_grid *grid, double share, double rounding, double *margin) {
  double found[2];
  if (compare_check(grid, margin) != LAPLACE_OK || compare_look(grid, 1, 0, found) != LAPLACE_OK) return LAPLACE_FAILED;
  double *row = malloc((size_t)grid->cols * sizeof *row);
  if (!row) return fail("out of memory");
  *margin = share * found[0];
  for (int32_t i = 1; i < grid->rows - 1; i++) {
    double *u = (double *)grid->u + i * grid->stride;
    const double *v = (const double *)grid->v + i * grid->stride, *d = grid_row(grid, &grid->d, i);
    for (int32_t j = 1; j < grid->cols - 1; j++) {
      row[j] = d[j] > 0 ? fabs(v[j] - u[j]) + rounding + *margin / d[j] : 0;
      u[j] = 0;
    }
    weights_write(grid, &grid->g, i, i + 1, 1, grid->cols - 1, row + 1);
  }
  free(row);
  grid->next_sweep_ready = 0, grid->ghosts_stale = 1;
  if (grid->path && grid->path->expect_source) grid->path->expect_source(grid);
  return LAPLACE_OK;
}

int32_t laplace_shortfall(laplace_grid *grid, double rounding, double *found) {
  if (compare_check(grid, found) != LAPLACE_OK) return LAPLACE_FAILED;
  return compare_look(grid, 0, rounding, found);
}
