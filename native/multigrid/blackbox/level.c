/* Memory of levels, and the operations that read or fill single points. No arithmetic of smoothing or coarsening. */
#include "path.h"
#include <stdlib.h>
#include <string.h>

enum { LEVEL_SHARED_CLEAR = 8 << 20 };

/* Rows are whole cache lines, with one more behind them for vectors that go over the end. */
static int64_t level_stride(int32_t cols) { return ((int64_t)cols + 15) / 16 * 16 + 16; }

struct level_clearing {
  char *memory;
  size_t bytes;
};

static void level_clear(void *task, int32_t thread, int32_t threads) {
  const struct level_clearing *clearing = task;
  const int64_t pages = (int64_t)(clearing->bytes / PAGE_BYTES);
  const int64_t from = share_begin(pages, thread, threads), end = share_begin(pages, thread + 1, threads);
  memset(clearing->memory + from * PAGE_BYTES, 0, (size_t)(end - from) * PAGE_BYTES);
}

void *multigrid_reserve(size_t bytes) {
  void *memory = NULL;
  bytes = (bytes / PAGE_BYTES + 1) * PAGE_BYTES;
  if (posix_memalign(&memory, bytes >= HUGE_PAGE_BYTES ? HUGE_PAGE_BYTES : PAGE_BYTES, bytes))
    return fail("%zu bytes could not be allocated", bytes), NULL;
  return grid_large_pages(memory, bytes), memory;
}

void *multigrid_allocate(const laplace_grid *finest, size_t bytes) {
  struct level_clearing clearing = {multigrid_reserve(bytes), (bytes / PAGE_BYTES + 1) * PAGE_BYTES};
  if (!clearing.memory) return NULL;
  model_parallel_run(finest, clearing.bytes > LEVEL_SHARED_CLEAR ? finest->threads : 1, level_clear, &clearing);
  return clearing.memory;
}

laplace_level level_below_grid(laplace_grid *fine, const int32_t halved[2]) {
  laplace_level shape = {.finest = fine, .rows = fine->rows, .cols = fine->cols};
  shape.periodic = fine->layout & (LAPLACE_PERIODIC_ROWS | LAPLACE_PERIODIC_COLS);
  shape.first_is_coarse = fine->layout & LAPLACE_WEIGHTED ? 1 : 0;
  shape = level_below_level(&shape, halved);
  shape.above = NULL;
  return shape;
}

laplace_level level_below_level(laplace_level *fine, const int32_t halved[2]) {
  laplace_level shape = {.above = fine, .finest = fine->finest, .halved = {halved[0], halved[1]}};
  shape.periodic = fine->periodic, shape.first_is_coarse = fine->first_is_coarse;
  shape.rows = halved[0] ? level_halve(fine->rows, fine->first_is_coarse) : fine->rows;
  shape.cols = halved[1] ? level_halve(fine->cols, fine->first_is_coarse) : fine->cols;
  return shape;
}

/* Places the arrays of a level: one row more at each end, for the neighbours of corners. */
static void level_lay_out(struct arena *arena, laplace_level *level) {
  const size_t stride = (size_t)level->stride, points = stride * (size_t)(level->rows + 2) * sizeof(float);
  level->f = (float *)arena_take(arena, points, 64) + stride;
  level->e = (float *)arena_take(arena, points, 64) + stride;
  if (!level->A.row) return;
  const size_t stored = stride * (size_t)(level->A.row[level->rows - 1] + 3) * sizeof(float);
  float **weights[] = {&level->P.west, &level->P.east, &level->P.north, &level->P.south};
  for (int k = 0; k < 4; k++) *weights[k] = (float *)arena_take(arena, stored, 64) + stride;
  /* The rows of all coefficients lie beside each other: one stream of memory instead of six. */
  float **parts[] = {&level->A.inverse, &level->A.row_sum, &level->A.e, &level->A.s, &level->A.se, &level->A.sw};
  float *next = (float *)arena_take(arena, 6 * stored, 64) + level->A.pitch;
  for (int k = 0; k < 6; k++, next += stride) *parts[k] = next;
  level->scratch = arena_take(arena, (size_t)level_threads(level, 1) * level_scratch_size(level), 64);
}

