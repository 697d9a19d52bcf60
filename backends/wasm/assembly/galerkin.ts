// The Galerkin operator of a level, Pᵀ A P with the A of the level above, a coarse row at a time: sums over each fine
// row p that restricts to it, each row q beside that, and each coarse row K that q interpolates from. Summed in f64.
//
// Five coefficients are stored, within the row and to the row south of it (c e sw s se): A is symmetric.

import { SIZE } from "./grid";
import { at, coarseRow, fillGhostColumns, fineIndex, Level, operatorRow, put, weightRow } from "./level";

/** Adds to the sum of coarse column J in a row of sums. */
// @ts-ignore: decorator
@inline
function add(sums: usize, J: i32, value: f64): void {
  const to = sums + (<usize> J << 3);
  store<f64>(to, load<f64>(to) + value);
}

/** A at column 0 of a row, towards a row beside it: its coefficients west, straight and east. */
let toWest: usize = 0, straight: usize = 0, toEast: usize = 0;
let sign: f64 = -1;

/** Sets them: towards the row north (−1), the row itself (0) or the row south (1); 0 where there are none. */
function findCouplings(fine: Level, p: i32, side: i32): void {
  const row = operatorRow(fine, side < 0 ? p - 1 : p), corners = fine.se != 0;
  sign = side == 0 ? 1 : -1;
  straight = (side == 0 ? fine.c : fine.s) + row;
  if (side == 0) { toWest = fine.e + row - SIZE; toEast = fine.e + row; return; }
  const sw = corners ? fine.sw + row : 0, se = corners ? fine.se + row : 0;
  if (!corners) { toWest = 0; toEast = 0; }
  else if (side > 0) { toWest = sw; toEast = se; }
  else { toWest = se - SIZE; toEast = sw + SIZE; }
}

/**
 * Adds the product of fine row p, with weights w, and row q, with weights v, for all coarse columns.
 *
 * @param sums three rows of sums, `rowBytes` apart: towards the coarse columns west, here and east
 */
export function accumulate(coarse: Level, w: usize, v: usize, sums: usize, rowBytes: usize): void {
  const stride = coarse.weightStride, last = coarse.nx - 1, corners = toWest != 0;
  const west = toWest, east = toEast, mid = straight;
  const here = sums + rowBytes, after = here + rowBytes, factor = sign;
  for (let J = 1; J < last; J++) {
    const x = fineIndex(coarse.coarsenCols, coarse.firstIsCoarse, J), w0 = at(w + stride, J);
    if (!coarse.coarsenCols) {
      add(here, J, factor * w0 * at(mid, x) * at(v + stride, J));
      if (!corners) continue;
      add(sums, J, -w0 * at(west, x) * at(v + stride, J - 1));
      add(after, J, -w0 * at(east, x) * at(v + stride, J + 1));
      continue;
    }
    const wm = at(w, J), wp = at(w + 2 * stride, J);
    let a = wm * at(mid, x - 1) * factor, b = w0 * at(mid, x) * factor, c = wp * at(mid, x + 1) * factor;
    if (corners) {
      // A ghost column repeats the other end, but has no coefficients to its own west.
      add(sums, J, -wm * at(west, x > 1 ? x - 1 : coarse.fineCols) * at(v + stride, J - 1));
      add(after, J, -wp * at(east, x + 1) * at(v + stride, J + 1));
      b -= wm * at(east, x - 1) + wp * at(west, x + 1);
      a -= w0 * at(west, x);
      c -= w0 * at(east, x);
    }
    add(sums, J, a * at(v + 2 * stride, J - 1));
    add(here, J, a * at(v, J) + b * at(v + stride, J) + c * at(v + 2 * stride, J));
    add(after, J, c * at(v, J + 1));
  }
}

