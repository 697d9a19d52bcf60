/* Code of galerkin.c: the energy of a cell as a quadratic form of the coarse values at its corners. No loops over
 * cells: their energies are summed up in galerkin.c. docs/multigrid.md derives this form of P^T A P.
 *
 * A cell has coarse points at its four corners, edge points H and V between two of them (galerkin_rows-inl.h), and a
 * centre point X, which gets the value of its own equation:
 *
 *     C00 H0 C01      the edges of its northern and western side belong to the cell, the others to its neighbours.
 *     V0  X  V1       Every point p is a sum of corners; an edge of coupling k between p and q adds k (p - q)(p - q)^T,
 *     C10 H1 C11      a row sum x at p adds x p p^T.
 *
 * Along an axis that is not coarsened, and where the last coarse point is next to the ghosts, a cell is narrow: H, or
 * V, is the next corner, and edges beyond it count nothing. What each point lacks to interpolate constants is kept
 * apart, exactly: the row sums of the coarse level consist of nothing else.
 */
#ifndef GALERKIN_ENERGY_H
#define GALERKIN_ENERGY_H
#include "galerkin_rows-inl.h"

/* A point as a sum of the corners C00 C01 C10 C11, and what the sum lacks to interpolate constants. */
struct galerkin_point {
  floats corner[4], missing;
};

/* Couplings between corners 01, 23, 02, 13, 03, 12, and the row sum of each. */
struct galerkin_energy {
  floats coupling[6], row_sum[4];
};

INLINE void galerkin_add(struct galerkin_energy *sum, floats k, struct galerkin_point d, floats missing) {
  static const int pair[6][2] = {{0, 1}, {2, 3}, {0, 2}, {1, 3}, {0, 3}, {1, 2}};
  for (int c = 0; c < 4; c++) sum->row_sum[c] += k * d.corner[c] * missing;
  for (int n = 0; n < 6; n++) sum->coupling[n] -= k * d.corner[pair[n][0]] * d.corner[pair[n][1]];
}

INLINE void galerkin_edge(struct galerkin_energy *sum, floats k, struct galerkin_point p, struct galerkin_point q) {
  for (int c = 0; c < 4; c++) p.corner[c] -= q.corner[c];
  galerkin_add(sum, k, p, q.missing - p.missing);
}

INLINE void galerkin_row_sum(struct galerkin_energy *sum, floats x, struct galerkin_point p) {
  galerkin_add(sum, x, p, 1.0f - p.missing);
}

