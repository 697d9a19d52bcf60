/* A pass of multigrid over a finest grid of any kind: five points, in the precision of the problem what is added up in the
 * iterate and its residual, in f32 what is found out about the error. Compiled for each precision and instruction set.
 *
 * A row comes by once. Its residual r is taken of u as it is; then all is done with d, the correction of u, in f32: red-black
 * Gauss-Seidel of A d = r, half-sweep after half-sweep, each one row behind the one before; what is left of r; restriction.
 * The rows at work, split into even and odd columns, are in a ring of slots that fits into the second-level cache. A tile
 * reads margins of its neighbours' u and does them too, so tiles are independent.
 *
 *     d += inverse (r - excess d + sum of k (d(q) - d))      red first: row + column even, counted so that coarse points are
 *
 * Differences are taken first: long waves are nearly constant, and would be lost in rounding.
 */
#include "finest.h"
#include "kernels.h"
#include "split.h"
#include "../kernels.h"
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
enum { EDGE = 32, BLOCK = 256, OWN = 16 };

enum { EAST, SOUTH, INVERSE, EXCESS, R, D, PARTS };
struct slot {
  float *part[PARTS][2]; /* at coarse columns [0], and at those between [1] */
};

struct work {
  const struct finest_pass *pass;
  const struct finest *a;
  const laplace_grid *grid;
  int32_t plain, excess, first, count, slots; /* the first pair of columns, how many, and slots of the ring */
  int32_t begin, end;                         /* virtual rows that are taken */
  struct slot *ring;
  float *buffer[6]; /* of twice as many columns */
  struct {
    const char *from;
    int64_t step; /* bytes of a vector of pairs */
  } next[5]; /* what the row after this one will bring: fetched into cache meanwhile, one array a half-sweep */
};

static inline int32_t pad(int32_t pairs) { return (pairs + 15) / 16 * 16 + 2 * EDGE; }

static size_t scratch(int32_t sweeps, int32_t pairs) {
  const size_t slots = 2 * (size_t)sweeps + 6;
  return slots * (sizeof(struct slot) + 2 * PARTS * (size_t)pad(pairs) * sizeof(float)) +
         6 * 2 * (size_t)pad(pairs) * sizeof(float) + 4096;
}

static inline struct slot *slot(const struct work *w, int32_t v) {
  return &w->ring[((v % w->slots) + w->slots) % w->slots];
}

/* The row that virtual row v is: beyond a periodic edge they go on. */
static inline int32_t actual(const struct work *w, int32_t v) {
  if (!(w->grid->layout & LAPLACE_WRAP_ROWS)) return v;
  const int32_t m = w->grid->rows - 2;
  return (((v - 1) % m) + m) % m + 1;
}

static inline int is_ring(const struct work *w, int32_t i) { return i <= 0 || i >= w->grid->rows - 1; }
static inline int is_between(const struct work *w, int32_t i) { return (i ^ w->a->origin) & 1; }

/* The ring columns get what is at those of the opposite side. */
static inline void images(const struct work *w, float *const part[2]) {
  if (!(w->grid->layout & LAPLACE_WRAP_COLS)) return;
  const int32_t to[2] = {0, w->grid->cols - 1}, from[2] = {w->grid->cols - 2, 1}, o = w->a->origin;
  for (int k = 0; k < 2; k++)
    part[(to[k] + o) & 1][((to[k] + o) >> 1) - w->first] = part[(from[k] + o) & 1][((from[k] + o) >> 1) - w->first];
}

/* ---- what a row brings ---- */

/* r at columns [j, end) of row i, times `scale`; r starts at column j. */
INLINE void residual_of(const struct work *w, int32_t i, int64_t j, int64_t count, real scale, float *restrict r, int has_g,
                        int has_x) {
  const struct finest *a = w->a;
  const int64_t stride = w->grid->stride, at = i * stride + j;
  const real *u = w->pass->u, *c = u + at, *n = u + actual(w, i - 1) * stride + j, *s = u + actual(w, i + 1) * stride + j;
  const real *g = (const real *)a->constant + at, *x = (const real *)a->excess + at;
  if (w->plain) {
    const real kx = (real)a->kx, ky = (real)a->ky;
    for (int64_t k = 0; k < count; k++) {
      const real sum = kx * ((c[k - 1] - c[k]) + (c[k + 1] - c[k])) + ky * ((n[k] - c[k]) + (s[k] - c[k]));
      r[k] = (float)(scale * (has_g ? sum + g[k] : sum));
    }
    return;
  }
  const real *east = (const real *)a->east + at, *south = (const real *)a->south + at, *north = south - stride;
  for (int64_t k = 0; k < count; k++) {
    real sum = (east[k] * (c[k + 1] - c[k]) + east[k - 1] * (c[k - 1] - c[k])) +
               (south[k] * (s[k] - c[k]) + north[k] * (n[k] - c[k]));
    if (has_x) sum -= x[k] * c[k];
    if (has_g) sum += g[k];
    r[k] = (float)(scale * sum);
  }
}

