/* The plugin interface on grids: memory, argument checks, copies, and what a grid remembers between calls. No
 * arithmetic and no loop over sweeps: a model of ../models/ has them.
 */
#define _GNU_SOURCE
#include "grid.h"
#include "lazy_grid.h"
#include "../cg/cg.h"
#include "../multigrid/multigrid.h"
#include "../sweep/tune.h"
#include "weights.h"
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

/* ---- memory ---- */

int64_t grid_pitch(int32_t cols, int32_t size) {
  int64_t bytes = ((int64_t)cols * size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
  if (bytes % PAGE_BYTES == 0) bytes += CACHE_LINE;
  return bytes / size;
}

void grid_large_pages(void *memory, size_t bytes) {
#if defined(MADV_HUGEPAGE)
  const uintptr_t from = ((uintptr_t)memory + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES,
                  to = ((uintptr_t)memory + bytes) / PAGE_BYTES * PAGE_BYTES;
  if (bytes >= HUGE_PAGE_BYTES) madvise((void *)from, to - from, MADV_HUGEPAGE);
#else
  (void)memory, (void)bytes;
#endif
}

int grid_allocate(const laplace_grid *grid, int64_t rows, void **fields[], int count, void **memory) {
  const size_t row = (size_t)grid->stride * (size_t)grid->dtype;
  size_t field = 0, total = 0;
  int overflow = __builtin_mul_overflow(row, rows, &field) || __builtin_add_overflow(field, 2 * PAGE_BYTES, &field);
  field = field / PAGE_BYTES * PAGE_BYTES + 9 * CACHE_LINE;
  overflow |= __builtin_mul_overflow(field, (size_t)count, &total) || __builtin_add_overflow(total, CACHE_LINE, &total);
  if (overflow || !(*memory = calloc(1, total)))
    return fail("%.0f bytes for %d x %d points could not be allocated", (double)row * (double)rows * count, grid->rows,
                grid->cols);
  char *start = (char *)(((uintptr_t)*memory + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE);
  for (int k = 0; k < count; k++) *fields[k] = start + (size_t)k * field;
  grid_large_pages(*memory, total);
  return LAPLACE_OK;
}

static int allocate(laplace_grid *grid) {
  void **fields[] = {&grid->u,       &grid->v,       &grid->g.data,  &grid->an.data,
                     &grid->as.data, &grid->aw.data, &grid->ae.data, &grid->d.data};
  const int weighted = grid->layout & LAPLACE_WEIGHTED,
            shares = weighted && grid->kernels; /* Fortran's loops know no rows elsewhere */
  int count = grid->layout & LAPLACE_SOURCE ? 3 : 2;
  if (weighted) count = shares ? 2 : grid->layout & LAPLACE_DIAGONAL ? 8 : 7;
  const int lazy = grid->layout & LAPLACE_LEVELS &&
                   !(grid->layout & (LAPLACE_WEIGHTED | LAPLACE_PERIODIC_ROWS | LAPLACE_PERIODIC_COLS));
  if (lazy && lazy_grid_open(grid) != LAPLACE_OK) return LAPLACE_FAILED;
  if (grid_allocate(grid, grid->rows, fields, count, &grid->memory) != LAPLACE_OK) return LAPLACE_FAILED;
  for (int k = lazy ? 2 : 0; k < count; k++)
    model_first_touch(grid, *fields[k], (size_t)grid->stride * (size_t)grid->dtype * (size_t)grid->rows);
  return shares ? weights_open(grid) : LAPLACE_OK;
}

/* Scratch of each thread for temporal tiles, in pages of its own; first touched by that thread. */
static int allocate_scratch(laplace_grid *grid) {
  const size_t size = tune_scratch(grid), unit = size > HUGE_PAGE_BYTES / 16 ? HUGE_PAGE_BYTES : CACHE_LINE;
  if (!size) return LAPLACE_OK;
  if (!(grid->scratch = calloc((size_t)grid->threads, sizeof *grid->scratch))) return fail("out of memory");
  for (int32_t k = 0; k < grid->threads; k++) {
    if (posix_memalign(&grid->scratch[k], unit, size)) return fail("%zu bytes could not be allocated", size);
#if defined(MADV_HUGEPAGE)
    /* Pages next to each other do not compete for the same sets of the second-level cache. */
    if (unit == HUGE_PAGE_BYTES) madvise(grid->scratch[k], size, MADV_HUGEPAGE);
#endif
  }
  return LAPLACE_OK;
}

laplace_grid *laplace_create(int32_t dtype, int32_t layout, int32_t rows, int32_t cols, int32_t row0, int32_t row1,
                             int32_t col0, int32_t col1, double cx, double cy, const char *settings) {
  if (dtype != LAPLACE_F32 && dtype != LAPLACE_F64) return fail("dtype must be 4 or 8: it is %d", dtype), NULL;
  if (layout < 0 || layout > 127) return fail("layout must be a sum of the known flags: it is %d", layout), NULL;
  if ((layout & (LAPLACE_DIAGONAL | LAPLACE_WEIGHTED)) == LAPLACE_DIAGONAL)
    return fail("a plain layout has no field for the diagonal"), NULL;
  if (rows < 3 || cols < 3) return fail("a grid needs 3 x 3 points or more: it has %d x %d", rows, cols), NULL;
  if (row0 < 1 || row1 < row0 || row1 > rows - 1 || col0 < 1 || col1 < col0 || col1 > cols - 1)
    return fail("rows [%d, %d) and columns [%d, %d) that count must lie inside the ghost layer", row0, row1, col0,
                col1),
           NULL;
  laplace_grid *grid = calloc(1, sizeof *grid);
  if (!grid) return fail("%zu bytes could not be allocated", sizeof *grid), NULL;
  grid->references = 1;
  grid->dtype = dtype, grid->layout = layout, grid->rows = rows, grid->cols = cols;
  grid->row0 = row0, grid->row1 = row1, grid->col0 = col0, grid->col1 = col1;
  grid->cx = cx, grid->cy = cy;
  grid->trial = -1;
  grid->stride = grid_pitch(cols, dtype);
  if (settings_read(&grid->settings, settings) == LAPLACE_OK && model_open(grid) == LAPLACE_OK &&
      allocate(grid) == LAPLACE_OK && allocate_scratch(grid) == LAPLACE_OK)
    return grid;
  laplace_free(grid);
  return NULL;
}

laplace_grid *grid_share(laplace_grid *grid, void *g) {
  laplace_grid *other = malloc(sizeof *other);
  if (!other) return fail("%zu bytes could not be allocated", sizeof *other), NULL;
  *other = *grid;
  if (!(other->layout & LAPLACE_WEIGHTED)) other->layout |= LAPLACE_SOURCE;
  other->g = (struct field){.data = g}, other->of = grid;
  other->memory = other->weights = NULL, other->scratch = NULL, other->vectors = NULL;
  other->path = NULL, other->multigrid = NULL;
  other->iterate = (struct iterate){.state = ITERATE_IN_U}, other->references = 1;
  other->ghosts_stale = other->next_sweep_ready = 0;
  void **fields[] = {&other->u, &other->v};
  if (grid_allocate(other, other->rows, fields, 2, &other->memory) == LAPLACE_OK &&
      allocate_scratch(other) == LAPLACE_OK)
    return other;
  laplace_free(other);
  return NULL;
}

void laplace_free(laplace_grid *grid) {
  if (!grid || --grid->references) return;
  if (grid->vectors) grid->vectors->release(grid);
  if (grid->of) grid->of->vectors->preconditioned = NULL;
  if (grid->path && grid->path->release) grid->path->release(grid);
  for (int32_t k = 0; grid->scratch && k < grid->threads; k++) free(grid->scratch[k]);
  free(grid->scratch);
  iterate_release_coarse(grid);
  free(grid->iterate.lazy);
  weights_close(grid);
  free(grid->memory);
  free(grid);
}

/* ---- copies ---- */

static char *point(const laplace_grid *grid, void *field, int64_t i, int64_t j) {
  return (char *)field + (i * grid->stride + j) * grid->dtype;
}

static int check(const laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, const void *data) {
  if (!grid) return fail("there is no grid");
  if (row0 < 0 || row1 < row0 || row1 > grid->rows || col0 < 0 || col1 < col0 || col1 > grid->cols)
    return fail("rows [%d, %d), columns [%d, %d) exceed a grid of %d x %d", row0, row1, col0, col1, grid->rows,
                grid->cols);
  if (!data && row1 > row0 && col1 > col0) return fail("there is no data");
  return LAPLACE_OK;
}

int32_t laplace_write(laplace_grid *grid, int32_t field, int32_t row0, int32_t row1, int32_t col0, int32_t col1,
                      const void *data) {
  if (check(grid, row0, row1, col0, col1, data) != LAPLACE_OK) return LAPLACE_FAILED;
  if (field < LAPLACE_U || field > LAPLACE_D) return fail("field must be 0 to 6: it is %d", field);
  const int to_u = field == LAPLACE_U;
  if (to_u && iterate_write(grid, row0, row1, col0, col1, data)) return LAPLACE_OK;
  if ((to_u || iterate_is_elsewhere(grid)) && iterate_materialize(grid) != LAPLACE_OK) return LAPLACE_FAILED;
  struct field u = {.data = grid->u}, *fields[] = {&u, &grid->an, &grid->as, &grid->aw, &grid->ae, &grid->g, &grid->d};
  if (!fields[field]->data) return fail("field %d is not part of this layout", field);
  if (field == LAPLACE_G && grid->of && grid->layout & LAPLACE_WEIGHTED && !grid->g.shared &&
      weights_own_constant(grid) != LAPLACE_OK)
    return LAPLACE_FAILED;
  const size_t bytes = (size_t)(col1 - col0) * (size_t)grid->dtype;
  const char *from = data;
  if (fields[field]->shared) weights_write(grid, fields[field], row0, row1, col0, col1, data);
  else
    for (int32_t i = row0; bytes && i < row1; i++, from += bytes)
      memcpy(point(grid, fields[field]->data, i, col0), from, bytes);
  if (field == LAPLACE_G && grid->path && grid->path->expect_source) grid->path->expect_source(grid);
  grid->next_sweep_ready = 0;
  if (to_u) grid->ghosts_stale = 1;
  return LAPLACE_OK;
}

int32_t laplace_conduct(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, double dy,
                        double dx, const double *k) {
  if (check(grid, row0, row1, col0, col1, k) != LAPLACE_OK) return LAPLACE_FAILED;
  if (grid->dtype != LAPLACE_F64 || !(grid->layout & LAPLACE_WEIGHTED) || grid->of)
    return fail("only a weighted grid in f64 is given a conductivity");
  grid->next_sweep_ready = 0;
  if (row0 == row1 || col0 == col1) return LAPLACE_OK;
  if (!weights_conduct(grid, row0, row1, col0, col1, dy, dx, k)) return fail("a sum of conductances is out of range");
  return LAPLACE_OK;
}

int32_t laplace_read(laplace_grid *grid, int32_t row0, int32_t row1, int32_t col0, int32_t col1, void *data) {
  if (check(grid, row0, row1, col0, col1, data) != LAPLACE_OK) return LAPLACE_FAILED;
  grid_large_pages(data, (size_t)(row1 - row0) * (size_t)(col1 - col0) * (size_t)grid->dtype); /* often fresh memory */
  if (iterate_is_elsewhere(grid)) return iterate_read(grid, row0, row1, col0, col1, data);
  if (iterate_materialize(grid) != LAPLACE_OK) return LAPLACE_FAILED;
  const size_t bytes = (size_t)(col1 - col0) * (size_t)grid->dtype;
  char *to = data;
  for (int32_t i = row0; bytes && i < row1; i++, to += bytes) memcpy(to, point(grid, grid->u, i, col0), bytes);
  return LAPLACE_OK;
}

/* ---- sweeps ---- */

void grid_fill_ghosts(laplace_grid *grid) {
  const int64_t last = grid->rows - 1, end = grid->cols - 1;
  const size_t size = (size_t)grid->dtype, row = (size_t)grid->cols * size;
  if (!grid->ghosts_stale) return;
  for (int64_t i = 0; i <= last; i++) {
    if (grid->layout & LAPLACE_PERIODIC_COLS) {
      memcpy(point(grid, grid->u, i, 0), point(grid, grid->u, i, end - 1), size);
      memcpy(point(grid, grid->u, i, end), point(grid, grid->u, i, 1), size);
    }
    memcpy(point(grid, grid->v, i, 0), point(grid, grid->u, i, 0), size);
    memcpy(point(grid, grid->v, i, end), point(grid, grid->u, i, end), size);
  }
  if (grid->layout & LAPLACE_PERIODIC_ROWS) {
    memcpy(point(grid, grid->u, 0, 0), point(grid, grid->u, last - 1, 0), row);
    memcpy(point(grid, grid->u, last, 0), point(grid, grid->u, 1, 0), row);
  }
  memcpy(point(grid, grid->v, 0, 0), point(grid, grid->u, 0, 0), row);
  memcpy(point(grid, grid->v, last, 0), point(grid, grid->u, last, 0), row);
  grid->ghosts_stale = 0;
}

void grid_swap(laplace_grid *grid) {
  void *u = grid->u;
  grid->u = grid->v, grid->v = u;
}

/* A residual is the change of the next sweep: v holds its result, so that it need not be done again. */
static double grid_next_change(laplace_grid *grid) {
  if (!grid->next_sweep_ready) grid->next_change = model_sweep(grid, grid->u, grid->v, 1), grid->next_sweep_ready = 1;
  return grid->next_change;
}

/* Checks the arguments of a call that sweeps, and makes u and its ghosts ready for it. `what` it finds goes to `place`.
 */
static int prepare_sweeps(laplace_grid *grid, int32_t count, const double *place, const char *what) {
  if (!grid || !place) return fail("there is no grid, or no place for the %s", what);
  if (count < 1) return fail("count must be at least 1: it is %d", count);
  if (iterate_materialize(grid) != LAPLACE_OK) return LAPLACE_FAILED;
  return grid_fill_ghosts(grid), LAPLACE_OK;
}

/* Fewer sweeps than this are not worth copying a grid into tiles. */
enum { WORTH_BLOCKING = 2 };

/* norms[0] = the change of the last sweep; if `residual`, norms[1] = that of the result. */
static void grid_advance(laplace_grid *grid, int32_t count, int residual, double norms[2]) {
  norms[0] = grid->next_change;
  if (grid->next_sweep_ready) grid_swap(grid), grid->next_sweep_ready = 0, count--;
  if (grid->block.sweeps && count >= WORTH_BLOCKING) {
    count -= tune_try(grid, count);
    if (model_advance(grid, grid->u, grid->v, count, residual, norms) % 2) grid_swap(grid);
    return;
  }
  if (count) norms[0] = model_sweep(grid, grid->u, grid->v, count);
  if (count % 2) grid_swap(grid);
  if (residual) norms[1] = grid_next_change(grid);
}

int32_t laplace_sweep(laplace_grid *grid, int32_t count, double *change) {
  double norms[2];
  if (prepare_sweeps(grid, count, change, "change") != LAPLACE_OK) return LAPLACE_FAILED;
  grid_advance(grid, count, 0, norms);
  *change = norms[0];
  return LAPLACE_OK;
}

int32_t laplace_advance(laplace_grid *grid, int32_t count, double *norms) {
  if (prepare_sweeps(grid, count, norms, "norms") != LAPLACE_OK) return LAPLACE_FAILED;
  grid_advance(grid, count, 1, norms);
  return LAPLACE_OK;
}

int32_t laplace_relax(laplace_grid *grid, double omega, int32_t colour, int32_t count, double *change) {
  if (prepare_sweeps(grid, count, change, "change") != LAPLACE_OK) return LAPLACE_FAILED;
  if (colour != 0 && colour != 1) return fail("colour must be 0 or 1: it is %d", colour);
  if ((grid->layout & LAPLACE_PERIODIC_ROWS && grid->rows % 2) ||
      (grid->layout & LAPLACE_PERIODIC_COLS && grid->cols % 2))
    return fail("a periodic direction with an odd number of points has no two colours");
  grid->next_sweep_ready = 0;
  *change = model_relax(grid, grid->u, omega, colour, count);
  return LAPLACE_OK;
}

int32_t laplace_residual(laplace_grid *grid, double *residual) {
  if (prepare_sweeps(grid, 1, residual, "residual") != LAPLACE_OK) return LAPLACE_FAILED;
  *residual = grid_next_change(grid);
  return LAPLACE_OK;
}

int32_t laplace_pass(const laplace_grid *grid, int32_t *width) {
  if (!grid || !width) return 0;
  *width = grid->block.width;
  return grid->block.sweeps;
}
