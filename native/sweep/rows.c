/* The row kernels: one row of a sweep, or of a half-sweep, and its norm. No loops over rows, no threads: see the
 * models.
 *
 * Compiled once for each precision and instruction set, with -DPRECISION and -DSUFFIX (of global names) given by
 * build.ts, and -ffp-contract=off: a fused multiply-add would round once where the reference rounds twice. The
 * formulas, in this association:
 *     square     0.25 * ((n + s) + (w + e))                    [+ g]
 *     stretched  cx * (w + e) + cy * (n + s)                   [+ g]
 *     weighted   ((an * n + as * s) + (aw * w + ae * e)) + g
 *
 * A row is done in blocks, so that the norm and the blend of a half-sweep read from L1 what the formula has just
 * computed.
 */
#include "../plugin/kernels.h"
#include "row-inl.h"

/* The formula at columns [j, j + count) of row i, into out[0 .. count). */
static inline void evaluate(const laplace_grid *grid, const real *u, int32_t i, int64_t j, int64_t count,
                            real *restrict out) {
  const real *c = u + i * grid->stride + j, *n = c - grid->stride, *s = c + grid->stride;
  if (grid->layout & LAPLACE_WEIGHTED) {
    const real *an = (real *)grid_row(grid, &grid->an, i) + j, *as = (real *)grid_row(grid, &grid->as, i) + j;
    const real *aw = (real *)grid_row(grid, &grid->aw, i) + j, *ae = (real *)grid_row(grid, &grid->ae, i) + j;
    const real *g = (real *)grid_row(grid, &grid->g, i) + j;
    for (int64_t k = 0; k < count; k++)
      out[k] = ((an[k] * n[k] + as[k] * s[k]) + (aw[k] * c[k - 1] + ae[k] * c[k + 1])) + g[k];
  } else if (grid->cx == 0.25 && grid->cy == 0.25) {
    for (int64_t k = 0; k < count; k++) out[k] = (real)0.25 * ((n[k] + s[k]) + (c[k - 1] + c[k + 1]));
  } else {
    const real cx = (real)grid->cx, cy = (real)grid->cy;
    for (int64_t k = 0; k < count; k++) out[k] = cx * (c[k - 1] + c[k + 1]) + cy * (n[k] + s[k]);
  }
  if ((grid->layout & (LAPLACE_WEIGHTED | LAPLACE_SOURCE)) == LAPLACE_SOURCE) {
    const real *g = (real *)grid_row(grid, &grid->g, i) + j;
    for (int64_t k = 0; k < count; k++) out[k] += g[k];
  }
}

/* The change of a block at columns [j, j + count) of row i, over the points that count. */
static inline double counted(const laplace_grid *grid, const real *a, const real *b, int32_t i, int64_t j,
                             int64_t count) {
  const int64_t from = grid->col0 > j ? grid->col0 - j : 0;
  const int64_t to = grid->col1 < j + count ? grid->col1 - j : count;
  return i < grid->row0 || i >= grid->row1 || from >= to ? 0 : max_change(a + from, b + from, to - from);
}

static double sweep(const laplace_grid *grid, const void *from, void *to, int32_t i, int norm) {
  const real *u = from;
  real *v = to, buffer[ROW_BLOCK] __attribute__((aligned(64)));
  double moved = 0;
  for (int64_t j = 1, end = grid->cols - 1, count; j < end; j += count) {
    const int64_t at = i * grid->stride + j;
    count = row_block(j, end);
    real *out = grid->stream ? buffer : v + at;
    evaluate(grid, u, i, j, count, out);
    if (norm) moved = larger(moved, counted(grid, out, u + at, i, j, count));
    if (grid->stream) stream(v + at, buffer, count);
  }
  if (grid->stream) stream_end();
  row_fill_ghosts(grid, v, i);
  return moved;
}

/* The formula is evaluated at all points, which vectorizes, and kept at those of the colour: their neighbours have the
 * other one, so bits equal those of a loop over every second point. Other threads may write points of this colour in
 * the rows beside it meanwhile: results that depend on them are not kept. */
static double relax(const laplace_grid *grid, void *field, double factor, int32_t colour, int32_t i, int norm) {
  real *u = field, s[ROW_BLOCK] __attribute__((aligned(64)));
  const real omega = (real)factor;
  const int odd = (colour + i + (grid->layout & LAPLACE_ODD ? 1 : 0)) & 1; /* the colour is at odd columns */
  double moved = 0;
  for (int64_t j = 1, end = grid->cols - 1, count; j < end; j += count) {
    const int64_t at = i * grid->stride + j;
    real *c = u + at;
    count = row_block(j, end);
    evaluate(grid, u, i, j, count, s);
    blend(s, c, omega, (odd ^ j) & 1, count);
    if (norm) moved = larger(moved, counted(grid, s, c, i, j, count));
    memcpy(c, s, (size_t)count * sizeof(real));
  }
  row_fill_ghosts(grid, u, i);
  return moved;
}

void NAME(tile_sweep)(const laplace_grid *, const void *, void *, const struct temporal_tile *, void *, double[2]);
size_t NAME(tile_scratch)(const laplace_grid *, int32_t, int64_t);
extern const struct fine_kernels NAME(fine_kernels);
extern const struct plate_kernels NAME(plate_kernels);
extern const struct cg_kernels NAME(cg_kernels);
extern const struct aggregation_kernels NAME(aggregation_kernels);
const struct kernels NAME(kernels) = {sweep,
                                      relax,
                                      NAME(tile_sweep),
                                      NAME(tile_scratch),
                                      LANES *LINE,
                                      &NAME(fine_kernels),
                                      &NAME(plate_kernels),
                                      &NAME(cg_kernels),
                                      &NAME(aggregation_kernels)};