/* to[k] = from[k] at columns [j, end), 0 at others; `to` starts at column `base`. */
INLINE void narrow(const real *restrict from, float *restrict to, int64_t base, int64_t j, int64_t end, int64_t count) {
  for (int64_t k = 0; k < j - base && k < count; k++) to[k] = 0;
  for (int64_t k = j; k < end; k++) to[k - base] = (float)from[k];
  for (int64_t k = end > base ? end - base : 0; k < count; k++) to[k] = 0;
}

/* Takes row i into a slot: residual and conductances, split, and no correction so far. */
static void take(const struct work *w, int32_t i, struct slot *to) {
  const struct finest *a = w->a;
  const int64_t stride = w->grid->stride, cols = w->grid->cols;
  const size_t bytes = (size_t)pad(w->count) * sizeof(float) - 2 * EDGE * sizeof(float);
  const int has_g = a->constant != NULL;
  const real scale = (real)(1 / a->unit);
  float row[BLOCK + 2 * FLOATS] __attribute__((aligned(64)));
  memset(to->part[D][0], 0, bytes), memset(to->part[D][1], 0, bytes);
  for (int32_t m = 0; m < w->count; m += BLOCK / 2) {
    const int64_t base = 2 * (int64_t)(w->first + m) - a->origin, pairs = w->count - m < BLOCK / 2 ? w->count - m : BLOCK / 2;
    const int64_t count = 2 * ((pairs + FLOATS - 1) / FLOATS * FLOATS);
    const int64_t j = base < 1 ? 1 : base, all = base + count, end = all < cols - 1 ? all : cols - 1;
    if (is_ring(w, i) || j >= end) memset(row, 0, sizeof row);
    else {
      if (base < j || end < all) memset(row, 0, sizeof row);
      float *r = row + (j - base);
      if (w->plain && has_g) residual_of(w, i, j, end - j, scale, r, 1, 0);
      else if (w->plain) residual_of(w, i, j, end - j, scale, r, 0, 0);
      else if (has_g && w->excess) residual_of(w, i, j, end - j, scale, r, 1, 1);
      else if (w->excess) residual_of(w, i, j, end - j, scale, r, 0, 1);
      else if (has_g) residual_of(w, i, j, end - j, scale, r, 1, 0);
      else residual_of(w, i, j, end - j, scale, r, 0, 0);
    }
    split(row, to->part[R][0] + m, to->part[R][1] + m, pairs);
    if (w->plain) continue;
    const real *fields[4] = {a->east, a->south, NULL, a->excess};
    for (int part = EAST; part <= EXCESS; part++) {
      const int64_t from = base < 0 ? 0 : base, to_ = all < cols ? all : cols;
      if (part == EXCESS && !w->excess) continue;
      if (part == INVERSE) {
        const float *inverse = a->inverse + i * a->single;
        for (int64_t k = 0; k < count; k++) row[k] = base + k < from || base + k >= to_ ? 0 : inverse[base + k];
      } else narrow((const real *)fields[part] + i * stride, row, base, from, to_, count);
      split(row, to->part[part][0] + m, to->part[part][1] + m, pairs);
    }
  }
}

