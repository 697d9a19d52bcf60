/* The conductances of a finest grid from the weights that the interface has, row by row. No passes: see finest_rows.c.
 * Compiled for each precision and instruction set.
 *
 *     k(p, q) = scale d(p) times the weight of q in the equation of p, excess = scale d - sum of the four k
 */
#include "fine.h"
#include "../deinterleave-inl.h"

/* Of weights, which were divided by the diagonal d. What would be left of d is excess only if it is more than rounding. */
static inline __attribute__((always_inline)) real rest_of(real d, real sum) {
  const real rounding = 8 * (PRECISION == 64 ? (real)0x1p-53 : (real)0x1p-24), rest = d - sum * d;
  return rest > rounding * d ? rest : 0;
}

void NAME(finest_excess)(const laplace_grid *grid, struct finest *a, int32_t i) {
  const real scale = (real)a->scale, *an = grid_row(grid, &grid->an, i), *as = grid_row(grid, &grid->as, i);
  const real *aw = grid_row(grid, &grid->aw, i), *ae = grid_row(grid, &grid->ae, i), *d = grid_row(grid, &grid->d, i);
  real *excess = (real *)a->excess + i * grid->stride;
  for (int32_t j = 0; j < grid->cols; j++) excess[j] = scale * rest_of(d[j], (an[j] + as[j]) + (aw[j] + ae[j]));
  memset(excess + grid->cols, 0, (size_t)(grid->stride - grid->cols) * sizeof *excess); /* vectors go over the end */
}

void NAME(finest_prepare)(const laplace_grid *grid, struct finest *a, int32_t i, int32_t to, struct findings *found) {
  const int32_t last = grid->cols - 1, south_of = i < grid->rows - 1 ? i + 1 : i;
  const real scale = (real)a->scale;
  const real *an = grid_row(grid, &grid->an, i), *as = grid_row(grid, &grid->as, i), *aw = grid_row(grid, &grid->aw, i);
  const real *ae = grid_row(grid, &grid->ae, i), *g = grid_row(grid, &grid->g, i), *d = grid_row(grid, &grid->d, i);
  const real *an_south = grid_row(grid, &grid->an, south_of), *d_south = grid_row(grid, &grid->d, south_of);
  real *east = (real *)a->east + to * grid->stride, *south = (real *)a->south + to * grid->stride;
  float *inverse = a->inverse + to * a->single;
  real excess = 0, constant = 0, least = INFINITY, most = 0;
  /* Between a free point and a fixed one the free one knows the conductance. */
  for (int32_t j = 0; j < last; j++) {
    const real own = ae[j] * d[j], other = aw[j + 1] * d[j + 1];
    east[j] = scale * (d[j] > 0 ? own : other);
  }
  east[last] = scale * ae[last] * d[last];
  for (int32_t j = 0; j <= last; j++) {
    const real own = as[j] * d[j], other = an_south[j] * d_south[j];
    south[j] = scale * (d[j] > 0 ? own : other);
  }
  for (int32_t j = 0; j <= last; j++) {
    const real x = rest_of(d[j], (an[j] + as[j]) + (aw[j] + ae[j])), c = fabs(g[j] * d[j]), inv = 1 / (scale * d[j]);
    excess = x > excess ? x : excess, constant = c > constant || c != c ? c : constant;
    inverse[j] = d[j] > 0 ? (float)inv : 0;
    least = d[j] > 0 && d[j] < least ? d[j] : least, most = d[j] > most ? d[j] : most;
  }
  inverse[0] = inverse[last] = 0;
  if (i == 0 || i == south_of) memset(inverse, 0, (size_t)grid->cols * sizeof *inverse);
  const size_t rest = (size_t)(grid->stride - grid->cols);
  memset(east + grid->cols, 0, rest * sizeof *east), memset(south + grid->cols, 0, rest * sizeof *south);
  memset(inverse + grid->cols, 0, (size_t)(a->single - grid->cols) * sizeof *inverse);
  found->excess |= excess > 0, found->constant |= !(constant <= 0);
  if (least < found->least) found->least = least;
  if (most > found->most) found->most = most;
}
