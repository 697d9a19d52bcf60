/* The smoother of the plate and its residual, on half rows (plate.h), written so that the compiler vectorizes it; pass.c
 * and unpack.c loop over rows. A half-sweep does two rows at once, row j by its Q and row j + 1 by its P, since these share neighbours:
 *
 *     a, b, c, d    the other colour in rows j - 1 (Q), j (P), j + 1 (Q), j + 2 (P)
 *     square        Q(j, m)     = 1/4 ((a[m] + b[m + 1]) + (b[m] + c[m]))             [+ rhs_q[m]]
 *                   P(j + 1, m) = 1/4 ((d[m] + c[m - 1]) + (b[m] + c[m]))             [+ rhs_p[m]]
 *     stretched     Q(j, m)     = cx (b[m] + b[m + 1]) + cy (a[m] + c[m])             [+ rhs_q[m]]
 *                   P(j + 1, m) = cx (c[m - 1] + c[m]) + cy (b[m] + d[m])             [+ rhs_p[m]]
 */
#ifndef PLATE_HALF_ROWS_H
#define PLATE_HALF_ROWS_H
#include "plate.h"
#include "../deinterleave-inl.h"

/* A loop reads nothing that it writes, but for what its formula says. */
#define EACH(m) _Pragma("GCC ivdep") for (int64_t m = from; m < to; m++)

struct plate_weights {
  real cx, cy;
  int square;
};

/* The rows of a half-sweep; those of the rhs may be NULL, and so may the old ones, which are subtracted: that gives the
 * residual. */
struct plate_rows {
  real *q, *p;
  const real *a, *b, *c, *d;
  const real *rhs_q, *rhs_p, *old_q, *old_p;
};

/* Whole vectors, which may exceed `to`: `from` is a multiple of their size, and beyond `to` there are points that are
 * not known yet, or none. */
INLINE void plate_two_rows(int square, int rhs, int residual, const struct plate_weights *weights,
                           const struct plate_rows *rows, int64_t from, int64_t to) {
  real *restrict q = rows->q, *restrict p = rows->p;
  const real *restrict a = rows->a, *restrict b = rows->b, *restrict c = rows->c, *restrict d = rows->d;
  const real *restrict rhs_q = rows->rhs_q, *restrict rhs_p = rows->rhs_p;
  const real *restrict old_q = rows->old_q, *restrict old_p = rows->old_p;
  const real cx = weights->cx, cy = weights->cy;
#define V(at) (*(const lanes *)(at))
  lanes c0 = V(c + from - LANES), b1 = V(b + from);
  for (int64_t m = from; m < to; m += LANES) {
    const lanes b0 = b1, c1 = V(c + m), av = V(a + m), dv = V(d + m);
    b1 = V(b + m + LANES);
    const lanes east = EAST_REAL(b0, b1), west = WEST_REAL(c0, c1);
    c0 = c1;
    lanes x, y;
    if (square) {
      const lanes both = b0 + c1;
      x = (real)0.25 * ((av + east) + both), y = (real)0.25 * ((dv + west) + both);
    } else {
      x = cx * (b0 + east) + cy * (av + c1), y = cx * (west + c1) + cy * (b0 + dv);
    }
    if (rhs) x += V(rhs_q + m), y += V(rhs_p + m);
    if (residual) x -= V(old_q + m), y -= V(old_p + m);
    *(lanes *)(q + m) = x, *(lanes *)(p + m) = y;
  }
#undef V
}

#define TWO_ROWS(square, rhs, residual) plate_two_rows(square, rhs, residual, weights, rows, from, to)

/* A half-sweep; given old values, by how much it would change them. */
static inline void plate_half_sweep(const struct plate_weights *weights, const struct plate_rows *rows, int64_t from,
                                    int64_t to) {
  switch ((weights->square ? 4 : 0) + (rows->rhs_q ? 2 : 0) + (rows->old_q ? 1 : 0)) {
  case 0: return TWO_ROWS(0, 0, 0);
  case 1: return TWO_ROWS(0, 0, 1);
  case 2: return TWO_ROWS(0, 1, 0);
  case 3: return TWO_ROWS(0, 1, 1);
  case 4: return TWO_ROWS(1, 0, 0);
  case 5: return TWO_ROWS(1, 0, 1);
  case 6: return TWO_ROWS(1, 1, 0);
  default: return TWO_ROWS(1, 1, 1);
  }
}

/* A row of the coarse rhs, the restricted residual: `row` is P, its points that are coarse too; `north`, `south` are Q,
 * the points in the centre of four coarse ones. Edge points between two coarse ones are black: their residual is
 * zero. */
static inline void plate_restrict_row(float *restrict coarse, real scale, const real *restrict north,
                                      const real *restrict row, const real *restrict south, int64_t from, int64_t to) {
  EACH(m)
  coarse[m] = (float)(scale * (row[m] + (real)0.25 * ((north[m - 1] + south[m - 1]) + (north[m] + south[m]))));
}

/* half = old + scale (a + b): a and b are the coarse correction at both sides of each edge point. */
static inline void plate_correct_row(real *restrict half, const real *restrict old, real scale, const float *a,
                                     const float *b, int64_t from, int64_t to) {
  EACH(m) half[m] = old[m] + scale * (real)(a[m] + b[m]);
}

/* A row in natural order to both its halves, to one of them, and back. */
static inline void plate_deinterleave(real *restrict p, real *restrict q, const real *restrict row, int64_t from,
                                      int64_t to) {
  EACH(m) p[m] = row[2 * m], q[m] = row[2 * m + 1];
}
static inline void plate_every_second(real *restrict half, const real *restrict row, int64_t from, int64_t to) {
  EACH(m) half[m] = row[2 * m];
}
static inline void plate_interleave(real *restrict row, const real *restrict p, const real *restrict q, int64_t from,
                                    int64_t to) {
  EACH(m) row[2 * m] = p[m], row[2 * m + 1] = q[m];
}

/* Cubic interpolation between points b and c of four in line; between a and b, next to an end. */
static inline real plate_midpoint(real a, real b, real c, real d) { return (real)0.0625 * (9 * (b + c) - (a + d)); }
static inline real plate_midpoint_at_end(real a, real b, real c, real d) {
  return (real)0.0625 * (5 * (a - c) + 15 * b + d);
}

/* Raises `most`, and so a norm, to the largest |a|, or |a - b| if there is b. */
static inline masks plate_raise_norm(masks most, const real *a, const real *b, int64_t from, int64_t to) {
  masks other = {0};
  int64_t m = from;
  for (; m + 2 * LANES <= to; m += 2 * LANES) {
    lanes x = *(const lanes *)(a + m), y = *(const lanes *)(a + m + LANES);
    if (b) x -= *(const lanes *)(b + m), y -= *(const lanes *)(b + m + LANES);
    most = most_of(most, (masks)x & UNSIGN), other = most_of(other, (masks)y & UNSIGN);
  }
  for (; m < to; m++) {
    const real x = b ? a[m] - b[m] : a[m];
    lanes all = {x};
    other = most_of(other, (masks)all & UNSIGN);
  }
  return most_of(most, other);
}
#endif
