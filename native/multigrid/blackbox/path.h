/* The general path of multigrid, for grids of any kind, and the levels below them. Here is what its parts share: general.c is
 * the path, finest_open.c and general_coarsen.c make what finest_pass.c and level_pass.c go over. Not here: what is kept of a
 * finest grid (finest.h) and of a level (level.h).
 */
#ifndef GENERAL_H
#define GENERAL_H
#include "fine.h"
#include "../multigrid.h"

static inline int32_t least(int32_t a, int32_t b) { return a < b ? a : b; }
static inline int32_t most(int32_t a, int32_t b) { return a > b ? a : b; }

/* ---- finest grids ---- */

/* What is kept of a finest grid. NULL if it fails. */
struct finest *finest_open(laplace_grid *grid);
void finest_close(struct finest *finest);

/* A pass: adds e of `from`, smooths, takes norms, and sets f of `to`; either level may be NULL. */
int finest_pass(laplace_grid *grid, const laplace_level *from, laplace_level *to, int32_t sweeps, double norms[2]);

/* ---- levels ---- */

/* A pass over a level, in place. */
struct level_pass {
  laplace_level *level;
  const laplace_level *from; /* whose e is added; NULL: none */
  laplace_level *to;         /* whose f is set; NULL: none */
  int32_t sweeps, down;     /* down: coarse rows and columns are smoothed first; up: those between */
  int32_t clear;            /* e is zero, whatever the array holds */

  const struct level_kernels *kernels; /* this and stages are set by level_pass */
  int32_t stages;
};
int level_pass(struct level_pass pass);

/* Memory for passes over a level. */
int level_open_scratch(laplace_level *level);

/* Threads for a pass of so many stages over the level. */
int32_t level_threads(const laplace_level *level, int32_t stages);

/* The level below a finest grid, and below a level, as multigrid_path and level_path have it. */
laplace_level *general_coarsen(laplace_grid *fine, const int32_t halved[2]);
laplace_level *general_coarsen_level(laplace_level *fine, const int32_t halved[2]);
#endif
