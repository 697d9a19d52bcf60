/* A grid whose inside is still zero, and whose u and v nobody has touched: grid->blank keeps its ring meanwhile. */
#ifndef BLANK_H
#define BLANK_H
#include "grid.h"

/* Makes a new grid blank. */
int blank_open(laplace_grid *grid);

/* Writes to u of a blank grid. Returns 0, with nothing written, if it would no longer be blank. */
int blank_write(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, const void *data);

/* A point of its ring. */
const void *blank_ring(const laplace_grid *grid, int32_t i, int32_t j);

/* Lets u hold the iterate, if the grid is blank. */
void blank_end(laplace_grid *grid);
#endif
