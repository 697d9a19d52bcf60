/* Smoothing of a row in flight: half-sweeps of red-black Gauss-Seidel of A d = r, and what is left of r after them. Which row
 * is due, says finest_rows.c.
 *
 *     d += inverse (r - excess d + sum of k (d(q) - d))      red first: row + column even, counted so that coarse points are
 *
 * Differences are taken first, as in finest_take.h.
 */
#ifndef FINEST_SMOOTH_H
#define FINEST_SMOOTH_H
#include "fine_work-inl.h"

/* Points of one column parity of a row, and what is around them. */
struct near {
  float *d, *r;
  const float *west, *east, *north, *south;     /* d there, */
  const float *kw, *ke, *kn, *ks, *x, *inverse; /* and conductances */
};

INLINE struct near near(const struct slot *n, const struct slot *c, const struct slot *s, int q) {
  float *const *d = c->part[D], *const *k = c->part[EAST];
  return (struct near){d[q], c->part[R][q], q ? d[0] : d[1] - 1, q ? d[0] + 1 : d[1], n->part[D][q], s->part[D][q],
                       q ? k[0] : k[1] - 1, k[q], n->part[SOUTH][q], c->part[SOUTH][q], c->part[EXCESS][q], c->part[INVERSE][q]};
}

/* What these points still lack: r - A d. */
INLINE floats lack(struct near p, int64_t k, floats own, int plain, int has_x, float kx, float ky) {
  const floats west = GET(p.west + k) - own, east = GET(p.east + k) - own;
  const floats north = GET(p.north + k) - own, south = GET(p.south + k) - own;
  floats sum = GET(p.r + k);
  if (plain) return sum + kx * (west + east) + ky * (north + south);
  const floats along = GET(p.kw + k) * west + GET(p.ke + k) * east, down = GET(p.kn + k) * north + GET(p.ks + k) * south;
  if (has_x) sum -= GET(p.x + k) * own;
  return sum + along + down;
}

INLINE void relax_row(const struct work *w, struct near p, int q, int fetch, int plain, int has_x) {
  const float kx = (float)w->a->kx, ky = (float)w->a->ky, same = plain ? 0.5f / (kx + ky) : 0;
  const int64_t step = w->next[fetch].step, count = w->count;
  const char *ahead = w->next[fetch].from;
  for (int64_t k = 0; k < count; k += FLOATS, ahead += step) {
    for (int64_t line = 0; line < step; line += 64) __builtin_prefetch(ahead + line, 0, 2);
    const floats own = GET(p.d + k), sum = lack(p, k, own, plain, has_x, kx, ky);
    if (plain) AT(p.d + k) = own + same * sum;
    else AT(p.d + k) = own + GET(p.inverse + k) * sum;
  }
  if (!plain) return;
  /* The ring is no unknown. */
  const int64_t base = 2 * (int64_t)w->first - w->a->origin + q, last = w->grid->cols - 1;
  if (base <= 0) p.d[0] = 0;
  for (int64_t k = (last - base + 1) / 2; k < count + FLOATS; k++) p.d[k] = 0;
}

static void relax(const struct work *w, int32_t v, int32_t h) {
  const int32_t i = actual(w, v);
  if (is_ring(w, i)) return;
  struct slot *c = slot(w, v);
  /* Red, which is first, is at coarse columns of coarse rows, and between in between. */
  const int q = (h & 1) ^ is_between(w, i), fetch = h < 5 ? h : 4;
  const struct near p = near(slot(w, v - 1), c, slot(w, v + 1), q);
  if (w->plain) relax_row(w, p, q, fetch, 1, 0);
  else if (w->excess) relax_row(w, p, q, fetch, 0, 1);
  else relax_row(w, p, q, fetch, 0, 0);
  images(w, c->part[D]);
}

INLINE void rest_row(const struct work *w, struct near p, int plain, int has_x) {
  const float kx = (float)w->a->kx, ky = (float)w->a->ky;
  for (int64_t k = 0, count = w->count; k < count; k += FLOATS) AT(p.r + k) = lack(p, k, GET(p.d + k), plain, has_x, kx, ky);
}

/* r becomes what is left of it: of black points, which were smoothed last, nothing that counts, as a rule. */
static void rest(const struct work *w, int32_t v) {
  const int32_t i = actual(w, v);
  if (is_ring(w, i)) return;
  struct slot *c = slot(w, v);
  for (int q = 0; q < 2; q++) {
    const int red = q == is_between(w, i);
    const struct near p = near(slot(w, v - 1), c, slot(w, v + 1), q);
    if (!red && !w->a->both) memset(c->part[R][q], 0, (size_t)(w->count + FLOATS) * sizeof(float));
    else if (w->plain) rest_row(w, p, 1, 0);
    else if (w->excess) rest_row(w, p, 0, 1);
    else rest_row(w, p, 0, 0);
  }
  const int32_t last = w->grid->cols - 1, o = w->a->origin;
  const int32_t ring[2] = {0, last};
  for (int k = 0; k < 2; k++) {
    const int32_t m = ((ring[k] + o) >> 1) - w->first;
    if (m >= 0 && m < w->count) c->part[R][(ring[k] + o) & 1][m] = 0;
  }
}
#endif
