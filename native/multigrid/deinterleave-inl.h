/* Vectors of f32, whatever the precision of the problem, their neighbours to west and east, and a row deinterleaved
 * into its even and its odd columns. Code of the kernels of both paths. */
#ifndef DEINTERLEAVE_H
#define DEINTERLEAVE_H
#include "../sweep/vector.h"
#undef I /* of complex.h: here it is a coarse row */

enum { FLOATS = VECTOR / 4 };
typedef float floats __attribute__((vector_size(VECTOR), aligned(4), may_alias));
typedef int32_t signs __attribute__((vector_size(VECTOR), aligned(4), may_alias));

#define AT(p) (*(floats *)(p))
#define GET(p) (*(const floats *)(p))

/* The larger of |a| and |b|, compared as integers: NaN is above infinity. `a` has no signs. */
static inline signs most_size(signs a, floats b) {
  const signs size = (signs)b & ((signs){0} + INT32_MAX);
#if defined(__AVX512F__)
  return (signs)_mm512_max_epi32((__m512i)a, (__m512i)size);
#elif defined(__AVX2__)
  return (signs)_mm256_max_epi32((__m256i)a, (__m256i)size);
#else
  const signs more = size > a;
  return (size & more) | (a & ~more);
#endif
}
static inline double most_of_sizes(signs sizes) {
  double all = 0;
  for (int l = 0; l < FLOATS; l++) all = larger(all, ((floats)sizes)[l]);
  return all;
}

/* f32 of a vector of the problem's precision, and back. */
typedef float few __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
#define NARROW(x) __builtin_convertvector(x, few)
#define WIDEN(x) __builtin_convertvector(x, lanes)

/* Vectors a, b that follow each other, shifted by a point: WEST of b, EAST of a. Cheaper than a load that is not
 * aligned. EVEN and ODD: every other number of a and b; ZIP_LOW and ZIP_HIGH: numbers of a and b by turns. */
#if VECTOR == 64
#define WEST_F64(a, b) __builtin_shufflevector(a, b, 7, 8, 9, 10, 11, 12, 13, 14)
#define EAST_F64(a, b) __builtin_shufflevector(a, b, 1, 2, 3, 4, 5, 6, 7, 8)
#define WEST_F32(a, b) __builtin_shufflevector(a, b, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30)
#define EAST_F32(a, b) __builtin_shufflevector(a, b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#define ODD(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
#define ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#elif VECTOR == 32
#define WEST_F64(a, b) __builtin_shufflevector(a, b, 3, 4, 5, 6)
#define EAST_F64(a, b) __builtin_shufflevector(a, b, 1, 2, 3, 4)
#define WEST_F32(a, b) __builtin_shufflevector(a, b, 7, 8, 9, 10, 11, 12, 13, 14)
#define EAST_F32(a, b) __builtin_shufflevector(a, b, 1, 2, 3, 4, 5, 6, 7, 8)
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
#define ODD(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15)
#define ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#else
#define WEST_F64(a, b) __builtin_shufflevector(a, b, 1, 2)
#define EAST_F64(a, b) __builtin_shufflevector(a, b, 1, 2)
#define WEST_F32(a, b) __builtin_shufflevector(a, b, 3, 4, 5, 6)
#define EAST_F32(a, b) __builtin_shufflevector(a, b, 1, 2, 3, 4)
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6)
#define ODD(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7)
#define ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#endif

/* The same in the problem's precision. */
#if PRECISION == 32
#define WEST_REAL WEST_F32
#define EAST_REAL EAST_F32
#else
#define WEST_REAL WEST_F64
#define EAST_REAL EAST_F64
#endif

/* even[k], odd[k] = row[2k], row[2k + 1] for `count` pairs, rounded up to whole vectors. */
static inline void deinterleave(const float *restrict row, float *restrict even, float *restrict odd, int64_t count) {
  for (int64_t k = 0; k < count; k += FLOATS) {
    const floats a = GET(row + 2 * k), b = GET(row + 2 * k + FLOATS);
    AT(even + k) = EVEN(a, b), AT(odd + k) = ODD(a, b);
  }
}

/* row[2k], row[2k + 1] = even[k], odd[k], likewise. */
static inline void interleave(const float *restrict even, const float *restrict odd, float *restrict row,
                              int64_t count) {
  for (int64_t k = 0; k < count; k += FLOATS) {
    const floats a = GET(even + k), b = GET(odd + k);
    AT(row + 2 * k) = ZIP_LOW(a, b), AT(row + 2 * k + FLOATS) = ZIP_HIGH(a, b);
  }
}
#endif
