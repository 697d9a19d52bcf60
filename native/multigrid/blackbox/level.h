/* A level of multigrid below the finest grid: a nine-point operator A in symmetric half storage, the right-hand side f
 * and the correction e of A e = f, all f32, whatever the precision of the problem. Not here: how a level is made
 * (coarsen.c, given_level.c), passes over it (level_pass.c), and which grids take which path (../multigrid.c).
 *
 * Rows and columns are those stored, ghosts included: unknowns are rows 1 .. rows - 2, columns 1 .. cols - 2, except
 * Dirichlet points (inverse == 0). Ghosts of e are zero, or periodic: the value of the opposite side. Ghosts of f are
 * not defined.
 *
 *     (A e)(p) = sum over the eight neighbours q of k(p, q) (e(p) - e(q)), + row_sum(p) e(p)
 *
 * is evaluated in differences: smooth corrections are nearly constant, and f32 would lose them.
 */
#ifndef LEVEL_H
#define LEVEL_H
#include "../../plugin/arena.h"
#include "../../plugin/grid.h"

struct level_path;       /* ../multigrid.h */
struct aggregation_rows; /* ../aggregation/aggregation.h */

struct laplace_level {
  int32_t rows, cols; /* >= 3 */
  int32_t periodic;   /* LAPLACE_PERIODIC_ROWS, LAPLACE_PERIODIC_COLS */
  /* Of the level above: 1: its ghosts are padding or periodic, and coarse rows and columns are 1, 3, .. as stored. 0:
   * its ghosts are Dirichlet edges, and coarse are 2, 4, .. up to rows - 2. */
  int32_t first_is_coarse;
  int32_t halved[2]; /* rows, columns: whether this level keeps every other one of the level above */
  int32_t zero;      /* e is zero, whatever the array holds: set once f is written, cleared by whatever writes e */

  int64_t stride; /* of f and e: elements from one row to the next */
  float *f, *e;   /* (i, j) at [i * stride + j] */

  /* A: (i, j) at [row[i] * pitch + j]. Equal rows, one after the other, are stored once; row counts on from 0. NULL:
   * the same everywhere, as whoever made the level knows. */
  struct level_operator {
    int32_t *row;
    int64_t pitch;
    float *inverse;        /* of the diagonal c = row_sum + the sum of the eight k; 0 at Dirichlet points */
    float *row_sum;        /* convection (Robin), and Dirichlet points that this level does not have */
    int32_t zero_row_sums; /* row_sum is zero everywhere */
    float *e;              /* k between (i, j) and (i, j + 1) */
    float *s;              /* k between (i, j) and (i + 1, j) */
    float *se;             /* k between (i, j) and (i + 1, j + 1) */
    float *sw;             /* k between (i, j + 1) and (i + 1, j) */
  } A;

  /* Prolongation to the level above: (I, J) at [A.row[I] * stride + J]. The edge point between (I, J) and (I, J + 1),
   * if there is one, gets west e(I, J) + east e(I, J + 1); that between (I, J) and (I + 1, J) gets north e(I, J) +
   * south e(I + 1, J). A centre point, between four coarse ones, gets the value that makes its own equation hold with f
   * = 0. */
  struct level_prolongation {
    float *west, *east, *north, *south;
  } P;

  laplace_level *above; /* NULL: this one is below the finest grid, or a given level */
  int32_t given;        /* a given level: below nothing */
  laplace_grid *finest; /* its threads are those of this grid */
  const struct level_path *path;
  void *plate;            /* ../plate/plate.h: of that path, else NULL */
  void *memory, *scratch; /* scratch of threads, one after the other, is part of it */
};

/* Where a row of A starts, and one of P. */
static inline int64_t level_A_row(const laplace_level *level, int64_t i) { return level->A.row[i] * level->A.pitch; }
static inline int64_t level_P_row(const laplace_level *level, int64_t i) { return level->A.row[i] * level->stride; }

/* Whether a point is no unknown. */
static inline int level_is_fixed(const laplace_level *level, int32_t i, int32_t j) {
  return level->A.inverse && level->A.inverse[level_A_row(level, i) + j] == 0;
}

