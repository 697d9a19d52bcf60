/* What the general path keeps of a finest grid: memory, conductances, and what these are like. The arithmetic of a row is in
 * finest_conductances.c.
 */
#include "path.h"
#include "../../plugin/kernels.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Conductances that differ by more. A disc that conducts 1e6 times as well, 2049 points a side: a cycle left 1.8 of the
 * residual without that of the black points, and 0.3 with it; 1e3 times as well, 0.15 either way. */
static const double UNEVEN = 64;

/* Rows so short that vectors go beyond the next one. */
enum { SHORT = 128 };

struct preparation {
  const laplace_grid *grid;
  struct finest *finest;
  struct findings *found; /* of each thread */
};

/* Whether rows i - 1 and i of the grid have the same weights and constant term. */
static int same_weights(const laplace_grid *grid, int32_t i) {
  const struct field *fields[] = {&grid->an, &grid->as, &grid->aw, &grid->ae, &grid->g, &grid->d};
  for (int k = 0; k < 6; k++)
    if (!fields[k]->row || fields[k]->row[i] != fields[k]->row[i - 1]) return 0;
  return 1;
}

/* Whether rows p and q of east, south and inverse are the same. */
static int alike(const laplace_grid *grid, const struct finest *a, int32_t p, int32_t q) {
  const int64_t row = grid->stride * grid->dtype, single = a->single * (int64_t)sizeof(float);
  const char *east = a->east, *south = a->south, *inverse = (const char *)a->inverse;
  return !memcmp(inverse + p * single, inverse + q * single, (size_t)single) && !memcmp(east + p * row, east + q * row, (size_t)row) &&
         !memcmp(south + p * row, south + q * row, (size_t)row);
}

/* Vectors go over the ends of a row, into the ones before and behind it: the next thread's first row has one before it, too. */
static void clear_row(const laplace_grid *grid, const struct finest *a, int32_t i) {
  const int64_t row = grid->stride * grid->dtype;
  memset((char *)a->east + i * row, 0, (size_t)row), memset((char *)a->south + i * row, 0, (size_t)row);
  memset(a->inverse + i * a->single, 0, (size_t)a->single * sizeof(float));
}

static void prepare_work(void *task, int32_t thread, int32_t threads) {
  struct preparation *p = task;
  struct finest *a = p->finest;
  struct findings found = {0, 0, INFINITY, 0};
  const int32_t from = (int32_t)((int64_t)p->grid->rows * thread / threads), end = (int32_t)((int64_t)p->grid->rows * (thread + 1) / threads);
  /* Each row behind the one stored last: there the next one replaces it if it is the same. */
  int32_t stored = from - 1;
  for (int32_t i = from; i < end; i++) {
    /* Row i is about edges to row i + 1, too; of the ring no inverse is kept. */
    const int same = i > from && i > 1 && i < p->grid->rows - 1 && same_weights(p->grid, i) && same_weights(p->grid, i + 1);
    if (!same) {
      p->grid->kernels->finest->prepare(p->grid, a, i, stored + 1, &found);
      if (stored < from || !alike(p->grid, a, stored, stored + 1)) stored++;
    }
    a->row[i] = stored;
  }
  if (stored + 1 < end) clear_row(p->grid, a, stored + 1), clear_row(p->grid, a, end - 1);
  p->found[thread] = found;
}

static struct findings prepare(laplace_grid *grid, struct finest *a) {
  struct findings found[grid->threads], all = {0, 0, INFINITY, 0};
  for (int32_t k = 0; k < grid->threads; k++) found[k] = all;
  model_parallel_run(grid, grid->threads, prepare_work, &(struct preparation){grid, a, found});
  for (int32_t k = 0; k < grid->threads; k++) {
    all.excess |= found[k].excess, all.constant |= found[k].constant;
    all.least = fmin(all.least, found[k].least), all.most = fmax(all.most, found[k].most);
  }
  return all;
}

