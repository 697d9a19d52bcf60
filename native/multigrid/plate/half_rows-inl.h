/* The arithmetic on halves of rows (fused.h): loops that the compiler vectorizes. No loops over rows: see pass.c. A half-sweep
 * does two rows at once, row j by its Q and row j + 1 by its P, since these share neighbours:
 *
 *     a, b, c, d    the other colour in rows j - 1 (Q), j (P), j + 1 (Q), j + 2 (P)
 *     square        Q(j, m)     = 1/4 ((a[m] + b[m + 1]) + (b[m] + c[m]))             [+ q[m]]
 *                   P(j + 1, m) = 1/4 ((d[m] + c[m - 1]) + (b[m] + c[m]))             [+ p[m]]
 *     stretched     Q(j, m)     = cx (b[m] + b[m + 1]) + cy (a[m] + c[m])             [+ q[m]]
 *                   P(j + 1, m) = cx (c[m - 1] + c[m]) + cy (b[m] + d[m])             [+ p[m]]
 */
#ifndef HALVES_H
#define HALVES_H
#include "plate.h"
#include "../deinterleave-inl.h"

/* Nothing that a loop writes is read by it, but for what its formula says. */
#define EACH(m) _Pragma("GCC ivdep") for (int64_t m = from; m < to; m++)

struct weights {
  real cx, cy;
  int square;
};

/* The rows of a half-sweep; right sides may be NULL. */
struct rows {
  real *q, *p;
  const real *a, *b, *c, *d;
  const real *right_q, *right_p;
};

/* `old_q`, `old_p`: what is taken off, so that a residual results; or NULL. Whole vectors, which may go beyond `to`: `from` is
 * at a multiple of their size, and what lies beyond is not yet known, or no point. */
static inline __attribute__((always_inline)) void two_rows(int square, int right, int rest, const struct weights *weights,
                                                           const struct rows *rows, const real *restrict old_q,
                                                           const real *restrict old_p, int64_t from, int64_t to) {
  real *restrict q = rows->q, *restrict p = rows->p;
  const real *restrict a = rows->a, *restrict b = rows->b, *restrict c = rows->c, *restrict d = rows->d;
  const real *restrict right_q = rows->right_q, *restrict right_p = rows->right_p;
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
    if (right) x += V(right_q + m), y += V(right_p + m);
    if (rest) x -= V(old_q + m), y -= V(old_p + m);
    *(lanes *)(q + m) = x, *(lanes *)(p + m) = y;
  }
#undef V
}

#define TWO_ROWS(square, right, rest) two_rows(square, right, rest, weights, rows, old_q, old_p, from, to)

/* A half-sweep, or, if there are old values, by how much it would change them. */
static inline void half_sweep(const struct weights *weights, const struct rows *rows, const real *old_q, const real *old_p,
                       int64_t from, int64_t to) {
  switch ((weights->square ? 4 : 0) + (rows->right_q ? 2 : 0) + (old_q ? 1 : 0)) {
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

/* A coarse row of the residual restricted: `above`, `below` are Q, its points amid four coarse ones, `row` is P, its points
 * that are coarse too. Those between are black, where nothing is left. */
static inline void restrict_row(float *restrict coarse, real scale, const real *restrict above, const real *restrict row,
                                const real *restrict below, int64_t from, int64_t to) {
  EACH(m)
  coarse[m] = (float)(scale * (row[m] + (real)0.25 * ((above[m - 1] + below[m - 1]) + (above[m] + below[m]))));
}

/* half = old + scale (a + b), where a and b are the coarse iterate at both sides of each point. */
static inline void correct_row(real *restrict half, const real *restrict old, real scale, const float *a, const float *b,
                               int64_t from, int64_t to) {
  EACH(m) half[m] = old[m] + scale * (real)(a[m] + b[m]);
}

/* Both halves of a row in natural order, and back. */
static inline void divide(real *restrict p, real *restrict q, const real *restrict row, int64_t from, int64_t to) {
  EACH(m) p[m] = row[2 * m], q[m] = row[2 * m + 1];
}
static inline void every_second(real *restrict half, const real *restrict row, int64_t from, int64_t to) {
  EACH(m) half[m] = row[2 * m];
}
static inline void plate_interleave(real *restrict row, const real *restrict p, const real *restrict q, int64_t from, int64_t to) {
  EACH(m) row[2 * m] = p[m], row[2 * m + 1] = q[m];
}

/* Cubic interpolation between points b and c of four in line, and next to an end, a. */
static inline real amid(real a, real b, real c, real d) { return (real)0.0625 * (9 * (b + c) - (a + d)); }
static inline real near_end(real a, real b, real c, real d) { return (real)0.0625 * (5 * (a - c) + 15 * b + d); }

/* Raises `most`, and so the norm, to the largest |a|, or |a - b| if there is b. */
static inline masks raise(masks most, const real *a, const real *b, int64_t from, int64_t to) {
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
