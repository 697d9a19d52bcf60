/* The energy of a cell as a quadratic form of the coarse values at its corners. No loops over cells, whose energies are summed up
 * in galerkin.c.
 *
 * A cell has coarse points at its four corners, H and V between two of them (galerkin_weights.h), and X amid four, which gets
 * what its own equation says:
 *
 *     C00 H0 C01      the edges of its northern and western side are its own, those of the others its neighbours'.
 *     V0  X  V1       Every point p is a sum of corners; an edge of conductance k between p and q adds k (p - q)(p - q)^T,
 *     C10 H1 C11      an excess x at p adds x p p^T.
 *
 * Along an axis that is not coarsened, and where the last coarse point is next to the ring, a cell is narrow: H, or V, is
 * the next corner, and edges beyond it count nothing. How far each point is from interpolating constants is kept apart,
 * exactly: the excess of the coarse level is nothing but that.
 */
#ifndef GALERKIN_ENERGY_H
#define GALERKIN_ENERGY_H
#include "galerkin_weights-inl.h"

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
#endif
