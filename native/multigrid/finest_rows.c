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
  real *flux;       /* over the edges south of the row that was taken last, by columns from 2 first on */
  struct {
    const char *from;
    int64_t step; /* bytes of a vector of pairs */
  } next[5]; /* what the row after this one will bring: fetched into cache meanwhile, one array a half-sweep */
};

static inline int32_t pad(int32_t pairs) { return (pairs + 15) / 16 * 16 + 2 * EDGE; }

static size_t scratch(int32_t sweeps, int32_t pairs) {
  const size_t slots = 2 * (size_t)sweeps + 6;
  return slots * (sizeof(struct slot) + 2 * PARTS * (size_t)pad(pairs) * sizeof(float)) +
         6 * 2 * (size_t)pad(pairs) * sizeof(float) + 2 * (size_t)pad(pairs) * sizeof(real) + 4096;
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

/* What columns bring: residual times `scale` and conductances in f32, of whole vectors from a multiple of these on. What
 * flows over the edges south of the row is kept for the next one. */
struct brought {
  float *r, *east, *south, *excess;
};

INLINE void bring(const struct work *w, int32_t i, int64_t j, int64_t count, struct brought to, int plain, int has_g, int has_x) {
  const struct finest *a = w->a;
  const int64_t at = i * w->grid->stride + j;
  const real *c = (const real *)w->pass->u + at, *s = (const real *)w->pass->u + actual(w, i + 1) * w->grid->stride + j;
  const real *east = (const real *)a->east + at, *south = (const real *)a->south + at;
  const real *g = (const real *)a->constant + at, *x = (const real *)a->excess + at;
  const real scale = (real)(1 / a->unit), kx = (real)a->kx, ky = (real)a->ky;
  real *flux = w->flux + (j - 2 * (int64_t)w->first);
  lanes here = *(const lanes *)c, west = {0};
  if (j > 0) {
    const lanes before = *(const lanes *)(c - LANES), moved = MOVE_EAST(before, here) - before;
    west = plain ? kx * moved : *(const lanes *)(east - LANES) * moved;
  }
  for (int64_t k = 0; k < count; k += LANES) {
    const lanes next = *(const lanes *)(c + k + LANES), moved = MOVE_EAST(here, next) - here;
    const lanes down = *(const lanes *)(s + k) - here;
    lanes over, under;
    if (plain) over = kx * moved, under = ky * down;
    else {
      const lanes ke = *(const lanes *)(east + k), ks = *(const lanes *)(south + k);
      over = ke * moved, under = ks * down;
      *(few *)(to.east + k) = NARROW(ke), *(few *)(to.south + k) = NARROW(ks);
    }
    lanes sum = (over - MOVE_WEST(west, over)) + (under - *(const lanes *)(flux + k));
    *(lanes *)(flux + k) = under;
    if (has_x) {
      const lanes excess = *(const lanes *)(x + k);
      sum -= excess * here;
      *(few *)(to.excess + k) = NARROW(excess);
    }
    if (has_g) sum += *(const lanes *)(g + k);
    sum *= scale;
    *(few *)(to.r + k) = NARROW(sum);
    west = over, here = next;
  }
}

static void bring_some(const struct work *w, int32_t i, int64_t j, int64_t count, struct brought to) {
  const int has_g = w->a->constant != NULL;
  if (w->plain && has_g) bring(w, i, j, count, to, 1, 1, 0);
  else if (w->plain) bring(w, i, j, count, to, 1, 0, 0);
  else if (has_g && w->excess) bring(w, i, j, count, to, 0, 1, 1);
  else if (w->excess) bring(w, i, j, count, to, 0, 0, 1);
  else if (has_g) bring(w, i, j, count, to, 0, 1, 0);
  else bring(w, i, j, count, to, 0, 0, 0);
}

/* Takes row i into a slot: residual and conductances, split, and no correction so far. */
static void take(const struct work *w, int32_t i, struct slot *to) {
  enum { BEFORE = 16 }; /* columns, of which the last is wanted */
  const struct finest *a = w->a;
  const int64_t last = w->grid->cols - 1, o = a->origin;
  const size_t bytes = ((size_t)w->count + FLOATS) * sizeof(float);
  memset(to->part[D][0], 0, bytes), memset(to->part[D][1], 0, bytes);
  if (is_ring(w, i) && i) {
    for (int part = 0; part <= R; part++) memset(to->part[part][0], 0, bytes), memset(to->part[part][1], 0, bytes);
    return;
  }
  float row[4][BEFORE + BLOCK] __attribute__((aligned(64)));
  struct brought brought = {row[0], row[1], row[2], row[3]};
  const int parts[4] = {R, EAST, SOUTH, EXCESS}, count = w->excess ? 4 : w->plain ? 1 : 3;
  for (int k = 0; k < count; k++) memset(row[k], 0, BEFORE * sizeof(float));
  if (w->first) bring_some(w, i, 2 * (int64_t)w->first - BEFORE, BEFORE, brought);
  for (int32_t m = 0; m < w->count; m += BLOCK / 2) {
    const int64_t j = 2 * (int64_t)(w->first + m), pairs = w->count - m < BLOCK / 2 ? w->count - m : BLOCK / 2;
    const int64_t columns = 2 * ((pairs + FLOATS - 1) / FLOATS * FLOATS);
    const struct brought now = {row[0] + BEFORE, row[1] + BEFORE, row[2] + BEFORE, row[3] + BEFORE};
    bring_some(w, i, j, columns, now);
    /* The ring has no residual, nor has what lies beyond. */
    if (j == 0) row[0][BEFORE] = 0;
    for (int64_t k = last > j ? last - j : 0; k < columns; k++) row[0][BEFORE + k] = 0;
    if (!i) memset(row[0], 0, sizeof row[0]);
    for (int k = 0; k < count; k++) {
      split(row[k] + BEFORE - o, to->part[parts[k]][0] + m, to->part[parts[k]][1] + m, pairs);
      row[k][BEFORE - 1] = row[k][BEFORE + BLOCK - 1];
    }
    if (!w->plain) split(a->inverse + i * a->single + j - o, to->part[INVERSE][0] + m, to->part[INVERSE][1] + m, pairs);
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

/* to = u + unit d at columns [2m, 2m + count) of pairs from k on, whole vectors. */
INLINE void add_columns(const real *restrict u, const float *restrict d, real unit, real *restrict to, int stream) {
  for (int part = 0; part < 2 * FLOATS; part += LANES) {
    const lanes sum = *(const lanes *)(u + part) + unit * WIDEN(*(const few *)(d + part));
    if (stream) stream_vector(to + part, (vector)sum);
    else *(lanes *)(to + part) = sum;
  }
}

/* v = u + d of row i, at own columns, which are those from twice the first own pair on; raises both norms. */
static void give(const struct work *w, int32_t v, const struct tile *tile, double norms[2]) {
  const struct slot *c = slot(w, v);
  const int32_t i = actual(w, v), o = w->a->origin, last = w->grid->cols - 1;
  const int64_t from = tile->pair0 - w->first, count = tile->pair1 - w->first;
  /* Columns 2m and 2m + 1 are a pair, or what is between and the next coarse one. */
  const float *one = c->part[D][o], *other = c->part[D][!o] + o;
  const real *u = (const real *)w->pass->u + i * w->grid->stride, unit = (real)w->a->unit;
  real *to = (real *)w->pass->v + i * w->grid->stride;
  signs moved = {0}, left = {0};
  for (int64_t k = from; k < count; k += FLOATS) {
    float d[2 * FLOATS] __attribute__((aligned(64)));
    const floats a = GET(one + k), b = GET(other + k);
    const int64_t j = 2 * (w->first + k), end = 2 * (int64_t)tile->pair1 < last ? 2 * (int64_t)tile->pair1 : last;
    AT(d) = ZIP_LOW(a, b), AT(d + FLOATS) = ZIP_HIGH(a, b);
    if (j > 0 && j + 2 * FLOATS <= end) {
      if (w->grid->stream) add_columns(u + j, d, unit, to + j, 1);
      else add_columns(u + j, d, unit, to + j, 0);
      moved = most_size(most_size(moved, a), b);
    } else
      for (int64_t n = 0; n < 2 * FLOATS && j + n < end; n++)
        if (j + n > 0) to[j + n] = u[j + n] + unit * (real)d[n], norms[0] = larger(norms[0], fabs((double)d[n]) * w->a->unit);
  }
  if (w->grid->layout & LAPLACE_WRAP_COLS) to[0] = to[last - 1], to[last] = to[1];
  const float same = w->plain ? (float)(0.5 / (w->a->kx + w->a->ky)) : 0;
  for (int q = 0; q < 2; q++) {
    const float *r = c->part[R][q], *inverse = c->part[INVERSE][q];
    if (q != is_between(w, i) && !w->a->both) continue;
    for (int64_t k = from; k < count; k += FLOATS) {
      if (w->plain) left = most_size(left, GET(r + k) * same);
      else left = most_size(left, GET(r + k) * GET(inverse + k));
    }
  }
  norms[0] = larger(norms[0], most_of_sizes(moved) * w->a->unit);
  norms[1] = larger(norms[1], most_of_sizes(left) * w->a->unit);
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
  w.flux = (real *)(next + EDGE), next += 2 * room * (int32_t)(sizeof(real) / sizeof(float));
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

static void prepare(const laplace_grid *grid, struct finest *a, int32_t i, double factor, struct findings *found) {
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
  real excess = 0, constant = 0, least = INFINITY, most = 0;
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
    least = d[j] > 0 && d[j] < least ? d[j] : least, most = d[j] > most ? d[j] : most;
  }
  inverse[0] = inverse[last] = 0;
  if (i == 0 || !below) memset(inverse, 0, (size_t)grid->cols * sizeof *inverse);
  found->excess |= excess > 0, found->constant |= !(constant <= 0);
  if (least < found->least) found->least = least;
  if (most > found->most) found->most = most;
}

static void constant_row(const laplace_grid *grid, struct finest *a, int32_t i) {
  const int64_t at = i * grid->stride;
  const real *g = (const real *)grid->g + at, *d = (const real *)grid->d + at, scale = (real)a->scale;
  real *restrict constant = (real *)a->constant + at;
  for (int32_t j = 0; j < grid->cols; j++) constant[j] = scale * g[j] * d[j];
}

const struct finest_kernels NAME(finest_kernels) = {prepare, constant_row, pass, scratch};
