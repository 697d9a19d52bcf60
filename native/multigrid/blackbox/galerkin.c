/* The Galerkin operator of a coarser level, A = P^T A P, and its prolongation P. No threads, no memory: see coarsen.c.
 * Compiled for each instruction set.
 *
 * P follows the operator (J. E. Dendy, Black box multigrid, J. Comput. Phys. 48 (1982) 366): at edge points by the
 * couplings to either side (galerkin_rows-inl.h), at centre points by their own equation. A is the energy of the
 * corrections that P interpolates (galerkin_energy-inl.h), summed up here cell by cell.
 *
 * Couplings to Dirichlet points are kept, as if to coarse points where e is zero, so that a Dirichlet edge stays in its
 * direction; a Dirichlet point without a Dirichlet corner beside it becomes a row sum of its neighbours.
 */
#include "galerkin_energy-inl.h"

/* A row of cells: energies into those of this row, P into row I of the coarse level if `keep`. */
static void galerkin_cell_row(struct galerkin_window *w, int32_t I, int keep) {
  laplace_level *c = w->coarse;
  const int32_t last = w->fine->rows - 1, halved = c->halved[0];
  const int32_t i = halved ? 2 * I - c->first_is_coarse : I, narrow = !halved || i + 1 >= last;
  const int nine = w->fine->se != NULL;
  float *const *cell = w->cell[w->now];
  galerkin_weigh_across(w, i, &w->across[0]);
  galerkin_weigh_across(w, narrow ? i + 1 : i + 2, &w->across[1]);
  galerkin_weigh_down(w, i + 1, narrow);
  const struct galerkin_row *n = galerkin_fetch_row(w, i), *m = galerkin_fetch_row(w, i + 1);
  galerkin_fetch_row(w, i + 2);
  for (int64_t J = 0; J < w->count; J += FLOATS) {
    if (nine && narrow) galerkin_cells(w, n, m, J, 1, 1, cell);
    else if (nine) galerkin_cells(w, n, m, J, 1, 0, cell);
    else if (narrow) galerkin_cells(w, n, m, J, 0, 1, cell);
    else galerkin_cells(w, n, m, J, 0, 0, cell);
  }
  const int64_t M = w->count - 2;
  if (c->periodic & LAPLACE_PERIODIC_COLS)
    for (int k = 0; k < 10; k++) cell[k][0] = cell[k][M];
  if (!keep) return;
  const int64_t at = level_P_row(c, I);
  const size_t bytes = (size_t)w->count * sizeof(float);
  if (c->halved[1]) memcpy(c->P.west + at, w->across[0].low, bytes), memcpy(c->P.east + at, w->across[0].high, bytes);
  if (c->halved[0]) memcpy(c->P.north + at, w->down.low, bytes), memcpy(c->P.south + at, w->down.high, bytes);
  /* Narrow cells have no points between. */
  if (c->halved[1] && 2 * M + 1 - c->first_is_coarse >= w->fine->cols - 1) c->P.west[at + M] = c->P.east[at + M] = 0;
  if (c->halved[0] && narrow) memset(c->P.north + at, 0, bytes), memset(c->P.south + at, 0, bytes);
  if (c->periodic & LAPLACE_PERIODIC_COLS && c->halved[1])
    c->P.west[at] = c->P.west[at + M], c->P.east[at] = c->P.east[at + M];
}

/* Row I of A from this row of cells and the one before it. */
static void galerkin_sum_up(struct galerkin_window *w, int32_t I) {
  enum { N, S, W, E, SE, SW, X00, X01, X10, X11 };
  laplace_level *c = w->coarse;
  float *const *now = w->cell[w->now], *const *before = w->cell[!w->now];
  const int64_t at = level_A_row(c, I), count = w->count, M = count - 2;
  const float *free = w->row[(c->halved[0] ? 2 * I - c->first_is_coarse : I) & 3].part[GALERKIN_FREE][0];
  for (int64_t J = 0; J < count; J += FLOATS) {
    AT(c->A.e + at + J) = GET(now[N] + J) + GET(before[S] + J);
    AT(c->A.s + at + J) = GET(now[W] + J) + GET(now[E] + J - 1);
    AT(c->A.se + at + J) = GET(now[SE] + J);
    AT(c->A.sw + at + J) = GET(now[SW] + J);
    AT(c->A.row_sum + at + J) =
        (GET(now[X00] + J) + GET(before[X10] + J)) + (GET(now[X01] + J - 1) + GET(before[X11] + J - 1));
    AT(c->A.inverse + at + J) = GET(free + J);
  }
  c->A.inverse[at] = c->A.inverse[at + M + 1] = 0;
  for (int64_t J = count; J < c->A.pitch && J % FLOATS; J++) {
    c->A.e[at + J] = c->A.s[at + J] = c->A.se[at + J] = c->A.sw[at + J] = 0;
    c->A.row_sum[at + J] = c->A.inverse[at + J] = 0;
  }
  if (c->periodic & LAPLACE_PERIODIC_COLS) {
    float *rows[5] = {c->A.e, c->A.s, c->A.se, c->A.sw, c->A.row_sum};
    for (int k = 0; k < 5; k++) rows[k][at] = rows[k][at + M], rows[k][at + M + 1] = rows[k][at + 1];
  } else c->A.e[at + M + 1] = c->A.se[at + M + 1] = c->A.sw[at + M + 1] = 0;
}

