/* Code of fine_rows.c: loads a row of a finest grid: the residual of u, conductances, and the correction prolonged from
 * the level below. No smoothing: see fine_smooth-inl.h.
 *
 *     r = (sum of k (u(q) - u) - row_sum u + source) / unit,    source = scale g d, or g on a plain grid
 *
 * Differences are taken first: smooth errors are nearly constant, and would be lost in rounding.
 */
#ifndef FINE_LOAD_H
#define FINE_LOAD_H
#include "fine_window-inl.h"

/* Columns loaded at a time, before they are deinterleaved, and columns kept before these, of which the last is used. */
enum { FINE_COLUMNS = 256, FINE_BEFORE = 16 };

/* Some columns of a row in f32: parts FINE_R, FINE_E, FINE_S and FINE_ROW_SUM. */
typedef float fine_columns[4][FINE_BEFORE + FINE_COLUMNS];

/* Loads whole vectors of columns from j on, a multiple of a vector, to those of `row` from `begin` on. Keeps the flux
 * over the edges south of the row for the next row. */
INLINE void fine_load_columns(const struct fine_window *w, int32_t i, int64_t j, int64_t count, fine_columns row,
                              int begin, int plain, int has_source, int has_row_sum) {
  const struct fine *a = w->a;
  const int64_t at = i * w->grid->stride + j;
  const real *c = (const real *)w->grid->u + at;
  const real *s = (const real *)w->grid->u + fine_periodic_row(w, i + 1) * w->grid->stride + j;
  const int64_t stored = plain ? 0 : a->row[i] * w->grid->stride + j;
  const real *east = (const real *)a->e + stored, *south = (const real *)a->s + stored;
  const real *g = has_source ? (const real *)grid_row(w->grid, &w->grid->g, i) + j : NULL;
  const real *d = has_source && !plain ? (const real *)grid_row(w->grid, &w->grid->d, i) + j : NULL;
  const real *x = has_row_sum ? (const real *)a->row_sum + stored : NULL;
  const real scale = (real)(1 / a->unit), power = (real)a->scale, kx = (real)w->grid->cx, ky = (real)w->grid->cy;
  real *flux = w->flux + (j - 2 * (int64_t)w->first);
  lanes here = *(const lanes *)c, west = {0};
  if (j > 0) {
    const lanes before = *(const lanes *)(c - LANES), difference = EAST_REAL(before, here) - before;
    west = plain ? kx * difference : *(const lanes *)(east - LANES) * difference;
  }
  for (int64_t k = 0; k < count; k += LANES) {
    const lanes next = *(const lanes *)(c + k + LANES), difference = EAST_REAL(here, next) - here;
    const lanes down = *(const lanes *)(s + k) - here;
    lanes flux_e, flux_s;
    if (plain) flux_e = kx * difference, flux_s = ky * down;
    else {
      const lanes ke = *(const lanes *)(east + k), ks = *(const lanes *)(south + k);
      flux_e = ke * difference, flux_s = ks * down;
      *(few *)(row[FINE_E] + begin + k) = NARROW(ke), *(few *)(row[FINE_S] + begin + k) = NARROW(ks);
    }
    lanes sum = (flux_e - WEST_REAL(west, flux_e)) + (flux_s - *(const lanes *)(flux + k));
    *(lanes *)(flux + k) = flux_s;
    if (has_row_sum) {
      const lanes row_sum = *(const lanes *)(x + k);
      sum -= row_sum * here;
      *(few *)(row[FINE_ROW_SUM] + begin + k) = NARROW(row_sum);
    }
    if (has_source && plain) sum += *(const lanes *)(g + k);
    else if (has_source) sum += power * *(const lanes *)(g + k) * *(const lanes *)(d + k);
    sum *= scale;
    *(few *)(row[FINE_R] + begin + k) = NARROW(sum);
    west = flux_e, here = next;
  }
}

static void fine_load_some(const struct fine_window *w, int32_t i, int64_t j, int64_t count, fine_columns row,
                           int begin) {
  const int has_source = w->a->has_source;
  if (w->plain && has_source) fine_load_columns(w, i, j, count, row, begin, 1, 1, 0);
  else if (w->plain) fine_load_columns(w, i, j, count, row, begin, 1, 0, 0);
  else if (has_source && w->has_row_sum) fine_load_columns(w, i, j, count, row, begin, 0, 1, 1);
  else if (w->has_row_sum) fine_load_columns(w, i, j, count, row, begin, 0, 0, 1);
  else if (has_source) fine_load_columns(w, i, j, count, row, begin, 0, 1, 0);
  else fine_load_columns(w, i, j, count, row, begin, 0, 0, 0);
}

