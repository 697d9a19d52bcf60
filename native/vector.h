/* Vectors of `real` for rows.c, which alone includes this: the steps that GCC does not vectorize by itself. */
#ifndef VECTOR_H
#define VECTOR_H
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <tgmath.h>
#if defined(__x86_64__)
#include <emmintrin.h>
#endif

typedef REAL real;
typedef BITS bits; /* an integer of the same size */

#if defined(__AVX512F__)
#define VECTOR 64
#elif defined(__AVX2__)
#define VECTOR 32
#else
#define VECTOR 16
#endif
enum { LANES = VECTOR / sizeof(real) };

/* A vector of points at any address, and masks of it. */
typedef real lanes __attribute__((vector_size(VECTOR), aligned(sizeof(real)), may_alias));
typedef bits masks __attribute__((vector_size(VECTOR), aligned(sizeof(real)), may_alias));
#define SELECT(mask, yes, no) ((lanes)(((mask) & (masks)(yes)) | (~(mask) & (masks)(no))))

/* max |a - b| of `count` points. Sizes are compared as integers: those of numbers without a sign have the same order, and
 * NaN lies above infinity, so it needs no care. Several chains, since one running maximum would wait for itself. */
static inline double max_change(const real *restrict a, const real *restrict b, int64_t count) {
  enum { CHAINS = 4 };
  const bits unsign = sizeof(real) == 8 ? (bits)INT64_MAX : (bits)INT32_MAX;
  masks most[CHAINS] = {{0}};
  int64_t k = 0;
  for (; k + CHAINS * LANES <= count; k += CHAINS * LANES)
    for (int c = 0; c < CHAINS; c++) {
      const lanes d = *(const lanes *)(a + k + c * LANES) - *(const lanes *)(b + k + c * LANES);
      const masks size = (masks)d & unsign, more = size > most[c];
      most[c] = (size & more) | (most[c] & ~more);
    }
  double all = 0;
  for (; k < count; k++) all = larger(all, fabs(a[k] - b[k]));
  for (int c = 0; c < CHAINS; c++)
    for (int l = 0; l < LANES; l++) all = larger(all, ((lanes)most[c])[l]);
  return all;
}

/* s = u + omega * (s - u) at every second point from `first` (0 or 1), u at the others. */
static inline void blend(real *restrict s, const real *restrict u, real omega, int first, int64_t count) {
  masks chosen;
  int64_t k = 0;
  for (int l = 0; l < LANES; l++) chosen[l] = l % 2 == first ? -1 : 0;
  for (; k + LANES <= count; k += LANES) {
    const lanes old = *(const lanes *)(u + k), next = old + omega * (*(const lanes *)(s + k) - old);
    *(lanes *)(s + k) = SELECT(chosen, next, old);
  }
  for (; k < count; k++) s[k] = k % 2 == first ? u[k] + omega * (s[k] - u[k]) : u[k];
}

/* Copies a block past the caches. */
static inline void stream(real *restrict to, const real *restrict from, int64_t count) {
#if defined(__x86_64__)
  const int64_t width = 16 / sizeof(real);
  int64_t k = 0;
  while (k < count && (uintptr_t)(to + k) % 64) to[k] = from[k], k++; /* whole lines only */
  for (; k + 64 / (int64_t)sizeof(real) <= count;)
    for (int part = 0; part < 4; part++, k += width)
      _mm_stream_si128((__m128i *)(to + k), _mm_loadu_si128((const __m128i *)(from + k)));
  for (; k < count; k++) to[k] = from[k];
#else
  memcpy(to, from, (size_t)count * sizeof(real));
#endif
}
#endif
