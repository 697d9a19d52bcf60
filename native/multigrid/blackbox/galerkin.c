/* The operator of a coarser level, A = P^T A P, and its interpolation P. No threads, no memory: see general_coarsen.c. Compiled
 * for each instruction set.
 *
 * P follows the operator (J. E. Dendy, Black box multigrid, J. Comput. Phys. 48 (1982) 366): between two coarse points by
 * the conductances to either side (galerkin_weights.h), amid four by the point's own equation. A is the energy of what P
 * makes of coarse values (galerkin_energy.h), summed up here cell by cell.
 *
 * Conductances to fixed points are kept, as if to coarse points where e is zero, so that a wall still lies in the direction
 * where it is; a fixed point without a fixed corner beside it becomes an excess of those that it touches.
 */
#include "galerkin_energy-inl.h"

/* A row of cells: energies into w->cell[0], interpolation into `keep`'s row I if that is wanted. */
static void cell_row(struct work *w, int32_t I, int keep) {
  laplace_level *c = w->coarse;
  const int32_t last = w->fine->rows - 1, halved = c->halved[0];
  const int32_t i = halved ? 2 * I - c->origin : I, narrow = !halved || i + 1 >= last;
  weigh_across(w, i, &w->across[0]);
  weigh_across(w, narrow ? i + 1 : i + 2, &w->across[1]);
  weigh_down(w, i + 1, narrow);
  const struct half *n = fetch(w, i), *m = fetch(w, i + 1);
  fetch(w, i + 2);
  for (int64_t J = 0; J < w->count; J += FLOATS) {
    if (w->fine->falling) {
      if (narrow) cells(w, n, m, J, 1, 1, w->cell[0]);
      else cells(w, n, m, J, 1, 0, w->cell[0]);
    } else if (narrow) cells(w, n, m, J, 0, 1, w->cell[0]);
    else cells(w, n, m, J, 0, 0, w->cell[0]);
  }
  const int64_t M = w->count - 2;
  if (c->wrap & LAPLACE_PERIODIC_COLS)
    for (int k = 0; k < 10; k++) w->cell[0][k][0] = w->cell[0][k][M];
  if (!keep) return;
  const int64_t at = weights_row(c, I);
  const size_t bytes = (size_t)w->count * sizeof(float);
  if (c->halved[1]) memcpy(c->from_west + at, w->across[0].low, bytes), memcpy(c->from_east + at, w->across[0].high, bytes);
  if (c->halved[0]) memcpy(c->from_north + at, w->down.low, bytes), memcpy(c->from_south + at, w->down.high, bytes);
  /* Narrow cells have no points between. */
  if (c->halved[1] && 2 * M + 1 - c->origin >= w->fine->cols - 1) c->from_west[at + M] = c->from_east[at + M] = 0;
  if (c->halved[0] && narrow) memset(c->from_north + at, 0, bytes), memset(c->from_south + at, 0, bytes);
  if (c->wrap & LAPLACE_PERIODIC_COLS && c->halved[1]) c->from_west[at] = c->from_west[at + M], c->from_east[at] = c->from_east[at + M];
}

static void swap_cells(struct work *w) {
  for (int k = 0; k < 10; k++) {
    float *cell = w->cell[0][k];
    w->cell[0][k] = w->cell[1][k], w->cell[1][k] = cell;
  }
}