/** Adds what fine row p contributes to coarse row I, the lower (0) or higher (1) of the coarse rows around it. */
function addFineRow(fine: Level, coarse: Level, p: i32, high: i32, I: i32, sums: usize, rowBytes: usize): void {
  const w = weightRow(coarse, p, high);
  for (let side = -1; side <= 1; side++) {
    const q = p + side;
    if (q < 0 || q > coarse.fineRows + 1) continue;
    findCouplings(fine, p, side);
    for (let K = I; K <= I + 1; K++) {
      const which = coarseRow(coarse, q, 0) == K ? 0 : coarseRow(coarse, q, 1) == K ? 1 : -1;
      if (which < 0) continue;
      accumulate(coarse, w, weightRow(coarse, q, which), sums + <usize> (3 * (K - I)) * rowBytes, rowBytes);
    }
  }
}

/** Coarse row I of the operator; `sums`: room for six rows of sums. The caller fills ghost rows. */
export function galerkinRow(fine: Level, coarse: Level, I: i32, sums: usize): void {
  const rowBytes = <usize> coarse.nx << 3, i = fineIndex(coarse.coarsenRows, coarse.firstIsCoarse, I);
  memory.fill(sums, 0, 6 * rowBytes);
  addFineRow(fine, coarse, i, 0, I, sums, rowBytes);
  if (coarse.coarsenRows) {
    if ((i > 1 || coarse.finePeriodicRows) && coarseRow(coarse, i - 1, 0) != I && coarseRow(coarse, i - 1, 1) == I) {
      addFineRow(fine, coarse, i - 1, 1, I, sums, rowBytes);
    }
    if (i < coarse.fineRows && coarseRow(coarse, i + 1, 0) == I) addFineRow(fine, coarse, i + 1, 0, I, sums, rowBytes);
  }
  const row = operatorRow(coarse, I), last = coarse.nx - 1;
  // A single periodic row, or column, is no neighbour of itself.
  const foldRows = coarse.finePeriodicRows && coarse.ny == 3, foldCols = coarse.finePeriodicCols && coarse.nx == 3;
  for (let J = 1; J < last; J++) {
    const own = sums + (<usize> J << 3);
    const next = sums + (<usize> (J == last - 1 && coarse.finePeriodicCols ? 1 : J + 1) << 3);
    let c = load<f64>(own + rowBytes), e = -load<f64>(own + 2 * rowBytes);
    let sw = -load<f64>(own + 3 * rowBytes), s = -load<f64>(own + 4 * rowBytes), se = -load<f64>(own + 5 * rowBytes);
    if (foldRows) {
      c -= 2 * s;
      e += se - load<f64>(next + 3 * rowBytes);
      sw = 0; s = 0; se = 0;
    }
    if (foldCols) {
      c -= 2 * e;
      s += sw + se;
      e = 0; sw = 0; se = 0;
    }
    put(coarse.c + row, J, c);
    put(coarse.inverseDiagonal + row, J, c > 0 ? 1 / c : 0);
    put(coarse.e + row, J, e);
    put(coarse.sw + row, J, sw);
    put(coarse.s + row, J, s);
    put(coarse.se + row, J, se);
  }
  if (!coarse.periodicCols) return;
  fillGhostColumns(coarse.c + row, coarse.nx);
  fillGhostColumns(coarse.e + row, coarse.nx);
  fillGhostColumns(coarse.sw + row, coarse.nx);
  fillGhostColumns(coarse.s + row, coarse.nx);
  fillGhostColumns(coarse.se + row, coarse.nx);
}

/** Row i of a weighted grid's operator: couplings to east and south, in conductances; 0 to fixed points. */
export function gridOperatorRow(grid: Level, ae: usize, as: usize, i: i32): void {
  const row = <usize> i * grid.pitch, d = grid.c + row;
  for (let j = 0; j < grid.nx; j++) {
    const here = at(d, j);
    put(grid.e + row, j, j + 1 < grid.nx && at(d, j + 1) > 0 ? at(ae + row, j) * here : 0);
    put(grid.s + row, j, i + 1 < grid.ny && at(d + grid.pitch, j) > 0 ? at(as + row, j) * here : 0);
  }
}
