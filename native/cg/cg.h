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
  void *memory, *q_memory;      /* of r and p, of q */
  void (*release)(laplace_grid *grid);
  struct cg_row_sums sums[]; /* of each row */
};

/* What is done to a grid, row by row. */
struct cg_task {
  laplace_grid *grid;
  void (*row)(const struct cg_task *task, int32_t i); /* one of these, or NULL */
  const void *z;
  void *q;                         /* NULL for plain grids */
  double factor;                   /* alpha or beta */
  laplace_grid *cleared;           /* its iterate becomes zero: z, where r changes; NULL: none */
  const struct fine *conductances; /* multigrid's, where it has some: B in differences, fewer numbers; else NULL */
};

/* Rows inside the ghost layer. Sums go to those of the row. */
struct cg_kernels {
  /* u = g where d is 0, at Dirichlet points. */
  void (*set_fixed)(const struct cg_task *task, int32_t i);
  /* r = v - u; <r, r>. */
  void (*compute_residual)(const struct cg_task *task, int32_t i);
  /* p = z + beta p, and its periodic ghosts. */
  void (*update_direction)(const struct cg_task *task, int32_t i);
  /* q = B p; <p, B p>. */
  void (*apply)(const struct cg_task *task, int32_t i);
  /* u += alpha p, r -= alpha B p; <r, r>, max |r| and max |alpha p|. */
  void (*step)(const struct cg_task *task, int32_t i);
  /* <r, z>, <B p, z>. */
  void (*dots)(const struct cg_task *task, int32_t i);
};
#endif