/* Black points of row i get the correction of the level below; red ones are smoothed first, and need none. */
static void correct(const struct work *w, int32_t i, struct slot *to) {
  const struct level *c = w->pass->from;
  const int32_t between = is_between(w, i), count = w->count;
  const int32_t rows = c->halved[0], cols = c->halved[1];
  const int64_t I = rows ? (i + c->origin - between) / 2 : i, at = I * c->stride;
  const int black = between ? 0 : 1; /* at coarse columns, or at those between */
  float *d = to->part[D][black];
  const float *e = c->e + at, *below = e + c->stride, *even = w->buffer[0], *odd = w->buffer[1];
  if (cols) {
    /* Pair m is coarse column m and what lies east of it. */
    const int64_t m = w->first;
    const float *west = c->from_west + at + m, *east = c->from_east + at + m, *north = c->from_north + at + m,
                *south = c->from_south + at + m;
    e += m, below += m;
    if (black) for (int32_t k = 0; k < count; k += FLOATS) AT(d + k) = GET(west + k) * GET(e + k) + GET(east + k) * GET(e + k + 1);
    else if (rows) for (int32_t k = 0; k < count; k += FLOATS) AT(d + k) = GET(north + k) * GET(e + k) + GET(south + k) * GET(below + k);
    else memcpy(d, e, (size_t)count * sizeof *d);
  } else {
    const int64_t j = 2 * (int64_t)w->first - c->origin;
    float *row = w->buffer[2];
    memset(row, 0, 2 * (size_t)pad(count) * sizeof *row);
    for (int64_t k = j < 0 ? 0 : j; k < j + 2 * count && k < c->cols; k++)
      row[k - j] = between ? c->from_north[at + k] * e[k] + c->from_south[at + k] * below[k] : e[k];
    split(row, w->buffer[0], w->buffer[1], count);
    memcpy(d, black ? odd : even, (size_t)count * sizeof *d);
  }
  /* What lies beyond the ring, and the ring itself where it is no image, stays zero. */
  const int32_t last = w->grid->cols - 1;
  const int64_t base = 2 * (int64_t)w->first - c->origin + black;
  if (base <= 0) d[0] = 0;
  for (int64_t k = (last - base + 1) / 2; k < count + FLOATS; k++) d[k] = 0;
  images(w, to->part[D]);
}

/* ---- smoothing ---- */

/* What a row still lacks at its points of one column parity, given the rows around it: r - A d. */
INLINE floats lack(const struct work *w, const struct slot *n, const struct slot *c, const struct slot *s, int q, int64_t k,
                   floats own, int plain, int has_x) {
  const floats west = GET(c->part[D][!q] + k - !q) - own, east = GET(c->part[D][!q] + k + q) - own;
  const floats north = GET(n->part[D][q] + k) - own, south = GET(s->part[D][q] + k) - own;
  floats sum = GET(c->part[R][q] + k);
  if (plain) return sum + (float)w->a->kx * (west + east) + (float)w->a->ky * (north + south);
  if (has_x) sum -= GET(c->part[EXCESS][q] + k) * own;
  sum += GET(c->part[EAST][!q] + k - !q) * west + GET(c->part[EAST][q] + k) * east;
  return sum + GET(n->part[SOUTH][q] + k) * north + GET(c->part[SOUTH][q] + k) * south;
}

INLINE void relax_row(const struct work *w, const struct slot *n, struct slot *c, const struct slot *s, int q, int fetch,
                      int plain, int has_x) {
  float *d = c->part[D][q];
  const float *inverse = c->part[INVERSE][q], same = plain ? (float)(0.5 / (w->a->kx + w->a->ky)) : 0;
  const char *ahead = w->next[fetch].from;
  const int64_t step = w->next[fetch].step;
  for (int64_t k = 0; k < w->count; k += FLOATS, ahead += step) {
    for (int64_t line = 0; line < step; line += 64) __builtin_prefetch(ahead + line, 0, 2);
    const floats own = GET(d + k), sum = lack(w, n, c, s, q, k, own, plain, has_x);
    AT(d + k) = own + (plain ? same * sum : GET(inverse + k) * sum);
  }
  if (!plain) return;
  /* The ring is no unknown. */
  const int64_t base = 2 * (int64_t)w->first - w->a->origin + q, last = w->grid->cols - 1;
  if (base <= 0) d[0] = 0;
  for (int64_t k = (last - base + 1) / 2; k < w->count + FLOATS; k++) d[k] = 0;
}

static void relax(const struct work *w, int32_t v, int32_t h) {
  const int32_t i = actual(w, v);
  if (is_ring(w, i)) return;
  const struct slot *n = slot(w, v - 1), *s = slot(w, v + 1);
  struct slot *c = slot(w, v);
  /* Red, which is first, is at coarse columns of coarse rows, and between in between. */
  const int q = (h & 1) ^ is_between(w, i), fetch = h < 5 ? h : 4;
  if (w->plain) relax_row(w, n, c, s, q, fetch, 1, 0);
  else if (w->excess) relax_row(w, n, c, s, q, fetch, 0, 1);
  else relax_row(w, n, c, s, q, fetch, 0, 0);
  images(w, c->part[D]);
}

