/* The model "C + OpenMP": rows are shared among threads. Put it beside ../c/sweep.c: the loops over rows are the same.
 * Not here: the arithmetic of a row (../rows.c), settings (model.c), memory and arguments (../grid.c). Built by
 * ../build.ts.
 */
#include "../rows.h"
#include <omp.h>

/* Each thread has a `change` of its own, on its stack: no line of the cache is shared, and NaN survives the merge. */
#pragma omp declare reduction(larger : double : omp_out = larger(omp_out, omp_in)) initializer(omp_priv = 0)

/* One parallel region around all sweeps: threads start once, and meet at the barrier that ends each `omp for`. */
double model_sweep(const laplace_grid *grid, void *u, void *v, int32_t count) {
  double change = 0;
  omp_set_schedule((omp_sched_t)grid->schedule, grid->chunk);
#pragma omp parallel num_threads(grid->threads) reduction(larger : change)
  for (int32_t k = 0; k < count; k++) {
    const int norm = k == count - 1;
    void *from = k % 2 ? v : u, *to = k % 2 ? u : v;
#pragma omp for schedule(runtime)
    for (int32_t i = 1; i < grid->rows - 1; i++)
      change = larger(change, grid->kernels->sweep(grid, from, to, i, norm));
  }
  return change;
}

/* In place: rows of one colour read only the other colour of their neighbours, so the order of threads is free. */
double model_relax(const laplace_grid *grid, void *u, double omega, int32_t colour, int32_t count) {
  double change = 0;
  omp_set_schedule((omp_sched_t)grid->schedule, grid->chunk);
#pragma omp parallel num_threads(grid->threads) reduction(larger : change)
  for (int32_t k = 0; k < count; k++) {
    const int norm = k >= count - 2;
#pragma omp for schedule(runtime)
    for (int32_t i = 1; i < grid->rows - 1; i++)
      change = larger(change, grid->kernels->relax(grid, u, omega, (colour + k) % 2, i, norm));
  }
  return change;
}
