/* The arithmetic: rows.c and strips.c, compiled for each precision and instruction set. Models loop over rows, or deal out
 * strips. */
#ifndef KERNELS_H
#define KERNELS_H
#include "../cg/cg.h"
#include "../multigrid/blackbox/fine.h"
#include "../multigrid/kernels.h"
#include "../sweep/temporal_tile.h"

struct kernels {
  /* v[i] = sweep(u)[i], with the row's images. Returns its change if `norm`, else 0. */
  double (*sweep)(const laplace_grid *grid, const void *u, void *v, int32_t i, int norm);
  /* u[i] += omega * (sweep(u)[i] - u[i]) at the points of one colour. Returns its change if `norm`, else 0. */
  double (*relax)(const laplace_grid *grid, void *u, double omega, int32_t colour, int32_t i, int norm);
  /* v = sweep(... sweep(u)) at the points of a strip. Raises `norms` to what it finds. */
  void (*strip)(const laplace_grid *grid, const void *u, void *v, const struct strip *strip, void *scratch,
                double norms[2]);
  /* Bytes of scratch that a strip of so many levels and columns needs, at a multiple of 64. */
  size_t (*scratch)(const laplace_grid *grid, int32_t levels, int64_t width);
  /* The width of a strip is a multiple of this. */
  int64_t unit;
  /* Of multigrid, in the same precision. */
  const struct finest_kernels *finest;
  const struct plate_kernels *plate;
  /* Of conjugate gradients, likewise. */
  const struct conjugate_kernels *conjugate;
};

/* Gives a grid the widest kernels that this CPU runs, or those that the variable LAPLACE_ISA names (avx512, avx2,
 * baseline). LAPLACE_FAILED, with the reason noted, if it names none of these or the CPU lacks them. */
int kernels_open(laplace_grid *grid);

/* Those of a precision, once kernels_open has found them. */
const struct kernels *kernels_for(int32_t dtype);

/* What kernels_open will choose: "x86-64 AVX2", or NULL as above. */
const char *kernels_isa(void);
#endif
