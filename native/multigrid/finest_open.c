/* What the general path keeps of a finest grid: memory, conductances, and what these are like. The arithmetic of a row is in
 * finest_conductances.c.
 */
#include "general.h"
#include "../kernels.h"
#include <math.h>
#include <stdlib.h>

/* Conductances that differ by more. A disc that conducts 1e6 times as well, 2049 points a side: a cycle left 1.8 of the
 * residual without that of the black points, and 0.3 with it; 1e3 times as well, 0.15 either way. */
static const double UNEVEN = 64;

struct preparation {
  const laplace_grid *grid;
  struct finest *finest;
  double scale;
  struct findings *found; /* of each thread */
};

static void prepare_work(void *task, int32_t thread, int32_t threads) {
  struct preparation *p = task;
  struct findings found = {0, 0, INFINITY, 0};
  for (int32_t i = (int32_t)((int64_t)p->grid->rows * thread / threads); i < (int64_t)p->grid->rows * (thread + 1) / threads; i++)
    p->grid->kernels->finest->prepare(p->grid, p->finest, i, p->scale, &found);
  p->found[thread] = found;
}

static struct findings prepare(laplace_grid *grid, struct finest *a) {
  struct findings found[grid->threads], all = {0, 0, INFINITY, 0};
  for (int32_t k = 0; k < grid->threads; k++) found[k] = all;
  model_team(grid, grid->threads, prepare_work, &(struct preparation){grid, a, a->scale, found});
  for (int32_t k = 0; k < grid->threads; k++) {
    all.excess |= found[k].excess, all.constant |= found[k].constant;
    all.least = fmin(all.least, found[k].least), all.most = fmax(all.most, found[k].most);
  }
  return all;
}

/* A power of two near 1 / d of some free point. */
static double scale_of(const laplace_grid *grid) {
  for (int32_t i = 1; i < grid->rows - 1; i++)
    for (int32_t j = 1; j < grid->cols - 1; j++) {
      const int64_t at = i * grid->stride + j;
      const double d = grid->dtype == 8 ? ((double *)grid->d)[at] : ((float *)grid->d)[at];
      if (d > 0 && isfinite(d)) return ldexp(1, -ilogb(d));
    }
  return 1;
}

void finest_close(struct finest *a) {
  free(a->memory);
  free(a->more[0]), free(a->more[1]);
  free(a->scratch);
  free(a);
}

struct finest *finest_open(laplace_grid *grid) {
  struct finest *a = calloc(1, sizeof *a);
  if (!a) return fail("out of memory"), NULL;
  const int odd_rows = grid->rows % 2 && grid->layout & LAPLACE_WRAP_ROWS, odd_cols = grid->cols % 2 && grid->layout & LAPLACE_WRAP_COLS;
  a->both = odd_rows || odd_cols, a->unit = 1;
  a->kx = grid->cx, a->ky = grid->cy;
  a->origin = grid->layout & LAPLACE_WEIGHTED ? 1 : 0;
  if (!a->origin) return a->constant = grid->layout & LAPLACE_SOURCE ? grid->g : NULL, a;
  a->single = (grid->stride + 15) / 16 * 16;
  /* Each array at a different offset within its page, as in grid.c. */
  const size_t points = (size_t)grid->rows * (size_t)grid->stride, size = (points * (size_t)grid->dtype / 4096 + 1) * 4096 + 9 * 64;
  char *next = a->memory = multigrid_allocate(grid, 2 * size + (size_t)grid->rows * (size_t)a->single * sizeof(float));
  if (!next) return free(a), NULL;
  a->east = next, a->south = next + size, a->inverse = (float *)(next + 2 * size);
  a->scale = scale_of(grid);
  const struct findings found = prepare(grid, a);
  a->both |= found.most > UNEVEN * found.least;
  if (found.excess && !(a->excess = a->more[0] = multigrid_allocate(grid, size))) return finest_close(a), NULL;
  if (found.constant && !(a->constant = a->more[1] = multigrid_allocate(grid, size))) return finest_close(a), NULL;
  if (a->excess || a->constant) prepare(grid, a);
  return a;
}
