/* Passes over finest grids of the general path, from u to v, tile by tile, and how tiles are dealt out to threads. What is
 * done with a tile is in finest_rows.c.
 */
#include "path.h"
#include "../../plugin/kernels.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_IN_TILES = 12 }; /* sweeps, for which the margins of tiles beside each other are wide enough */

struct tiles {
  struct finest_pass pass;
  int32_t across, slabs, pairs;
  double (*norms)[2];
};

static void tile_work(void *task, int32_t thread, int32_t threads) {
  struct tiles *t = task;
  const laplace_grid *grid = t->pass.grid;
  const struct finest *a = t->pass.finest;
  const int32_t rows = grid->rows - 2;
  double found[2] = {0, 0};
  for (int32_t slab = thread; slab < t->slabs; slab += threads)
    for (int32_t k = 0; k < t->across; k++) {
      const int32_t unit = 16, wide = (t->pairs + unit - 1) / unit;
      const struct tile tile = {1 + (int32_t)((int64_t)rows * slab / t->slabs), 1 + (int32_t)((int64_t)rows * (slab + 1) / t->slabs),
                                (int32_t)((int64_t)wide * k / t->across) * unit,
                                k == t->across - 1 ? t->pairs : (int32_t)((int64_t)wide * (k + 1) / t->across) * unit};
      grid->kernels->finest->pass(&t->pass, &tile, (char *)a->scratch + (size_t)thread * a->scratch_size, found);
    }
  t->norms[thread][0] = found[0], t->norms[thread][1] = found[1];
}

/* Pairs of columns whose rows in flight take about half of the second-level cache. */
static int32_t widest(int32_t sweeps) {
#if defined(_SC_LEVEL2_CACHE_SIZE)
  const long cache = sysconf(_SC_LEVEL2_CACHE_SIZE);
#else
  const long cache = 0;
#endif
  const long pairs = (cache > 0 ? cache : 512 << 10) / 2 / ((2 * sweeps + 5) * 40);
  return pairs < 256 ? 256 : pairs > 1 << 20 ? 1 << 20 : (int32_t)pairs;
}

int finest_pass(laplace_grid *grid, const laplace_level *from, laplace_level *to, int32_t sweeps, double norms[2]) {
  struct finest *a = grid->multigrid;
  grid_fill_ghosts(grid);
  grid->next_sweep_ready = 0;
  const int32_t pairs = (grid->cols + a->origin + 1) / 2, whole = grid->layout & LAPLACE_PERIODIC_COLS || sweeps > MOST_IN_TILES;
  const int32_t across = whole ? 1 : most(1, (pairs + widest(sweeps) - 1) / widest(sweeps));
  const int32_t slabs = most(1, least(grid->threads, (grid->rows - 2) / (4 * sweeps + 8)));
  const size_t needed = (grid->kernels->finest->scratch(sweeps, pairs / across + 64) / 4096 + 1) * 4096;
  if (a->scratch_size < needed) {
    free(a->scratch);
    a->scratch_size = 0;
    if (!(a->scratch = multigrid_allocate(grid, needed * (size_t)grid->threads))) return LAPLACE_FAILED;
    a->scratch_size = needed;
  }
  double found[slabs][2];
  memset(found, 0, sizeof found);
  struct tiles t = {{grid, a, from, to, grid->u, grid->v, sweeps}, across, slabs, pairs, found};
  if (slabs == 1) tile_work(&t, 0, 1);
  else model_parallel_run(grid, slabs, tile_work, &t);
  grid_swap(grid);
  if (grid->layout & (LAPLACE_PERIODIC_ROWS | LAPLACE_PERIODIC_COLS)) grid->ghosts_stale = 1;
  norms[0] = norms[1] = 0;
  for (int32_t k = 0; k < slabs; k++) norms[0] = larger(norms[0], found[k][0]), norms[1] = larger(norms[1], found[k][1]);
  return LAPLACE_OK;
}
