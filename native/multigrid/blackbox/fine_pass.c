/* Passes over finest grids of the black-box path, from u to v, tile by tile, tiles dealt out to threads. A tile is done
 * in fine_rows.c.
 */
#include "path.h"
#include "../../plugin/kernels.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FINE_MOST_TILED = 12 }; /* sweeps, for which the margins of tiles beside each other are wide enough */

struct fine_tiles {
  struct fine_pass pass;
  int32_t across, slabs, pairs;
  double (*norms)[2];
};

static void fine_pass_tiles(void *task, int32_t thread, int32_t threads) {
  struct fine_tiles *t = task;
  const laplace_grid *grid = t->pass.grid;
  const struct fine *a = grid->multigrid;
  const int32_t rows = grid->rows - 2;
  double found[2] = {0, 0};
  for (int32_t slab = thread; slab < t->slabs; slab += threads)
    for (int32_t k = 0; k < t->across; k++) {
      const int32_t unit = 16, wide = (t->pairs + unit - 1) / unit, pair1 = share_begin(wide, k + 1, t->across) * unit;
      const struct fine_tile tile = {1 + share_begin(rows, slab, t->slabs), 1 + share_begin(rows, slab + 1, t->slabs),
                                     share_begin(wide, k, t->across) * unit, least(pair1, t->pairs)};
      grid->kernels->fine->pass(&t->pass, &tile, (char *)a->scratch + (size_t)thread * a->scratch_size, found);
    }
  t->norms[thread][0] = found[0], t->norms[thread][1] = found[1];
}

/* Pairs of columns whose rows in flight take about half of the second-level cache. */
static int32_t fine_widest(int32_t sweeps) {
#if defined(_SC_LEVEL2_CACHE_SIZE)
  const long cache = sysconf(_SC_LEVEL2_CACHE_SIZE);
#else
  const long cache = 0;
#endif
  const long pairs = (cache > 0 ? cache : 512 << 10) / 2 / ((2 * sweeps + 5) * 40);
  return pairs < 256 ? 256 : pairs > 1 << 20 ? 1 << 20 : (int32_t)pairs;
}

int fine_pass(laplace_grid *grid, const laplace_level *prolong_from, laplace_level *restrict_to, int32_t sweeps,
              double norms[2]) {
  struct fine *a = grid->multigrid;
  grid_fill_ghosts(grid);
  grid->next_sweep_ready = 0;
  const int32_t pairs = (grid->cols + a->first_is_coarse + 1) / 2;
  const int32_t whole = grid->layout & LAPLACE_PERIODIC_COLS || sweeps > FINE_MOST_TILED;
  const int32_t across = whole ? 1 : most(1, (pairs + fine_widest(sweeps) - 1) / fine_widest(sweeps));
  const int32_t slabs = most(1, least(grid->threads, (grid->rows - 2) / (4 * sweeps + 8)));
  const size_t needed = (grid->kernels->fine->scratch(sweeps, pairs / across + 64) / PAGE_BYTES + 1) * PAGE_BYTES;
  if (a->scratch_size < needed) {
    free(a->scratch);
    a->scratch_size = 0;
    if (!(a->scratch = multigrid_allocate(grid, needed * (size_t)grid->threads))) return LAPLACE_FAILED;
    a->scratch_size = needed;
  }
  double found[slabs][2];
  memset(found, 0, sizeof found);
  struct fine_tiles t = {{grid, prolong_from, restrict_to, sweeps}, across, slabs, pairs, found};
  model_parallel_run(grid, slabs, fine_pass_tiles, &t);
  grid_swap(grid);
  if (grid->layout & (LAPLACE_PERIODIC_ROWS | LAPLACE_PERIODIC_COLS)) grid->ghosts_stale = 1;
  norms[0] = norms[1] = 0;
  for (int32_t k = 0; k < slabs; k++)
    norms[0] = larger(norms[0], found[k][0]), norms[1] = larger(norms[1], found[k][1]);
  return LAPLACE_OK;
}
