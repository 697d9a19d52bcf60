/* Code of fine_rows.c: smooths a row in flight by half-sweeps of red-black Gauss-Seidel of A d = r, and computes the
 * residual r - A d after them. Which row is due is decided in fine_rows.c.
 *
 *     d += inverse (r - row_sum d + sum of k (d(q) - d))      red first: coarse points and centre points
 *
 * Differences are taken first, as in fine_load-inl.h.
 */
#ifndef FINE_SMOOTH_H
#define FINE_SMOOTH_H
#include "fine_window-inl.h"

/* The points of a row in every second column, and their stencils. */
struct fine_stencil {
  float *d, *r;
  const float *west, *east, *north, *south;           /* d there, */
  const float *kw, *ke, *kn, *ks, *row_sum, *inverse; /* and conductances */
};

/* Of virtual row v, at coarse columns or at those between. */
INLINE struct fine_stencil fine_stencil(const struct fine_window *w, int32_t v, int q) {
  const struct fine_row *n = fine_slot(w, v - 1), *c = fine_slot(w, v), *s = fine_slot(w, v + 1);
  float *const *d = c->part[FINE_D], *const *k = c->part[FINE_E];
  struct fine_stencil p = {.d = d[q], .r = c->part[FINE_R][q], .inverse = c->part[FINE_INVERSE][q]};
  p.west = d[!q] - !q, p.east = d[!q] + q, p.north = n->part[FINE_D][q], p.south = s->part[FINE_D][q];
  p.kw = k[!q] - !q, p.ke = k[q], p.kn = n->part[FINE_S][q], p.ks = c->part[FINE_S][q];
  p.row_sum = c->part[FINE_ROW_SUM][q];
  return p;
}

/* r - A d. */
INLINE floats fine_residual(struct fine_stencil p, int64_t k, floats own, int plain, int has_row_sum, float kx,
                            float ky) {
  const floats west = GET(p.west + k) - own, east = GET(p.east + k) - own;
  const floats north = GET(p.north + k) - own, south = GET(p.south + k) - own;
  floats sum = GET(p.r + k);
  if (plain) return sum + kx * (west + east) + ky * (north + south);
  const floats along = GET(p.kw + k) * west + GET(p.ke + k) * east,
               down = GET(p.kn + k) * north + GET(p.ks + k) * south;
  if (has_row_sum) sum -= GET(p.row_sum + k) * own;
  return sum + along + down;
}

INLINE void fine_smooth_columns(const struct fine_window *w, struct fine_stencil p, int q, int fetch, int plain,
                                int has_row_sum) {
  const float kx = (float)w->grid->cx, ky = (float)w->grid->cy, inverse = plain ? 0.5f / (kx + ky) : 0;
  const int64_t step = w->prefetch[fetch].step, count = w->count;
  const char *fetched = w->prefetch[fetch].from;
  for (int64_t k = 0; k < count; k += FLOATS, fetched += step) {
    for (int64_t line = 0; line < step; line += 64) __builtin_prefetch(fetched + line, 0, 2);
    const floats own = GET(p.d + k), sum = fine_residual(p, k, own, plain, has_row_sum, kx, ky);
    if (plain) AT(p.d + k) = own + inverse * sum;
    else AT(p.d + k) = own + GET(p.inverse + k) * sum;
  }
  if (plain) fine_zero_ghosts(w, p.d, q); /* which are no unknowns */
}

/* Half-sweep h of virtual row v. */
static void fine_smooth_row(const struct fine_window *w, int32_t v, int32_t h) {
  const int32_t i = fine_periodic_row(w, v);
  if (fine_is_ghost_row(w, i)) return;
  /* Red, which is first, is at coarse columns of coarse rows, and at columns between in rows between. */
  const int q = (h & 1) ^ fine_is_between(w, i), fetch = h < 5 ? h : 4;
  const struct fine_stencil p = fine_stencil(w, v, q);
  if (w->plain) fine_smooth_columns(w, p, q, fetch, 1, 0);
  else if (w->has_row_sum) fine_smooth_columns(w, p, q, fetch, 0, 1);
  else fine_smooth_columns(w, p, q, fetch, 0, 0);
  fine_fill_ghosts(w, fine_slot(w, v)->part[FINE_D]);
}

INLINE void fine_residual_columns(const struct fine_window *w, struct fine_stencil p, int plain, int has_row_sum) {
  const float kx = (float)w->grid->cx, ky = (float)w->grid->cy;
  for (int64_t k = 0, count = w->count; k < count; k += FLOATS)
    AT(p.r + k) = fine_residual(p, k, GET(p.d + k), plain, has_row_sum, kx, ky);
}

/* r becomes r - A d. That of black points, which were smoothed last, is zero but for rounding, as a rule. */
static void fine_residual_row(const struct fine_window *w, int32_t v) {
  const int32_t i = fine_periodic_row(w, v);
  if (fine_is_ghost_row(w, i)) return;
  for (int q = 0; q < 2; q++) {
    const int red = q == fine_is_between(w, i);
    const struct fine_stencil p = fine_stencil(w, v, q);
    if (!red && !w->a->black_residual) memset(p.r, 0, (size_t)(w->count + FLOATS) * sizeof(float));
    else if (w->plain) fine_residual_columns(w, p, 1, 0);
    else if (w->has_row_sum) fine_residual_columns(w, p, 0, 1);
    else fine_residual_columns(w, p, 0, 0);
    fine_zero_ghosts(w, p.r, q);
  }
}
#endif