/* Rows of the operator from this row of cells and the one before it. */
static void sum_up(struct work *w, int32_t I) {
  enum { N, S, W, E, FALL, RISE, X00, X01, X10, X11 };
  laplace_level *c = w->coarse;
  float *const *now = w->cell[0], *const *before = w->cell[1];
  const int64_t at = operator_row(c, I), count = w->count, M = count - 2;
  const float *free = w->row[(c->halved[0] ? 2 * I - c->origin : I) & 3].part[FREE][0];
  for (int64_t J = 0; J < count; J += FLOATS) {
    AT(c->east + at + J) = GET(now[N] + J) + GET(before[S] + J);
    AT(c->south + at + J) = GET(now[W] + J) + GET(now[E] + J - 1);
    AT(c->falling + at + J) = GET(now[FALL] + J);
    AT(c->rising + at + J) = GET(now[RISE] + J);
    AT(c->excess + at + J) = (GET(now[X00] + J) + GET(before[X10] + J)) + (GET(now[X01] + J - 1) + GET(before[X11] + J - 1));
    AT(c->inverse + at + J) = GET(free + J);
  }
  c->inverse[at] = c->inverse[at + M + 1] = 0;
  for (int64_t J = count; J < c->pitch && J % FLOATS; J++)
    c->east[at + J] = c->south[at + J] = c->falling[at + J] = c->rising[at + J] = c->excess[at + J] = c->inverse[at + J] = 0;
  if (c->wrap & LAPLACE_PERIODIC_COLS) {
    float *rows[5] = {c->east, c->south, c->falling, c->rising, c->excess};
    for (int k = 0; k < 5; k++) rows[k][at] = rows[k][at + M], rows[k][at + M + 1] = rows[k][at + 1];
  } else c->east[at + M + 1] = c->falling[at + M + 1] = c->rising[at + M + 1] = 0;
}

/* Inverse diagonals of row I, once the rows around it are there. */
int NAME(invert)(laplace_level *c, int32_t I) {
  const int64_t at = operator_row(c, I), up = operator_row(c, I - 1);
  /* A point that is its own neighbour all around is not coupled to itself. */
  const float rows = c->wrap & LAPLACE_PERIODIC_ROWS && c->rows == 3 ? 0 : 1, cols = c->wrap & LAPLACE_PERIODIC_COLS && c->cols == 3 ? 0 : 1;
  int some = 0;
  for (int32_t j = 1; j < c->cols - 1; j++) {
    float sum = c->excess[at + j];
    some |= sum != 0;
    sum += rows * (c->south[at + j] + c->south[up + j]) + cols * (c->east[at + j] + c->east[at + j - 1]);
    if (rows || cols)
      sum += (c->falling[at + j] + c->falling[up + j - 1]) + (c->rising[at + j - 1] + c->rising[up + j]);
    c->inverse[at + j] = c->inverse[at + j] != 0 && sum > 0 ? 1 / sum : 0;
  }
  return some;
}

void NAME(galerkin)(const struct operator_rows *fine, laplace_level *coarse, int32_t I0, int32_t I1, float *scratch) {
  struct work w = {.fine = fine, .coarse = coarse, .count = coarse->cols};
  const int64_t size = buffer_size(coarse, fine->cols);
  float *next = scratch + 64;
#define TAKE(pointer) (pointer = next, next += size)
  for (int n = 0; n < 4; n++) {
    w.row[n].i = -1000;
    for (int p = 0; p < PARTS; p++)
      for (int c = 0; c < 2; c++) TAKE(w.row[n].part[p][c]);
  }
  for (int k = 0; k < 20; k++) TAKE(w.cell[k / 10][k % 10]);
  TAKE(w.natural);
  struct weights *weights[3] = {&w.across[0], &w.across[1], &w.down};
  for (int k = 0; k < 3; k++) TAKE(weights[k]->low), TAKE(weights[k]->high), TAKE(weights[k]->missing);
#undef TAKE
  memset(scratch, 0, (size_t)(next - scratch) * sizeof *scratch);
  const int32_t M = coarse->rows - 2, wrap = coarse->wrap & LAPLACE_PERIODIC_ROWS;
  if (wrap && I0 == 0) I0 = 1;
  int32_t done = -1; /* the row of cells before */
  for (int32_t I = I0; I < I1; I++) {
    if (I > 1 && coarse->row[I] == coarse->row[I - 1]) continue;
    const int32_t before = wrap && I == 1 ? M : I - 1;
    if (before >= 0 && done != before) cell_row(&w, before, 0), swap_cells(&w);
    cell_row(&w, I, 1);
    sum_up(&w, I);
    swap_cells(&w);
    done = I;
  }
}
