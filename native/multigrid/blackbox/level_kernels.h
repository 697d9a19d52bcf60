/* The row kernels of levels, compiled for each instruction set: see level_rows.c and galerkin.c; fine.h and
 * plate/plate.h have the kernels that are compiled for each precision as well. */
#ifndef LEVEL_KERNELS_H
#define LEVEL_KERNELS_H
#include "../../plugin/arena.h"
#include "level.h"

/* The operator that galerkin.c coarsens, of a level or of a finest grid: names as in level.h and fine.h. */
struct galerkin_fine {
  int32_t rows, cols, periodic;
  int32_t dtype;                    /* of e, s and row_sum */
  int64_t pitch, pitch_f32;         /* of these three, and of the arrays of f32 */
  const void *e, *s, *row_sum;      /* row_sum: NULL if it is zero everywhere */
  const int32_t *row, *row_sum_row; /* where row i is stored, and row i of row_sum; NULL: as row i */
  double cx, cy;                    /* e and s where these are NULL, but for the ghosts */
  const float *se, *sw;             /* NULL: five points */
  const float *inverse;             /* NULL: the only Dirichlet points are ghosts */
};

/* Rows of levels. Buffers have room for a row and 64 numbers before and after. */
struct level_kernels {
  /* Gauss-Seidel of row i, the columns of one parity first; `t` is a buffer. */
  void (*smooth)(const laplace_level *level, int32_t i, int first, float *t);
  void (*residual)(const laplace_level *level, int32_t i, float *r);
  /* f of coarse row I, from the residuals of the fine rows north of it, at it and south of it. */
  void (*restrict_row)(const laplace_level *coarse, int32_t I, const float *north, const float *here,
                       const float *south, float *even, float *odd);
  /* row = P e at row i of the level above, except at centre points. */
  void (*prolong)(const laplace_level *coarse, int32_t i, float *row, float *even, float *odd);
  /* e += row. */
  void (*add)(const laplace_level *level, int32_t i, const float *row);
  /* P and A of rows [I0, I1) of a new level, but for ghost rows; and bytes of scratch that this takes. */
  void (*galerkin)(const struct galerkin_fine *fine, laplace_level *coarse, int32_t I0, int32_t I1, void *scratch,
                   size_t size);
  size_t (*galerkin_scratch)(const struct galerkin_fine *fine, const laplace_level *coarse);
  /* A.inverse of row I, once all rows and ghosts are filled in. Returns whether the row has row sums. */
  int (*invert)(laplace_level *level, int32_t I);
};

extern const struct level_kernels level_kernels_baseline, level_kernels_avx2, level_kernels_avx512;

/* A buffer of f32 for a row of a level, or of the level above it, if that has more columns. */
static inline float *level_take_buffer(struct arena *arena, const laplace_level *level, int32_t cols_above) {
  const int32_t cols = cols_above > level->cols ? cols_above : level->cols;
  return (float *)arena_take(arena, (size_t)((cols + 63) / 64 * 64 + 128) * sizeof(float), 64) + 64;
}
#endif
