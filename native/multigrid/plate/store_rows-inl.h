/* How rows leave a pass once they are final: black points are stored, norms raised, the residual restricted. Code of
 * pass.c. */
#ifndef PLATE_STORE_ROWS_H
#define PLATE_STORE_ROWS_H
#include "load_rows-inl.h"

static inline int plate_is_own(const struct plate_work *w, int32_t row) { return row >= w->row0 && row < w->row1; }

/* Raises a norm to row's points at half-columns [from, to), or to how far they are from `before`, where they count.
 * Halo columns beside those that count may take part: they are a neighbour's. */
static masks plate_raise_row(const struct plate_work *w, masks norm, int32_t row, const real *half, const real *before,
                             int64_t from, int64_t to) {
  const laplace_grid *grid = w->pass->finest;
  if (!plate_is_own(w, row) || row < grid->row0 || row >= grid->row1) return norm;
  from = plate_max(from, grid->col0 / 2),
  to = plate_min(to, grid->col1 == grid->cols - 1 ? w->half : (grid->col1 + 1) / 2);
  return from < to ? plate_raise_norm(norm, half, before, from, to) : norm;
}

/* Stores a final row: its black points, and of a level all points in natural order. */
static void plate_store_row(struct plate_work *w, int32_t row, int64_t from, int64_t to) {
  const struct plate_pass *pass = w->pass;
  if (!plate_is_own(w, row)) return;
  const real *black = plate_row(w, w->black, w->depth, row), *red = plate_row(w, w->red, w->depth, row);
  if (!pass->unpacks) {
    real *out = (real *)pass->plate->black + row * pass->plate->pitch;
    if (pass->norms && pass->from == ITERATE_IN_HALF_ROWS)
      w->change = plate_raise_row(w, w->change, row, black, out, from, to);
    memcpy(out + from, black + from, (size_t)(to - from) * sizeof(real));
  }
#if PRECISION == 32
  if (pass->unpacks && plate_is_inside(w, row)) {
    real *unpacked = pass->level->e + row * pass->level->stride;
    plate_interleave(unpacked, row % 2 ? black : red, row % 2 ? red : black, from, plate_min(to, w->half));
    if (to > w->half) unpacked[2 * w->half] = 0;
  }
#else
  (void)red;
#endif
}

/* Restricts the residuals of rows j - 2 .. j. */
static void plate_restrict_rows(const struct plate_work *w, int32_t j, int64_t from, int64_t to) {
  const struct plate_pass *pass = w->pass;
  if (!plate_is_own(w, j) || j < 3 || !plate_is_inside(w, j)) return;
  plate_restrict_row(pass->coarse->f + j / 2 * pass->coarse->stride, (real)(1 / pass->unit),
                     plate_row(w, w->residuals, PLATE_RESIDUALS, j - 2),
                     plate_row(w, w->residuals, PLATE_RESIDUALS, j - 1), plate_row(w, w->residuals, PLATE_RESIDUALS, j),
                     plate_max(from, 1), plate_min(to, w->half));
}
#endif