INLINE void rest_row(const struct work *w, const struct slot *n, struct slot *c, const struct slot *s, int q, int plain, int has_x) {
  float *r = c->part[R][q];
  for (int64_t k = 0; k < w->count; k += FLOATS) AT(r + k) = lack(w, n, c, s, q, k, GET(c->part[D][q] + k), plain, has_x);
}

/* r becomes what is left of it: nothing at black points, which were smoothed last, but where colours meet at a seam. */
static void rest(const struct work *w, int32_t v) {
  const int32_t i = actual(w, v);
  if (is_ring(w, i)) return;
  struct slot *c = slot(w, v);
  for (int q = 0; q < 2; q++) {
    const int red = q == is_between(w, i);
    if (!red && !w->a->seam) memset(c->part[R][q], 0, (size_t)(w->count + FLOATS) * sizeof(float));
    else if (w->plain) rest_row(w, slot(w, v - 1), c, slot(w, v + 1), q, 1, 0);
    else if (w->excess) rest_row(w, slot(w, v - 1), c, slot(w, v + 1), q, 0, 1);
    else rest_row(w, slot(w, v - 1), c, slot(w, v + 1), q, 0, 0);
  }
  const int32_t last = w->grid->cols - 1, o = w->a->origin;
  const int32_t ring[2] = {0, last};
  for (int k = 0; k < 2; k++) {
    const int32_t m = ((ring[k] + o) >> 1) - w->first;
    if (m >= 0 && m < w->count) c->part[R][(ring[k] + o) & 1][m] = 0;
  }
}

/* to = u + unit d; past the caches if the grid is larger than these. */
INLINE void add_row(const real *restrict u, const float *restrict d, real unit, real *restrict to, int64_t count, int stream) {
  int64_t k = 0;
  if (stream) {
    while (k < count && (uintptr_t)(to + k) % 64) to[k] = u[k] + unit * (real)d[k], k++;
    for (; k + LINE <= count; k += LINE) {
      real sum[LINE] __attribute__((aligned(64)));
      for (int l = 0; l < LINE; l++) sum[l] = u[k + l] + unit * (real)d[k + l];
      for (int part = 0; part < LINE; part += LANES) stream_vector(to + k + part, *(const vector *)(sum + part));
    }
  }
  for (; k < count; k++) to[k] = u[k] + unit * (real)d[k];
}

/* v = u + d of row i, at own columns; raises both norms. */
static void give(const struct work *w, int32_t v, const struct tile *tile, double norms[2]) {
  const struct slot *c = slot(w, v);
  const int32_t i = actual(w, v), o = w->a->origin, last = w->grid->cols - 1;
  const int64_t base = 2 * (int64_t)w->first - o;
  int64_t j = 2 * (int64_t)tile->pair0 - o, end = 2 * (int64_t)tile->pair1 - o;
  if (j < 1) j = 1;
  if (end > last) end = last;
  float *d = w->buffer[0];
  join(c->part[D][0], c->part[D][1], d, w->count);
  const real *u = (const real *)w->pass->u + i * w->grid->stride, unit = (real)w->a->unit;
  real *to = (real *)w->pass->v + i * w->grid->stride;
  d -= base;
  add_row(u + j, d + j, unit, to + j, end - j, w->grid->stream);
  if (w->grid->layout & LAPLACE_WRAP_COLS) to[0] = to[last - 1], to[last] = to[1];
  signs moved = {0}, left = {0};
  const signs unsign = (signs){0} + INT32_MAX;
  double all[2] = {0, 0};
  int64_t k = j;
  for (; k + FLOATS <= end; k += FLOATS) {
    const signs a = (signs)GET(d + k) & unsign, more = a > moved;
    moved = (a & more) | (moved & ~more);
  }
  for (; k < end; k++) all[0] = larger(all[0], fabs((double)d[k]));
  const int64_t from = tile->pair0 - w->first, count = tile->pair1 - w->first;
  for (int q = 0; q < 2; q++) {
    const float *r = c->part[R][q], *inverse = c->part[INVERSE][q], same = w->plain ? (float)(0.5 / (w->a->kx + w->a->ky)) : 0;
    if (q != is_between(w, i) && !w->a->seam) continue;
    int64_t m = from;
    for (; m + FLOATS <= count; m += FLOATS) {
      floats scaled = GET(r + m);
      if (w->plain) scaled *= same;
      else scaled *= GET(inverse + m);
      const signs b = (signs)scaled & unsign, more = b > left;
      left = (b & more) | (left & ~more);
    }
    for (; m < count; m++) all[1] = larger(all[1], fabs((double)r[m] * (w->plain ? same : inverse[m])));
  }
  for (int l = 0; l < FLOATS; l++) {
    all[0] = larger(all[0], ((floats)moved)[l]);
    all[1] = larger(all[1], ((floats)left)[l]);
  }
  norms[0] = larger(norms[0], all[0] * w->a->unit), norms[1] = larger(norms[1], all[1] * w->a->unit);
}

