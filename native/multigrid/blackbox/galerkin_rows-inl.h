/* Code of galerkin.c: its working memory; how it reads rows of the fine operator: in f32, deinterleaved into coarse
 * columns and those between, ghosts filled in; and interpolation weights of edge points, which lie between two coarse
 * points, from the couplings to either side. Centre points, which take their own equation, are in
 * galerkin_energy-inl.h.
 */
#ifndef GALERKIN_ROWS_H
#define GALERKIN_ROWS_H
#include "level.h"
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
  float *cell[2][10]; /* of this row of cells, which is cell[now], and of the one before */
  int now;
};

static void galerkin_read_part(struct galerkin_window *w, float *const to[2], const void *from, int dtype, int64_t at,
                               double constant, int zero_ghosts) {
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
    deinterleave(row - first_is_coarse, to[0], to[1], w->count);
    /* A narrow last cell: the point at its end has no edges of its own here. */
    const int32_t M = (int32_t)w->count - 2;
    if (2 * M + 1 - first_is_coarse >= last) to[1][M] = 0;
  } else {
    memcpy(to[0], row, (size_t)(w->count + 16) * sizeof *row);
    memset(to[1], 0, (size_t)(w->count + 16) * sizeof *row);
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
  galerkin_read_part(w, h->part[GALERKIN_E], f->e, f->dtype, at, f->cx, 0);
  galerkin_read_part(w, h->part[GALERKIN_S], f->s, f->dtype, at, f->cy, 0);
  galerkin_read_part(w, h->part[GALERKIN_ROW_SUM], f->row_sum, f->dtype, at, 0, 1);
  galerkin_read_part(w, h->part[GALERKIN_FREE], f->inverse, 4, at_f32, ghost ? 0 : 1, 1);
  for (int c = 0; c < 2; c++)
    for (int64_t k = 0; k < w->count + 16; k++)
      h->part[GALERKIN_FREE][c][k] = !ghost && h->part[GALERKIN_FREE][c][k] != 0 ? 1 : 0;
  if (!f->se) return h;
  galerkin_read_part(w, h->part[GALERKIN_SE], f->se, 4, at_f32, 0, 0);
  galerkin_read_part(w, h->part[GALERKIN_SW], f->sw, 4, at_f32, 0, 0);
  return h;
}

/* ---- weights of edge points ---- */

static inline floats galerkin_select(signs mask, floats yes, floats no) {
  return (floats)((mask & (signs)yes) | (~mask & (signs)no));
}
static inline floats galerkin_least(floats a, floats b) { return galerkin_select(a < b, a, b); }
static const floats zero = {0};

/* A coupling, or zero where it is negative: the Galerkin operator has some where the conductivity varies from point to
 * point, and weights that follow them are no interpolation. Steps of js to a residual of 1e-10 for exp(3 g), g normal
 * and independent from point to point, 513^2: 204 with them, 35 without. */
static inline floats galerkin_positive(const float *coupling) {
  return galerkin_select(GET(coupling) > zero, GET(coupling), zero);
}

/* Weights of an edge point with couplings a and b to either side. Its row sum x counts little while it is small, so
 * that constants stay constant, and fully where it is a Dirichlet edge. A Dirichlet point is a mean of its Dirichlet
 * neighbours. */
static inline void galerkin_weigh(floats a, floats b, floats x, floats free, floats free_a, floats free_b,
                                  const struct galerkin_weights *to, int64_t J) {
  a = galerkin_select(a > zero, a, zero), b = galerkin_select(b > zero, b, zero),
  x = galerkin_select(x > zero, x, zero);
  const floats lost = galerkin_select(x > zero, x * x / (x + galerkin_least(a, b)), zero), sum = a + b;
  const floats fixed_a = 1.0f - free_a, fixed_b = 1.0f - free_b;
  const signs is_free = free > zero;
  const floats up = galerkin_select(is_free, a, fixed_a), down = galerkin_select(is_free, b, fixed_b);
  const floats whole = galerkin_select(is_free, sum + lost, fixed_a + fixed_b),
               any = galerkin_select(is_free, sum, whole);
  const floats scale = galerkin_select(any > zero, 1.0f / whole, zero);
  AT(to->low + J) = up * scale, AT(to->high + J) = down * scale;
  AT(to->missing + J) = galerkin_select(any > zero, galerkin_select(is_free, lost * scale, zero), zero + 1.0f);
}

