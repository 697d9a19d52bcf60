/* What the general path keeps of a finest grid, and a pass over it: finest_pass.c plans passes, finest_rows.c does them. */
#ifndef FINEST_H
#define FINEST_H
#include "level.h"

/* The equations of a finest grid in conductances, times a power of two that brings these near 1: f32 holds them then.
 *     sum over the four neighbours q of k(p, q) (u(q) - u(p)), - excess(p) u(p) + constant(p) = 0,  constant = scale g d
 * By the grid's stride where they have its precision, which is that of the residual; by `single` where they are f32. */
struct finest {
  int32_t origin;          /* as that of the levels below: level.h */
  double scale;            /* that power of two, of a weighted grid */
  double kx, ky;           /* plain: the same everywhere */
  /* Weighted: where row i of east, south and inverse is stored. Rows that are alike share one, so that it stays in cache, and
   * memory for the others is never touched. NULL if plain. */
  int32_t *row;
  void *east, *south;      /* k between (i, j) and (i, j + 1), (i + 1, j); NULL if plain */
  void *excess;            /* NULL if zero everywhere */
  int32_t *excess_row;     /* where row i of it is stored: those that are alike share one, too */
  int32_t constant;        /* whether it is not zero everywhere */
  float *inverse;          /* of the sum of the four k and the excess; 0 at fixed points and in the ring. NULL if plain */
  int64_t single;
  /* Whether black points, smoothed last, have a residual all the same: where an axis wraps that has an odd number of points,
   * neighbours share a colour; and where conductances differ much, the rounding of a correction, times the large ones, is
   * not small beside what the small ones carry. */
  int32_t both;
  double unit; /* of corrections, a power of two: f32 holds what is left after many cycles, too */
  void *scratch;           /* of each thread, one after the other; NULL before the first pass */
  size_t scratch_size;     /* of one of these */
  void *memory;
  int32_t shared; /* a correction: what is kept is that of the grid that it is of */
};

/* A pass over the grid, from u to v: corrects, smooths, takes norms and restricts. */
struct finest_pass {
  const laplace_grid *grid;
  const struct finest *finest;
  const laplace_level *from; /* whose e is added; NULL: none */
  const laplace_level *to;   /* whose f is set; NULL: none */
  const void *u;
  void *v;
  int32_t sweeps;
};

/* Points of a pass that a thread does at a time: rows, and pairs of columns: pair m is columns 2m - origin and the next. */
struct tile {
  int32_t row0, row1, pair0, pair1;
};

/* What is learnt of the equations while rows are prepared. */
struct findings {
  int32_t excess, constant; /* whether there is one anywhere */
  double least, most;       /* what a free point conducts to its neighbours and loses by convection */
};

struct finest_kernels {
  /* east, south and inverse of row i, stored as row `to`. Adds to what was found. */
  void (*prepare)(const laplace_grid *grid, struct finest *finest, int32_t i, int32_t to, struct findings *found);
  /* excess of row i. */
  void (*excess)(const laplace_grid *grid, struct finest *finest, int32_t i);
  /* Does a tile; raises norms[0] to how far the iterate moved, norms[1] to the residual. */
  void (*pass)(const struct finest_pass *pass, const struct tile *tile, void *scratch, double norms[2]);
  /* Bytes of scratch that a tile of so many pairs needs. */
  size_t (*scratch)(int32_t sweeps, int32_t pairs);
};
#endif