/* Loads row i: residual and conductances, deinterleaved, and a correction of zero. */
static void fine_load_row(const struct fine_window *w, int32_t i, struct fine_row *to) {
  const struct fine *a = w->a;
  const int64_t last = w->grid->cols - 1, o = a->first_is_coarse;
  const size_t bytes = ((size_t)w->count + FLOATS) * sizeof(float);
  const int is_empty = fine_is_ghost_row(w, i) && i; /* row 0 has the edges to row 1 */
  for (int part = is_empty ? 0 : FINE_D; part < FINE_PARTS; part++)
    memset(to->part[part][0], 0, bytes), memset(to->part[part][1], 0, bytes);
  if (is_empty) return;
  fine_columns row __attribute__((aligned(64)));
  const int parts = w->has_row_sum ? 4 : w->plain ? 1 : 3;
  for (int k = 0; k < parts; k++) memset(row[k], 0, FINE_BEFORE * sizeof(float));
  if (w->first) fine_load_some(w, i, 2 * (int64_t)w->first - FINE_BEFORE, FINE_BEFORE, row, 0);
  for (int32_t m = 0; m < w->count; m += FINE_COLUMNS / 2) {
    const int64_t j = 2 * (int64_t)(w->first + m),
                  pairs = w->count - m < FINE_COLUMNS / 2 ? w->count - m : FINE_COLUMNS / 2;
    const int64_t columns = 2 * ((pairs + FLOATS - 1) / FLOATS * FLOATS);
    fine_load_some(w, i, j, columns, row, FINE_BEFORE);
    /* Ghosts have no residual, nor has what lies beyond. */
    if (j == 0) row[FINE_R][FINE_BEFORE] = 0;
    for (int64_t k = last > j ? last - j : 0; k < columns; k++) row[FINE_R][FINE_BEFORE + k] = 0;
    if (!i) memset(row[FINE_R], 0, sizeof row[FINE_R]);
    for (int k = 0; k < parts; k++) {
      deinterleave(row[k] + FINE_BEFORE - o, to->part[k][0] + m, to->part[k][1] + m, pairs);
      row[k][FINE_BEFORE - 1] = row[k][FINE_BEFORE + FINE_COLUMNS - 1];
    }
    if (!w->plain)
      deinterleave(a->inverse + a->row[i] * a->pitch_f32 + j - o, to->part[FINE_INVERSE][0] + m,
                   to->part[FINE_INVERSE][1] + m, pairs);
  }
}

/* Black points of row i get the correction P e of the level below; red ones are smoothed first, and need none. */
static void fine_prolong_row(const struct fine_window *w, int32_t i, struct fine_row *to) {
  const laplace_level *c = w->pass->prolong_from;
  const int32_t between = fine_is_between(w, i), count = w->count;
  const int32_t rows = c->halved[0], cols = c->halved[1];
  const int64_t I = rows ? (i + c->first_is_coarse - between) / 2 : i, at = level_P_row(c, I);
  const int black = between ? 0 : 1; /* at coarse columns, or at those between */
  float *d = to->part[FINE_D][black];
  const float *e = c->e + I * c->stride, *below = e + c->stride, *even = w->buffer[0], *odd = w->buffer[1];
  if (cols) {
    /* Pair m is coarse column m and the column east of it. */
    const int64_t m = w->first;
    const float *west = c->P.west + at + m, *east = c->P.east + at + m;
    const float *north = c->P.north + at + m, *south = c->P.south + at + m;
    e += m, below += m;
    if (black)
      for (int32_t k = 0; k < count; k += FLOATS)
        AT(d + k) = GET(west + k) * GET(e + k) + GET(east + k) * GET(e + k + 1);
    else if (rows)
      for (int32_t k = 0; k < count; k += FLOATS)
        AT(d + k) = GET(north + k) * GET(e + k) + GET(south + k) * GET(below + k);
    else memcpy(d, e, (size_t)count * sizeof *d);
  } else {
    const int64_t j = 2 * (int64_t)w->first - c->first_is_coarse;
    float *row = w->buffer[2];
    memset(row, 0, (size_t)(2 * fine_whole(count) + FINE_PADDING) * sizeof *row);
    for (int64_t k = j < 0 ? 0 : j; k < j + 2 * count && k < c->cols; k++)
      row[k - j] = between ? c->P.north[at + k] * e[k] + c->P.south[at + k] * below[k] : e[k];
    deinterleave(row, w->buffer[0], w->buffer[1], count);
    memcpy(d, black ? odd : even, (size_t)count * sizeof *d);
  }
  fine_zero_ghosts(w, d, black); /* those that are not periodic have no correction */
  if (!between && w->a->black_residual) {
    /* Across a periodic edge red points of coarse rows may have red neighbours, which need their correction. */
    memcpy(to->part[FINE_D][0], cols ? e : even, (size_t)count * sizeof *d);
    fine_zero_ghosts(w, to->part[FINE_D][0], 0);
  }
  fine_fill_ghosts(w, to->part[FINE_D]);
}
#endif
