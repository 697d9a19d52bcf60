/* A grid whose inside is still zero, and whose u and v nobody has touched: its ghost layer is kept apart meanwhile.
 * Part of iterate.c, which decides. */
#ifndef LAZY_GRID_H
#define LAZY_GRID_H
#include "grid.h"

/* Makes a new grid lazy. */
int lazy_grid_open(laplace_grid *grid);

/* Writes to a lazy grid. Returns 0, with nothing written, if it would no longer be zero inside. */
int lazy_grid_write(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, const void *data);

/* A point of its ghost layer. */
const void *lazy_grid_ghost(const laplace_grid *grid, int32_t i, int32_t j);

/* Touches u and v, and gives u the ghost layer, if the grid is lazy. */
void lazy_grid_end(laplace_grid *grid);
#endif
