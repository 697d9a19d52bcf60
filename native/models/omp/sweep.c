/* The model "C + OpenMP": rows, or strips, are shared among threads. Put it beside ../c/sweep.c: the loops are the same.
 * Not here: the arithmetic (../rows.c, ../strips.c), settings (model.c), cores for threads (affinity.c), memory and
 * arguments (../grid.c). Built by ../build.ts.
 */
#include "../../plugin/kernels.h"
#include "../../multigrid/multigrid.h"
#include "affinity.h"
#include <omp.h>

/* Each thread has a norm of its own, on its stack: no line of the cache is shared, and NaN survives the merge. */
#pragma omp declare reduction(larger : double : omp_out = larger(omp_out, omp_in)) initializer(omp_priv = 0)

/* One parallel region around all sweeps: threads start once, and meet at the barrier that ends each `omp for`. */
double model_sweep(const laplace_grid *grid, void *u, void *v, int32_t count) {
  double change = 0;
  omp_set_schedule((omp_sched_t)grid->settings.schedule, grid->settings.chunk);
#pragma omp parallel num_threads(grid->threads) reduction(larger : change)
  {
    affinity_enter(grid);
    for (int32_t k = 0; k < count; k++) {
      const int norm = k == count - 1;
      void *from = k % 2 ? v : u, *to = k % 2 ? u : v;
#pragma omp for schedule(runtime)
      for (int32_t i = 1; i < grid->rows - 1; i++)
        change = larger(change, grid->kernels->sweep(grid, from, to, i, norm));
    }
  }
  affinity_leave();
  return change;
}

/* The next strip of pass k for a thread, or -1: of its own slab first, where its memory is, then of the others. `taken`
 * counts strips of each slab through all passes. */
static int64_t take(const struct tiling *tiling, int32_t k, int64_t taken[]) {
  const int64_t own = omp_get_thread_num() * tiling->slabs / omp_get_num_threads(), end = (k + 1) * tiling->across;
  for (int64_t n = 0; n < tiling->slabs; n++) {
    const int64_t slab = (own + n) % tiling->slabs;
    int64_t next = __atomic_load_n(&taken[slab], __ATOMIC_RELAXED);
    while (next < end)
      if (__atomic_compare_exchange_n(&taken[slab], &next, next + 1, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        return slab * tiling->across + next - k * tiling->across;
  }
  return -1;
}

int32_t model_advance(const laplace_grid *grid, void *u, void *v, int32_t count, int residual, double norms[2]) {
  const struct tiling_plan plan = tiling_plan_passes(grid, count, residual);
  const int64_t strips = plan.tiling.across * plan.tiling.slabs;
  int64_t taken[plan.tiling.slabs];
  for (int64_t n = 0; n < plan.tiling.slabs; n++) taken[n] = 0;
  double change = 0, rest = 0;
#pragma omp parallel num_threads(strips < grid->threads ? (int)strips : grid->threads) reduction(larger : change, rest)
  {
    double found[2] = {0, 0};
    affinity_enter(grid);
    for (int32_t k = 0; k < plan.passes; k++) {
      void *from = k % 2 ? v : u, *to = k % 2 ? u : v;
      for (int64_t n; (n = take(&plan.tiling, k, taken)) >= 0;) {
        const struct temporal_tile tile = tiling_tile(grid, &plan, k, n);
        grid->kernels->tile(grid, from, to, &tile, grid->scratch[omp_get_thread_num()], found);
      }
#pragma omp barrier
    }
    change = found[0], rest = found[1];
  }
  affinity_leave();
  norms[0] = change, norms[1] = rest;
  return plan.passes;
}

/* In place: rows of one colour read only the other colour of their neighbours, so the order of threads is free. */
double model_relax(const laplace_grid *grid, void *u, double omega, int32_t colour, int32_t count) {
  double change = 0;
  omp_set_schedule((omp_sched_t)grid->settings.schedule, grid->settings.chunk);
#pragma omp parallel num_threads(grid->threads) reduction(larger : change)
  {
    affinity_enter(grid);
    for (int32_t k = 0; k < count; k++) {
      const int norm = k >= count - 2;
#pragma omp for schedule(runtime)
      for (int32_t i = 1; i < grid->rows - 1; i++)
        change = larger(change, grid->kernels->relax(grid, u, omega, (colour + k) % 2, i, norm));
    }
  }
  affinity_leave();
  return change;
}

/* Each thread touches its share of the rows: it is the one that sweeps them. */
void model_first_touch(const laplace_grid *grid, void *field, size_t bytes) {
#pragma omp parallel num_threads(grid->threads)
  {
    affinity_enter(grid);
    const size_t threads = (size_t)omp_get_num_threads(), k = (size_t)omp_get_thread_num();
    for (size_t at = bytes / threads * k / 4096 * 4096, end = k == threads - 1 ? bytes : bytes / threads * (k + 1);
         at < end; at += 4096)
      touch((char *)field + at);
  }
  affinity_leave();
}

void model_parallel_run(const laplace_grid *grid, int32_t threads, void (*work)(void *task, int32_t thread, int32_t threads),
                void *task) {
#pragma omp parallel num_threads(threads)
  {
    affinity_enter(grid);
    work(task, omp_get_thread_num(), omp_get_num_threads());
  }
  affinity_leave();
}

void model_barrier(void) {
#pragma omp barrier
}
