/* Temporal blocking: several sweeps in one pass over memory. A grid is divided into tiles: some columns of some rows,
 * narrow enough that a core's second-level cache holds what a pass keeps of them. A tile reads u, and a margin of its
 * neighbours' u, which it sweeps too, and writes its own points of v: tiles are independent, and any thread may do any.
 * Not here: the arithmetic (temporal_tile.c), threads (the models), which size is best (tune.c).
 */
#ifndef TEMPORAL_TILE_H
#define TEMPORAL_TILE_H
#include "../plugin/grid.h"

enum { MOST_SWEEPS = 64 }; /* in one pass */

struct temporal_tile {
  int32_t sweeps;        /* from u to v */
  int32_t norms;         /* wanted: 0 none, 1 the change of the last sweep, 2 also the residual of its result */
  int64_t window, width; /* the first column that it sweeps, and how many: whole vectors, which may exceed the row */
  int64_t col0, col1;    /* the columns that it writes, */
  int64_t row0, row1;    /* and the rows */
};

/* Tiles side by side, each divided into slabs from north to south. Time steps are sweeps, and one more for a residual.
 */
struct tiling {
  int32_t time_steps;
  int64_t across, slabs, width, margin;
};

/* The passes that do so many time steps: about equally many in each, and all with the same tiling. */
struct tiling_plan {
  int32_t time_steps, passes;
  int residual;
  struct tiling tiling;
};

/* The most columns that a tile has, if a pass does so many time steps and `widest` are asked for. */
int64_t tiling_widest(const laplace_grid *grid, int32_t time_steps, int64_t widest);

/* Plans `count` >= 1 sweeps, blocked as the grid's settings say. */
struct tiling_plan tiling_plan_passes(const laplace_grid *grid, int32_t count, int residual);

/* The n-th tile of a pass: those of a slab follow each other. */
struct temporal_tile tiling_tile(const laplace_grid *grid, const struct tiling_plan *plan, int32_t pass, int64_t n);
#endif
