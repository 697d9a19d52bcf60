/* A row as rows.c and cg/vector_rows.c, which alone include this, traverse it: in blocks that stay in L1; and its
 * periodic ghosts. Not here: the arithmetic. */
#ifndef ROW_INL_H
#define ROW_INL_H
#include "../plugin/grid.h"
#include "vector.h"
#include <string.h>

enum { ROW_BLOCK = 512 };

/* Where the block that starts at column j ends: at a multiple of ROW_BLOCK, so that blocks start on a cache line. */
static inline int64_t row_block(int64_t j, int64_t end) {
  const int64_t to = (j / ROW_BLOCK + 1) * ROW_BLOCK;
  return (to < end ? to : end) - j;
}

/* Fills the periodic ghosts that row i, which has just been written, determines. */
static inline void row_fill_ghosts(const laplace_grid *grid, real *u, int32_t i) {
  const int32_t last = grid->rows - 1, end = grid->cols - 1;
  real *row = u + i * grid->stride;
  const size_t bytes = (size_t)grid->cols * sizeof(real);
  if (grid->layout & LAPLACE_PERIODIC_COLS) row[0] = row[end - 1], row[end] = row[1];
  if (grid->layout & LAPLACE_PERIODIC_ROWS && i == 1) memcpy(u + last * grid->stride, row, bytes);
  if (grid->layout & LAPLACE_PERIODIC_ROWS && i == last - 1) memcpy(u, row, bytes);
}
#endif
