/* The row kernels: one row of a sweep, or of a half-sweep, and its norm. No loops over rows, no threads: see the models.
 *
 * Compiled once for each precision and instruction set, with -DREAL, -DBITS and -DKERNELS (the table's name) given by
 * build.ts, and -ffp-contract=off: a fused multiply-add would round once where the reference rounds twice. The
 * formulas, in this association:
 *     square     0.25 * ((n + s) + (w + e))                    [+ g]
 *     stretched  cx * (w + e) + cy * (n + s)                   [+ g]
 *     weighted   ((an * n + as * s) + (aw * w + ae * e)) + g
 *
 * A row is done in blocks, so that its norm and a half-sweep's blend find in L1 what the formula has just computed.
 */
#include "rows.h"
#include <math.h>
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
enum { BLOCK = 512, LANES = VECTOR / sizeof(real) };

/* A vector of points at any address, and masks of it. GCC vectorizes the formulas by itself, but not what selects. */
typedef real lanes __attribute__((vector_size(VECTOR), aligned(sizeof(real)), may_alias));
typedef bits masks __attribute__((vector_size(VECTOR), aligned(sizeof(real)), may_alias));
#define SELECT(mask, yes, no) ((lanes)(((mask) & (masks)(yes)) | (~(mask) & (masks)(no))))

/* The formula at columns [j, j + count) of row i, into out[0 .. count). */
static inline void evaluate(const laplace_grid *grid, const real *u, int32_t i, int64_t j, int64_t count,
                            real *restrict out) {
  const int64_t at = i * grid->stride + j;
  const real *c = u + at, *n = c - grid->stride, *s = c + grid->stride;
  if (grid->layout & LAPLACE_WEIGHTED) {
    const real *an = (real *)grid->an + at, *as = (real *)grid->as + at;
    const real *aw = (real *)grid->aw + at, *ae = (real *)grid->ae + at, *g = (real *)grid->g + at;
    for (int64_t k = 0; k < count; k++)
      out[k] = ((an[k] * n[k] + as[k] * s[k]) + (aw[k] * c[k - 1] + ae[k] * c[k + 1])) + g[k];
  } else if (grid->cx == 0.25 && grid->cy == 0.25) {
    for (int64_t k = 0; k < count; k++) out[k] = (real)0.25 * ((n[k] + s[k]) + (c[k - 1] + c[k + 1]));
  } else {
    const real cx = (real)grid->cx, cy = (real)grid->cy;
    for (int64_t k = 0; k < count; k++) out[k] = cx * (c[k - 1] + c[k + 1]) + cy * (n[k] + s[k]);
  }
  if ((grid->layout & (LAPLACE_WEIGHTED | LAPLACE_SOURCE)) == LAPLACE_SOURCE) {
    const real *g = (real *)grid->g + at;
    for (int64_t k = 0; k < count; k++) out[k] += g[k];
  }
}

/* max |a - b| of `count` points. Independent lanes, since one running maximum would wait for itself at every point;
 * NaN in lanes of its own, since the comparison drops it. */
static inline double change(const real *restrict a, const real *restrict b, int64_t count) {
  lanes most = {0};
  masks nan = {0};
  int64_t k = 0;
  for (; k + LANES <= count; k += LANES) {
    const lanes d = *(const lanes *)(a + k) - *(const lanes *)(b + k), size = SELECT(d < 0, -d, d);
    most = SELECT(size > most, size, most);
    nan |= d != d;
  }
  double all = 0;
  for (; k < count; k++) all = larger(all, fabs(a[k] - b[k]));
  for (int l = 0; l < LANES; l++) all = larger(all, nan[l] ? (double)NAN : most[l]);
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

/* The change of a block at columns [j, j + count) of row i, over the points that count. */
static inline double counted(const laplace_grid *grid, const real *a, const real *b, int32_t i, int64_t j,
                             int64_t count) {
  const int64_t from = grid->col0 > j ? grid->col0 - j : 0;
  const int64_t to = grid->col1 < j + count ? grid->col1 - j : count;
  return i < grid->row0 || i >= grid->row1 || from >= to ? 0 : change(a + from, b + from, to - from);
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

/* Renews the images of row i, which has just been written. */
static inline void renew(const laplace_grid *grid, real *u, int32_t i) {
  const int32_t last = grid->rows - 1, end = grid->cols - 1;
  real *row = u + i * grid->stride;
  const size_t bytes = (size_t)grid->cols * sizeof(real);
  if (grid->layout & LAPLACE_WRAP_COLS) row[0] = row[end - 1], row[end] = row[1];
  if (grid->layout & LAPLACE_WRAP_ROWS && i == 1) memcpy(u + last * grid->stride, row, bytes);
  if (grid->layout & LAPLACE_WRAP_ROWS && i == last - 1) memcpy(u, row, bytes);
}

/* Where the block that starts at column j ends: at a multiple of BLOCK, so that blocks start on a cache line. */
static inline int64_t block(int64_t j, int64_t end) {
  const int64_t to = (j / BLOCK + 1) * BLOCK;
  return (to < end ? to : end) - j;
}

static double sweep(const laplace_grid *grid, const void *from, void *to, int32_t i, int norm) {
  const real *u = from;
  real *v = to, buffer[BLOCK] __attribute__((aligned(64)));
  double moved = 0;
  for (int64_t j = 1, end = grid->cols - 1, count; j < end; j += count) {
    const int64_t at = i * grid->stride + j;
    count = block(j, end);
    real *out = grid->stream ? buffer : v + at;
    evaluate(grid, u, i, j, count, out);
    if (norm) moved = larger(moved, counted(grid, out, u + at, i, j, count));
    if (grid->stream) stream(v + at, buffer, count);
  }
#if defined(__x86_64__)
  if (grid->stream) _mm_sfence(); /* the row is everyone's before a barrier says so */
#endif
  renew(grid, v, i);
  return moved;
}

/* The formula is taken at all points, which vectorizes, and kept at those of the colour: their neighbours have the other
 * one, so bits equal those of a loop over every second point. Other threads may write that other row's points of this
 * colour meanwhile: what is computed from them is not kept. */
static double relax(const laplace_grid *grid, void *field, double factor, int32_t colour, int32_t i, int norm) {
  real *u = field, s[BLOCK] __attribute__((aligned(64)));
  const real omega = (real)factor;
  const int odd = (colour + i + (grid->layout & LAPLACE_ODD ? 1 : 0)) & 1; /* the colour is at odd columns */
  double moved = 0;
  for (int64_t j = 1, end = grid->cols - 1, count; j < end; j += count) {
    const int64_t at = i * grid->stride + j;
    real *c = u + at;
    count = block(j, end);
    evaluate(grid, u, i, j, count, s);
    blend(s, c, omega, (odd ^ j) & 1, count);
    if (norm) moved = larger(moved, counted(grid, s, c, i, j, count));
    memcpy(c, s, (size_t)count * sizeof(real));
  }
  renew(grid, u, i);
  return moved;
}

const struct row_kernels KERNELS = {sweep, relax};
