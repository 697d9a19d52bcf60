/* Conjugate gradients: the vectors that a grid keeps, and the row kernels. cg.c has the calls of the interface and
 * deals rows out to threads; the arithmetic is in vector_rows.c. Not here: which step follows which, which is
 * laplace's. */
#ifndef CG_H
#define CG_H
#include "../plugin/grid.h"

/* What a row contributes. Sums are added row by row, so that they do not depend on the number of threads. */
struct cg_row_sums {
  double dot, dot_q; /* <r, r>, <p, B p> or <r, z>; and <B p, z> */
  double residual, change;
};

/* Arrays of the grid's shape, ghosts included. */
struct cg_vectors {
  void *r; /* ghosts are zero */
  void *p; /* ghosts are zero or periodic */
  void *q; /* B p of weighted grids with a preconditioner; without one v holds it; plain grids compute it again */
  laplace_grid *preconditioned; /* the grid whose iterate is z, the preconditioned residual; NULL: z is r */
  struct cg_row_sums *sums;     /* of each row */
  void *memory, *q_memory;      /* of r and p, of q */
  void (*release)(laplace_grid *grid);
};

/* Rows inside the ghost layer; q is NULL for plain grids. */
struct cg_kernels {
  /* u = g where d is 0, at Dirichlet points. */
  void (*set_fixed)(const laplace_grid *grid, int32_t i);
  /* r = v - u; <r, r>. */
  void (*compute_residual)(const laplace_grid *grid, int32_t i, struct cg_row_sums *sums);
  /* p = z + beta p, and its periodic ghosts. */
  void (*update_direction)(const laplace_grid *grid, const void *z, double beta, int32_t i);
  /* q = B p; <p, B p>. */
  void (*apply)(const laplace_grid *grid, void *q, int32_t i, struct cg_row_sums *sums);
  /* u += alpha p, r -= alpha B p; <r, r>, max |r| and max |alpha p|. */
  void (*step)(const laplace_grid *grid, const void *q, double alpha, int32_t i, struct cg_row_sums *sums);
  /* <r, z>, <B p, z>. */
  void (*dots)(const laplace_grid *grid, const void *q, const void *z, int32_t i, struct cg_row_sums *sums);
};
#endif
