/* The model "C": every row in turn, on one thread. Put it beside ../omp/sweep.c to see what OpenMP adds.
 * Not here: the arithmetic of a row (../rows.c), settings (model.c), memory and arguments (../grid.c). Built by
 * ../build.ts.
 */
#include "../rows.h"

double model_sweep(const laplace_grid *grid, void *u, void *v, int32_t count) {
  double change = 0;
  for (int32_t k = 0; k < count; k++) {
    const int norm = k == count - 1;
    void *from = k % 2 ? v : u, *to = k % 2 ? u : v;
    for (int32_t i = 1; i < grid->rows - 1; i++)
      change = larger(change, grid->kernels->sweep(grid, from, to, i, norm));
  }
  return change;
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
