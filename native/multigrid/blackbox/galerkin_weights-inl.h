/* Interpolation weights of points between two coarse ones, by the conductances to either side. Points amid four, which take
 * their own equation, are in galerkin_energy.h.
 */
#ifndef GALERKIN_WEIGHTS_H
#define GALERKIN_WEIGHTS_H
#include "galerkin_rows-inl.h"

static inline floats choose(signs mask, floats yes, floats no) { return (floats)((mask & (signs)yes) | (~mask & (signs)no)); }
static inline floats least(floats a, floats b) { return choose(a < b, a, b); }
static const floats none = {0};

/* Weights of a point between two coarse ones, a and b its conductances to either side: the excess counts nothing while it
 * is small, so that constants stay constant, and fully where it is a wall. A fixed point is a mean of fixed ones. */
static inline void between(floats a, floats b, floats x, floats free, floats free_a, floats free_b, float *low, float *high,
                           float *missing) {
  a = choose(a > none, a, none), b = choose(b > none, b, none), x = choose(x > none, x, none);
  const floats gone = choose(x > none, x * x / (x + least(a, b)), none), sum = a + b;
  const floats fixed_a = 1.0f - free_a, fixed_b = 1.0f - free_b;
  const signs is_free = free > none;
  const floats up = choose(is_free, a, fixed_a), down = choose(is_free, b, fixed_b);
  const floats whole = choose(is_free, sum + gone, fixed_a + fixed_b), any = choose(is_free, sum, whole);
  const floats scale = choose(any > none, 1.0f / whole, none);
  AT(low) = up * scale, AT(high) = down * scale;
  AT(missing) = choose(any > none, choose(is_free, gone * scale, none), none + 1.0f);
}

/* Of the points between coarse columns in fine row i, which is a coarse one. */
static void weigh_across(struct work *w, int32_t i, const struct weights *to) {
  const struct half *up = fetch(w, i - 1), *h = fetch(w, i);
  const int nine = w->fine->falling != NULL, narrow = !w->coarse->halved[1];
  for (int64_t J = 0; J < w->count; J += FLOATS) {
    floats a = GET(h->part[EAST][0] + J), b = GET(h->part[EAST][1] + J);
    if (nine) {
      a += GET(up->part[FALLING][0] + J) + GET(h->part[RISING][0] + J);
      b += GET(up->part[RISING][1] + J) + GET(h->part[FALLING][1] + J);
    }
    between(a, b, GET(h->part[EXCESS][1] + J), GET(h->part[FREE][1] + J), GET(h->part[FREE][0] + J),
            GET(h->part[FREE][0] + J + 1), to->low + J, to->high + J, to->missing + J);
  }
  const int64_t M = w->count - 2;
  for (int64_t J = narrow ? 0 : M; J < w->count; J++)
    if (narrow || (J == M && 2 * M + 1 - w->coarse->origin >= w->fine->cols - 1))
      to->low[J] = 0, to->high[J] = 1, to->missing[J] = 0;
}

/* Of the points between coarse rows in fine row i, which is not one; `narrow`: it is the next one. */
static void weigh_down(struct work *w, int32_t i, int narrow) {
  const struct weights *to = &w->down;
  const struct half *up = fetch(w, i - 1), *h = fetch(w, i), *down = fetch(w, i + 1);
  const int nine = w->fine->falling != NULL;
  for (int64_t J = 0; J < w->count; J += FLOATS) {
    if (narrow) {
      AT(to->low + J) = none, AT(to->high + J) = none + 1.0f, AT(to->missing + J) = none;
      continue;
    }
    floats a = GET(up->part[SOUTH][0] + J), b = GET(h->part[SOUTH][0] + J);
    if (nine) {
      const int beside = w->coarse->halved[1]; /* the column west of coarse column J */
      a += GET(up->part[FALLING][beside] + J - 1) + GET(up->part[RISING][0] + J);
      b += GET(h->part[RISING][beside] + J - 1) + GET(h->part[FALLING][0] + J);
    }
    between(a, b, GET(h->part[EXCESS][0] + J), GET(h->part[FREE][0] + J), GET(up->part[FREE][0] + J),
            GET(down->part[FREE][0] + J), to->low + J, to->high + J, to->missing + J);
  }
  if (!(w->fine->wrap & LAPLACE_PERIODIC_COLS)) return;
  const int64_t M = w->count - 2;
  for (int side = 0; side < 3; side++) {
    float *row = side == 0 ? to->low : side == 1 ? to->high : to->missing;
    row[0] = row[M], row[M + 1] = row[1];
  }
}
#endif