/* ---- restriction ---- */

/* What the points amid four of row v hand on, each divided by its diagonal: their own equation holds. */
static const float *amid(const struct work *w, int32_t v, float *z) {
  const struct slot *c = slot(w, v);
  const float *r = c->part[R][1], *inverse = c->part[INVERSE][1];
  if (!is_between(w, actual(w, v))) memset(z, 0, (size_t)(w->count + FLOATS) * sizeof *z); /* beyond a seam */
  else if (w->plain) {
    const float same = (float)(0.5 / (w->a->kx + w->a->ky));
    for (int64_t k = 0; k < w->count; k += FLOATS) AT(z + k) = same * GET(r + k);
  } else
    for (int64_t k = 0; k < w->count; k += FLOATS) AT(z + k) = GET(inverse + k) * GET(r + k);
  z[-1] = 0;
  if (w->grid->layout & LAPLACE_WRAP_COLS && w->grid->cols % 2 == 0) z[0] = z[(w->grid->cols - 2) / 2];
  return z;
}

INLINE void restrict_both(const struct work *w, int32_t v, float *restrict f, int plain) {
  const struct level *c = w->pass->to;
  const int32_t i = actual(w, v);
  const int64_t I = (i + c->origin) / 2, at = I * c->stride + w->first, up = at - c->stride;
  const struct slot *n = slot(w, v - 1), *h = slot(w, v), *s = slot(w, v + 1);
  const float *zn = amid(w, v - 1, w->buffer[1] + 16), *zs = amid(w, v + 1, w->buffer[2] + 16);
  float *pe = w->buffer[3] + 16; /* what points between give to the coarse column east of them */
  const float kx = (float)w->a->kx, ky = (float)w->a->ky;
  for (int64_t k = 0; k < w->count; k += FLOATS) {
    floats q = GET(h->part[R][1] + k), west, east;
    if (plain) q += ky * (GET(zn + k) + GET(zs + k)), west = east = q * 0.5f;
    else {
      q += GET(n->part[SOUTH][1] + k) * GET(zn + k) + GET(h->part[SOUTH][1] + k) * GET(zs + k);
      west = q * GET(c->from_west + at + k), east = q * GET(c->from_east + at + k);
    }
    AT(pe + k) = east;
    floats below = GET(s->part[R][0] + k), above = GET(n->part[R][0] + k);
    if (plain) {
      below += kx * (GET(zs + k - 1) + GET(zs + k)), above += kx * (GET(zn + k - 1) + GET(zn + k));
      AT(f + k) = GET(h->part[R][0] + k) + west + 0.5f * (below + above);
    } else {
      below += GET(s->part[EAST][1] + k - 1) * GET(zs + k - 1) + GET(s->part[EAST][0] + k) * GET(zs + k);
      above += GET(n->part[EAST][1] + k - 1) * GET(zn + k - 1) + GET(n->part[EAST][0] + k) * GET(zn + k);
      AT(f + k) = GET(h->part[R][0] + k) + west + GET(c->from_north + at + k) * below + GET(c->from_south + up + k) * above;
    }
  }
  pe[-1] = 0;
  if (w->grid->layout & LAPLACE_WRAP_COLS && w->grid->cols % 2 == 0) pe[0] = pe[(w->grid->cols - 2) / 2];
  for (int64_t k = 0; k < w->count; k += FLOATS) AT(f + k) += GET(pe + k - 1);
}

