/* The dimension-lifted layout of temporal_tile.c. A row of LANES * L points is kept as L vectors: lane k of vector j is
 * point k * L + j. So a point's western and eastern neighbours are in the same lane of the vectors before and after,
 * and only at the two ends of the row they are in the next lane. Source: T. Henretty et al., "Data layout
 * transformation for stencil computations on short-vector SIMD architectures", Compiler Construction 2011.
 */
#ifndef DIMENSION_LIFT_H
#define DIMENSION_LIFT_H
#include "vector.h"

/* Shuffles of two vectors a, b: lane l of the result is lane k of a if f(s, l) = k < LANES, and of b if it is
 * LANES + k. */
#define LIST_2(f, s) f(s, 0), f(s, 1)
#define LIST_4(f, s) LIST_2(f, s), f(s, 2), f(s, 3)
#define LIST_8(f, s) LIST_4(f, s), f(s, 4), f(s, 5), f(s, 6), f(s, 7)
#define LIST_16(f, s) LIST_8(f, s), f(s, 8), f(s, 9), f(s, 10), f(s, 11), f(s, 12), f(s, 13), f(s, 14), f(s, 15)

#if LANES == 2
#define SHUFFLE(a, b, f, s) __builtin_shufflevector(a, b, LIST_2(f, s))
#elif LANES == 4
#define SHUFFLE(a, b, f, s) __builtin_shufflevector(a, b, LIST_4(f, s))
#elif LANES == 8
#define SHUFFLE(a, b, f, s) __builtin_shufflevector(a, b, LIST_8(f, s))
#else
#define SHUFFLE(a, b, f, s) __builtin_shufflevector(a, b, LIST_16(f, s))
#endif

/* Lanes moved down by s, the first ones to the end; and the two rows that result where a, b are rows s apart of a
 * matrix whose blocks of s x s are swapped across its diagonal. */
#define ROTATED(s, l) (((l) + (s)) % LANES)
#define UPPER(s, l) ((l) & (s) ? LANES + (l) - (s) : (l))
#define LOWER(s, l) ((l) & (s) ? LANES + (l) : (l) + (s))

/* What lies west of the first vector, given the last; and east of the last, given the first. The one lane that would
 * come from beyond the row holds some point of it. */
static inline vector west_of_first(vector last) { return SHUFFLE(last, last, ROTATED, LANES - 1); }
static inline vector east_of_last(vector first) { return SHUFFLE(first, first, ROTATED, 1); }

/* The neighbours of a vector, given those before and after it: nothing to do, which is what this layout is for. */
static inline vector west(vector before, vector c) { return (void)c, before; }
static inline vector east(vector c, vector after) { return (void)c, after; }

/* Where a row keeps its k-th point. */
static inline int64_t place(int64_t k, int64_t L) { return k % L * LANES + k / L; }

/* Divides a row of L vectors into pieces in which the same lanes belong to points [from, to): `lane[k]` has all bits
 * set for these, up to vector end[k]. Returns how many pieces there are. */
enum { PIECES = 3 };
static inline int segments(int64_t from, int64_t to, int64_t L, int64_t end[PIECES], masks lane[PIECES]) {
  const int64_t a = from % L, b = to % L;
  end[0] = a < b ? a : b, end[1] = a < b ? b : a, end[2] = L;
  for (int k = 0; k < PIECES; k++)
    for (int l = 0; l < LANES; l++) {
      const int64_t first = l * L + (k ? end[k - 1] : 0);
      lane[k][l] = first >= from && first < to ? -1 : 0;
    }
  return PIECES;
}

/* Transposes LANES x LANES points, swapping blocks of 1, 2, 4, ... (J. O. Eklundh, IEEE Trans. Comput. C-21, 1972). */
INLINE void transpose(vector r[LANES]) {
#define SWAP_BLOCKS(s)                                                                                                 \
  for (int i = 0; i < LANES; i++)                                                                                      \
    if (!(i & s)) {                                                                                                    \
      const vector a = r[i], b = r[i + s];                                                                             \
      r[i] = SHUFFLE(a, b, UPPER, s), r[i + s] = SHUFFLE(a, b, LOWER, s);                                              \
    }
  SWAP_BLOCKS(1)
#if LANES > 2
  SWAP_BLOCKS(2)
#endif
#if LANES > 4
  SWAP_BLOCKS(4)
#endif
#if LANES > 8
  SWAP_BLOCKS(8)
#endif
#undef SWAP_BLOCKS
}

/* row[j * step] = points[...] for L vectors; L is a multiple of LANES. */
static inline void lift(const real *restrict points, vector *restrict row, int64_t L, int64_t step) {
  for (int64_t j = 0; j < L; j += LANES) {
    vector r[LANES];
    for (int k = 0; k < LANES; k++) r[k] = (vector) * (const lanes *)(points + k * L + j);
    transpose(r);
    for (int k = 0; k < LANES; k++) row[(j + k) * step] = r[k];
  }
}

/* points[from .. to) = the row's, for from and to multiples of LANES, at an aligned address, by non-temporal
 * stores: faster even for grids that fit into the third-level cache, since what is overwritten need not be read. */
static inline void lower(const vector *restrict row, real *restrict points, int64_t L, int64_t from, int64_t to) {
  for (int64_t j = 0; j < L; j += LANES) {
    vector r[LANES];
    for (int k = 0; k < LANES; k++) r[k] = row[j + k];
    transpose(r);
    for (int k = 0; k < LANES; k++) {
      const int64_t at = k * L + j;
      if (at >= from && at < to) stream_vector(points + at, r[k]);
    }
  }
}
#endif
