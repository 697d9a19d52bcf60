// The weights of the prolongation, row by row; the caller's order of rows is: first those that are coarse, then those
// between. J. E. Dendy, Black box multigrid, J. Comput. Phys. 48 (1982) 366; docs/multigrid.md has the formulas, and
// `backends/js/prolongation.ts` the same in plain loops.
//
// For each coarse column a row has three weights towards each of its two coarse rows: of the fine columns west of it,
// at it and east of it.

import { at, coarseRow, fillGhostColumns, fineIndex, Level, operatorRow, put, weightRow } from "./level";

/** The sum of the couplings, and a part of the row sum: of what the diagonal has beyond them. */
// @ts-ignore: decorator
@inline
function denominator(couplings: f64, c: f64, least: f64): f64 {
  const rowSum = c - couplings;
  return rowSum > 0 ? couplings + rowSum * rowSum / (rowSum + least) : couplings;
}

/** A coupling that counts: negative ones, which Galerkin operators have, would make no interpolation. */
// @ts-ignore: decorator
@inline
function positive(coupling: f64): f64 {
  return coupling > 0 ? coupling : 0;
}

/** The weights of fine row i. */
export function prolongationRow(fine: Level, coarse: Level, i: i32): void {
  const stride = coarse.weightStride, last = coarse.nx - 1, corners = fine.se != 0;
  const here = operatorRow(fine, i), up = operatorRow(fine, i - 1);
  const c = fine.c + here, e = fine.e + here, s = fine.s + here, n = fine.s + up;
  const sw = fine.sw + here, se = fine.se + here, ne = fine.sw + up, nw = fine.se + up;
  const p = weightRow(coarse, i, 0), q = weightRow(coarse, i, 1);
  const betweenRows = coarseRow(coarse, i, 0) != coarseRow(coarse, i, 1);
  const arrays = betweenRows ? 6 : 3;
  for (let n = 0; n < arrays; n++) memory.fill(p + <usize> n * stride, 0, coarse.pitch);
  for (let J = coarse.coarsenCols ? 0 : 1; J < last; J++) {
    // The coarse columns, or all.
    const j = fineIndex(coarse.coarsenCols, coarse.firstIsCoarse, J);
    if (j < 1) continue;
    const C = at(c, j);
    if (!(C > 0)) continue;
    if (!betweenRows) { put(p + stride, J, 1); continue; }
    let north = positive(at(n, j)), south = positive(at(s, j));
    if (corners) {
      north += positive(at(nw, j - 1)) + positive(at(ne, j + 1));
      south += positive(at(sw, j)) + positive(at(se, j));
    }
    const along = positive(at(e, j - 1)) + positive(at(e, j));
    const sum = denominator(north + south, C - along, min(north, south));
    if (sum > 0) { put(p + stride, J, north / sum); put(q + stride, J, south / sum); }
  }
  if (coarse.finePeriodicCols) {
    fillGhostColumns(p + stride, coarse.nx);
    if (betweenRows) fillGhostColumns(q + stride, coarse.nx);
  }
  if (!coarse.coarsenCols) return;
  // The columns between J and J + 1: edge points in a coarse row, else centres.
  const rowAbove = weightRow(coarse, i - 1, 0), rowBelow = weightRow(coarse, i + 1, 0);
  for (let J = coarse.firstIsCoarse; J < last; J++) {
    const j = fineIndex(1, coarse.firstIsCoarse, J) + 1;
    if (j > coarse.fineCols) break;
    const C = at(c, j);
    if (!(C > 0)) continue;
    const N = at(n, j), S = at(s, j), W = at(e, j - 1), E = at(e, j);
    let NW = 0.0, NE = 0.0, SW = 0.0, SE = 0.0;
    if (corners) { NW = at(nw, j - 1); NE = at(ne, j + 1); SW = at(sw, j); SE = at(se, j); }
    if (!betweenRows) {
      const west = positive(NW) + positive(W) + positive(SW), east = positive(NE) + positive(E) + positive(SE);
      const sum = denominator(west + east, C - positive(N) - positive(S), min(west, east));
      if (sum > 0) { put(p + 2 * stride, J, west / sum); put(p, J + 1, east / sum); }
      continue;
    }
    const north = NW + N + NE, south = SW + S + SE, west = NW + W + SW, east = NE + E + SE;
    const sum = denominator(north + (W + E) + south, C, min(min(north, south), min(west, east)));
    if (!(sum > 0)) continue;
    put(p + 2 * stride, J, (NW + N * at(rowAbove + 2 * stride, J) + W * at(p + stride, J)) / sum);
    put(p, J + 1, (NE + N * at(rowAbove, J + 1) + E * at(p + stride, J + 1)) / sum);
    put(q + 2 * stride, J, (SW + S * at(rowBelow + 2 * stride, J) + W * at(q + stride, J)) / sum);
    put(q, J + 1, (SE + S * at(rowBelow, J + 1) + E * at(q + stride, J + 1)) / sum);
  }
  fillEdgeGhosts(coarse, p);
  if (betweenRows) fillEdgeGhosts(coarse, q);
}

/**
 * Periodic columns: the ghosts of the weights at columns between coarse ones. Of an odd number around, first and last are
 * both coarse, and neighbours.
 */
function fillEdgeGhosts(coarse: Level, p: usize): void {
  if (!coarse.finePeriodicCols) return;
  const stride = coarse.weightStride, last = coarse.nx - 1;
  if (coarse.fineCols & 1) {
    put(p, last, at(p + stride, 1));
    put(p + 2 * stride, 0, at(p + stride, last - 1));
  } else {
    put(p, 1, at(p, last));
    put(p + 2 * stride, 0, at(p + 2 * stride, last - 1));
  }
}
