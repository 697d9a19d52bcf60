/* The finest grid under the algebraic preconditioner, row by row. Its conductances are those that multigrid made
 * (../blackbox/fine.h); z is the iterate of the grid, r its constant term, which is the residual divided by the
 * diagonal.
 */
#ifndef FINEST_H
#define FINEST_H
#include "aggregation.h"

/* Rows inside the ghost layer; colours are red and black, red those whose row and column add up to an even number. */
struct aggregation_kernels {
  /* Row i of z, relaxed from zero, red points first. */
  void (*start)(const laplace_grid *grid, int32_t i);
  /* What z leaves of r, added up in f of the first level. */
  void (*restrict_row)(const laplace_grid *grid, int32_t i, const int32_t *aggregate, double *f);
  /* z += e of the first level. */
  void (*correct)(const laplace_grid *grid, int32_t i, const int32_t *aggregate, const double *e);
  /* Relaxes the points of one colour, 0 being red. */
  void (*relax)(const laplace_grid *grid, int32_t i, int colour);
  /* Adds c z and c, the diagonal, to the sums. */
  void (*sum_row)(const laplace_grid *grid, int32_t i, double sum[2]);
  /* z -= by, at free points. */
  void (*shift_row)(const laplace_grid *grid, int32_t i, double by);
};
#endif
