/* Instead of native/sweep/dimension_lift-inl.h: rows in their natural order, so that a vector's neighbours to the west
 * and east are put together from two vectors each. For bench/speed.ts, which measures what the dimension-lifted layout
 * gains. */
#ifndef NATURAL_H
#define NATURAL_H
#include "../../native/sweep/vector.h"

#define FROM_BEFORE(l) (LANES - 1 + (l))
#define FROM_AFTER(l) (1 + (l))
#if LANES == 2
#define SHUFFLE(a, b, f) __builtin_shufflevector(a, b, f(0), f(1))
#elif LANES == 4
#define SHUFFLE(a, b, f) __builtin_shufflevector(a, b, f(0), f(1), f(2), f(3))
#elif LANES == 8
#define SHUFFLE(a, b, f) __builtin_shufflevector(a, b, f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7))
#else
#define SHUFFLE(a, b, f)                                                                                               \
  __builtin_shufflevector(a, b, f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7), f(8), f(9), f(10), f(11), f(12),       \
                          f(13), f(14), f(15))
#endif

static inline vector west_of_first(vector last) { return last; }
static inline vector east_of_last(vector first) { return first; }
static inline vector west(vector before, vector c) { return SHUFFLE(before, c, FROM_BEFORE); }
static inline vector east(vector c, vector after) { return SHUFFLE(c, after, FROM_AFTER); }
static inline int64_t place(int64_t k, int64_t L) { return (void)L, k; }

enum { PIECES = 5 };
static inline int segments(int64_t from, int64_t to, int64_t L, int64_t end[PIECES], masks lane[PIECES]) {
  const int64_t ends[PIECES] = {from / LANES, from / LANES + 1, to / LANES, to / LANES + 1, L};
  int64_t start = 0;
  int n = 0;
  for (int k = 0; k < PIECES; k++) {
    if (ends[k] <= start || ends[k] > L) continue;
    for (int l = 0; l < LANES; l++) lane[n][l] = start * LANES + l >= from && start * LANES + l < to ? -1 : 0;
    start = end[n++] = ends[k];
  }
  return n;
}

static inline void lift(const real *restrict points, vector *restrict row, int64_t L, int64_t step) {
  for (int64_t j = 0; j < L; j++) row[j * step] = (vector) * (const lanes *)(points + j * LANES);
}

static inline void lower(const vector *restrict row, real *restrict points, int64_t L, int64_t left, int64_t right) {
  for (int64_t j = 0; j < L; j++)
    if (j * LANES >= left && j * LANES < right) stream_vector(points + j * LANES, row[j]);
}
#endif
