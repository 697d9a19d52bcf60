/* Code of fine_rows.c: the rows that a pass has in flight, deinterleaved into even and odd columns, in a cyclic buffer
 * that fits into the second-level cache. No arithmetic.
 */
#ifndef FINE_WINDOW_H
#define FINE_WINDOW_H
#include "fine.h"
#include "../deinterleave-inl.h"

enum { FINE_PADDING = 32 }; /* numbers before and after each part of a row, for vectors that go over its ends */

enum { FINE_R, FINE_E, FINE_S, FINE_ROW_SUM, FINE_INVERSE, FINE_D, FINE_PARTS };
struct fine_row {
  float *part[FINE_PARTS][2]; /* at coarse columns [0], and at those between [1] */
};

struct fine_window {
  const struct fine_pass *pass;
  const struct fine *a;
  const laplace_grid *grid;
  int32_t plain, has_row_sum;
  int32_t first, count, slots; /* the first pair of columns, how many pairs, and rows of the cyclic buffer */
  int32_t begin, end;          /* virtual rows that are loaded */
  struct fine_row *rows;
  float *buffer[4]; /* of twice as many columns */
  real *flux;       /* over the edges south of the row loaded last, by columns from 2 first on */
  struct {
    const char *from;
    int64_t step; /* bytes of a vector of pairs */
  } prefetch[5];  /* arrays of the row that is loaded next, one in each half-sweep */
};

/* Pairs in whole vectors of any instruction set. */
static inline int32_t fine_whole(int32_t pairs) { return (pairs + 15) / 16 * 16; }

/* Where virtual row v is kept. */
static inline struct fine_row *fine_slot(const struct fine_window *w, int32_t v) {
  return &w->rows[((v % w->slots) + w->slots) % w->slots];
}

/* The row that virtual row v is: virtual rows go on beyond a periodic edge. */
static inline int32_t fine_periodic_row(const struct fine_window *w, int32_t v) {
  if (!(w->grid->layout & LAPLACE_PERIODIC_ROWS)) return v;
  const int32_t m = w->grid->rows - 2;
  return (((v - 1) % m) + m) % m + 1;
}

static inline int fine_is_ghost_row(const struct fine_window *w, int32_t i) { return i <= 0 || i >= w->grid->rows - 1; }

/* Whether row i lies between two coarse rows. */
static inline int fine_is_between(const struct fine_window *w, int32_t i) { return (i ^ w->a->first_is_coarse) & 1; }

/* Ghosts of a part's even [0] or odd [1] columns, and what lies beyond, become zero. */
static inline void fine_zero_ghosts(const struct fine_window *w, float *d, int q) {
  const int64_t base = 2 * (int64_t)w->first - w->a->first_is_coarse + q, last = w->grid->cols - 1;
  if (base <= 0) d[0] = 0;
  for (int64_t k = (last - base + 1) / 2; k < w->count + FLOATS; k++) d[k] = 0;
}

/* Periodic ghost columns get the values of the opposite side. */
static inline void fine_fill_ghosts(const struct fine_window *w, float *const part[2]) {
  if (!(w->grid->layout & LAPLACE_PERIODIC_COLS)) return;
  const int32_t to[2] = {0, w->grid->cols - 1}, from[2] = {w->grid->cols - 2, 1}, o = w->a->first_is_coarse;
  for (int k = 0; k < 2; k++)
    part[(to[k] + o) & 1][((to[k] + o) >> 1) - w->first] = part[(from[k] + o) & 1][((from[k] + o) >> 1) - w->first];
}
#endif
