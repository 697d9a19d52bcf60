// The weights of interpolation, row by row, in an order of rows that the caller keeps: first those that are coarse, then
// those between. J. E. Dendy, Black box multigrid, J. Comput. Phys. 48 (1982) 366; docs/multigrid.md has the formulas,
// and `backends/js/interpolate.ts` the same in plain loops.
//
// For each coarse column a row has three weights towards each of its two coarse rows: of the fine columns west of it, at
// it and east of it.

import { SIZE } from "./grid";
import { centre, equationRow, highRow, Level, lowRow, weightRow } from "./levels";
import { real } from "./real";

/** The number at column j of a row. */
// @ts-ignore: decorator
@inline
function at(row: usize, j: i32): f64 {
  return load<real>(row + <usize> j * SIZE);
}

// @ts-ignore: decorator
@inline
function put(row: usize, j: i32, value: f64): void {
  store<real>(row + <usize> j * SIZE, <real> value);
}

/** The couplings that matter, and as much of the excess of the diagonal over them as is due. */
// @ts-ignore: decorator
@inline
function denominator(couplings: f64, c: f64, least: f64): f64 {
  const excess = c - couplings;
  return excess > 0 ? couplings + excess * excess / (excess + least) : couplings;
}

/** The weights of fine row i. */
export function weighRow(fine: Level, below: Level, i: i32): void {
  const far = below.apart, last = below.nx - 1, corners = fine.southeast != 0;
  const here = equationRow(fine, i), up = equationRow(fine, i - 1);
  const c = fine.c + here, e = fine.east + here, s = fine.south + here, n = fine.south + up;
  const sw = fine.southwest + here, se = fine.southeast + here, ne = fine.southwest + up, nw = fine.southeast + up;
  const p = weightRow(below, i, 0), q = weightRow(below, i, 1);
  const between = lowRow(below, i) != highRow(below, i);
  const arrays = between ? 6 : 3;
  for (let n = 0; n < arrays; n++) memory.fill(p + <usize> n * far, 0, below.pitch);
  for (let J = below.cols ? 0 : 1; J < last; J++) {
    // Coarse columns, or all.
    const j = centre(below.cols, below.fineShift, J);
    if (j < 1) continue;
    const C = at(c, j);
    if (!(C > 0)) continue;
    if (!between) { put(p + far, J, 1); continue; }
    let north = at(n, j), south = at(s, j);
    if (corners) { north += at(nw, j - 1) + at(ne, j + 1); south += at(sw, j) + at(se, j); }
    const sum = denominator(north + south, C - at(e, j - 1) - at(e, j), min(north, south));
    if (sum > 0) { put(p + far, J, north / sum); put(q + far, J, south / sum); }
  }
  renewCentres(below, p + far);
  if (between) renewCentres(below, q + far);
  if (!below.cols) return;
  // Columns between J and J + 1.
  const above = weightRow(below, i - 1, 0), beneath = weightRow(below, i + 1, 0);
  for (let J = below.fineShift; J < last; J++) {
    const j = centre(1, below.fineShift, J) + 1;
    if (j > below.fineCols) break;
    const C = at(c, j);
    if (!(C > 0)) continue;
    const N = at(n, j), S = at(s, j), W = at(e, j - 1), E = at(e, j);
    let NW = 0.0, NE = 0.0, SW = 0.0, SE = 0.0;
    if (corners) { NW = at(nw, j - 1); NE = at(ne, j + 1); SW = at(sw, j); SE = at(se, j); }
    const west = NW + W + SW, east = NE + E + SE;
    if (!between) {
      const sum = denominator(west + east, C - N - S, min(west, east));
      if (sum > 0) { put(p + 2 * far, J, west / sum); put(p, J + 1, east / sum); }
      continue;
    }
    const north = NW + N + NE, south = SW + S + SE;
    const sum = denominator(north + (W + E) + south, C, min(min(north, south), min(west, east)));
    if (!(sum > 0)) continue;
    put(p + 2 * far, J, (NW + N * at(above + 2 * far, J) + W * at(p + far, J)) / sum);
    put(p, J + 1, (NE + N * at(above, J + 1) + E * at(p + far, J + 1)) / sum);
    put(q + 2 * far, J, (SW + S * at(beneath + 2 * far, J) + W * at(q + far, J)) / sum);
    put(q, J + 1, (SE + S * at(beneath, J + 1) + E * at(q + far, J + 1)) / sum);
  }
  renewOuter(below, p);
  if (between) renewOuter(below, q);
}

/** Around periodic columns: the weights of coarse columns, from the other end. */
function renewCentres(below: Level, p: usize): void {
  if (!below.fineWrapCols) return;
  put(p, 0, at(p, below.nx - 2));
  put(p, below.nx - 1, at(p, 1));
}

/** The same of those between. Of an odd number around, first and last are both coarse: they stand beside each other. */
function renewOuter(below: Level, p: usize): void {
  if (!below.fineWrapCols) return;
  const far = below.apart, last = below.nx - 1;
  if (below.fineCols & 1) {
    put(p, last, at(p + far, 1));
    put(p + 2 * far, 0, at(p + far, last - 1));
  } else {
    put(p, 1, at(p, last));
    put(p + 2 * far, 0, at(p + 2 * far, last - 1));
  }
}
