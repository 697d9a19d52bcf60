/* The operator of a coarser level, A = P^T A P, and its interpolation P. No threads, no memory: see general.c. Compiled for
 * each instruction set.
 *
 * P follows the operator (J. E. Dendy, Black box multigrid, J. Comput. Phys. 48 (1982) 366): between two coarse points by
 * the conductances to either side, amid four by the point's own equation. A is the energy of what P makes of coarse values,
 * summed up cell by cell: a cell has coarse points at its four corners,
 *
 *     C00 H0 C01      the edges of its northern and western side are its own, those of the others its neighbours'.
 *     V0  X  V1       Every point p is a sum of corners; an edge of conductance k between p and q adds k (p - q)(p - q)^T,
 *     C10 H1 C11      an excess x at p adds x p p^T.
 *
 * Along an axis that is not coarsened, and where the last coarse point is next to the ring, a cell is narrow: H, or V, is
 * the next corner, and edges beyond it count nothing. Conductances to fixed points are kept, as if to coarse points where
 * e is zero, so that a wall still lies in the direction where it is; a fixed point without a fixed corner beside it becomes
 * an excess of those that it touches. How far each point is from interpolating constants is kept apart, exactly: the excess
 * of the coarse level is nothing but that.
 */
#include "kernels.h"
#include "split.h"
#include <string.h>

/* One fine row, split into coarse columns [0] and those between [1]. */
enum { EAST, SOUTH, FALLING, RISING, EXCESS, FREE, PARTS };
struct half {
  int32_t i;
  float *part[PARTS][2];
};

/* Weights of the points between coarse ones: of a row (west, east) or a column (north, south), and what is missing to 1. */
struct weights {
  float *low, *high, *missing;
};

struct work {
  const struct operator_rows *fine;
  struct level *coarse;
  int64_t count;         /* coarse columns, ring included */
  struct half row[4];    /* fine row i in row[i & 3] */
  struct weights across[2], down;
  float *natural;
  float *cell[2][10];    /* of this row of cells, and of the one before */
};

/* ---- reading ---- */

static void read_row(struct work *w, const void *from, int dtype, int64_t at, double constant, int wrap_value, float *even,
                     float *odd) {
  const int32_t cols = w->fine->cols, last = cols - 1, origin = w->coarse->origin;
  float *row = w->natural;
  if (!from) for (int32_t j = 0; j < cols; j++) row[j] = (float)constant;
  else if (dtype == 8) for (int32_t j = 0; j < cols; j++) row[j] = (float)((const double *)from + at)[j];
  else memcpy(row, (const float *)from + at, (size_t)cols * sizeof *row);
  if (w->fine->wrap & LAPLACE_WRAP_COLS) row[0] = row[last - 1], row[last] = row[1];
  else if (wrap_value) row[0] = row[last] = 0;
  memset(row + cols, 0, 64 * sizeof *row);
  row[-1] = 0;
  if (w->coarse->halved[1]) {
    split(row - origin, even, odd, w->count);
    /* A narrow last cell: what is at its end has no edges of its own here. */
    const int32_t M = (int32_t)w->count - 2;
    if (2 * M + 1 - origin >= last) odd[M] = 0;
  } else {
    memcpy(even, row, (size_t)(w->count + 16) * sizeof *row);
    memset(odd, 0, (size_t)(w->count + 16) * sizeof *row);
  }
}

/* Fine row i, which may lie in the ring or beyond. */
static struct half *fetch(struct work *w, int32_t i) {
  struct half *h = &w->row[i & 3];
  const struct operator_rows *f = w->fine;
  if (h->i == i) return h;
  h->i = i;
  const int32_t last = f->rows - 1, wrap = f->wrap & LAPLACE_WRAP_ROWS;
  if (i < 0 || i > last) {
    for (int p = 0; p < PARTS; p++)
      for (int c = 0; c < 2; c++) memset(h->part[p][c], 0, (size_t)(w->count + 16) * sizeof(float));
    return h;
  }
  const int32_t from = !wrap ? i : i == 0 ? last - 1 : i == last ? 1 : i;
  const int ring = !wrap && (i == 0 || i == last);
  const int64_t at = from * f->pitch, single = from * f->single_pitch;
  /* Constant conductances: those between points of the ring do not matter. */
  read_row(w, f->east, f->dtype, at, f->cx, 0, h->part[EAST][0], h->part[EAST][1]);
  read_row(w, f->south, f->dtype, at, f->cy, 0, h->part[SOUTH][0], h->part[SOUTH][1]);
  read_row(w, f->excess, f->dtype, at, 0, 1, h->part[EXCESS][0], h->part[EXCESS][1]);
  read_row(w, f->inverse, 4, single, ring ? 0 : 1, 1, h->part[FREE][0], h->part[FREE][1]);
  for (int c = 0; c < 2; c++)
    for (int64_t k = 0; k < w->count + 16; k++) h->part[FREE][c][k] = !ring && h->part[FREE][c][k] != 0 ? 1 : 0;
  if (!f->falling) return h;
  read_row(w, f->falling, 4, single, 0, 0, h->part[FALLING][0], h->part[FALLING][1]);
  read_row(w, f->rising, 4, single, 0, 0, h->part[RISING][0], h->part[RISING][1]);
  return h;
}

