/* Memory of levels, and the few things that are asked of single points. No arithmetic of smoothing or coarsening. */
#include "multigrid.h"
#include <stdlib.h>
#include <string.h>

enum { LINE = 64, PAGE = 4096, LARGE = 8 << 20 };

/* Rows are whole cache lines, with one more behind them for vectors that go over the end. */
static int64_t stride_of(int32_t cols) { return ((int64_t)cols + 15) / 16 * 16 + 16; }

struct clearing {
  char *memory;
  size_t bytes;
};

static void clear(void *task, int32_t thread, int32_t threads) {
  const struct clearing *clearing = task;
  const size_t from = clearing->bytes / PAGE * (size_t)thread / (size_t)threads * PAGE;
  const size_t to = clearing->bytes / PAGE * (size_t)(thread + 1) / (size_t)threads * PAGE;
  memset(clearing->memory + from, 0, to - from);
}

void *multigrid_reserve(size_t bytes) {
  void *memory = NULL;
  bytes = (bytes / PAGE + 1) * PAGE;
  if (posix_memalign(&memory, bytes > LARGE ? 2 << 20 : PAGE, bytes)) return fail("%zu bytes could not be allocated", bytes), NULL;
  return grid_large_pages(memory, bytes), memory;
}

void *multigrid_allocate(const laplace_grid *finest, size_t bytes) {
  struct clearing clearing = {multigrid_reserve(bytes), (bytes / PAGE + 1) * PAGE};
  if (!clearing.memory) return NULL;
  if (clearing.bytes > LARGE) model_team(finest, finest->threads, clear, &clearing);
  else memset(clearing.memory, 0, clearing.bytes);
  return clearing.memory;
}

laplace_grid *level_create(laplace_grid *fine, const int32_t halved[2], int operators) {
  laplace_grid *grid = calloc(1, sizeof *grid);
  struct level *level = calloc(1, sizeof *level);
  if (!grid || !level) return free(grid), free(level), fail("out of memory"), NULL;
  const struct level *above = fine->level;
  const int32_t rows = above ? above->rows : fine->rows, cols = above ? above->cols : fine->cols;
  grid->level = level;
  level->above = fine, level->finest = above ? above->finest : fine;
  level->wrap = above ? above->wrap : fine->layout & (LAPLACE_WRAP_ROWS | LAPLACE_WRAP_COLS);
  level->origin = above ? above->origin : fine->layout & LAPLACE_WEIGHTED ? 1 : 0;
  level->halved[0] = halved[0], level->halved[1] = halved[1];
  level->rows = halved[0] ? halve(rows, level->origin) : rows;
  level->cols = halved[1] ? halve(cols, level->origin) : cols;
  level->zero = 1;
  level->stride = stride_of(level->cols);
  if (level->rows < 3 || level->cols < 3)
    return free(grid), free(level), fail("%d x %d points leave none to a level below", rows - 2, cols - 2), NULL;

  /* The rows of all coefficients lie beside each other: one stream of memory instead of six. One row more at each end, for
   * neighbours of the corners. */
  const int32_t interpolation = operators ? 4 : 0, coefficients = operators ? 6 : 0;
  const size_t points = (size_t)level->stride * (size_t)(level->rows + 2);
  const size_t bytes = points * (size_t)(2 + interpolation + coefficients) * sizeof(float);
  level->memory = operators ? multigrid_allocate(level->finest, bytes) : multigrid_reserve(bytes);
  if (!level->memory) return free(grid), free(level), NULL;
  float *next = (float *)level->memory + level->stride;
  float **fields[] = {&level->f, &level->e, &level->from_west, &level->from_east, &level->from_north, &level->from_south};
  for (int32_t k = 0; k < 2 + interpolation; k++, next += points) *fields[k] = next;
  float **parts[] = {&level->inverse, &level->excess, &level->east, &level->south, &level->falling, &level->rising};
  level->pitch = level->stride * 6;
  next += level->pitch - level->stride;
  for (int32_t k = 0; k < coefficients; k++, next += level->stride) *parts[k] = next;
  if (!operators) {
    memset(level->e, 0, (size_t)level->stride * sizeof(float));
    memset(level->e + (level->rows - 1) * level->stride, 0, (size_t)level->stride * sizeof(float));
  }
  return grid;
}

void level_free(laplace_grid *grid) {
  if (!grid->level) return;
  free(grid->level->memory);
  free(grid->level->scratch);
  free(grid->level);
  grid->level = NULL;
}

static void wrap(const struct level *level, float *field, int64_t stride) {
  const int32_t last = level->rows - 1, end = level->cols - 1;
  if (level->wrap & LAPLACE_WRAP_COLS)
    for (int32_t i = 1; i < last; i++) field[i * stride] = field[i * stride + end - 1], field[i * stride + end] = field[i * stride + 1];
  if (!(level->wrap & LAPLACE_WRAP_ROWS)) return;
  memcpy(field, field + (last - 1) * stride, (size_t)level->cols * sizeof *field);
  memcpy(field + last * stride, field + stride, (size_t)level->cols * sizeof *field);
}

void level_wrap(struct level *level) { wrap(level, level->e, level->stride); }

void level_wrap_operator(struct level *level) {
  float *parts[] = {level->east, level->south, level->falling, level->rising};
  float *weights[] = {level->from_west, level->from_east, level->from_north, level->from_south};
  for (int k = 0; k < 4; k++) wrap(level, parts[k], level->pitch), wrap(level, weights[k], level->stride);
}

void level_equation(const struct level *a, int32_t i, int32_t j, double c[9]) {
  const int64_t at = i * a->pitch + j, up = at - a->pitch;
  memset(c, 0, 9 * sizeof *c);
  if (a->inverse[at] == 0) return;
  const struct {
    int32_t row, col;
    float k;
  } neighbours[8] = {{-1, -1, a->falling[up - 1]}, {-1, 0, a->south[up]}, {-1, 1, a->rising[up]}, {0, -1, a->east[at - 1]},
                     {0, 1, a->east[at]}, {1, -1, a->rising[at - 1]}, {1, 0, a->south[at]}, {1, 1, a->falling[at]}};
  c[4] = a->excess[at];
  for (int n = 0; n < 8; n++) {
    int32_t row = neighbours[n].row, col = neighbours[n].col;
    /* All around an axis with one point is the point itself; a neighbour that is fixed has no column. */
    if (a->wrap & LAPLACE_WRAP_ROWS && a->rows == 3) row = 0;
    if (a->wrap & LAPLACE_WRAP_COLS && a->cols == 3) col = 0;
    if (!row && !col) continue;
    c[4] += neighbours[n].k;
    int32_t p = i + row, q = j + col;
    if (a->wrap & LAPLACE_WRAP_ROWS) p = p < 1 ? a->rows - 2 : p > a->rows - 2 ? 1 : p;
    if (a->wrap & LAPLACE_WRAP_COLS) q = q < 1 ? a->cols - 2 : q > a->cols - 2 ? 1 : q;
    if (a->inverse[p * a->pitch + q] != 0) c[4 + 3 * row + col] -= neighbours[n].k;
  }
}
