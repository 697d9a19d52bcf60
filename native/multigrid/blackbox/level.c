/* Memory of levels, and the few things that are asked of single points. No arithmetic of smoothing or coarsening. */
#include "../multigrid.h"
#include <stdlib.h>
#include <string.h>

enum { LINE = 64, PAGE = 4096, HUGE = 2 << 20, LARGE = 8 << 20 };

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
  if (posix_memalign(&memory, bytes >= HUGE ? HUGE : PAGE, bytes)) return fail("%zu bytes could not be allocated", bytes), NULL;
  return grid_large_pages(memory, bytes), memory;
}

void *multigrid_allocate(const laplace_grid *finest, size_t bytes) {
  struct clearing clearing = {multigrid_reserve(bytes), (bytes / PAGE + 1) * PAGE};
  if (!clearing.memory) return NULL;
  if (clearing.bytes > LARGE) model_parallel_run(finest, finest->threads, clear, &clearing);
  else memset(clearing.memory, 0, clearing.bytes);
  return clearing.memory;
}

laplace_level level_below_grid(laplace_grid *fine, const int32_t halved[2]) {
  const int32_t origin = fine->layout & LAPLACE_WEIGHTED ? 1 : 0;
  return (laplace_level){.finest = fine, .rows = halved[0] ? halve(fine->rows, origin) : fine->rows,
                         .cols = halved[1] ? halve(fine->cols, origin) : fine->cols, .origin = origin, .halved = {halved[0], halved[1]},
                         .wrap = fine->layout & (LAPLACE_PERIODIC_ROWS | LAPLACE_PERIODIC_COLS)};
}

laplace_level level_below_level(laplace_level *fine, const int32_t halved[2]) {
  const int32_t origin = fine->origin;
  return (laplace_level){.above = fine, .finest = fine->finest, .rows = halved[0] ? halve(fine->rows, origin) : fine->rows,
                         .cols = halved[1] ? halve(fine->cols, origin) : fine->cols, .origin = origin, .halved = {halved[0], halved[1]},
                         .wrap = fine->wrap};
}

laplace_level *level_open(laplace_level shape, const struct level_path *path, int32_t *row) {
  laplace_level *level = malloc(sizeof *level);
  if (!level) return free(row), fail("out of memory"), NULL;
  *level = shape;
  level->path = path;
  level->zero = 1;
  level->stride = stride_of(level->cols);
  level->row = row;
  if (level->rows < 3 || level->cols < 3)
    return fail("%d x %d points leave none to a level below", level->rows, level->cols), laplace_level_free(level), NULL;

  /* The rows of all coefficients lie beside each other: one stream of memory instead of six. One row more at each end, for
   * neighbours of the corners. */
  const int32_t interpolation = row ? 4 : 0, coefficients = row ? 6 : 0;
  const size_t points = (size_t)level->stride * (size_t)(level->rows + 2);
  const size_t stored = row ? (size_t)level->stride * (size_t)(row[level->rows - 1] + 3) : 0;
  const size_t bytes = (2 * points + (size_t)(interpolation + coefficients) * stored) * sizeof(float);
  level->memory = row ? multigrid_allocate(level->finest, bytes) : multigrid_reserve(bytes);
  if (!level->memory) return laplace_level_free(level), NULL;
  float *next = (float *)level->memory + level->stride;
  float **fields[] = {&level->f, &level->e, &level->from_west, &level->from_east, &level->from_north, &level->from_south};
  for (int32_t k = 0; k < 2 + interpolation; k++) *fields[k] = next, next += k < 2 ? points : stored;
  float **parts[] = {&level->inverse, &level->excess, &level->east, &level->south, &level->falling, &level->rising};
  level->pitch = level->stride * 6;
  next += level->pitch - level->stride;
  for (int32_t k = 0; k < coefficients; k++, next += level->stride) *parts[k] = next;
  if (!row) {
    memset(level->e, 0, (size_t)level->stride * sizeof(float));
    memset(level->e + (level->rows - 1) * level->stride, 0, (size_t)level->stride * sizeof(float));
  }
  return level;
}

void laplace_level_free(laplace_level *level) {
  if (!level) return;
  if (level->path->release) level->path->release(level);
  free(level->memory), free(level->row), free(level->scratch), free(level);
}

/* `row`: where rows are stored; NULL: each in its place. The first row too, where it is a wall: edges lead there. */
static void wrap(const laplace_level *level, float *field, int64_t stride, const int32_t *row) {
  const int32_t last = level->rows - 1, end = level->cols - 1;
#define ROW(i) (field + (row ? row[i] : i) * stride)
  if (level->wrap & LAPLACE_PERIODIC_COLS)
    for (int32_t i = 0; i < last; i++) ROW(i)[0] = ROW(i)[end - 1], ROW(i)[end] = ROW(i)[1];
  if (!(level->wrap & LAPLACE_PERIODIC_ROWS)) return;
  memcpy(ROW(0), ROW(last - 1), (size_t)level->cols * sizeof *field);
  memcpy(ROW(last), ROW(1), (size_t)level->cols * sizeof *field);
#undef ROW
}

void level_wrap(laplace_level *level) { wrap(level, level->e, level->stride, NULL); }

void level_wrap_operator(laplace_level *level) {
  float *parts[] = {level->east, level->south, level->falling, level->rising};
  float *weights[] = {level->from_west, level->from_east, level->from_north, level->from_south};
  for (int k = 0; k < 4; k++) wrap(level, parts[k], level->pitch, level->row), wrap(level, weights[k], level->stride, level->row);
}

/* Five points, the same everywhere. */
static void same_equation(const laplace_level *a, double c[9]) {
  const double kx = a->finest->cx, ky = a->finest->cy;
  c[1] = c[7] = -ky, c[3] = c[5] = -kx, c[4] = 2 * (kx + ky);
}

void level_equation(const laplace_level *a, int32_t i, int32_t j, double c[9]) {
  memset(c, 0, 9 * sizeof *c);
  if (!a->inverse) return same_equation(a, c);
  const int64_t at = operator_row(a, i) + j, up = operator_row(a, i - 1) + j;
  if (a->inverse[at] == 0) return;
  const struct {
    int32_t row, col;
    float k;
  } neighbours[8] = {{-1, -1, a->falling[up - 1]}, {-1, 0, a->south[up]}, {-1, 1, a->rising[up]}, {0, -1, a->east[at - 1]},
                     {0, 1, a->east[at]}, {1, -1, a->rising[at - 1]}, {1, 0, a->south[at]}, {1, 1, a->falling[at]}};
  c[4] = a->excess[at];
  for (int n = 0; n < 8; n++) {
    int32_t row = neighbours[n].row, col = neighbours[n].col;
    /* All around an axis with one point is the point itself. */
    if (a->wrap & LAPLACE_PERIODIC_ROWS && a->rows == 3) row = 0;
    if (a->wrap & LAPLACE_PERIODIC_COLS && a->cols == 3) col = 0;
    if (!row && !col) continue;
    c[4] += neighbours[n].k;
    c[4 + 3 * row + col] -= neighbours[n].k;
  }
}