/* ---- interpolation ---- */

static inline floats choose(signs mask, floats yes, floats no) { return (floats)((mask & (signs)yes) | (~mask & (signs)no)); }
static inline floats least(floats a, floats b) { return choose(a < b, a, b); }
static const floats none = {0};

/* Weights of a point between two coarse ones, a and b its conductances to either side: the excess counts nothing while it
 * is small, so that constants stay constant, and fully where it is a wall. A fixed point is a mean of fixed ones. */
static inline void between(floats a, floats b, floats x, floats free, floats free_a, floats free_b, float *low, float *high,
                           float *missing) {
  a = choose(a > none, a, none), b = choose(b > none, b, none), x = choose(x > none, x, none);
  const floats gone = choose(x > none, x * x / (x + least(a, b)), none), sum = a + b;
  const floats fixed_a = 1.0f - free_a, fixed_b = 1.0f - free_b;
  const signs is_free = free > none;
  const floats up = choose(is_free, a, fixed_a), down = choose(is_free, b, fixed_b);
  const floats whole = choose(is_free, sum + gone, fixed_a + fixed_b), any = choose(is_free, sum, whole);
  const floats scale = choose(any > none, 1.0f / whole, none);
  AT(low) = up * scale, AT(high) = down * scale;
  AT(missing) = choose(any > none, choose(is_free, gone * scale, none), none + 1.0f);
}

/* Of the points between coarse columns in fine row i, which is a coarse one. */
static void weigh_across(struct work *w, int32_t i, const struct weights *to) {
  const struct half *up = fetch(w, i - 1), *h = fetch(w, i);
  const int nine = w->fine->falling != NULL, narrow = !w->coarse->halved[1];
  for (int64_t J = 0; J < w->count; J += FLOATS) {
    floats a = GET(h->part[EAST][0] + J), b = GET(h->part[EAST][1] + J);
    if (nine) {
      a += GET(up->part[FALLING][0] + J) + GET(h->part[RISING][0] + J);
      b += GET(up->part[RISING][1] + J) + GET(h->part[FALLING][1] + J);
    }
    between(a, b, GET(h->part[EXCESS][1] + J), GET(h->part[FREE][1] + J), GET(h->part[FREE][0] + J),
            GET(h->part[FREE][0] + J + 1), to->low + J, to->high + J, to->missing + J);
  }
  const int64_t M = w->count - 2;
  for (int64_t J = narrow ? 0 : M; J < w->count; J++)
    if (narrow || (J == M && 2 * M + 1 - w->coarse->origin >= w->fine->cols - 1))
      to->low[J] = 0, to->high[J] = 1, to->missing[J] = 0;
}

/* Of the points between coarse rows in fine row i, which is not one; `narrow`: it is the next one. */
static void weigh_down(struct work *w, int32_t i, int narrow) {
  const struct weights *to = &w->down;
  const struct half *up = fetch(w, i - 1), *h = fetch(w, i), *down = fetch(w, i + 1);
  const int nine = w->fine->falling != NULL;
  for (int64_t J = 0; J < w->count; J += FLOATS) {
    if (narrow) {
      AT(to->low + J) = none, AT(to->high + J) = none + 1.0f, AT(to->missing + J) = none;
      continue;
    }
    floats a = GET(up->part[SOUTH][0] + J), b = GET(h->part[SOUTH][0] + J);
    if (nine) {
      const int beside = w->coarse->halved[1]; /* the column west of coarse column J */
      a += GET(up->part[FALLING][beside] + J - 1) + GET(up->part[RISING][0] + J);
      b += GET(h->part[RISING][beside] + J - 1) + GET(h->part[FALLING][0] + J);
    }
    between(a, b, GET(h->part[EXCESS][0] + J), GET(h->part[FREE][0] + J), GET(up->part[FREE][0] + J),
            GET(down->part[FREE][0] + J), to->low + J, to->high + J, to->missing + J);
  }
  if (!(w->fine->wrap & LAPLACE_WRAP_COLS)) return;
  const int64_t M = w->count - 2;
  for (int side = 0; side < 3; side++) {
    float *row = side == 0 ? to->low : side == 1 ? to->high : to->missing;
    row[0] = row[M], row[M + 1] = row[1];
  }
}

