/* The conductances of a finest grid from the weights that it was given, row by row. No passes: see fine_rows.c.
 * Compiled for each precision and instruction set.
 *
 *     k(p, q) = scale d(p) times the weight of q in the equation of p,    row_sum = scale d - sum of the four k
 */
#include "fine.h"
#include "../deinterleave-inl.h"

/* From weights, which were divided by the diagonal d. What the four leave of d is a row sum only if it is more than
 * rounding. */
INLINE real fine_rest(real d, real sum) {
  const real rounding = 8 * (PRECISION == 64 ? (real)0x1p-53 : (real)0x1p-24), rest = d - sum * d;
  return rest > rounding * d ? rest : 0;
}

void NAME(fine_row_sum)(const laplace_grid *grid, int32_t i) {
  const struct fine *a = grid->multigrid;
  const real scale = (real)a->scale, *an = grid_row(grid, &grid->an, i), *as = grid_row(grid, &grid->as, i);
  const real *aw = grid_row(grid, &grid->aw, i), *ae = grid_row(grid, &grid->ae, i), *d = grid_row(grid, &grid->d, i);
  real *row_sum = (real *)a->row_sum + a->row[i] * grid->stride;
  for (int32_t j = 0; j < grid->cols; j++) row_sum[j] = scale * fine_rest(d[j], (an[j] + as[j]) + (aw[j] + ae[j]));
  memset(row_sum + grid->cols, 0, (size_t)(grid->stride - grid->cols) * sizeof *row_sum); /* vectors go over the end */
}

void NAME(fine_conductances)(const laplace_grid *grid, int32_t i, int32_t to, struct fine_findings *found) {
  const struct fine *a = grid->multigrid;
  const int32_t last = grid->cols - 1, south_of = i < grid->rows - 1 ? i + 1 : i;
  const real scale = (real)a->scale;
  const real *an = grid_row(grid, &grid->an, i), *as = grid_row(grid, &grid->as, i), *aw = grid_row(grid, &grid->aw, i);
  const real *ae = grid_row(grid, &grid->ae, i), *g = grid_row(grid, &grid->g, i), *d = grid_row(grid, &grid->d, i);
  const real *an_south = grid_row(grid, &grid->an, south_of), *d_south = grid_row(grid, &grid->d, south_of);
  real *e = (real *)a->e + to * grid->stride, *s = (real *)a->s + to * grid->stride;
  float *inverse = a->inverse + to * a->pitch_f32;
  real row_sum = 0, source = 0, least = INFINITY, most = 0;
  /* The conductance between a free point and a Dirichlet point follows from the free one. */
  for (int32_t j = 0; j < last; j++) {
    const real own = ae[j] * d[j], other = aw[j + 1] * d[j + 1];
    e[j] = scale * (d[j] > 0 ? own : other);
  }
  e[last] = scale * ae[last] * d[last];
  for (int32_t j = 0; j <= last; j++) {
    const real own = as[j] * d[j], other = an_south[j] * d_south[j];
    s[j] = scale * (d[j] > 0 ? own : other);
  }
  for (int32_t j = 0; j <= last; j++) {
    const real x = fine_rest(d[j], (an[j] + as[j]) + (aw[j] + ae[j])), b = fabs(g[j] * d[j]), inv = 1 / (scale * d[j]);
    row_sum = x > row_sum ? x : row_sum, source = b > source || b != b ? b : source;
    inverse[j] = d[j] > 0 ? (float)inv : 0;
    least = d[j] > 0 && d[j] < least ? d[j] : least, most = d[j] > most ? d[j] : most;
  }
  inverse[0] = inverse[last] = 0;
  if (i == 0 || i == south_of) memset(inverse, 0, (size_t)grid->cols * sizeof *inverse);
  const size_t rest = (size_t)(grid->stride - grid->cols);
  memset(e + grid->cols, 0, rest * sizeof *e), memset(s + grid->cols, 0, rest * sizeof *s);
  memset(inverse + grid->cols, 0, (size_t)(a->pitch_f32 - grid->cols) * sizeof *inverse);
  found->has_row_sum |= row_sum > 0, found->has_source |= !(source <= 0);
  if (least < found->least_c) found->least_c = least;
  if (most > found->most_c) found->most_c = most;
}
