/* What galerkin.c works with, and how it reads rows of the finer operator: in f32, split into coarse columns and those between,
 * images and walls in place. No arithmetic.
 */
#ifndef GALERKIN_ROWS_H
#define GALERKIN_ROWS_H
#include "../kernels.h"
#include "../deinterleave-inl.h"
#include <string.h>

/* One fine row, split into coarse columns [0] and those between [1]. */
enum { EAST, SOUTH, FALLING, RISING, EXCESS, FREE, PARTS };
struct half {
  int32_t i;
  float *part[PARTS][2];
};

/* Weights of the points between coarse ones: of a row (west, east) or a column (north, south), and what is missing to 1. */
struct weights {
  float *low, *high, *missing;
};

struct work {
  const struct operator_rows *fine;
  laplace_level *coarse;
  int64_t count;         /* coarse columns, ring included */
  struct half row[4];    /* fine row i in row[i & 3] */
  struct weights across[2], down;
  float *natural;
  float *cell[2][10];    /* of this row of cells, and of the one before */
};

static void read_row(struct work *w, const void *from, int dtype, int64_t at, double constant, int wrap_value, float *even,
                     float *odd) {
  const int32_t cols = w->fine->cols, last = cols - 1, origin = w->coarse->origin;
  float *row = w->natural;
  if (!from) for (int32_t j = 0; j < cols; j++) row[j] = (float)constant;
  else if (dtype == 8) for (int32_t j = 0; j < cols; j++) row[j] = (float)((const double *)from + at)[j];
  else memcpy(row, (const float *)from + at, (size_t)cols * sizeof *row);
  if (w->fine->wrap & LAPLACE_PERIODIC_COLS) row[0] = row[last - 1], row[last] = row[1];
  else if (wrap_value) row[0] = row[last] = 0;
  memset(row + cols, 0, 64 * sizeof *row);
  row[-1] = 0;
  if (w->coarse->halved[1]) {
    deinterleave(row - origin, even, odd, w->count);
    /* A narrow last cell: what is at its end has no edges of its own here. */
    const int32_t M = (int32_t)w->count - 2;
    if (2 * M + 1 - origin >= last) odd[M] = 0;
  } else {
    memcpy(even, row, (size_t)(w->count + 16) * sizeof *row);
    memset(odd, 0, (size_t)(w->count + 16) * sizeof *row);
  }
}

/* Fine row i, which may lie in the ring or beyond. */
static struct half *fetch(struct work *w, int32_t i) {
  struct half *h = &w->row[i & 3];
  const struct operator_rows *f = w->fine;
  if (h->i == i) return h;
  h->i = i;
  const int32_t last = f->rows - 1, wrap = f->wrap & LAPLACE_PERIODIC_ROWS;
  if (i < 0 || i > last) {
    for (int p = 0; p < PARTS; p++)
      for (int c = 0; c < 2; c++) memset(h->part[p][c], 0, (size_t)(w->count + 16) * sizeof(float));
    return h;
  }
  const int32_t from = !wrap ? i : i == 0 ? last - 1 : i == last ? 1 : i;
  const int ring = !wrap && (i == 0 || i == last);
  const int64_t stored = f->row ? f->row[from] : from, at = stored * f->pitch, single = stored * f->single_pitch;
  /* Constant conductances: those between points of the ring do not matter. */
  read_row(w, f->east, f->dtype, at, f->cx, 0, h->part[EAST][0], h->part[EAST][1]);
  read_row(w, f->south, f->dtype, at, f->cy, 0, h->part[SOUTH][0], h->part[SOUTH][1]);
  read_row(w, f->excess, f->dtype, (f->excess_row ? f->excess_row[from] : from) * f->pitch, 0, 1, h->part[EXCESS][0], h->part[EXCESS][1]);
  read_row(w, f->inverse, 4, single, ring ? 0 : 1, 1, h->part[FREE][0], h->part[FREE][1]);
  for (int c = 0; c < 2; c++)
    for (int64_t k = 0; k < w->count + 16; k++) h->part[FREE][c][k] = !ring && h->part[FREE][c][k] != 0 ? 1 : 0;
  if (!f->falling) return h;
  read_row(w, f->falling, 4, single, 0, 0, h->part[FALLING][0], h->part[FALLING][1]);
  read_row(w, f->rising, 4, single, 0, 0, h->part[RISING][0], h->part[RISING][1]);
  return h;
}
#endif
