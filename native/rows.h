/* Row kernels: the arithmetic of one row, compiled for each precision and instruction set. Models loop over rows. */
#ifndef ROWS_H
#define ROWS_H
#include "grid.h"

struct row_kernels {
  /* v[i] = sweep(u)[i], with the row's images. Returns its change if `norm`, else 0. */
  double (*sweep)(const laplace_grid *grid, const void *u, void *v, int32_t i, int norm);
  /* u[i] += omega * (sweep(u)[i] - u[i]) at the points of one colour. Returns its change if `norm`, else 0. */
  double (*relax)(const laplace_grid *grid, void *u, double omega, int32_t colour, int32_t i, int norm);
};

/* Gives a grid the widest kernels that this CPU runs, or those that the variable LAPLACE_ISA names (avx512, avx2,
 * baseline). LAPLACE_FAILED, with the reason noted, if it names none of these or the CPU lacks them. */
int rows_open(laplace_grid *grid);

/* What rows_open will choose: "x86-64 AVX2", or NULL as above. */
const char *rows_isa(void);
#endif