/* How many rows or columns a level has that keeps every other one of `count`, both with ghosts. */
static inline int32_t level_halve(int32_t count, int32_t first_is_coarse) {
  return (first_is_coarse ? (count - 1) / 2 : (count - 2) / 2) + 2;
}

/* The shape of the level below a grid, and below a level: its size and how it relates to what is above. */
laplace_level level_below_grid(laplace_grid *fine, const int32_t halved[2]);
laplace_level level_below_level(laplace_level *fine, const int32_t halved[2]);

/* A level of that shape and path, zero besides, with scratch for passes. `row`, where rows of A and P are stored, is
 * freed with the level. NULL: there is no A, no P and no scratch, only the first and the last row of e are zero, and no
 * other memory is touched. NULL if it fails. */
laplace_level *level_open(laplace_level shape, const struct level_path *path, int32_t *row);

/* Fills periodic ghosts of e; and those of A and P. */
void level_fill_ghosts(laplace_level *level);
void level_fill_operator_ghosts(laplace_level *level);

/* The nine coefficients of A at (i, j): nw n ne w c e sw s se. */
void level_operator_at(const laplace_level *level, int32_t i, int32_t j, double coefficients[9]);

/* ---- row kernels, compiled for each instruction set: level_rows.c and galerkin.c; those of finest grids, fine.h and
 * plate/plate.h, are compiled for each precision as well ---- */

/* The operator that galerkin.c coarsens, of a level or of a finest grid: names as in level.h and fine.h. */
struct galerkin_fine {
  int32_t rows, cols, periodic;
  int32_t dtype;               /* of e, s and row_sum */
  int64_t pitch, pitch_f32;    /* of these three, and of the arrays of f32 */
  const void *e, *s, *row_sum; /* row_sum: NULL if it is zero everywhere */
  const int32_t *row;          /* where row i of all arrays is stored; NULL: as row i */
  double cx, cy;               /* e and s where these are NULL, but for the ghosts */
  const float *se, *sw;        /* NULL: five points */
  const float *inverse;        /* NULL: the only Dirichlet points are ghosts */
};

/* Rows of levels. Buffers have room for a row and 64 numbers before and after. */
struct level_kernels {
  /* Gauss-Seidel of row i, the columns of one parity first; `t` is a buffer. */
  void (*smooth)(const laplace_level *level, int32_t i, int first, float *t);
  void (*residual)(const laplace_level *level, int32_t i, float *r);
  /* f of coarse row I, from the residuals of the fine rows north of it, at it and south of it. */
  void (*restrict_row)(const laplace_level *coarse, int32_t I, const float *north, const float *here,
                       const float *south, float *even, float *odd);
  /* Adds P e to row i of the level above, except at centre points. */
  void (*prolong)(const laplace_level *coarse, int32_t i, float *row, float *even, float *odd);
  /* P and A of rows [I0, I1) of a new level, but for ghost rows; and bytes of scratch that this takes. */
  void (*galerkin)(const struct galerkin_fine *fine, laplace_level *coarse, int32_t I0, int32_t I1, void *scratch,
                   size_t size);
  size_t (*galerkin_scratch)(const struct galerkin_fine *fine, const laplace_level *coarse);
  /* A.inverse of row I, once all rows and ghosts are filled in. Returns whether the row has row sums. */
  int (*invert)(laplace_level *level, int32_t I);
  /* Those of the algebraic preconditioner. */
  const struct aggregation_rows *aggregation;
};

extern const struct level_kernels level_kernels_f32_baseline, level_kernels_f32_avx2, level_kernels_f32_avx512;

/* A buffer of f32 for a row of a level, or of the level above it, if that has more columns. */
static inline float *level_take_buffer(struct arena *arena, const laplace_level *level, int32_t cols_above) {
  const int32_t cols = cols_above > level->cols ? cols_above : level->cols;
  return (float *)arena_take(arena, (size_t)((cols + 63) / 64 * 64 + 128) * sizeof(float), 64) + 64;
}
#endif
