/* Several sweeps in one pass over memory. A grid is cut into strips: some columns of some rows, narrow enough that what a
 * pass keeps of them fits into a core's second-level cache. A strip reads u, and a margin of its neighbours' u that it
 * sweeps too, and writes its own points of v: strips are independent, and any thread may do any.
 * Not here: the arithmetic (strips.c), threads (the models), which size is best (tune.c).
 */
#ifndef STRIPS_H
#define STRIPS_H
#include "../plugin/grid.h"

enum { MOST_SWEEPS = 64 }; /* in one pass */

struct strip {
  int32_t sweeps;      /* from u to v */
  int32_t norms;       /* wanted: 0 none, 1 the change of the last sweep, 2 also the residual of its result */
  int64_t x, width;    /* the columns that it sweeps: the last may lie beyond the row, for whole vectors */
  int64_t left, right; /* those that it writes, */
  int64_t top, bottom; /* and the rows */
};

/* Strips side by side, each cut into slabs from north to south; `levels` are sweeps, and one more for a residual. */
struct cut {
  int32_t levels;
  int64_t across, slabs, width, margin;
};

/* The passes that do so many levels, sweeps and perhaps a residual: as equally deep as can be, and all cut alike. */
struct schedule {
  int32_t levels, passes;
  int residual;
  struct cut cut;
};

/* Cuts a grid for passes of at most so many levels, with at most `widest` columns in a strip, and slabs enough for the
 * grid's threads. */
struct cut cut_grid(const laplace_grid *grid, int32_t levels, int64_t widest);

/* The most columns that a strip of such a cut has. */
int64_t widest_strip(const laplace_grid *grid, int32_t levels, int64_t widest);

/* Plans `count` >= 1 sweeps, blocked as the grid says. */
struct schedule schedule_passes(const laplace_grid *grid, int32_t count, int residual);

/* The n-th strip of a pass: those of a slab follow each other. */
struct strip strip_at(const laplace_grid *grid, const struct schedule *schedule, int32_t pass, int64_t n);
#endif
