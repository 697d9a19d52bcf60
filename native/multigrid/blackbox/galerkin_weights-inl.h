/* Code of galerkin.c: interpolation weights of edge points, which lie between two coarse points, from the couplings to
 * either side. Centre points, which take their own equation, are in galerkin_energy-inl.h.
 */
#ifndef GALERKIN_WEIGHTS_H
#define GALERKIN_WEIGHTS_H
#include "galerkin_rows-inl.h"

static inline floats galerkin_select(signs mask, floats yes, floats no) {
  return (floats)((mask & (signs)yes) | (~mask & (signs)no));
}
static inline floats galerkin_least(floats a, floats b) { return galerkin_select(a < b, a, b); }
static const floats zero = {0};

/* Weights of an edge point with couplings a and b to either side. Its row sum x counts little while it is small, so
 * that constants stay constant, and fully where it is a Dirichlet edge. A Dirichlet point is a mean of its Dirichlet
 * neighbours. */
static inline void galerkin_weigh(floats a, floats b, floats x, floats free, floats free_a, floats free_b, float *low,
                                  float *high, float *missing) {
  a = galerkin_select(a > zero, a, zero), b = galerkin_select(b > zero, b, zero),
  x = galerkin_select(x > zero, x, zero);
  const floats lost = galerkin_select(x > zero, x * x / (x + galerkin_least(a, b)), zero), sum = a + b;
  const floats fixed_a = 1.0f - free_a, fixed_b = 1.0f - free_b;
  const signs is_free = free > zero;
  const floats up = galerkin_select(is_free, a, fixed_a), down = galerkin_select(is_free, b, fixed_b);
  const floats whole = galerkin_select(is_free, sum + lost, fixed_a + fixed_b),
               any = galerkin_select(is_free, sum, whole);
  const floats scale = galerkin_select(any > zero, 1.0f / whole, zero);
  AT(low) = up * scale, AT(high) = down * scale;
  AT(missing) = galerkin_select(any > zero, galerkin_select(is_free, lost * scale, zero), zero + 1.0f);
}

/* Of the points between coarse columns in fine row i, which is a coarse one. */
static void galerkin_weigh_across(struct galerkin_window *w, int32_t i, const struct galerkin_weights *to) {
  const struct galerkin_row *up = galerkin_fetch_row(w, i - 1), *h = galerkin_fetch_row(w, i);
  const int nine = w->fine->se != NULL, narrow = !w->coarse->halved[1];
  for (int64_t J = 0; J < w->count; J += FLOATS) {
    floats a = GET(h->part[GALERKIN_E][0] + J), b = GET(h->part[GALERKIN_E][1] + J);
    if (nine) {
      a += GET(up->part[GALERKIN_SE][0] + J) + GET(h->part[GALERKIN_SW][0] + J);
      b += GET(up->part[GALERKIN_SW][1] + J) + GET(h->part[GALERKIN_SE][1] + J);
    }
    galerkin_weigh(a, b, GET(h->part[GALERKIN_ROW_SUM][1] + J), GET(h->part[GALERKIN_FREE][1] + J),
                   GET(h->part[GALERKIN_FREE][0] + J), GET(h->part[GALERKIN_FREE][0] + J + 1), to->low + J,
                   to->high + J, to->missing + J);
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
    floats a = GET(up->part[GALERKIN_S][0] + J), b = GET(h->part[GALERKIN_S][0] + J);
    if (nine) {
      const int beside = w->coarse->halved[1]; /* the column west of coarse column J */
      a += GET(up->part[GALERKIN_SE][beside] + J - 1) + GET(up->part[GALERKIN_SW][0] + J);
      b += GET(h->part[GALERKIN_SW][beside] + J - 1) + GET(h->part[GALERKIN_SE][0] + J);
    }
    galerkin_weigh(a, b, GET(h->part[GALERKIN_ROW_SUM][0] + J), GET(h->part[GALERKIN_FREE][0] + J),
                   GET(up->part[GALERKIN_FREE][0] + J), GET(down->part[GALERKIN_FREE][0] + J), to->low + J,
                   to->high + J, to->missing + J);
  }
  if (!(w->fine->periodic & LAPLACE_PERIODIC_COLS)) return;
  const int64_t M = w->count - 2;
  for (int side = 0; side < 3; side++) {
    float *row = side == 0 ? to->low : side == 1 ? to->high : to->missing;
    row[0] = row[M], row[M + 1] = row[1];
  }
}
#endif