static void restrict_cols(const struct work *w, int32_t v, float *restrict f) {
  const struct level *c = w->pass->to;
  const int64_t at = actual(w, v) * c->stride + w->first;
  const struct slot *h = slot(w, v);
  float *pe = w->buffer[3] + 16;
  for (int64_t k = 0; k < w->count; k += FLOATS) {
    const floats q = GET(h->part[R][1] + k);
    AT(f + k) = GET(h->part[R][0] + k) + q * GET(c->from_west + at + k);
    AT(pe + k) = q * GET(c->from_east + at + k);
  }
  pe[-1] = 0;
  if (w->grid->layout & LAPLACE_WRAP_COLS && w->grid->cols % 2 == 0) pe[0] = pe[(w->grid->cols - 2) / 2];
  for (int64_t k = 0; k < w->count; k += FLOATS) AT(f + k) += GET(pe + k - 1);
}

/* The coarse row that row v is the middle of. */
static void restrict_row(const struct work *w, int32_t v, const struct tile *tile) {
  const struct level *c = w->pass->to;
  const int32_t i = actual(w, v);
  if (is_ring(w, i) || (c->halved[0] && is_between(w, i))) return;
  float *f = w->buffer[0];
  if (c->halved[1]) {
    if (!c->halved[0]) restrict_cols(w, v, f);
    else if (w->plain) restrict_both(w, v, f, 1);
    else restrict_both(w, v, f, 0);
    const int64_t I = c->halved[0] ? (i + c->origin) / 2 : i;
    const int32_t from = tile->pair0 > 1 ? tile->pair0 : 1, end = tile->pair1 < c->cols - 1 ? tile->pair1 : c->cols - 1;
    if (from < end) memcpy(c->f + I * c->stride + from, f + (from - w->first), (size_t)(end - from) * sizeof *f);
    return;
  }
  const int64_t I = (i + c->origin) / 2, at = I * c->stride, up = at - c->stride, base = 2 * (int64_t)w->first - c->origin;
  const float *rows[3];
  for (int k = 0; k < 3; k++) {
    const struct slot *h = slot(w, v + k - 1);
    join(h->part[R][0], h->part[R][1], w->buffer[1 + k], w->count);
    rows[k] = w->buffer[1 + k] - base;
  }
  const int64_t from = 2 * (int64_t)tile->pair0 - c->origin, end = 2 * (int64_t)tile->pair1 - c->origin;
  for (int64_t j = from < 1 ? 1 : from; j < end && j < c->cols - 1; j++)
    c->f[at + j] = rows[1][j] + c->from_north[at + j] * rows[2][j] + c->from_south[up + j] * rows[0][j];
}

/* ---- a tile ---- */

static void look_ahead(struct work *w, int32_t v) {
  const struct finest *a = w->a;
  const void *fields[5] = {w->pass->u, a->east, a->south, a->constant, a->inverse};
  for (int k = 0; k < 5; k++) {
    w->next[k].step = 0;
    if (!fields[k] || v >= w->end - 1) continue;
    const int64_t size = k == 4 ? 4 : sizeof(real), row = actual(w, k == 0 ? v + 1 : v);
    w->next[k].from = (const char *)fields[k] + (row * (k == 4 ? a->single : w->grid->stride) + 2 * (int64_t)w->first) * size;
    w->next[k].step = 2 * FLOATS * size;
  }
}

