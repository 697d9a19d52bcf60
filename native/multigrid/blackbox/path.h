/* The black-box path of multigrid, for grids of any kind, and the levels below them. This header has what its files
 * share: path.c has the operations, fine_open.c and coarsen.c make what fine_pass.c and level_pass.c work on. Not here:
 * a finest grid (fine.h) and a level (level.h).
 */
#ifndef BLACKBOX_H
#define BLACKBOX_H
#include "fine.h"
#include "../multigrid.h"

static inline int32_t least(int32_t a, int32_t b) { return a < b ? a : b; }
static inline int32_t most(int32_t a, int32_t b) { return a > b ? a : b; }

/* ---- finest grids ---- */

/* Makes the operator of a finest grid, grid->multigrid, and frees it. */
int fine_open(laplace_grid *grid);
void fine_expect_source(laplace_grid *grid);
void fine_close(laplace_grid *grid);

/* A pass: adds e of a level, smooths, takes norms, and sets f of a level; either level may be NULL. */
int fine_pass(laplace_grid *grid, const laplace_level *prolong_from, laplace_level *restrict_to, int32_t sweeps,
              double norms[2]);

/* ---- levels ---- */

/* A pass over a level, in place. */
struct level_pass {
  laplace_level *level;
  const laplace_level *prolong_from; /* whose e is added; NULL: none */
  laplace_level *restrict_to;        /* whose f is set; NULL: none */
  int32_t sweeps;
  int32_t coarse_first; /* coarse rows and columns are smoothed first, before restriction; else those between */

  /* level_pass sets these. */
  int32_t stages;
  int32_t clear; /* e is zero, whatever the array holds */
};
void level_pass(struct level_pass pass);

/* Threads for a pass of so many stages over the level: fewer, the more stages there are. Bytes of scratch of each. */
int32_t level_threads(const laplace_level *level, int32_t stages);
size_t level_scratch_size(const laplace_level *level);

/* Makes a Galerkin level of this shape, as multigrid_path and level_path have it. */
laplace_level *blackbox_coarsen(laplace_level shape);
#endif
