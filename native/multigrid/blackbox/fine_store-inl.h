/* Code of fine_rows.c: stores a finished row of the iterate, takes its norms, and restricts its residual to f of the
 * level below.
 *
 *     v = u + unit d,    f = P^T r    P: halves on a plain grid, else the weights of the level below; at centre
 *                                     points by their own equation
 */
#ifndef FINE_STORE_H
#define FINE_STORE_H
#include "fine_window-inl.h"

/* to = u + unit d at columns [2m, 2m + count) of pairs from k on, whole vectors. */
INLINE void fine_add_columns(const real *restrict u, const float *restrict d, real unit, real *restrict to,
                             int stream) {
  for (int part = 0; part < 2 * FLOATS; part += LANES) {
    const lanes sum = *(const lanes *)(u + part) + unit * WIDEN(*(const few *)(d + part));
    if (stream) stream_vector(to + part, (vector)sum);
    else *(lanes *)(to + part) = sum;
  }
}

/* v = u + unit d of virtual row v, at the tile's columns, from twice its first pair on; raises both norms. */
static void fine_store_row(const struct fine_window *w, int32_t v, const struct fine_tile *tile, double norms[2]) {
  const struct fine_row *c = fine_slot(w, v);
  const int32_t i = fine_periodic_row(w, v), o = w->a->first_is_coarse, last = w->grid->cols - 1;
  const int64_t from = tile->pair0 - w->first, count = tile->pair1 - w->first;
  /* Columns 2m and 2m + 1 are a pair, or a column between and the next coarse one. */
  const float *one = c->part[FINE_D][o], *other = c->part[FINE_D][!o] + o;
  const real *u = (const real *)w->grid->u + i * w->grid->stride, unit = (real)w->a->unit;
  real *to = (real *)w->grid->v + i * w->grid->stride;
  const int32_t counts = i >= w->grid->row0 && i < w->grid->row1, col0 = w->grid->col0, col1 = w->grid->col1;
  signs change = {0}, residual = {0};
  for (int64_t k = from; k < count; k += FLOATS) {
    float d[2 * FLOATS] __attribute__((aligned(64)));
    const floats a = GET(one + k), b = GET(other + k);
    const int64_t j = 2 * (w->first + k), end = 2 * (int64_t)tile->pair1 < last ? 2 * (int64_t)tile->pair1 : last;
    AT(d) = ZIP_LOW(a, b), AT(d + FLOATS) = ZIP_HIGH(a, b);
    if (j > 0 && j + 2 * FLOATS <= end) {
      if (w->grid->stream) fine_add_columns(u + j, d, unit, to + j, 1);
      else fine_add_columns(u + j, d, unit, to + j, 0);
    } else
      for (int64_t n = 0; n < 2 * FLOATS && j + n < end; n++)
        if (j + n > 0) to[j + n] = u[j + n] + unit * (real)d[n];
    if (!counts) continue;
    if (j >= col0 && j + 2 * FLOATS <= end && j + 2 * FLOATS <= col1) change = most_size(most_size(change, a), b);
    else
      for (int64_t n = 0; n < 2 * FLOATS && j + n < end; n++)
        if (j + n >= col0 && j + n < col1) norms[0] = larger(norms[0], fabs((double)d[n]) * w->a->unit);
  }
  if (w->grid->layout & LAPLACE_PERIODIC_COLS) to[0] = to[last - 1], to[last] = to[1];
  const float inverse_c = w->plain ? (float)(0.5 / (w->grid->cx + w->grid->cy)) : 0;
  for (int q = 0; q < 2; q++) {
    const float *r = c->part[FINE_R][q], *inverse = c->part[FINE_INVERSE][q];
    if (!counts || (q != fine_is_between(w, i) && !w->a->black_residual)) continue;
    /* Pairs with columns that count; vectors may go beyond the last column, where r is zero. */
    const int64_t first = (col0 + o) / 2 - w->first, end = col1 == last ? count : (col1 + o + 1) / 2 - w->first;
    int64_t k = first > from ? first : from;
    const int64_t to_pair = end < count ? end : count, whole = col1 == last ? to_pair : to_pair - FLOATS + 1;
    for (; k < whole; k += FLOATS) {
      if (w->plain) residual = most_size(residual, GET(r + k) * inverse_c);
      else residual = most_size(residual, GET(r + k) * GET(inverse + k));
    }
    for (; k < to_pair; k++)
      norms[1] = larger(norms[1], fabs((double)r[k] * (w->plain ? inverse_c : inverse[k])) * w->a->unit);
  }
  norms[0] = larger(norms[0], most_of_sizes(change) * w->a->unit);
  norms[1] = larger(norms[1], most_of_sizes(residual) * w->a->unit);
}

/* ---- restriction ---- */

/* z = r / c of the centre points of row v: P makes their own equation hold, so P^T hands z on, times their
 * couplings. */
static const float *fine_restrict_centres(const struct fine_window *w, int32_t v, float *z) {
  const struct fine_row *c = fine_slot(w, v);
  const float *r = c->part[FINE_R][1], *inverse = c->part[FINE_INVERSE][1];
  if (!fine_is_between(w, fine_periodic_row(w, v))) /* around an odd period */
    memset(z, 0, (size_t)(w->count + FLOATS) * sizeof *z);
  else if (w->plain) {
    const float inverse_c = (float)(0.5 / (w->grid->cx + w->grid->cy));
    for (int64_t k = 0; k < w->count; k += FLOATS) AT(z + k) = inverse_c * GET(r + k);
  } else
    for (int64_t k = 0; k < w->count; k += FLOATS) AT(z + k) = GET(inverse + k) * GET(r + k);
  z[-1] = 0;
  if (w->grid->layout & LAPLACE_PERIODIC_COLS && w->grid->cols % 2 == 0) z[0] = z[(w->grid->cols - 2) / 2];
  return z;
}

