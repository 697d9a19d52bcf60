/* A finest grid on the black-box path: its operator, kept as conductances, and what a pass over it is given.
 * fine_pass.c plans passes, fine_rows.c does them.
 */
#ifndef FINE_H
#define FINE_H
#include "level.h"

/* The five-point operator of a finest grid, times a power of two that brings its coefficients near 1, so that f32 holds
 * them:
 *     sum over the four neighbours q of k(p, q) (u(q) - u(p)), - row_sum(p) u(p) + source(p) = 0,    source = scale g d
 * e, s and row_sum have the grid's dtype, which is that of the residual, and its stride; inverse is f32 by `pitch_f32`.
 */
struct fine {
  int32_t first_is_coarse; /* as that of the levels below: level.h */
  double scale;            /* that power of two; 1 of a plain grid, whose k are cx and cy everywhere */
  /* Weighted: where row i of e, s, row_sum and inverse is stored. Equal rows share one, so that it stays in cache, and
   * memory for the others is never touched. NULL if plain. */
  int32_t *row;
  void *e, *s;        /* k between (i, j) and (i, j + 1), (i + 1, j); NULL if plain */
  void *row_sum;      /* NULL if zero everywhere */
  int32_t has_source; /* the source is not zero everywhere */
  float *inverse;     /* of c, the sum of the k and the row sum; 0 at Dirichlet points and ghosts. NULL if plain */
  int64_t pitch_f32;
  /* Whether black points, smoothed last, have a residual all the same: around a periodic axis with an odd number of
   * points neighbours share a colour; and where conductances differ much, the rounding of a correction, times the large
   * ones, is not small beside the small ones. */
  int32_t black_residual;
  double unit;         /* of corrections, a power of two: f32 holds the residual after many cycles, too */
  void *scratch;       /* of each thread, one after the other; NULL before the first pass */
  size_t scratch_size; /* of one of these */
  void *memory;        /* of e, s, inverse and row; NULL: another grid's, as row_sum then is */
};

/* A pass over the grid, from u to v: adds a correction, smooths, takes norms and restricts. */
struct fine_pass {
  const laplace_grid *grid;
  const laplace_level *prolong_from; /* whose e is added; NULL: none */
  const laplace_level *restrict_to;  /* whose f is set; NULL: none */
  int32_t sweeps;
};

/* The points that a thread does at a time: rows, and pairs of columns: pair m is columns 2m - first_is_coarse and the
 * next. */
struct fine_tile {
  int32_t row0, row1, pair0, pair1;
};

/* What preparing the rows shows about the operator. */
struct fine_findings {
  int32_t has_row_sum, has_source; /* anywhere */
  double least_c, most_c;          /* of free points, before scaling */
};

struct fine_kernels {
  /* e, s and inverse of row i, stored as row `to`. Adds to `found`. */
  void (*conductances)(const laplace_grid *grid, int32_t i, int32_t to, struct fine_findings *found);
  /* row_sum of row i. */
  void (*row_sum)(const laplace_grid *grid, int32_t i);
  /* Does a tile; raises norms[0] to the change of the iterate, norms[1] to its residual. */
  void (*pass)(const struct fine_pass *pass, const struct fine_tile *tile, void *scratch, double norms[2]);
  /* Bytes of scratch for a tile of so many pairs. */
  size_t (*scratch)(int32_t sweeps, int32_t pairs);
};
#endif