/* ---- energy ---- */

/* A point as a sum of the corners C00 C01 C10 C11, and what is missing to interpolate constants. */
struct point {
  floats corner[4], missing;
};

/* Couplings between corners 01, 23, 02, 13, 03, 12, and the excess of each. */
struct energy {
  floats coupling[6], excess[4];
};

static inline __attribute__((always_inline)) void raise(struct energy *sum, floats k, struct point d, floats missing) {
  static const int pair[6][2] = {{0, 1}, {2, 3}, {0, 2}, {1, 3}, {0, 3}, {1, 2}};
  for (int c = 0; c < 4; c++) sum->excess[c] += k * d.corner[c] * missing;
  for (int n = 0; n < 6; n++) sum->coupling[n] -= k * d.corner[pair[n][0]] * d.corner[pair[n][1]];
}

static inline __attribute__((always_inline)) void edge(struct energy *sum, floats k, struct point p, struct point q) {
  for (int c = 0; c < 4; c++) p.corner[c] -= q.corner[c];
  raise(sum, k, p, q.missing - p.missing);
}

static inline __attribute__((always_inline)) void excess(struct energy *sum, floats x, struct point p) {
  raise(sum, x, p, 1.0f - p.missing);
}

/* The cells from J on of a row of cells: their edges in the northern row and the row between. */
static inline __attribute__((always_inline)) void cells(const struct work *w, const struct half *n, const struct half *m,
                                                        int64_t J, int nine, int narrow, float *const out[10]) {
#define NORTH(part_, c) GET(n->part[part_][c] + J)
#define AMID(part_, c) (narrow ? none : GET(m->part[part_][c] + J))
  const struct weights *h0 = &w->across[0], *h1 = &w->across[1], *v = &w->down;
  const floats one = none + 1.0f;
  const struct point c00 = {{one, none, none, none}, none}, c01 = {{none, one, none, none}, none},
                     c10 = {{none, none, one, none}, none}, c11 = {{none, none, none, one}, none};
  const struct point H0 = {{GET(h0->low + J), GET(h0->high + J), none, none}, GET(h0->missing + J)};
  const struct point H1 = {{none, none, GET(h1->low + J), GET(h1->high + J)}, GET(h1->missing + J)};
  const struct point V0 = {{GET(v->low + J), none, GET(v->high + J), none}, GET(v->missing + J)};
  const struct point V1 = {{none, GET(v->low + J + 1), none, GET(v->high + J + 1)}, GET(v->missing + J + 1)};
  const floats north = NORTH(SOUTH, 1), west = AMID(EAST, 0), east = AMID(EAST, 1), south = AMID(SOUTH, 1);
  const floats nw = nine ? NORTH(FALLING, 0) : none, ne = nine ? NORTH(RISING, 1) : none;
  const floats sw = nine ? AMID(RISING, 0) : none, se = nine ? AMID(FALLING, 1) : none;
  const floats x = AMID(EXCESS, 1), sum = ((north + south) + (west + east)) + ((nw + ne) + (sw + se)) + x;

  /* X: free, by its own equation; fixed, the mean of fixed corners. */
  struct point X;
  const signs is_free = GET(m->part[FREE][1] + J) > none;
  const floats fixed[4] = {1.0f - NORTH(FREE, 0), 1.0f - GET(n->part[FREE][0] + J + 1),
                           1.0f - GET(w->row[(m->i + 1) & 3].part[FREE][0] + J),
                           1.0f - GET(w->row[(m->i + 1) & 3].part[FREE][0] + J + 1)};
  const floats all = (fixed[0] + fixed[1]) + (fixed[2] + fixed[3]);
  const floats scale = choose(sum > none, 1.0f / sum, none), share = choose(all > none, 1.0f / all, none);
  const floats direct[4] = {nw, ne, sw, se};
  for (int c = 0; c < 4; c++) {
    const floats own = north * H0.corner[c] + south * H1.corner[c] + west * V0.corner[c] + east * V1.corner[c] + direct[c];
    X.corner[c] = choose(is_free, own * scale, fixed[c] * share);
  }
  const floats lost = north * H0.missing + south * H1.missing + west * V0.missing + east * V1.missing + x;
  X.missing = choose(is_free, choose(sum > none, lost * scale, one), choose(all > none, none, one));
  if (narrow) X = H1;
  const int64_t M = w->count - 2;
  const int slim = !w->coarse->halved[1], last = 2 * M + 1 - w->coarse->origin >= w->fine->cols - 1;
  if (slim) X = narrow ? c11 : V1;
  else if (last && J <= M && J + FLOATS > M) {
    const struct point end = narrow ? c11 : V1;
    for (int c = 0; c < 4; c++) X.corner[c][M - J] = end.corner[c][M - J];
    X.missing[M - J] = end.missing[M - J];
  }

  struct energy e = {{none}, {none}};
  edge(&e, NORTH(EAST, 0), c00, H0), edge(&e, NORTH(EAST, 1), H0, c01);
  edge(&e, NORTH(SOUTH, 0), c00, V0), edge(&e, north, H0, X);
  excess(&e, NORTH(EXCESS, 0), c00), excess(&e, NORTH(EXCESS, 1), H0);
  if (nine) {
    edge(&e, nw, c00, X), edge(&e, NORTH(RISING, 0), V0, H0);
    edge(&e, NORTH(FALLING, 1), H0, V1), edge(&e, ne, X, c01);
  }
  if (!narrow) {
    edge(&e, west, V0, X), edge(&e, east, X, V1);
    edge(&e, AMID(SOUTH, 0), V0, c10), edge(&e, south, X, H1);
    excess(&e, AMID(EXCESS, 0), V0), excess(&e, x, X);
    if (nine) {
      edge(&e, AMID(FALLING, 0), V0, H1), edge(&e, sw, c10, X);
      edge(&e, se, X, c11), edge(&e, AMID(RISING, 1), H1, V1);
    }
  }
  for (int k = 0; k < 6; k++) AT(out[k] + J) = e.coupling[k];
  for (int k = 0; k < 4; k++) AT(out[6 + k] + J) = e.excess[k];
#undef NORTH
#undef AMID
}

