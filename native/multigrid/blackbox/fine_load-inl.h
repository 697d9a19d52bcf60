/* How a row of a finest grid gets into a pass: residual of u, conductances, and the correction of the level below. Nothing is
 * smoothed here: see finest_smooth.h.
 *
 *     r = (sum of k (u(q) - u) - excess u + constant) / unit,    constant = scale g d, or g on a plain grid
 *
 * Differences are taken first: long waves are nearly constant, and would be lost in rounding.
 */
#ifndef FINEST_TAKE_H
#define FINEST_TAKE_H
#include "fine_work-inl.h"

enum { BLOCK = 256 }; /* columns that are taken at a time, before they are split */

/* What columns bring: residual times `scale` and conductances in f32, of whole vectors from a multiple of these on. What
 * flows over the edges south of the row is kept for the next one. */
struct brought {
  float *r, *east, *south, *excess;
};

INLINE void bring(const struct work *w, int32_t i, int64_t j, int64_t count, struct brought to, int plain, int has_g, int has_x) {
  const struct finest *a = w->a;
  const int64_t at = i * w->grid->stride + j;
  const real *c = (const real *)w->pass->u + at, *s = (const real *)w->pass->u + actual(w, i + 1) * w->grid->stride + j;
  const int64_t of = plain ? 0 : a->row[i] * w->grid->stride + j;
  const real *east = (const real *)a->east + of, *south = (const real *)a->south + of;
  const real *g = has_g ? (const real *)grid_row(w->grid, &w->grid->g, i) + j : NULL;
  const real *d = has_g && !plain ? (const real *)grid_row(w->grid, &w->grid->d, i) + j : NULL;
  const real *x = has_x ? (const real *)a->excess + a->excess_row[i] * w->grid->stride + j : NULL;
  const real scale = (real)(1 / a->unit), power = (real)a->scale, kx = (real)a->kx, ky = (real)a->ky;
  real *flux = w->flux + (j - 2 * (int64_t)w->first);
  lanes here = *(const lanes *)c, west = {0};
  if (j > 0) {
    const lanes before = *(const lanes *)(c - LANES), moved = EAST_REAL(before, here) - before;
    west = plain ? kx * moved : *(const lanes *)(east - LANES) * moved;
  }
  for (int64_t k = 0; k < count; k += LANES) {
    const lanes next = *(const lanes *)(c + k + LANES), moved = EAST_REAL(here, next) - here;
    const lanes down = *(const lanes *)(s + k) - here;
    lanes over, under;
    if (plain) over = kx * moved, under = ky * down;
    else {
      const lanes ke = *(const lanes *)(east + k), ks = *(const lanes *)(south + k);
      over = ke * moved, under = ks * down;
      *(few *)(to.east + k) = NARROW(ke), *(few *)(to.south + k) = NARROW(ks);
    }
    lanes sum = (over - WEST_REAL(west, over)) + (under - *(const lanes *)(flux + k));
    *(lanes *)(flux + k) = under;
    if (has_x) {
      const lanes excess = *(const lanes *)(x + k);
      sum -= excess * here;
      *(few *)(to.excess + k) = NARROW(excess);
    }
    if (has_g && plain) sum += *(const lanes *)(g + k);
    else if (has_g) sum += power * *(const lanes *)(g + k) * *(const lanes *)(d + k);
    sum *= scale;
    *(few *)(to.r + k) = NARROW(sum);
    west = over, here = next;
  }
}

static void bring_some(const struct work *w, int32_t i, int64_t j, int64_t count, struct brought to) {
  const int has_g = w->a->constant;
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
      deinterleave(row[k] + BEFORE - o, to->part[parts[k]][0] + m, to->part[parts[k]][1] + m, pairs);
      row[k][BEFORE - 1] = row[k][BEFORE + BLOCK - 1];
    }
    if (!w->plain) deinterleave(a->inverse + a->row[i] * a->single + j - o, to->part[INVERSE][0] + m, to->part[INVERSE][1] + m, pairs);
  }
}

/* What lies beyond the ring, and the ring itself where it is no image, has no correction. */
static void keep_inside(const struct work *w, float *d, int part) {
  const int32_t last = w->grid->cols - 1;
  const int64_t base = 2 * (int64_t)w->first - w->a->origin + part;
  if (base <= 0) d[0] = 0;
  for (int64_t k = (last - base + 1) / 2; k < w->count + FLOATS; k++) d[k] = 0;
}

/* Black points of row i get the correction of the level below; red ones are smoothed first, and need none. */
static void correct(const struct work *w, int32_t i, struct slot *to) {
  const laplace_level *c = w->pass->from;
  const int32_t between = is_between(w, i), count = w->count;
  const int32_t rows = c->halved[0], cols = c->halved[1];
  const int64_t I = rows ? (i + c->origin - between) / 2 : i, at = weights_row(c, I);
  const int black = between ? 0 : 1; /* at coarse columns, or at those between */
  float *d = to->part[D][black];
  const float *e = c->e + I * c->stride, *below = e + c->stride, *even = w->buffer[0], *odd = w->buffer[1];
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
    deinterleave(row, w->buffer[0], w->buffer[1], count);
    memcpy(d, black ? odd : even, (size_t)count * sizeof *d);
  }
  keep_inside(w, d, black);
  if (!between && w->a->both) {
    /* Across a seam red points of coarse rows have red neighbours, whose correction they must see. */
    memcpy(to->part[D][0], cols ? e : even, (size_t)count * sizeof *d);
    keep_inside(w, to->part[D][0], 0);
  }
  images(w, to->part[D]);
}
#endif