static void excess_work(void *task, int32_t thread, int32_t threads) {
  struct preparation *p = task;
  struct finest *a = p->finest;
  const size_t bytes = (size_t)p->grid->stride * (size_t)p->grid->dtype;
  for (int32_t i = (int32_t)((int64_t)p->grid->rows * thread / threads); i < (int64_t)p->grid->rows * (thread + 1) / threads; i++) {
    if (a->excess_row[i] == i) p->grid->kernels->finest->excess(p->grid, a, i);
    /* Vectors go beyond the end of the row before. */
    else if (a->excess_row[i] == i - 1) memset((char *)a->excess + (size_t)i * bytes, 0, bytes);
  }
}

/* Excess, which is not zero everywhere. */
static int open_excess(laplace_grid *grid, struct finest *a, size_t size) {
  const size_t rows = (size_t)grid->rows * (size_t)grid->stride * (size_t)grid->dtype;
  a->excess = multigrid_reserve(size), a->excess_row = malloc((size_t)grid->rows * sizeof *a->excess_row);
  if (!a->excess || !a->excess_row) return fail("out of memory");
  for (int32_t i = 0; i < grid->rows; i++) a->excess_row[i] = i && same_weights(grid, i) ? a->excess_row[i - 1] : i;
  if (grid->stride < SHORT) memset(a->excess, 0, size);
  else memset((char *)a->excess + rows, 0, size - rows);
  return model_parallel_run(grid, grid->threads, excess_work, &(struct preparation){grid, a, NULL}), LAPLACE_OK;
}

/* A power of two near 1 / d of some free point. */
static double scale_of(const laplace_grid *grid) {
  for (int32_t i = 1; i < grid->rows - 1; i++)
    for (int32_t j = 1; j < grid->cols - 1; j++) {
      const void *row = grid_row(grid, &grid->d, i);
      const double d = grid->dtype == 8 ? ((const double *)row)[j] : ((const float *)row)[j];
      if (d > 0 && isfinite(d)) return ldexp(1, -ilogb(d));
    }
  return 1;
}

void finest_close(struct finest *a) {
  free(a->memory);
  if (!a->shared) free(a->excess), free(a->excess_row);
  free(a->scratch);
  free(a);
}

struct finest *finest_open(laplace_grid *grid) {
  struct finest *a = calloc(1, sizeof *a);
  if (!a) return fail("out of memory"), NULL;
  const int odd_rows = grid->rows % 2 && grid->layout & LAPLACE_PERIODIC_ROWS, odd_cols = grid->cols % 2 && grid->layout & LAPLACE_PERIODIC_COLS;
  a->both = odd_rows || odd_cols, a->unit = 1;
  a->kx = grid->cx, a->ky = grid->cy;
  a->origin = grid->layout & LAPLACE_WEIGHTED ? 1 : 0;
  if (!a->origin) return a->constant = grid->layout & LAPLACE_SOURCE ? 1 : 0, a;
  a->single = (grid->stride + 15) / 16 * 16;
  /* Each array at a different offset within its page, as in grid.c; a row more behind the last. */
  const size_t points = ((size_t)grid->rows + 1) * (size_t)grid->stride, size = (points * (size_t)grid->dtype / 4096 + 1) * 4096 + 9 * 64;
  const size_t singles = ((size_t)grid->rows + 1) * (size_t)a->single * sizeof(float);
  char *next = a->memory = multigrid_reserve(2 * size + singles + (size_t)grid->rows * sizeof *a->row);
  if (!next) return free(a), NULL;
  a->east = next, a->south = next + size, a->inverse = (float *)(next + 2 * size), a->row = (int32_t *)(next + 2 * size + singles);
  clear_row(grid, a, grid->rows);
  if (grid->stride < SHORT) memset(next, 0, 2 * size + singles);
  a->scale = scale_of(grid);
  const struct findings found = prepare(grid, a);
  a->both |= found.most > UNEVEN * found.least;
  a->constant = found.constant;
  if (found.excess && open_excess(grid, a, size) != LAPLACE_OK) return finest_close(a), NULL;
  return a;
}