static void pass(const struct finest_pass *pass, const struct tile *tile, void *memory, double norms[2]) {
  const laplace_grid *grid = pass->grid;
  const struct finest *a = pass->finest;
  const int32_t pairs = (grid->cols + a->origin + 1) / 2, lag = 2 * pass->sweeps, margin = lag + 4;
  struct work w = {.pass = pass, .a = a, .grid = grid, .plain = !a->east, .excess = a->excess != NULL, .slots = lag + 6};
  w.first = tile->pair0 > OWN ? tile->pair0 - OWN : 0;
  w.count = (tile->pair1 + OWN < pairs ? tile->pair1 + OWN : pairs) - w.first;
  w.begin = tile->row0 - margin, w.end = tile->row1 + margin;
  if (!(grid->layout & LAPLACE_WRAP_ROWS)) {
    if (w.begin < 0) w.begin = 0;
    if (w.end > grid->rows) w.end = grid->rows;
  }
  w.ring = memory;
  float *next = (float *)(((uintptr_t)(w.ring + w.slots) + 63) / 64 * 64) + EDGE;
  const int32_t room = pad(w.count);
  for (int32_t k = 0; k < w.slots; k++)
    for (int p = 0; p < PARTS; p++)
      for (int q = 0; q < 2; q++, next += room) w.ring[k].part[p][q] = next;
  for (int k = 0; k < 6; k++, next += 2 * room) w.buffer[k] = next;
  memset(w.ring[0].part[0][0] - EDGE, 0, (size_t)(next - w.ring[0].part[0][0]) * sizeof(float));

  for (int32_t v = w.begin; v < tile->row1 + lag + 2; v++) {
    look_ahead(&w, v + 1);
    if (v < w.end) {
      const int32_t i = actual(&w, v);
      take(&w, i, slot(&w, v));
      if (pass->from && !is_ring(&w, i)) correct(&w, i, slot(&w, v));
    }
    for (int32_t h = 0; h < lag; h++)
      if (v - 1 - h >= w.begin + 1 && v - 1 - h < w.end - 1) relax(&w, v - 1 - h, h);
    const int32_t done = v - lag - 1;
    if (done > w.begin && done < w.end - 1) rest(&w, done);
    if (done >= tile->row0 && done < tile->row1) give(&w, done, tile, norms);
    if (pass->to && done - 1 >= tile->row0 && done - 1 < tile->row1) restrict_row(&w, done - 1, tile);
  }
  stream_end();
}

/* ---- conductances ---- */

/* Of weights, which were divided by the diagonal d. What would be left of d is excess only if it is more than rounding. */
INLINE real rest_of(real d, real sum) {
  const real rounding = 8 * (PRECISION == 64 ? (real)0x1p-53 : (real)0x1p-24), rest = d - sum * d;
  return rest > rounding * d ? rest : 0;
}

static void prepare(const laplace_grid *grid, struct finest *a, int32_t i, double factor, int flags[2]) {
  const int64_t at = i * grid->stride, below = i < grid->rows - 1 ? grid->stride : 0, last = grid->cols - 1;
  const real scale = (real)factor;
  const real *an = (real *)grid->an + at, *as = (real *)grid->as + at, *aw = (real *)grid->aw + at, *ae = (real *)grid->ae + at;
  const real *g = (real *)grid->g + at, *d = (real *)grid->d + at;
  if (a->excess || a->constant) {
    real *excess = (real *)a->excess + at, *constant = (real *)a->constant + at;
    if (a->excess)
      for (int32_t j = 0; j <= last; j++) excess[j] = scale * rest_of(d[j], (an[j] + as[j]) + (aw[j] + ae[j]));
    if (a->constant)
      for (int32_t j = 0; j <= last; j++) constant[j] = scale * g[j] * d[j];
    return;
  }
  real *east = (real *)a->east + at, *south = (real *)a->south + at;
  float *inverse = a->inverse + i * a->single;
  real excess = 0, constant = 0;
  /* Between a free point and a fixed one the free one knows the conductance. */
  for (int32_t j = 0; j < last; j++) {
    const real own = ae[j] * d[j], other = aw[j + 1] * d[j + 1];
    east[j] = scale * (d[j] > 0 ? own : other);
  }
  east[last] = scale * ae[last] * d[last];
  for (int32_t j = 0; j <= last; j++) {
    const real own = as[j] * d[j], other = an[j + below] * d[j + below];
    south[j] = scale * (d[j] > 0 ? own : other);
  }
  for (int32_t j = 0; j <= last; j++) {
    const real x = rest_of(d[j], (an[j] + as[j]) + (aw[j] + ae[j])), c = fabs(g[j] * d[j]), inv = 1 / (scale * d[j]);
    excess = x > excess ? x : excess, constant = c > constant || c != c ? c : constant;
    inverse[j] = d[j] > 0 ? (float)inv : 0;
  }
  inverse[0] = inverse[last] = 0;
  if (i == 0 || !below) memset(inverse, 0, (size_t)grid->cols * sizeof *inverse);
  flags[0] |= excess > 0, flags[1] |= !(constant <= 0);
}

static void constant_row(const laplace_grid *grid, struct finest *a, int32_t i) {
  const int64_t at = i * grid->stride;
  const real *g = (const real *)grid->g + at, *d = (const real *)grid->d + at, scale = (real)a->scale;
  real *restrict constant = (real *)a->constant + at;
  for (int32_t j = 0; j < grid->cols; j++) constant[j] = scale * g[j] * d[j];
}

const struct finest_kernels NAME(finest_kernels) = {prepare, constant_row, pass, scratch};