laplace_level *level_open(laplace_level shape, const struct level_path *path, int32_t *row) {
  if (shape.rows < 3 || shape.cols < 3)
    return free(row), fail("%d x %d points leave none to a level below", shape.rows, shape.cols), NULL;
  laplace_level *level = malloc(sizeof *level);
  if (!level) return free(row), fail("out of memory"), NULL;
  *level = shape;
  level->path = path;
  level->zero = 1;
  level->stride = level_stride(level->cols);
  level->A.row = row, level->A.pitch = 6 * level->stride;
  struct arena arena = arena_measure();
  level_lay_out(&arena, level);
  level->memory = row ? multigrid_allocate(level->finest, arena.used) : multigrid_reserve(arena.used);
  if (!level->memory) return laplace_level_free(level), NULL;
  arena = arena_init(level->memory, arena.used);
  level_lay_out(&arena, level);
  if (!row) {
    memset(level->e, 0, (size_t)level->stride * sizeof(float));
    memset(level->e + (level->rows - 1) * level->stride, 0, (size_t)level->stride * sizeof(float));
  }
  return level;
}

void laplace_level_free(laplace_level *level) {
  if (!level) return;
  if (level->path->release) level->path->release(level);
  free(level->memory), free(level->A.row), free(level);
}

/* `row`: where rows are stored; NULL: each in its place. The first row too, where it is a Dirichlet edge: couplings
 * lead there. */
static void level_fill(const laplace_level *level, float *field, int64_t stride, const int32_t *row) {
  const int32_t last = level->rows - 1, end = level->cols - 1;
#define ROW(i) (field + (row ? row[i] : i) * stride)
  if (level->periodic & LAPLACE_PERIODIC_COLS)
    for (int32_t i = 0; i < last; i++) ROW(i)[0] = ROW(i)[end - 1], ROW(i)[end] = ROW(i)[1];
  if (!(level->periodic & LAPLACE_PERIODIC_ROWS)) return;
  memcpy(ROW(0), ROW(last - 1), (size_t)level->cols * sizeof *field);
  memcpy(ROW(last), ROW(1), (size_t)level->cols * sizeof *field);
#undef ROW
}

void level_fill_ghosts(laplace_level *level) { level_fill(level, level->e, level->stride, NULL); }

void level_fill_operator_ghosts(laplace_level *level) {
  const struct level_operator *A = &level->A;
  float *parts[] = {A->e, A->s, A->se, A->sw},
        *weights[] = {level->P.west, level->P.east, level->P.north, level->P.south};
  for (int k = 0; k < 4; k++) {
    level_fill(level, parts[k], A->pitch, A->row);
    level_fill(level, weights[k], level->stride, A->row);
  }
}

void level_operator_at(const laplace_level *a, int32_t i, int32_t j, double c[9]) {
  const struct level_operator *A = &a->A;
  memset(c, 0, 9 * sizeof *c);
  if (!A->inverse) { /* five points, the same everywhere */
    c[1] = c[7] = -a->finest->cy, c[3] = c[5] = -a->finest->cx;
    c[4] = 2 * (a->finest->cx + a->finest->cy);
    return;
  }
  const int64_t at = level_A_row(a, i) + j, up = level_A_row(a, i - 1) + j;
  if (A->inverse[at] == 0) return;
  const float k[9] = {A->se[up - 1], A->s[up],      A->sw[up], A->e[at - 1], 0,
                      A->e[at],      A->sw[at - 1], A->s[at],  A->se[at]};
  c[4] = A->row_sum[at];
  for (int n = 0; n < 9; n++) {
    /* Around an axis with one point every neighbour is the point itself. */
    const int row = a->periodic & LAPLACE_PERIODIC_ROWS && a->rows == 3 ? 0 : n / 3 - 1;
    const int col = a->periodic & LAPLACE_PERIODIC_COLS && a->cols == 3 ? 0 : n % 3 - 1;
    if (row || col) c[4] += k[n], c[4 + 3 * row + col] -= k[n];
  }
}
