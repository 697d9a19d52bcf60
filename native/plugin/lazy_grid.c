/* A grid whose inside is still zero. Multigrid keeps the iterate elsewhere and may never need u and v, so that their pages,
 * which the system clears one by one, are better left alone: until something else than zero is written inside, or a sweep
 * comes, a grid made for it has its ring in a few lines of memory. No arithmetic; see grid.c for who asks.
 */
#include "lazy_grid.h"
#include <stdlib.h>
#include <string.h>

struct blank {
  char *first, *last, *west, *east; /* rows and columns of the ring, by column and by row */
};

static size_t size_of(const laplace_grid *grid) { return (size_t)grid->dtype; }

int blank_open(laplace_grid *grid) {
  const size_t row = (size_t)grid->cols * size_of(grid), column = (size_t)grid->rows * size_of(grid);
  struct blank *blank = calloc(1, sizeof *blank + 2 * row + 2 * column);
  if (!blank) return fail("out of memory");
  blank->first = (char *)(blank + 1), blank->last = blank->first + row;
  blank->west = blank->last + row, blank->east = blank->west + column;
  grid->blank = blank;
  return LAPLACE_OK;
}

static int is_zero(const char *bytes, size_t count) {
  static const char zero[4096];
  for (size_t k = 0; k < count; k += sizeof zero)
    if (memcmp(bytes + k, zero, count - k < sizeof zero ? count - k : sizeof zero)) return 0;
  return 1;
}

int blank_write(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, const void *data) {
  const size_t size = size_of(grid), row = (size_t)(col1 - col0) * size;
  const int32_t last = grid->rows - 1, end = grid->cols - 1, from = col0 > 1 ? col0 : 1, to = col1 < end ? col1 : end;
  const char *in = data;
  if (!row) return 1;
  for (int32_t i = row0 > 1 ? row0 : 1; to > from && i < row1 && i < last; i++)
    if (!is_zero(in + (size_t)(i - row0) * row + (size_t)(from - col0) * size, (size_t)(to - from) * size)) return 0;
  for (int32_t i = row0; i < row1; i++, in += row) {
    if (i == 0) memcpy(grid->blank->first + (size_t)col0 * size, in, row);
    if (i == last) memcpy(grid->blank->last + (size_t)col0 * size, in, row);
    if (col0 == 0) memcpy(grid->blank->west + (size_t)i * size, in, size);
    if (col1 == end + 1) memcpy(grid->blank->east + (size_t)i * size, in + row - size, size);
  }
  return 1;
}

const void *blank_ring(const laplace_grid *grid, int32_t i, int32_t j) {
  const size_t size = size_of(grid);
  if (i == 0) return grid->blank->first + (size_t)j * size;
  if (i == grid->rows - 1) return grid->blank->last + (size_t)j * size;
  return (j ? grid->blank->east : grid->blank->west) + (size_t)i * size;
}

void blank_end(laplace_grid *grid) {
  if (!grid->blank) return;
  const size_t row = (size_t)grid->stride * size_of(grid), size = size_of(grid), end = (size_t)grid->cols - 1;
  char *const u = grid->u;
  model_touch(grid, grid->u, row * (size_t)grid->rows);
  model_touch(grid, grid->v, row * (size_t)grid->rows);
  for (int32_t i = 0; i < grid->rows; i++) {
    memcpy(u + (size_t)i * row, blank_ring(grid, i, 0), size);
    memcpy(u + (size_t)i * row + end * size, blank_ring(grid, i, (int32_t)end), size);
  }
  memcpy(u, grid->blank->first, (end + 1) * size);
  memcpy(u + (size_t)(grid->rows - 1) * row, grid->blank->last, (end + 1) * size);
  free(grid->blank);
  grid->blank = NULL, grid->stale = 1;
}
