/* From black points, all that the plate path keeps, to rows in natural order: a red point is a sweep of its black
 * neighbours. Compiled for each precision and instruction set. */
#include "half_rows-inl.h"

enum { PLATE_UNPACKED = 512 }; /* points of a half row at a time */

static const real *plate_black_row(const struct plate *plate, int32_t row) {
  if (row == 0) return plate->first[1];
  if (row == plate->rows - 1) return plate->last[1];
  return (const real *)plate->black + row * plate->pitch;
}

/* Red points of a row inside, to red[0] from half-column `start` on, but for walls. */
static void plate_red_row(const laplace_grid *grid, const struct plate *plate, int32_t row, int64_t start, int64_t from,
                          int64_t to, real *red) {
  const real *n = plate_black_row(plate, row - 1), *c = plate_black_row(plate, row),
             *s = plate_black_row(plate, row + 1);
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

void NAME(plate_unpack_row)(const laplace_grid *grid, const struct plate *plate, int32_t row, int64_t from, int64_t to,
                            void *out) {
  real *points = (real *)out - 2 * from, red[PLATE_UNPACKED] __attribute__((aligned(64)));
  const int wall = row == 0 || row == plate->rows - 1, odd = row % 2, end = to > plate->half;
  const real *black = plate_black_row(plate, row);
  if (end) to = plate->half;
  for (int64_t m = from, next; m < to; m = next) {
    next = m + PLATE_UNPACKED < to ? m + PLATE_UNPACKED : to;
    const real *other = (const real *)(row ? plate->last[0] : plate->first[0]) + m;
    if (!wall) other = red, plate_red_row(grid, plate, row, m, odd ? m : m + (m == 0), next, red);
    plate_interleave(points + 2 * m, odd ? black + m : other, odd ? other : black + m, 0, next - m);
  }
  if (wall) {
    if (end) points[2 * to] = ((const real *)(row ? plate->last[0] : plate->first[0]))[to];
    return;
  }
  if (from == 0) points[0] = ((const real *)plate->west)[row];
  if (end) points[2 * to] = ((const real *)plate->east)[row];
}

extern void NAME(plate_save_rows)(const struct plate_pass *, int32_t),
    NAME(plate_run_pass)(const struct plate_pass *, int32_t);
extern size_t NAME(plate_scratch_size)(const struct plate_pass *);
const struct plate_kernels NAME(plate_kernels) = {NAME(plate_save_rows), NAME(plate_run_pass), NAME(plate_scratch_size),
                                                  NAME(plate_unpack_row)};
