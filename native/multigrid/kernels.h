/* What of multigrid is compiled for each instruction set. Models and paths call these; see level_rows.c and galerkin.c, and
 * finest.h and fused.h for what is compiled for each precision as well. */
#ifndef MULTIGRID_KERNELS_H
#define MULTIGRID_KERNELS_H
#include "blackbox/level.h"

/* The operator that galerkin.c reads, of a level or of a finest grid. */
struct operator_rows {
  int32_t rows, cols, wrap;
  int32_t dtype;                    /* of east, south and excess */
  int64_t pitch, single_pitch;      /* of these three, and of the arrays of f32 */
  const void *east, *south, *excess; /* excess: NULL if there is none */
  const int32_t *row, *excess_row;  /* where row i is stored, and row i of excess; NULL: as row i */
  double cx, cy;                    /* east and south where these are NULL, but for the ring */
  const float *falling, *rising;    /* NULL: five points */
  const float *inverse;             /* NULL: no fixed points but those of the ring */
};

/* Rows of levels: f32. Buffers have room for a row and 64 numbers before and after. */
struct level_kernels {
  /* Gauss-Seidel of row i, the columns of one parity first; `t` is a buffer. */
  void (*smooth)(const laplace_level *level, int32_t i, int first, float *t);
  void (*residual)(const laplace_level *level, int32_t i, float *r);
  /* f of row I, from residuals of the rows north of its row, in it and south of it. */
  void (*restrict_row)(const laplace_level *coarse, int32_t I, const float *north, const float *here, const float *south,
                       float *even, float *odd);
  /* row = P e at row i of the level above, but for points amid four. */
  void (*interpolate)(const laplace_level *coarse, int32_t i, float *row, float *even, float *odd);
  /* e += row. */
  void (*add)(const laplace_level *level, int32_t i, const float *row);
  /* P and A of rows [I0, I1) of a new level, but for images of rows; scratch of GALERKIN_BUFFERS buffers. */
  void (*galerkin)(const struct operator_rows *fine, laplace_level *coarse, int32_t I0, int32_t I1, float *scratch);
  /* Inverse diagonals of row I, once all rows and their images are there. Returns whether it has an excess. */
  int (*invert)(laplace_level *level, int32_t I);
};

extern const struct level_kernels level_kernels_baseline, level_kernels_avx2, level_kernels_avx512;

/* Numbers of f32 of a buffer, and of what galerkin needs. */
static inline int64_t buffer_size(const laplace_level *level, int32_t above) {
  return ((above > level->cols ? above : level->cols) + 63) / 64 * 64 + 128;
}
enum { GALERKIN_BUFFERS = 96 };
#endif
