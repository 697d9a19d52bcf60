/* A level of multigrid below the finest grid: a nine-point operator A in symmetric form, its right side f and its
 * iterate e, all f32, whatever the precision of the problem. Not here: how it is made (galerkin.c), what is done with it
 * (level_pass.c), and which grids take which path (multigrid.c).
 *
 * Rows and columns are those stored, ring included: unknowns are rows 1 .. rows - 2, columns 1 .. cols - 2, those of them
 * apart that are fixed (inverse == 0). In the ring e is zero, or the image of the opposite side where an axis wraps; no
 * more is known of f there.
 *
 *     (A e)(p) = sum over the eight neighbours q of k(p, q) (e(p) - e(q)), + excess(p) e(p)
 *
 * It is evaluated in differences: f32 would else lose what the longest waves need, since they are nearly constant.
 */
#ifndef LEVEL_H
#define LEVEL_H
#include "../../plugin/grid.h"

struct laplace_level {
  int32_t rows, cols; /* >= 3 */
  int32_t wrap;       /* LAPLACE_PERIODIC_ROWS, LAPLACE_PERIODIC_COLS */
  int32_t origin;     /* 0: ring points of the level above are points of a wall; coarse is 2, 4, .. of 1 .. rows - 2.
                       * 1: they are padding or images; coarse is 1, 3, .. */
  int32_t halved[2];  /* rows, columns: whether this level keeps every other one of the level above */
  int32_t zero;       /* e is zero, whatever the array holds: set after f was written, and cleared by what writes e */

  int64_t stride; /* of f and e: elements from one row to the next */
  float *f, *e;   /* (i, j) at [i * stride + j] */

  /* The operator: (i, j) at [row[i] * pitch + j]; NULL if it is the same everywhere and whoever made the level knows it. Rows
   * that are alike, one after the other, are stored once; row counts on from 0. */
  int32_t *row;
  int64_t pitch;
  float *inverse; /* of the diagonal, excess + the sum of the eight k; 0 at fixed points */
  float *excess;  /* of the diagonal over that sum: convection, and fixed points that this level does not have */
  int32_t tight;  /* excess is zero everywhere */
  float *east;    /* k between (i, j) and (i, j + 1) */
  float *south;   /* k between (i, j) and (i + 1, j) */
  float *falling; /* k between (i, j) and (i + 1, j + 1) */
  float *rising;  /* k between (i + 1, j) and (i, j + 1) */

  /* Interpolation to the level above: (I, J) at [row[I] * stride + J]. The point between (I, J) and (I, J + 1), where there is one, gets
   * west * e(I, J) + east * e(I, J + 1); that between (I, J) and (I + 1, J) gets north * e(I, J) + south * e(I + 1, J).
   * A point amid four gets what makes its own equation hold with f = 0. */
  float *from_west, *from_east, *from_north, *from_south;

  laplace_level *above;  /* NULL: this one is below the finest grid, or below nothing */
  int32_t given;         /* its operator was given: it is below nothing */
  laplace_grid *finest;  /* its threads are those of this grid */
  const struct level_path *path; /* multigrid.h */
  void *plate;           /* plate/plate.h: of that path, else NULL */
  void *memory;
  float *scratch; /* of threads, one after the other */
};

/* Where a row of the operator starts, and one of the interpolation. */
static inline int64_t operator_row(const laplace_level *level, int64_t i) { return level->row[i] * level->pitch; }
static inline int64_t weights_row(const laplace_level *level, int64_t i) { return level->row[i] * level->stride; }

/* Whether the point is no unknown. */
static inline int level_fixed(const laplace_level *level, int32_t i, int32_t j) {
  return level->inverse && level->inverse[operator_row(level, i) + j] == 0;
}

/* How many rows or columns a level has that keeps every other one of `count`, both with their rings. */
static inline int32_t halve(int32_t count, int32_t origin) { return (origin ? (count - 1) / 2 : (count - 2) / 2) + 2; }
#endif
