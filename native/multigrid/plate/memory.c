/* Memory of the fused path: what it keeps of a grid, the ring, and copies of the iterate in natural order. No passes: see
 * fused.c. */
#include "../../plugin/lazy_grid.h"
#include "../../plugin/kernels.h"
#include "plate.h"
#include <stdlib.h>
#include <string.h>

enum { LINE = 64, PAGE = 4096 };

static int64_t pitch_of(int32_t half, int32_t size) {
  int64_t bytes = ((int64_t)(half + 1) * size + LINE - 1) / LINE * LINE;
  if (bytes % PAGE == 0) bytes += LINE;
  return bytes / size;
}

struct fused *fused_open(int32_t rows, int32_t cols, int32_t size, int finest, int32_t threads) {
  struct fused *fused = calloc(1, sizeof *fused);
  if (!fused) return fail("out of memory"), NULL;
  fused->unit = fused->next = 1;
  fused->rows = rows, fused->half = cols / 2, fused->pitch = pitch_of(fused->half, size);
  const size_t array = (size_t)rows * (size_t)fused->pitch * (size_t)size, line = (size_t)fused->pitch * (size_t)size;
  const size_t column = ((size_t)rows * (size_t)size + LINE - 1) / LINE * LINE;
  fused->memory = multigrid_reserve(array + (finest ? 4 * line + 2 * column : 0));
  fused->scratch = calloc((size_t)threads + 1, sizeof *fused->scratch);
  if (!fused->memory || !fused->scratch) {
    free(fused->memory), free(fused->scratch), free(fused);
    return fail("a level of %d x %d points could not be allocated", rows, cols), NULL;
  }
  char *at = fused->memory;
  fused->black = at, at += array;
  if (finest) {
    for (int k = 0; k < 2; k++, at += line) fused->first[k] = at;
    for (int k = 0; k < 2; k++, at += line) fused->last[k] = at;
    fused->west = at, fused->east = at + column;
  }
  return fused;
}

void fused_give_back(struct fused *fused) {
  laplace_grid *coarse = fused->coarse;
  fused->coarse = NULL;
  if (!coarse) return;
  coarse->lent--;
  if (coarse->freed) laplace_free(coarse);
}

static void close(struct fused *fused, int32_t threads) {
  if (!fused) return;
  fused_give_back(fused);
  for (int32_t k = 0; k < threads; k++) free(fused->scratch[k].memory);
  free(fused->scratch), free(fused->memory), free(fused);
}

void fused_release(laplace_grid *grid) {
  close(grid->multigrid, grid->threads);
  grid->multigrid = NULL;
}

void fused_release_level(laplace_level *level) { close(level->plate, 0); }

static const void *ring(const laplace_grid *grid, int32_t i, int32_t j) {
  return grid->blank ? blank_ring(grid, i, j) : (char *)grid->u + (i * grid->stride + j) * grid->dtype;
}

void fused_copy_ring(laplace_grid *grid) {
  const struct fused *fused = grid->multigrid;
  const size_t size = (size_t)grid->dtype;
  const int32_t last = grid->rows - 1, end = grid->cols - 1;
  for (int32_t j = 0; j <= end; j++) {
    memcpy((char *)fused->first[j % 2] + (size_t)(j / 2) * size, ring(grid, 0, j), size);
    memcpy((char *)fused->last[j % 2] + (size_t)(j / 2) * size, ring(grid, last, j), size);
  }
  for (int32_t i = 0; i <= last; i++) {
    memcpy((char *)fused->west + (size_t)i * size, ring(grid, i, 0), size);
    memcpy((char *)fused->east + (size_t)i * size, ring(grid, i, end), size);
  }
}

/* Every second number of a row, from `from` to `to`. */
static void copy_half(size_t size, const void *from, void *to, int64_t count) {
  if (size == sizeof(double))
    for (int64_t k = 0; k < count; k++) ((double *)to)[k] = ((const double *)from)[2 * k];
  else
    for (int64_t k = 0; k < count; k++) ((float *)to)[k] = ((const float *)from)[2 * k];
}

void fused_write(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, const void *data) {
  const struct fused *fused = grid->multigrid;
  const size_t size = (size_t)grid->dtype, width = (size_t)(col1 - col0) * size;
  const int32_t last = fused->rows - 1, end = 2 * fused->half;
  const char *row = data;
  for (int32_t i = row0; width && i < row1; i++, row += width) {
    char *const black = (char *)fused->black + (size_t)i * (size_t)fused->pitch * size;
    for (int32_t j = col0; j < col0 + 2 && j < col1; j++) {
      /* Columns j, j + 2, .. are one colour of this row. */
      void *const *half = i == 0 ? fused->first : i == last ? fused->last : NULL;
      char *to = half ? half[j % 2] : (i + j) % 2 ? black : NULL;
      if (to) copy_half(size, row + (size_t)(j - col0) * size, to + (size_t)(j / 2) * size, (col1 - j + 1) / 2);
    }
    if (col0 == 0) memcpy((char *)fused->west + (size_t)i * size, row, size);
    if (col1 == end + 1) memcpy((char *)fused->east + (size_t)i * size, row + width - size, size);
  }
}

struct copy {
  const laplace_grid *grid;
  int32_t row0, row1, col0, col1;
  char *to;
  int64_t stride; /* of `to`, in bytes */
};

enum { PIECE = 256 };

static void share_copy(void *task, int32_t thread, int32_t threads) {
  const struct copy *copy = task;
  const laplace_grid *grid = copy->grid;
  const struct fused *fused = grid->multigrid;
  const int64_t size = grid->dtype, rows = copy->row1 - copy->row0;
  for (int32_t i = copy->row0 + (int32_t)(rows * thread / threads); i < copy->row0 + rows * (thread + 1) / threads; i++)
    for (int32_t j = copy->col0, next; j < copy->col1; j = next) {
      double pairs[2 * PIECE];
      const int32_t m = j / 2;
      next = 2 * (m + PIECE) < copy->col1 ? 2 * (m + PIECE) : copy->col1;
      grid->kernels->fused->natural(grid, fused, i, m, (next + 1) / 2, pairs);
      memcpy(copy->to + (i - copy->row0) * copy->stride + (j - copy->col0) * size, (char *)pairs + j % 2 * size, (size_t)((next - j) * size));
    }
}

void fused_copy(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, void *to, int64_t stride) {
  struct copy copy = {grid, row0, row1, col0, col1, to, stride};
  if ((int64_t)(row1 - row0) * (col1 - col0) < SERIAL) share_copy(&copy, 0, 1);
  else model_team(grid, grid->threads, share_copy, &copy);
}
