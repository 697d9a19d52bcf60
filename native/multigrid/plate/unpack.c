/* From black points, all that the fused path keeps, back to rows in natural order: a red point is what a sweep makes of its
 * black neighbours. Compiled like ../rows.c, for each precision and instruction set. */
#include "half_rows-inl.h"

enum { BLOCK = 512 };

static const real *black_row(const struct fused *fused, int32_t row) {
  if (row == 0) return fused->first[1];
  if (row == fused->rows - 1) return fused->last[1];
  return (const real *)fused->black + row * fused->pitch;
}

/* Red points of a row inside, into red[0] for half-column `start`; walls are left to the caller. */
static void red_row(const laplace_grid *grid, const struct fused *fused, int32_t row, int64_t start, int64_t from, int64_t to,
                    real *red) {
  const real *n = black_row(fused, row - 1), *c = black_row(fused, row), *s = black_row(fused, row + 1);
  const real *west = row % 2 ? c : c - 1, *east = row % 2 ? c + 1 : c, cx = (real)grid->cx, cy = (real)grid->cy;
  real *restrict out = red - start;
  if (grid->cx == 0.25 && grid->cy == 0.25) {
    EACH(m) out[m] = (real)0.25 * ((n[m] + s[m]) + (west[m] + east[m]));
  } else {
    EACH(m) out[m] = cx * (west[m] + east[m]) + cy * (n[m] + s[m]);
  }
  if (grid->layout & LAPLACE_SOURCE) {
    const real *g = (const real *)grid->g.data + row * grid->stride + row % 2;
    EACH(m) out[m] += g[2 * m];
  }
}

void NAME(fused_natural)(const laplace_grid *grid, const struct fused *fused, int32_t row, int64_t from, int64_t to,
                         void *out) {
  real *natural = (real *)out - 2 * from, red[BLOCK] __attribute__((aligned(64)));
  const int wall = row == 0 || row == fused->rows - 1, odd = row % 2, end = to > fused->half;
  const real *black = black_row(fused, row);
  if (end) to = fused->half;
  for (int64_t m = from, next; m < to; m = next) {
    next = m + BLOCK < to ? m + BLOCK : to;
    const real *other = (const real *)(row ? fused->last[0] : fused->first[0]) + m;
    if (!wall) other = red, red_row(grid, fused, row, m, odd ? m : m + (m == 0), next, red);
    plate_interleave(natural + 2 * m, odd ? black + m : other, odd ? other : black + m, 0, next - m);
  }
  if (wall) {
    if (end) natural[2 * to] = ((const real *)(row ? fused->last[0] : fused->first[0]))[to];
    return;
  }
  if (from == 0) natural[0] = ((const real *)fused->west)[row];
  if (end) natural[2 * to] = ((const real *)fused->east)[row];
}

extern void NAME(fused_save)(const struct pass *, int32_t), NAME(fused_pass)(const struct pass *, int32_t);
extern size_t NAME(fused_scratch)(const struct pass *);
const struct fused_kernels NAME(fused_kernels) = {NAME(fused_save), NAME(fused_pass), NAME(fused_scratch), NAME(fused_natural)};
