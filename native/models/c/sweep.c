/* The model "C": every row, or every temporal tile, one after the other on one thread. `diff sweep.c ../omp/sweep.c`
 * shows what OpenMP adds. Not here: the arithmetic (../../sweep/), the settings (threads.c), memory and arguments
 * (../../plugin/).
 */
#include "../../plugin/kernels.h"

double model_sweep(const laplace_grid *grid, void *u, void *v, int32_t count) {
  double change = 0;
  for (int32_t k = 0; k < count; k++) {
    const int norm = k == count - 1;
    void *from = k % 2 ? v : u, *to = k % 2 ? u : v;
    for (int32_t i = 1; i < grid->rows - 1; i++) change = larger(change, grid->kernels->sweep(grid, from, to, i, norm));
  }
  return change;
}

int32_t model_advance(const laplace_grid *grid, void *u, void *v, int32_t count, int residual, double norms[2]) {
  const struct tiling_plan plan = tiling_plan_passes(grid, count, residual);
  norms[0] = norms[1] = 0;
  for (int32_t k = 0; k < plan.passes; k++) {
    void *from = k % 2 ? v : u, *to = k % 2 ? u : v;
    for (int64_t n = 0; n < plan.tiling.across * plan.tiling.slabs; n++) {
      const struct temporal_tile tile = tiling_tile(grid, &plan, k, n);
      grid->kernels->tile(grid, from, to, &tile, grid->scratch[0], norms);
    }
  }
  return plan.passes;
}

double model_relax(const laplace_grid *grid, void *u, double omega, int32_t colour, int32_t count) {
  double change = 0;
  for (int32_t k = 0; k < count; k++) {
    const int norm = k >= count - 2;
    for (int32_t i = 1; i < grid->rows - 1; i++)
      change = larger(change, grid->kernels->relax(grid, u, omega, (colour + k) % 2, i, norm));
  }
  return change;
}