/* f += `east`, what edge points add to the coarse column east of them. */
INLINE void fine_add_east(const struct fine_window *w, float *restrict east, float *restrict f) {
  east[-1] = 0;
  if (w->grid->layout & LAPLACE_PERIODIC_COLS && w->grid->cols % 2 == 0) east[0] = east[(w->grid->cols - 2) / 2];
  for (int64_t k = 0; k < w->count; k += FLOATS) AT(f + k) += GET(east + k - 1);
}

INLINE void fine_restrict_both(const struct fine_window *w, int32_t v, float *restrict f, int plain) {
  const laplace_level *c = w->pass->restrict_to;
  const int32_t i = fine_periodic_row(w, v);
  const int64_t I = (i + c->first_is_coarse) / 2;
  const int64_t at = level_P_row(c, I) + w->first, up = level_P_row(c, I - 1) + w->first;
  const struct fine_row *n = fine_slot(w, v - 1), *h = fine_slot(w, v), *s = fine_slot(w, v + 1);
  const float *zn = fine_restrict_centres(w, v - 1, w->buffer[1] + 16);
  const float *zs = fine_restrict_centres(w, v + 1, w->buffer[2] + 16);
  float *pe = w->buffer[3] + 16;
  const float kx = (float)w->grid->cx, ky = (float)w->grid->cy;
  for (int64_t k = 0; k < w->count; k += FLOATS) {
    floats q = GET(h->part[FINE_R][1] + k), west, east;
    if (plain) q += ky * (GET(zn + k) + GET(zs + k)), west = east = q * 0.5f;
    else {
      q += GET(n->part[FINE_S][1] + k) * GET(zn + k) + GET(h->part[FINE_S][1] + k) * GET(zs + k);
      west = q * GET(c->P.west + at + k), east = q * GET(c->P.east + at + k);
    }
    AT(pe + k) = east;
    floats below = GET(s->part[FINE_R][0] + k), above = GET(n->part[FINE_R][0] + k);
    if (plain) {
      below += kx * (GET(zs + k - 1) + GET(zs + k)), above += kx * (GET(zn + k - 1) + GET(zn + k));
      AT(f + k) = GET(h->part[FINE_R][0] + k) + west + 0.5f * (below + above);
    } else {
      below += GET(s->part[FINE_E][1] + k - 1) * GET(zs + k - 1) + GET(s->part[FINE_E][0] + k) * GET(zs + k);
      above += GET(n->part[FINE_E][1] + k - 1) * GET(zn + k - 1) + GET(n->part[FINE_E][0] + k) * GET(zn + k);
      AT(f + k) =
          GET(h->part[FINE_R][0] + k) + west + GET(c->P.north + at + k) * below + GET(c->P.south + up + k) * above;
    }
  }
  fine_add_east(w, pe, f);
}

static void fine_restrict_cols(const struct fine_window *w, int32_t v, float *restrict f) {
  const laplace_level *c = w->pass->restrict_to;
  const int64_t at = level_P_row(c, fine_periodic_row(w, v)) + w->first;
  const struct fine_row *h = fine_slot(w, v);
  float *pe = w->buffer[3] + 16;
  for (int64_t k = 0; k < w->count; k += FLOATS) {
    const floats q = GET(h->part[FINE_R][1] + k);
    AT(f + k) = GET(h->part[FINE_R][0] + k) + q * GET(c->P.west + at + k);
    AT(pe + k) = q * GET(c->P.east + at + k);
  }
  fine_add_east(w, pe, f);
}

/* The coarse row whose place virtual row v has. */
static void fine_restrict_row(const struct fine_window *w, int32_t v, const struct fine_tile *tile) {
  const laplace_level *c = w->pass->restrict_to;
  const int32_t i = fine_periodic_row(w, v);
  if (fine_is_ghost_row(w, i) || (c->halved[0] && fine_is_between(w, i))) return;
  const int64_t I = c->halved[0] ? (i + c->first_is_coarse) / 2 : i;
  float *f = w->buffer[0];
  if (c->halved[1]) {
    if (!c->halved[0]) fine_restrict_cols(w, v, f);
    else if (w->plain) fine_restrict_both(w, v, f, 1);
    else fine_restrict_both(w, v, f, 0);
    const int32_t from = tile->pair0 > 1 ? tile->pair0 : 1, end = tile->pair1 < c->cols - 1 ? tile->pair1 : c->cols - 1;
    if (from < end) memcpy(c->f + I * c->stride + from, f + (from - w->first), (size_t)(end - from) * sizeof *f);
    return;
  }
  const int64_t at = level_P_row(c, I), up = level_P_row(c, I - 1);
  const int64_t base = 2 * (int64_t)w->first - c->first_is_coarse;
  const float *rows[3];
  for (int k = 0; k < 3; k++) {
    const struct fine_row *h = fine_slot(w, v + k - 1);
    interleave(h->part[FINE_R][0], h->part[FINE_R][1], w->buffer[1 + k], w->count);
    rows[k] = w->buffer[1 + k] - base;
  }
  const int64_t from = 2 * (int64_t)tile->pair0 - c->first_is_coarse,
                end = 2 * (int64_t)tile->pair1 - c->first_is_coarse;
  for (int64_t j = from < 1 ? 1 : from; j < end && j < c->cols - 1; j++)
    c->f[I * c->stride + j] = rows[1][j] + c->P.north[at + j] * rows[2][j] + c->P.south[up + j] * rows[0][j];
}
#endif
