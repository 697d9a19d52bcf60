/* What a pass over a finest grid works with: rows in flight, split into even and odd columns, in a ring of slots that fits into
 * the second-level cache; and where a row lies. No arithmetic. Included by finest_rows.c, which lays all this out, and by
 * what it includes.
 */
#ifndef FINEST_WORK_H
#define FINEST_WORK_H
#include "fine.h"
#include "../deinterleave-inl.h"

#define INLINE static inline __attribute__((always_inline))
enum { EDGE = 32 }; /* numbers before and after each part of a row, for vectors that go over its ends */

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

static inline struct slot *slot(const struct work *w, int32_t v) {
  return &w->ring[((v % w->slots) + w->slots) % w->slots];
}

/* The row that virtual row v is: beyond a periodic edge they go on. */
static inline int32_t actual(const struct work *w, int32_t v) {
  if (!(w->grid->layout & LAPLACE_PERIODIC_ROWS)) return v;
  const int32_t m = w->grid->rows - 2;
  return (((v - 1) % m) + m) % m + 1;
}

/* Where a row is stored. */
static inline int64_t stored(const int32_t *row, int32_t i) { return row ? row[i] : i; }

static inline int is_ring(const struct work *w, int32_t i) { return i <= 0 || i >= w->grid->rows - 1; }
static inline int is_between(const struct work *w, int32_t i) { return (i ^ w->a->origin) & 1; }

/* The ring columns get what is at those of the opposite side. */
static inline void images(const struct work *w, float *const part[2]) {
  if (!(w->grid->layout & LAPLACE_PERIODIC_COLS)) return;
  const int32_t to[2] = {0, w->grid->cols - 1}, from[2] = {w->grid->cols - 2, 1}, o = w->a->origin;
  for (int k = 0; k < 2; k++)
    part[(to[k] + o) & 1][((to[k] + o) >> 1) - w->first] = part[(from[k] + o) & 1][((from[k] + o) >> 1) - w->first];
}
#endif