/* Inverse diagonals of row I, once the rows around it are there. */
int NAME(galerkin_invert)(laplace_level *c, int32_t I) {
  const int64_t at = level_A_row(c, I), up = level_A_row(c, I - 1);
  /* A point that is its own neighbour all around is not coupled to itself. */
  const float rows = c->periodic & LAPLACE_PERIODIC_ROWS && c->rows == 3 ? 0 : 1,
              cols = c->periodic & LAPLACE_PERIODIC_COLS && c->cols == 3 ? 0 : 1;
  int some = 0;
  for (int32_t j = 1; j < c->cols - 1; j++) {
    float sum = c->A.row_sum[at + j];
    some |= sum != 0;
    sum += rows * (c->A.s[at + j] + c->A.s[up + j]) + cols * (c->A.e[at + j] + c->A.e[at + j - 1]);
    if (rows || cols) sum += (c->A.se[at + j] + c->A.se[up + j - 1]) + (c->A.sw[at + j - 1] + c->A.sw[up + j]);
    c->A.inverse[at + j] = c->A.inverse[at + j] != 0 && sum > 0 ? 1 / sum : 0;
  }
  return some;
}

static void galerkin_lay_out(struct arena *arena, struct galerkin_window *w) {
  const int32_t cols = w->fine->cols;
  for (int n = 0; n < 4; n++) {
    w->row[n].i = -1000;
    for (int p = 0; p < GALERKIN_PARTS; p++)
      for (int c = 0; c < 2; c++) w->row[n].part[p][c] = level_take_buffer(arena, w->coarse, cols);
  }
  for (int k = 0; k < 20; k++) w->cell[k / 10][k % 10] = level_take_buffer(arena, w->coarse, cols);
  struct galerkin_weights *a = &w->across[0], *b = &w->across[1], *d = &w->down;
  float **others[10] = {&w->unpacked, &a->low,     &a->high, &a->missing, &b->low,
                        &b->high,     &b->missing, &d->low,  &d->high,    &d->missing};
  for (int k = 0; k < 10; k++) *others[k] = level_take_buffer(arena, w->coarse, cols);
}

size_t NAME(galerkin_scratch)(const struct galerkin_fine *fine, const laplace_level *coarse) {
  struct galerkin_window w = {.fine = fine, .coarse = (laplace_level *)coarse, .count = coarse->cols};
  struct arena arena = arena_measure();
  galerkin_lay_out(&arena, &w);
  return (arena.used + 63) / 64 * 64;
}

void NAME(galerkin)(const struct galerkin_fine *fine, laplace_level *coarse, int32_t I0, int32_t I1, void *scratch,
                    size_t size) {
  struct galerkin_window w = {.fine = fine, .coarse = coarse, .count = coarse->cols};
  memset(scratch, 0, size);
  struct arena arena = arena_init(scratch, size);
  galerkin_lay_out(&arena, &w);
  const int32_t M = coarse->rows - 2, periodic = coarse->periodic & LAPLACE_PERIODIC_ROWS;
  if (periodic && I0 == 0) I0 = 1;
  int32_t done = -1; /* the row of cells before */
  for (int32_t I = I0; I < I1; I++) {
    if (I > 1 && coarse->A.row[I] == coarse->A.row[I - 1]) continue;
    const int32_t before = periodic && I == 1 ? M : I - 1;
    if (before >= 0 && done != before) galerkin_cell_row(&w, before, 0), w.now ^= 1;
    galerkin_cell_row(&w, I, 1);
    galerkin_sum_up(&w, I);
    w.now ^= 1;
    done = I;
  }
}