/* Of the points between coarse columns in fine row i, which is a coarse one. */
static void galerkin_weigh_across(struct galerkin_window *w, int32_t i, const struct galerkin_weights *to) {
  const struct galerkin_row *up = galerkin_fetch_row(w, i - 1), *h = galerkin_fetch_row(w, i);
  const int nine = w->fine->se != NULL, narrow = !w->coarse->halved[1];
  for (int64_t J = 0; J < w->count; J += FLOATS) {
    floats a = galerkin_positive(h->part[GALERKIN_E][0] + J), b = galerkin_positive(h->part[GALERKIN_E][1] + J);
    if (nine) {
      a += galerkin_positive(up->part[GALERKIN_SE][0] + J) + galerkin_positive(h->part[GALERKIN_SW][0] + J);
      b += galerkin_positive(up->part[GALERKIN_SW][1] + J) + galerkin_positive(h->part[GALERKIN_SE][1] + J);
    }
    galerkin_weigh(a, b, GET(h->part[GALERKIN_ROW_SUM][1] + J), GET(h->part[GALERKIN_FREE][1] + J),
                   GET(h->part[GALERKIN_FREE][0] + J), GET(h->part[GALERKIN_FREE][0] + J + 1), to, J);
  }
  const int64_t M = w->count - 2;
  for (int64_t J = narrow ? 0 : M; J < w->count; J++)
    if (narrow || (J == M && 2 * M + 1 - w->coarse->first_is_coarse >= w->fine->cols - 1))
      to->low[J] = 0, to->high[J] = 1, to->missing[J] = 0;
}

/* Of the points of fine row i, which lies between coarse rows; `narrow`: it is the next coarse row itself. */
static void galerkin_weigh_down(struct galerkin_window *w, int32_t i, int narrow) {
  const struct galerkin_weights *to = &w->down;
  const struct galerkin_row *up = galerkin_fetch_row(w, i - 1), *h = galerkin_fetch_row(w, i);
  const struct galerkin_row *down = galerkin_fetch_row(w, i + 1);
  const int nine = w->fine->se != NULL;
  for (int64_t J = 0; J < w->count; J += FLOATS) {
    if (narrow) {
      AT(to->low + J) = zero, AT(to->high + J) = zero + 1.0f, AT(to->missing + J) = zero;
      continue;
    }
    floats a = galerkin_positive(up->part[GALERKIN_S][0] + J), b = galerkin_positive(h->part[GALERKIN_S][0] + J);
    if (nine) {
      const int beside = w->coarse->halved[1]; /* the column west of coarse column J */
      a += galerkin_positive(up->part[GALERKIN_SE][beside] + J - 1) + galerkin_positive(up->part[GALERKIN_SW][0] + J);
      b += galerkin_positive(h->part[GALERKIN_SW][beside] + J - 1) + galerkin_positive(h->part[GALERKIN_SE][0] + J);
    }
    galerkin_weigh(a, b, GET(h->part[GALERKIN_ROW_SUM][0] + J), GET(h->part[GALERKIN_FREE][0] + J),
                   GET(up->part[GALERKIN_FREE][0] + J), GET(down->part[GALERKIN_FREE][0] + J), to, J);
  }
  if (!(w->fine->periodic & LAPLACE_PERIODIC_COLS)) return;
  const int64_t M = w->count - 2;
  for (int side = 0; side < 3; side++) {
    float *row = side == 0 ? to->low : side == 1 ? to->high : to->missing;
    row[0] = row[M], row[M + 1] = row[1];
  }
}
#endif
