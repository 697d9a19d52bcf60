/* Memory of the plate path: what it keeps of a grid or level, the ghost layer, and parts of the iterate in natural
 * order. No passes: see plate.c. */
#include "../../plugin/arena.h"
#include "../../plugin/kernels.h"
#include "../../plugin/lazy_grid.h"
#include "plate.h"
#include <stdlib.h>
#include <string.h>

static void plate_lay_out_memory(struct plate *plate, struct arena *arena, size_t size) {
  const size_t row = (size_t)plate->pitch * size, rows = (size_t)plate->rows;
  plate->black = arena_take(arena, rows * row, CACHE_LINE);
  if (!plate->threads) return;
  for (int k = 0; k < 2; k++) plate->first[k] = arena_take(arena, row, CACHE_LINE);
  for (int k = 0; k < 2; k++) plate->last[k] = arena_take(arena, row, CACHE_LINE);
  plate->west = arena_take(arena, rows * size, CACHE_LINE), plate->east = arena_take(arena, rows * size, CACHE_LINE);
}

void plate_close(struct plate *plate) {
  if (!plate) return;
  for (int32_t k = 0; plate->scratch && k < plate->threads; k++) free(plate->scratch[k].memory);
  free(plate->scratch), free(plate->memory), free(plate);
}

struct plate *plate_open(int32_t rows, int32_t cols, int32_t size, int32_t threads) {
  struct plate *plate = calloc(1, sizeof *plate);
  if (!plate) return fail("out of memory"), NULL;
  plate->unit = plate->next_unit = 1, plate->threads = threads;
  plate->rows = rows, plate->half = cols / 2, plate->pitch = grid_pitch(plate->half + 1, size);
  struct arena arena = arena_measure();
  plate_lay_out_memory(plate, &arena, (size_t)size);
  const size_t bytes = arena.used;
  plate->memory = multigrid_reserve(bytes);
  if (threads) plate->scratch = calloc((size_t)threads, sizeof *plate->scratch);
  if (!plate->memory || (threads && !plate->scratch)) {
    plate_close(plate);
    return fail("a level of %d x %d points could not be allocated", rows, cols), NULL;
  }
  arena = arena_init(plate->memory, bytes);
  plate_lay_out_memory(plate, &arena, (size_t)size);
  return plate;
}

static const void *plate_ghost(const laplace_grid *grid, int32_t i, int32_t j) {
  return grid->iterate.lazy ? lazy_grid_ghost(grid, i, j) : (char *)grid->u + (i * grid->stride + j) * grid->dtype;
}

void plate_copy_ghosts(laplace_grid *grid) {
  const struct plate *plate = grid->multigrid;
  const size_t size = (size_t)grid->dtype;
  const int32_t last = grid->rows - 1, end = grid->cols - 1;
  for (int32_t j = 0; j <= end; j++) {
    memcpy((char *)plate->first[j % 2] + (size_t)(j / 2) * size, plate_ghost(grid, 0, j), size);
    memcpy((char *)plate->last[j % 2] + (size_t)(j / 2) * size, plate_ghost(grid, last, j), size);
  }
  for (int32_t i = 0; i <= last; i++) {
    memcpy((char *)plate->west + (size_t)i * size, plate_ghost(grid, i, 0), size);
    memcpy((char *)plate->east + (size_t)i * size, plate_ghost(grid, i, end), size);
  }
}

/* Every second number of a row, from `from` to `to`. */
static void plate_copy_half(size_t size, const void *from, void *to, int64_t count) {
  if (size == sizeof(double))
    for (int64_t k = 0; k < count; k++) ((double *)to)[k] = ((const double *)from)[2 * k];
  else
    for (int64_t k = 0; k < count; k++) ((float *)to)[k] = ((const float *)from)[2 * k];
}

void plate_write(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, const void *data) {
  const struct plate *plate = grid->multigrid;
  const size_t size = (size_t)grid->dtype, width = (size_t)(col1 - col0) * size;
  const int32_t last = plate->rows - 1, end = 2 * plate->half;
  const char *row = data;
  for (int32_t i = row0; width && i < row1; i++, row += width) {
    char *const black = (char *)plate->black + (size_t)i * (size_t)plate->pitch * size;
    for (int32_t j = col0; j < col0 + 2 && j < col1; j++) {
      /* Columns j, j + 2, .. are one colour of this row. */
      void *const *half = i == 0 ? plate->first : i == last ? plate->last : NULL;
      char *to = half ? half[j % 2] : (i + j) % 2 ? black : NULL;
      if (to) plate_copy_half(size, row + (size_t)(j - col0) * size, to + (size_t)(j / 2) * size, (col1 - j + 1) / 2);
    }
    if (col0 == 0) memcpy((char *)plate->west + (size_t)i * size, row, size);
    if (col1 == end + 1) memcpy((char *)plate->east + (size_t)i * size, row + width - size, size);
  }
}

struct plate_copy {
  const laplace_grid *grid;
  int32_t row0, row1, col0, col1;
  char *to;
  int64_t stride; /* of `to`, in bytes */
};

enum { PLATE_PIECE = 256 };

static void plate_unpack_rows(void *task, int32_t thread, int32_t threads) {
  const struct plate_copy *copy = task;
  const laplace_grid *grid = copy->grid;
  const struct plate *plate = grid->multigrid;
  const int64_t size = grid->dtype, rows = copy->row1 - copy->row0;
  for (int32_t i = copy->row0 + (int32_t)(rows * thread / threads); i < copy->row0 + rows * (thread + 1) / threads; i++)
    for (int32_t j = copy->col0, next; j < copy->col1; j = next) {
      double pairs[2 * PLATE_PIECE];
      const int32_t m = j / 2;
      next = 2 * (m + PLATE_PIECE) < copy->col1 ? 2 * (m + PLATE_PIECE) : copy->col1;
      grid->kernels->plate->unpack_row(grid, plate, i, m, (next + 1) / 2, pairs);
      memcpy(copy->to + (i - copy->row0) * copy->stride + (j - copy->col0) * size, (char *)pairs + j % 2 * size,
             (size_t)((next - j) * size));
    }
}

void plate_unpack(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, void *to,
                  int64_t stride) {
  struct plate_copy copy = {grid, row0, row1, col0, col1, to, stride};
  const int32_t threads = (int64_t)(row1 - row0) * (col1 - col0) < PLATE_SERIAL ? 1 : grid->threads;
  model_parallel_run(grid, threads, plate_unpack_rows, &copy);
}