/* The cells from J on of a row of cells: their edges in the northern row and the row between. */
INLINE void galerkin_cells(const struct galerkin_window *w, const struct galerkin_row *n, const struct galerkin_row *m,
                           int64_t J, int nine, int narrow, float *const out[10]) {
#define NORTH(part_, c) GET(n->part[GALERKIN_##part_][c] + J)
#define CENTRE(part_, c) (narrow ? zero : GET(m->part[GALERKIN_##part_][c] + J))
  const struct galerkin_weights *h0 = &w->across[0], *h1 = &w->across[1], *v = &w->down;
  const floats one = zero + 1.0f;
  const struct galerkin_point c00 = {{one, zero, zero, zero}, zero}, c01 = {{zero, one, zero, zero}, zero},
                              c10 = {{zero, zero, one, zero}, zero}, c11 = {{zero, zero, zero, one}, zero};
  const struct galerkin_point H0 = {{GET(h0->low + J), GET(h0->high + J), zero, zero}, GET(h0->missing + J)};
  const struct galerkin_point H1 = {{zero, zero, GET(h1->low + J), GET(h1->high + J)}, GET(h1->missing + J)};
  const struct galerkin_point V0 = {{GET(v->low + J), zero, GET(v->high + J), zero}, GET(v->missing + J)};
  const struct galerkin_point V1 = {{zero, GET(v->low + J + 1), zero, GET(v->high + J + 1)}, GET(v->missing + J + 1)};
  const floats north = NORTH(S, 1), west = CENTRE(E, 0), east = CENTRE(E, 1), south = CENTRE(S, 1);
  const floats nw = nine ? NORTH(SE, 0) : zero, ne = nine ? NORTH(SW, 1) : zero;
  const floats sw = nine ? CENTRE(SW, 0) : zero, se = nine ? CENTRE(SE, 1) : zero;
  const floats x = CENTRE(ROW_SUM, 1), sum = ((north + south) + (west + east)) + ((nw + ne) + (sw + se)) + x;

  /* X: free, by its own equation; a Dirichlet point, the mean of Dirichlet corners. */
  struct galerkin_point X;
  const signs is_free = GET(m->part[GALERKIN_FREE][1] + J) > zero;
  const floats fixed[4] = {1.0f - NORTH(FREE, 0), 1.0f - GET(n->part[GALERKIN_FREE][0] + J + 1),
                           1.0f - GET(w->row[(m->i + 1) & 3].part[GALERKIN_FREE][0] + J),
                           1.0f - GET(w->row[(m->i + 1) & 3].part[GALERKIN_FREE][0] + J + 1)};
  const floats all = (fixed[0] + fixed[1]) + (fixed[2] + fixed[3]);
  const floats scale = galerkin_select(sum > zero, 1.0f / sum, zero),
               share = galerkin_select(all > zero, 1.0f / all, zero);
  const floats direct[4] = {nw, ne, sw, se};
  for (int c = 0; c < 4; c++) {
    const floats own =
        north * H0.corner[c] + south * H1.corner[c] + west * V0.corner[c] + east * V1.corner[c] + direct[c];
    X.corner[c] = galerkin_select(is_free, own * scale, fixed[c] * share);
  }
  const floats lost = north * H0.missing + south * H1.missing + west * V0.missing + east * V1.missing + x;
  X.missing =
      galerkin_select(is_free, galerkin_select(sum > zero, lost * scale, one), galerkin_select(all > zero, zero, one));
  if (narrow) X = H1;
  const int64_t M = w->count - 2;
  const int slim = !w->coarse->halved[1], last = 2 * M + 1 - w->coarse->first_is_coarse >= w->fine->cols - 1;
  if (slim) X = narrow ? c11 : V1;
  else if (last && J <= M && J + FLOATS > M) {
    const struct galerkin_point end = narrow ? c11 : V1;
    for (int c = 0; c < 4; c++) X.corner[c][M - J] = end.corner[c][M - J];
    X.missing[M - J] = end.missing[M - J];
  }

  struct galerkin_energy e = {{zero}, {zero}};
  galerkin_edge(&e, NORTH(E, 0), c00, H0), galerkin_edge(&e, NORTH(E, 1), H0, c01);
  galerkin_edge(&e, NORTH(S, 0), c00, V0), galerkin_edge(&e, north, H0, X);
  galerkin_row_sum(&e, NORTH(ROW_SUM, 0), c00), galerkin_row_sum(&e, NORTH(ROW_SUM, 1), H0);
  if (nine) {
    galerkin_edge(&e, nw, c00, X), galerkin_edge(&e, NORTH(SW, 0), V0, H0);
    galerkin_edge(&e, NORTH(SE, 1), H0, V1), galerkin_edge(&e, ne, X, c01);
  }
  if (!narrow) {
    galerkin_edge(&e, west, V0, X), galerkin_edge(&e, east, X, V1);
    galerkin_edge(&e, CENTRE(S, 0), V0, c10), galerkin_edge(&e, south, X, H1);
    galerkin_row_sum(&e, CENTRE(ROW_SUM, 0), V0), galerkin_row_sum(&e, x, X);
    if (nine) {
      galerkin_edge(&e, CENTRE(SE, 0), V0, H1), galerkin_edge(&e, sw, c10, X);
      galerkin_edge(&e, se, X, c11), galerkin_edge(&e, CENTRE(SW, 1), H1, V1);
    }
  }
  for (int k = 0; k < 6; k++) AT(out[k] + J) = e.coupling[k];
  for (int k = 0; k < 4; k++) AT(out[6 + k] + J) = e.row_sum[k];
#undef NORTH
#undef CENTRE
}
#endif
