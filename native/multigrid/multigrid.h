/* The paths of multigrid, one for each kind of finest grid, to which multigrid.c passes the calls of the interface. */
#ifndef MULTIGRID_H
#define MULTIGRID_H
#include "blackbox/level.h"

/* The levels of a grid have its equations times `scale`, and corrections in units of `unit`; both are powers of two. */
struct multigrid_units {
  double scale, unit;
};

/* How grids of a kind are coarsened and smoothed. Functions that may fail note the reason. */
struct multigrid_path {
  /* Whether a grid, coarsened along these axes, is of this kind. */
  int (*accepts)(const laplace_grid *fine, const int32_t halved[2]);
  /* Makes grid->multigrid. Of a preconditioned residual, which has the levels of the grid that it is of, it may be made
   * of that grid's. */
  int (*open)(laplace_grid *grid);
  /* Makes a level of this shape, below a grid that is open. NULL if it fails. */
  laplace_level *(*coarsen)(laplace_level shape);
  int (*smooth_and_restrict)(laplace_grid *fine, laplace_level *coarse, int32_t sweeps);
  int (*prolong_and_smooth)(laplace_grid *fine, laplace_level *coarse, int32_t sweeps);
  int (*prolong_smooth_restrict)(laplace_grid *fine, laplace_level *coarse, int32_t post, int32_t pre, double norms[2]);
  /* Says that the constant term may not be zero any more; NULL: that was never found out. */
  void (*expect_source)(laplace_grid *grid);
  /* Frees grid->multigrid. */
  void (*release)(laplace_grid *grid);
  struct multigrid_units (*units)(const laplace_grid *finest);
  /* Of a path that stores the iterate in half rows (iterate.h), else NULL: stores it there; copies a part of it to rows
   * `stride` bytes apart; writes a part, dense in C order, dropping points that follow from their neighbours. */
  int (*pack)(laplace_grid *fine);
  void (*unpack)(laplace_grid *fine, int32_t row0, int32_t row1, int32_t col0, int32_t col1, void *to, int64_t stride);
  void (*write_half_rows)(laplace_grid *fine, int32_t row0, int32_t row1, int32_t col0, int32_t col1, const void *data);
};

/* The same of levels. */
struct level_path {
  laplace_level *(*coarsen)(laplace_level shape);
  int (*smooth_and_restrict)(laplace_level *fine, laplace_level *coarse, int32_t sweeps);
  int (*prolong_and_smooth)(laplace_level *fine, laplace_level *coarse, int32_t sweeps);
  /* Frees what the path keeps besides the level. NULL: nothing. */
  void (*release)(laplace_level *level);
};

/* Any grid: weighted ones, and plain ones of any size and spacing. */
extern const struct multigrid_path blackbox_path;
extern const struct level_path blackbox_levels;

/* Plain grids whose sides are both odd, coarsened in both directions: plate/plate.h. */
extern const struct multigrid_path plate_path;
extern const struct level_path plate_levels;

/* A level of the black-box path whose operator is that of the plain finest grid, as above one that has no arrays for
 * its operator. NULL if it fails. */
laplace_level *blackbox_constant_level(laplace_level shape);

/* The iterate of `fine` inside its ghost layer becomes that of `coarse`, cubically interpolated, both in u. */
int multigrid_prolong_solution(laplace_grid *fine, laplace_grid *coarse);

/* Memory that is not touched, at a multiple of a page. NULL if it fails. */
void *multigrid_reserve(size_t bytes);

/* Zeroed memory at a multiple of a page, each part touched first by the thread whose rows it holds. NULL if it
 * fails. */
void *multigrid_allocate(const laplace_grid *finest, size_t bytes);
#endif
