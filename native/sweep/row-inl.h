/* A row as row kernels go through it: in blocks that stay in L1, and its images. Included by what is compiled for each
 * precision and instruction set. */
#ifndef ROW_H
#define ROW_H
#include "../plugin/grid.h"
#include "vector.h"
#include <string.h>

enum { BLOCK = 512 };

/* Where the block that starts at column j ends: at a multiple of BLOCK, so that blocks start on a cache line. */
static inline int64_t block(int64_t j, int64_t end) {
  const int64_t to = (j / BLOCK + 1) * BLOCK;
  return (to < end ? to : end) - j;
}

/* Renews the images of row i, which has just been written. */
static inline void renew(const laplace_grid *grid, real *u, int32_t i) {
  const int32_t last = grid->rows - 1, end = grid->cols - 1;
  real *row = u + i * grid->stride;
  const size_t bytes = (size_t)grid->cols * sizeof(real);
  if (grid->layout & LAPLACE_PERIODIC_COLS) row[0] = row[end - 1], row[end] = row[1];
  if (grid->layout & LAPLACE_PERIODIC_ROWS && i == 1) memcpy(u + last * grid->stride, row, bytes);
  if (grid->layout & LAPLACE_PERIODIC_ROWS && i == last - 1) memcpy(u, row, bytes);
}
#endif
