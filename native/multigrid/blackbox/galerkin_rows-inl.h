/* Code of galerkin.c: its working memory, and how it reads rows of the fine operator: in f32, deinterleaved into coarse
 * columns and those between, ghosts filled in. No arithmetic.
 */
#ifndef GALERKIN_ROWS_H
#define GALERKIN_ROWS_H
#include "level_kernels.h"
#include "../deinterleave-inl.h"
#include <string.h>

/* A fine row, deinterleaved into coarse columns [0] and those between [1]. FREE: 1 at unknowns, 0 at Dirichlet
 * points. */
enum { GALERKIN_E, GALERKIN_S, GALERKIN_SE, GALERKIN_SW, GALERKIN_ROW_SUM, GALERKIN_FREE, GALERKIN_PARTS };
struct galerkin_row {
  int32_t i;
  float *part[GALERKIN_PARTS][2];
};

/* Weights of edge points: of a row (west, east) or a column (north, south), and what their sum lacks to 1. */
struct galerkin_weights {
  float *low, *high, *missing;
};

struct galerkin_window {
  const struct galerkin_fine *fine;
  laplace_level *coarse;
  int64_t count;              /* coarse columns, ghosts included */
  struct galerkin_row row[4]; /* fine row i in row[i & 3] */
  struct galerkin_weights across[2], down;
  float *unpacked;    /* a row as it is stored */
  float *cell[2][10]; /* of this row of cells, and of the one before */
};

static void galerkin_read_part(struct galerkin_window *w, const void *from, int dtype, int64_t at, double constant,
                               int zero_ghosts, float *even, float *odd) {
  const int32_t cols = w->fine->cols, last = cols - 1, first_is_coarse = w->coarse->first_is_coarse;
  float *row = w->unpacked;
  if (!from)
    for (int32_t j = 0; j < cols; j++) row[j] = (float)constant;
  else if (dtype == 8)
    for (int32_t j = 0; j < cols; j++) row[j] = (float)((const double *)from + at)[j];
  else memcpy(row, (const float *)from + at, (size_t)cols * sizeof *row);
  if (w->fine->periodic & LAPLACE_PERIODIC_COLS) row[0] = row[last - 1], row[last] = row[1];
  else if (zero_ghosts) row[0] = row[last] = 0;
  memset(row + cols, 0, 64 * sizeof *row);
  row[-1] = 0;
  if (w->coarse->halved[1]) {
    deinterleave(row - first_is_coarse, even, odd, w->count);
    /* A narrow last cell: the point at its end has no edges of its own here. */
    const int32_t M = (int32_t)w->count - 2;
    if (2 * M + 1 - first_is_coarse >= last) odd[M] = 0;
  } else {
    memcpy(even, row, (size_t)(w->count + 16) * sizeof *row);
    memset(odd, 0, (size_t)(w->count + 16) * sizeof *row);
  }
}

/* Fine row i, which may be a ghost row or beyond. */
static struct galerkin_row *galerkin_fetch_row(struct galerkin_window *w, int32_t i) {
  struct galerkin_row *h = &w->row[i & 3];
  const struct galerkin_fine *f = w->fine;
  if (h->i == i) return h;
  h->i = i;
  const int32_t last = f->rows - 1, periodic = f->periodic & LAPLACE_PERIODIC_ROWS;
  if (i < 0 || i > last) {
    for (int p = 0; p < GALERKIN_PARTS; p++)
      for (int c = 0; c < 2; c++) memset(h->part[p][c], 0, (size_t)(w->count + 16) * sizeof(float));
    return h;
  }
  const int32_t from = !periodic ? i : i == 0 ? last - 1 : i == last ? 1 : i;
  const int ghost = !periodic && (i == 0 || i == last);
  const int64_t stored = f->row ? f->row[from] : from, at = stored * f->pitch, at_f32 = stored * f->pitch_f32;
  /* Constant conductances: those between ghosts do not matter. */
  galerkin_read_part(w, f->e, f->dtype, at, f->cx, 0, h->part[GALERKIN_E][0], h->part[GALERKIN_E][1]);
  galerkin_read_part(w, f->s, f->dtype, at, f->cy, 0, h->part[GALERKIN_S][0], h->part[GALERKIN_S][1]);
  galerkin_read_part(w, f->row_sum, f->dtype, (f->row_sum_row ? f->row_sum_row[from] : from) * f->pitch, 0, 1,
                     h->part[GALERKIN_ROW_SUM][0], h->part[GALERKIN_ROW_SUM][1]);
  galerkin_read_part(w, f->inverse, 4, at_f32, ghost ? 0 : 1, 1, h->part[GALERKIN_FREE][0], h->part[GALERKIN_FREE][1]);
  for (int c = 0; c < 2; c++)
    for (int64_t k = 0; k < w->count + 16; k++)
      h->part[GALERKIN_FREE][c][k] = !ghost && h->part[GALERKIN_FREE][c][k] != 0 ? 1 : 0;
  if (!f->se) return h;
  galerkin_read_part(w, f->se, 4, at_f32, 0, 0, h->part[GALERKIN_SE][0], h->part[GALERKIN_SE][1]);
  galerkin_read_part(w, f->sw, 4, at_f32, 0, 0, h->part[GALERKIN_SW][0], h->part[GALERKIN_SW][1]);
  return h;
}
#endif
