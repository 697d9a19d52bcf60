/* Memory of a grid's weights, its constant term and diagonal. Rows of a field that are alike are stored once: they stay
 * in cache, and memory for the others is never touched. Where every row is another, each has its own.
 */
#ifndef WEIGHTS_H
#define WEIGHTS_H
#include "grid.h"

/* Memory for the fields that a weighted layout has. */
int weights_open(laplace_grid *grid);
void weights_close(laplace_grid *grid);

/* The correction `grid` gets a constant term of its own, which is zero, in place of the residual of the grid that it is
 * of. */
int weights_own_constant(laplace_grid *grid);

/* Copies rows [row0, row1) x columns [col0, col1), dense in C order, into a field. */
void weights_write(laplace_grid *grid, struct field *field, int32_t row0, int32_t row1, int32_t col0, int32_t col1,
                   const void *data);

/* Makes the weights and d of rows [row0, row1) x columns [col0, col1), in f64, from the conductivity there and one point
 * further on each side. Returns whether all d are finite and more than zero. */
int weights_conduct(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, double dy, double dx,
                    const double *k);
#endif
