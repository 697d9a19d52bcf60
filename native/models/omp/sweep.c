/* The model "C + OpenMP": rows, or temporal tiles, shared among threads. `diff ../c/sweep.c sweep.c` shows what OpenMP
 * adds. Not here: the arithmetic (../../sweep/), the settings (threads.c), memory and arguments (../../plugin/).
 */
#include "../../plugin/kernels.h"
#include "threads.h"
#include <omp.h>
#include <string.h>

/* Each thread has a norm of its own, on its stack: threads share no cache line, and NaN survives the merge. */
#pragma omp declare reduction(larger:double : omp_out = larger(omp_out, omp_in)) initializer(omp_priv = 0)

double model_sweep(const laplace_grid *grid, void *u, void *v, int32_t count) {
  double change = 0;
  /* One parallel region around all sweeps: threads start once, and wait at the barrier that ends each `omp for`. */
  omp_set_schedule((omp_sched_t)grid->settings.schedule, grid->settings.chunk);
#pragma omp parallel num_threads(grid->threads) reduction(larger : change)
  for (int32_t k = 0; k < count; k++) {
    affinity_enter(grid);
    const int norm = k == count - 1;
    void *from = k % 2 ? v : u, *to = k % 2 ? u : v;
#pragma omp for schedule(runtime)
    for (int32_t i = 1; i < grid->rows - 1; i++) change = larger(change, grid->kernels->sweep(grid, from, to, i, norm));
  }
  affinity_leave();
  return change;
}

int32_t model_advance(const laplace_grid *grid, void *u, void *v, int32_t count, int residual, double norms[2]) {
  const struct tiling_plan plan = tiling_plan_passes(grid, count, residual);
  norms[0] = norms[1] = 0;
  int64_t done[plan.tiling.slabs]; /* tiles of each slab, through all passes */
  memset(done, 0, sizeof done);
#pragma omp parallel num_threads(threads_of_tiling(grid, &plan.tiling)) reduction(larger : norms[:2])
  for (int32_t k = 0; k < plan.passes; k++) {
    affinity_enter(grid);
    void *from = k % 2 ? v : u, *to = k % 2 ? u : v;
    for (int64_t n; (n = threads_next_tile(&plan.tiling, k, done)) >= 0;) {
      const struct temporal_tile tile = tiling_tile(grid, &plan, k, n);
      grid->kernels->tile(grid, from, to, &tile, grid->scratch[omp_get_thread_num()], norms);
    }
#pragma omp barrier
  }
  affinity_leave();
  return plan.passes;
}

double model_relax(const laplace_grid *grid, void *u, double omega, int32_t colour, int32_t count) {
  double change = 0;
  /* In place: a row reads only the other colour of its neighbours, so the order of threads does not matter. */
  omp_set_schedule((omp_sched_t)grid->settings.schedule, grid->settings.chunk);
#pragma omp parallel num_threads(grid->threads) reduction(larger : change)
  for (int32_t k = 0; k < count; k++) {
    affinity_enter(grid);
    const int norm = k >= count - 2;
#pragma omp for schedule(runtime)
    for (int32_t i = 1; i < grid->rows - 1; i++)
      change = larger(change, grid->kernels->relax(grid, u, omega, (colour + k) % 2, i, norm));
  }
  affinity_leave();
  return change;
}
