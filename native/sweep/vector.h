/* Vectors of `real` for code that is compiled for each instruction set: the steps that GCC does not vectorize by
 * itself. */
#ifndef VECTOR_H
#define VECTOR_H
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <tgmath.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))
#define JOIN(name, suffix) name##_##suffix
#define EXPAND(name, suffix) JOIN(name, suffix)
#define NAME(name) EXPAND(name, SUFFIX)

#if PRECISION == 64
typedef double real;
typedef int64_t bits; /* an integer of the same size */
#else
typedef float real;
typedef int32_t bits;
#endif

#if defined(__AVX512F__)
#define VECTOR 64
#elif defined(__AVX2__)
#define VECTOR 32
#else
#define VECTOR 16
#endif
#define LANES (VECTOR * 8 / PRECISION) /* points of a vector */
enum { LINE = 64 / sizeof(real) };     /* points of a cache line */

/* A vector of points at an aligned and at any address, and masks of it. */
typedef real vector __attribute__((vector_size(VECTOR), may_alias));
typedef real lanes __attribute__((vector_size(VECTOR), aligned(sizeof(real)), may_alias));
typedef bits masks __attribute__((vector_size(VECTOR), aligned(sizeof(real)), may_alias));
#define SELECT(mask, yes, no) ((lanes)(((mask) & (masks)(yes)) | (~(mask) & (masks)(no))))

/* Sizes of numbers are compared as integers: without the sign they have the same order, and NaN lies above infinity, so
 * it is the largest. */
static const bits UNSIGN = sizeof(real) == 8 ? (bits)INT64_MAX : (bits)INT32_MAX;
static inline masks most_of(masks a, masks b) {
#if defined(__AVX512F__) && PRECISION == 64
  return (masks)_mm512_max_epi64((__m512i)a, (__m512i)b);
#elif defined(__AVX512F__)
  return (masks)_mm512_max_epi32((__m512i)a, (__m512i)b);
#elif defined(__AVX2__) && PRECISION == 64
  return (masks)_mm256_blendv_pd((__m256d)a, (__m256d)b, (__m256d)(b > a));
#elif defined(__AVX2__)
  return (masks)_mm256_max_epi32((__m256i)a, (__m256i)b);
#else
  const masks more = b > a;
  return (b & more) | (a & ~more);
#endif
}
static inline double most_lane(masks most) {
  double all = 0;
  for (int l = 0; l < LANES; l++) all = larger(all, ((lanes)most)[l]);
  return all;
}

/* max |a - b| of `count` points. Several chains, since one running maximum would wait for itself. */
static inline double max_change(const real *restrict a, const real *restrict b, int64_t count) {
  enum { CHAINS = 4 };
  masks most[CHAINS] = {{0}};
  int64_t k = 0;
  for (; k + CHAINS * LANES <= count; k += CHAINS * LANES)
    for (int c = 0; c < CHAINS; c++) {
      const lanes d = *(const lanes *)(a + k + c * LANES) - *(const lanes *)(b + k + c * LANES);
      most[c] = most_of(most[c], (masks)d & UNSIGN);
    }
  double all = 0;
  for (; k < count; k++) all = larger(all, fabs(a[k] - b[k]));
  for (int c = 0; c < CHAINS; c++) all = larger(all, most_lane(most[c]));
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

/* Writes an aligned vector by a non-temporal store, where the CPU has one. */
static inline void stream_vector(real *to, vector v) {
#if defined(__AVX512F__)
  _mm512_stream_si512((void *)to, (__m512i)v);
#elif defined(__AVX2__)
  _mm256_stream_si256((void *)to, (__m256i)v);
#elif defined(__x86_64__)
  _mm_stream_si128((void *)to, (__m128i)v);
#else
  *(vector *)to = v;
#endif
}

/* Copies a block: whole cache lines by non-temporal stores, the rest at both ends by others. */
static inline void stream(real *restrict to, const real *restrict from, int64_t count) {
  int64_t k = 0;
  while (k < count && (uintptr_t)(to + k) % 64) to[k] = from[k], k++;
  for (; k + LINE <= count; k += LINE)
    for (int part = 0; part < LINE; part += LANES)
      stream_vector(to + k + part, (vector) * (const lanes *)(from + k + part));
  for (; k < count; k++) to[k] = from[k];
}

/* After non-temporal stores: makes them visible to other threads before the next barrier. */
static inline void stream_end(void) {
#if defined(__x86_64__)
  _mm_sfence();
#endif
}
#endif
