/* A grid whose inside is still zero and whose u and v nobody has touched. The system clears pages one by one, which
 * takes longer than a solution by multigrid, which may never need them. No arithmetic; iterate.c decides when a grid
 * stops being lazy.
 */
#include "lazy_grid.h"
#include <stdlib.h>
#include <string.h>

struct lazy_grid {
  char *first, *last, *west, *east; /* rows and columns of the ghost layer, by column and by row */
};

int lazy_grid_open(laplace_grid *grid) {
  const size_t size = (size_t)grid->dtype, row = (size_t)grid->cols * size, column = (size_t)grid->rows * size;
  struct lazy_grid *lazy = calloc(1, sizeof *lazy + 2 * row + 2 * column);
  if (!lazy) return fail("out of memory");
  lazy->first = (char *)(lazy + 1), lazy->last = lazy->first + row;
  lazy->west = lazy->last + row, lazy->east = lazy->west + column;
  grid->iterate.lazy = lazy, grid->iterate.state = ITERATE_LAZY;
  return LAPLACE_OK;
}

/* Whether the first byte is zero, and each equals the one before. */
static int lazy_grid_is_zero(const char *bytes, size_t count) {
  return !*bytes && !memcmp(bytes, bytes + 1, count - 1);
}

int lazy_grid_write(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, const void *data) {
  const size_t size = (size_t)grid->dtype, row = (size_t)(col1 - col0) * size;
  const int32_t last = grid->rows - 1, end = grid->cols - 1, from = col0 > 1 ? col0 : 1, to = col1 < end ? col1 : end;
  const struct lazy_grid *lazy = grid->iterate.lazy;
  const char *in = data;
  if (!row) return 1;
  for (int32_t i = row0 > 1 ? row0 : 1; to > from && i < row1 && i < last; i++)
    if (!lazy_grid_is_zero(in + (size_t)(i - row0) * row + (size_t)(from - col0) * size, (size_t)(to - from) * size))
      return 0;
  for (int32_t i = row0; i < row1; i++, in += row) {
    if (i == 0) memcpy(lazy->first + (size_t)col0 * size, in, row);
    if (i == last) memcpy(lazy->last + (size_t)col0 * size, in, row);
    if (col0 == 0) memcpy(lazy->west + (size_t)i * size, in, size);
    if (col1 == end + 1) memcpy(lazy->east + (size_t)i * size, in + row - size, size);
  }
  return 1;
}

const void *lazy_grid_ghost(const laplace_grid *grid, int32_t i, int32_t j) {
  const struct lazy_grid *lazy = grid->iterate.lazy;
  const size_t size = (size_t)grid->dtype;
  if (i == 0) return lazy->first + (size_t)j * size;
  if (i == grid->rows - 1) return lazy->last + (size_t)j * size;
  return (j ? lazy->east : lazy->west) + (size_t)i * size;
}

void lazy_grid_end(laplace_grid *grid) {
  struct lazy_grid *lazy = grid->iterate.lazy;
  if (!lazy) return;
  const size_t size = (size_t)grid->dtype, row = (size_t)grid->stride * size, end = (size_t)grid->cols - 1;
  char *const u = grid->u;
  model_first_touch(grid, grid->u, row * (size_t)grid->rows);
  model_first_touch(grid, grid->v, row * (size_t)grid->rows);
  for (int32_t i = 0; i < grid->rows; i++) {
    memcpy(u + (size_t)i * row, lazy_grid_ghost(grid, i, 0), size);
    memcpy(u + (size_t)i * row + end * size, lazy_grid_ghost(grid, i, (int32_t)end), size);
  }
  memcpy(u, lazy->first, (end + 1) * size);
  memcpy(u + (size_t)(grid->rows - 1) * row, lazy->last, (end + 1) * size);
  free(lazy);
  grid->iterate.lazy = NULL, grid->ghosts_stale = 1;
}
