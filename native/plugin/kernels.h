/* The arithmetic: rows.c and temporal_tile.c, compiled for each precision and instruction set. Models loop over rows,
 * or over tiles. */
#ifndef KERNELS_H
#define KERNELS_H
#include "../cg/cg.h"
#include "../multigrid/aggregation/finest.h"
#include "../multigrid/blackbox/fine.h"
#include "../sweep/temporal_tile.h"

struct kernels {
  /* v[i] = sweep(u)[i], with the row's periodic ghosts. Returns its change if `norm`, else 0. */
  double (*sweep)(const laplace_grid *grid, const void *u, void *v, int32_t i, int norm);
  /* u[i] += omega * (sweep(u)[i] - u[i]) at the points of one colour. Returns its change if `norm`, else 0. */
  double (*relax)(const laplace_grid *grid, void *u, double omega, int32_t colour, int32_t i, int norm);
  /* v = sweep(... sweep(u)) at the points of a tile. Raises `norms` to what it finds. */
  void (*tile)(const laplace_grid *grid, const void *u, void *v, const struct temporal_tile *tile, void *scratch,
               double norms[2]);
  /* Bytes of scratch that a tile of so many time steps and columns needs, at a multiple of 64. */
  size_t (*tile_scratch)(const laplace_grid *grid, int32_t time_steps, int64_t width);
  /* The width of a tile is a multiple of this. */
  int64_t tile_unit;
  /* Of multigrid, in the same precision. */
  const struct fine_kernels *fine;
  const struct plate_kernels *plate;
  /* Of conjugate gradients, likewise. */
  const struct cg_kernels *cg;
  /* Of its algebraic preconditioner, likewise. */
  const struct aggregation_kernels *aggregation;
};

/* Sets a grid's kernels: the widest that this CPU runs, or those that the variable LAPLACE_ISA names (avx512, avx2,
 * baseline), and then its block. LAPLACE_FAILED, with the reason noted, if it names none of these or the CPU lacks
 * them. */
int cpu_open(laplace_grid *grid);

/* Those of a precision, once cpu_open has found them. */
const struct kernels *cpu_kernels(int32_t dtype);

/* What cpu_open will choose: "x86-64 AVX2", or NULL as above. */
const char *cpu_isa(void);
#endif
