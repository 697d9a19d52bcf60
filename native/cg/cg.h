/* Conjugate gradients: what is kept of a grid, and the row kernels. conjugate.c has the calls of the interface and deals
 * rows out to threads; the arithmetic is in vector_rows.c. Not here: which step follows which, which is laplace's. */
#ifndef CONJUGATE_H
#define CONJUGATE_H
#include "../plugin/grid.h"

/* Arrays of the grid's shape, ring included. */
struct vectors {
  void *r; /* zero in the ring */
  void *p; /* zero in the ring, or its images */
  void *q; /* B p, with a correction and weights; without, v holds it; of plain grids B p is computed again instead */
  laplace_grid *correction; /* the grid whose iterate is z; NULL: z is r */
  struct row_sums {
    double product, other, most, moved;
  } *found; /* of each row: sums are added row by row, so that they do not depend on the number of threads */
  void *memory, *more; /* of r and p, of q */
  void (*release)(laplace_grid *grid);
};

/* Rows inside the ring; q is NULL for plain grids. */
struct conjugate_kernels {
  /* u = g where d is 0. */
  void (*fix)(const laplace_grid *grid, int32_t i);
  /* r = v - u: the product. */
  void (*subtract)(const laplace_grid *grid, int32_t i, struct row_sums *found);
  /* p = z + beta p, and its images. */
  void (*combine)(const laplace_grid *grid, const void *z, double beta, int32_t i);
  /* q = B p: the product of p and B p. */
  void (*apply)(const laplace_grid *grid, void *q, int32_t i, struct row_sums *found);
  /* u += alpha p, r -= alpha B p: the product of r, max |r| and max |alpha p|. */
  void (*move)(const laplace_grid *grid, const void *q, double alpha, int32_t i, struct row_sums *found);
  /* The products of z with r, and with B p. */
  void (*products)(const laplace_grid *grid, const void *q, const void *z, int32_t i, struct row_sums *found);
};
#endif