/* A row of cells: energies into w->cell[0], interpolation into `keep`'s row I if that is wanted. */
static void cell_row(struct work *w, int32_t I, int keep) {
  struct level *c = w->coarse;
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
  if (c->wrap & LAPLACE_WRAP_COLS)
    for (int k = 0; k < 10; k++) w->cell[0][k][0] = w->cell[0][k][M];
  if (!keep) return;
  const int64_t at = I * c->stride;
  const size_t bytes = (size_t)w->count * sizeof(float);
  if (c->halved[1]) memcpy(c->from_west + at, w->across[0].low, bytes), memcpy(c->from_east + at, w->across[0].high, bytes);
  if (c->halved[0]) memcpy(c->from_north + at, w->down.low, bytes), memcpy(c->from_south + at, w->down.high, bytes);
  /* Narrow cells have no points between. */
  if (c->halved[1] && 2 * M + 1 - c->origin >= w->fine->cols - 1) c->from_west[at + M] = c->from_east[at + M] = 0;
  if (c->halved[0] && narrow) memset(c->from_north + at, 0, bytes), memset(c->from_south + at, 0, bytes);
  if (c->wrap & LAPLACE_WRAP_COLS && c->halved[1]) c->from_west[at] = c->from_west[at + M], c->from_east[at] = c->from_east[at + M];
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
  struct level *c = w->coarse;
  float *const *now = w->cell[0], *const *before = w->cell[1];
  const int64_t at = I * c->pitch, count = w->count, M = count - 2;
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
  if (c->wrap & LAPLACE_WRAP_COLS) {
    float *rows[5] = {c->east, c->south, c->falling, c->rising, c->excess};
    for (int k = 0; k < 5; k++) rows[k][at] = rows[k][at + M], rows[k][at + M + 1] = rows[k][at + 1];
  } else c->east[at + M + 1] = c->falling[at + M + 1] = c->rising[at + M + 1] = 0;
}

/* Inverse diagonals of row I, once the rows around it are there. */
int NAME(invert)(struct level *c, int32_t I) {
  const int64_t at = I * c->pitch, up = at - c->pitch;
  /* A point that is its own neighbour all around is not coupled to itself. */
  const float rows = c->wrap & LAPLACE_WRAP_ROWS && c->rows == 3 ? 0 : 1, cols = c->wrap & LAPLACE_WRAP_COLS && c->cols == 3 ? 0 : 1;
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

void NAME(galerkin)(const struct operator_rows *fine, struct level *coarse, int32_t I0, int32_t I1, float *scratch) {
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
  const int32_t M = coarse->rows - 2, wrap = coarse->wrap & LAPLACE_WRAP_ROWS;
  if (wrap && I0 == 0) I0 = 1;
  const int32_t before = wrap && I0 == 1 ? M : I0 - 1;
  if (before >= 0) cell_row(&w, before, 0), swap_cells(&w);
  for (int32_t I = I0; I < I1; I++) {
    cell_row(&w, I, 1);
    sum_up(&w, I);
    swap_cells(&w);
  }
}
