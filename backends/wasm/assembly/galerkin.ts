// The equations of a level, Pᵀ A P of those above, a coarse row at a time: for each fine row p that it gathers from, each
// row q beside that, and each coarse row K that q interpolates from. Summed in f64.
//
// Of the row's own couplings and those to the row south of it five are kept, the others are the same by symmetry.

import { SIZE } from "./grid";
import { centre, equationRow, highRow, Level, lowRow, renewEnds, weightRow } from "./levels";
import { real } from "./real";

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

/** Adds to the sum of coarse column J in one of three rows of sums, `row` bytes apart: to the west, here, to the east. */
// @ts-ignore: decorator
@inline
function add(sums: usize, J: i32, value: f64): void {
  const to = sums + (<usize> J << 3);
  store<f64>(to, load<f64>(to) + value);
}

/** Coefficients of A at column x of a row, towards a row beside it: west, straight and east. */
let toWest: usize = 0, straight: usize = 0, toEast: usize = 0;
let sign: f64 = -1;

/** Finds them: −1 the row north, 0 the row itself, 1 the row south; 0 where there are none. */
function face(fine: Level, p: i32, side: i32): void {
  const row = equationRow(fine, side < 0 ? p - 1 : p), corners = fine.southeast != 0;
  sign = side == 0 ? 1 : -1;
  straight = (side == 0 ? fine.c : fine.south) + row;
  if (side == 0) { toWest = fine.east + row - SIZE; toEast = fine.east + row; return; }
  const rising = corners ? fine.southwest + row : 0, falling = corners ? fine.southeast + row : 0;
  if (!corners) { toWest = 0; toEast = 0; }
  else if (side > 0) { toWest = rising; toEast = falling; }
  else { toWest = falling - SIZE; toEast = rising + SIZE; }
}

/**
 * Adds what fine row p, with weights w, takes from row q, with weights v, for all coarse columns.
 *
 * @param sums three rows of sums, `between` bytes apart
 */
export function accumulate(below: Level, w: usize, v: usize, sums: usize, between: usize): void {
  const far = below.apart, last = below.nx - 1, corners = toWest != 0, west = toWest, east = toEast, mid = straight;
  const here = sums + between, beyond = here + between, factor = sign;
  for (let J = 1; J < last; J++) {
    const x = centre(below.cols, below.fineShift, J), w0 = at(w + far, J);
    if (!below.cols) {
      add(here, J, factor * w0 * at(mid, x) * at(v + far, J));
      if (!corners) continue;
      add(sums, J, -w0 * at(west, x) * at(v + far, J - 1));
      add(beyond, J, -w0 * at(east, x) * at(v + far, J + 1));
      continue;
    }
    const wm = at(w, J), wp = at(w + 2 * far, J);
    let a = wm * at(mid, x - 1) * factor, b = w0 * at(mid, x) * factor, c = wp * at(mid, x + 1) * factor;
    if (corners) {
      // The ring stands for the other end, but has nothing to its own west.
      add(sums, J, -wm * at(west, x > 1 ? x - 1 : below.fineCols) * at(v + far, J - 1));
      add(beyond, J, -wp * at(east, x + 1) * at(v + far, J + 1));
      b -= wm * at(east, x - 1) + wp * at(west, x + 1);
      a -= w0 * at(west, x);
      c -= w0 * at(east, x);
    }
    add(sums, J, a * at(v + 2 * far, J - 1));
    add(here, J, a * at(v, J) + b * at(v + far, J) + c * at(v + 2 * far, J));
    add(beyond, J, c * at(v, J + 1));
  }
}

/** What fine row p gives to coarse row I, as the low (0) or high (1) of the rows around it. */
function project(fine: Level, below: Level, p: i32, high: i32, I: i32, sums: usize, between: usize): void {
  const w = weightRow(below, p, high);
  for (let side = -1; side <= 1; side++) {
    const q = p + side;
    if (q < 0 || q > below.fineRows + 1) continue;
    face(fine, p, side);
    for (let K = I; K <= I + 1; K++) {
      const which = lowRow(below, q) == K ? 0 : highRow(below, q) == K ? 1 : -1;
      if (which < 0) continue;
      accumulate(below, w, weightRow(below, q, which), sums + <usize> (3 * (K - I)) * between, between);
    }
  }
}

/** The equations of coarse row I; `sums`: room for six rows of sums. Ring rows are the caller's. */
export function equate(fine: Level, below: Level, I: i32, sums: usize): void {
  const between = <usize> below.nx << 3, i = centre(below.rows, below.fineShift, I);
  memory.fill(sums, 0, 6 * between);
  project(fine, below, i, 0, I, sums, between);
  if (below.rows) {
    if ((i > 1 || below.fineWrapRows) && lowRow(below, i - 1) != I && highRow(below, i - 1) == I) {
      project(fine, below, i - 1, 1, I, sums, between);
    }
    if (i < below.fineRows && lowRow(below, i + 1) == I) project(fine, below, i + 1, 0, I, sums, between);
  }
  const row = equationRow(below, I), last = below.nx - 1;
  // A single row, or column, around is no neighbour of itself.
  const foldRows = below.fineWrapRows && below.ny == 3, foldCols = below.fineWrapCols && below.nx == 3;
  for (let J = 1; J < last; J++) {
    const own = sums + (<usize> J << 3), next = sums + (<usize> (J == last - 1 && below.fineWrapCols ? 1 : J + 1) << 3);
    let c = load<f64>(own + between), e = -load<f64>(own + 2 * between);
    let sw = -load<f64>(own + 3 * between), s = -load<f64>(own + 4 * between), se = -load<f64>(own + 5 * between);
    if (foldRows) {
      c -= 2 * s;
      e += se - load<f64>(next + 3 * between);
      sw = 0; s = 0; se = 0;
    }
    if (foldCols) {
      c -= 2 * e;
      s += sw + se;
      e = 0; sw = 0; se = 0;
    }
    put(below.c + row, J, c);
    put(below.inverse + row, J, c > 0 ? 1 / c : 0);
    put(below.east + row, J, e);
    put(below.southwest + row, J, sw);
    put(below.south + row, J, s);
    put(below.southeast + row, J, se);
  }
  if (!below.wrapCols) return;
  renewEnds(below.c + row, below.nx);
  renewEnds(below.east + row, below.nx);
  renewEnds(below.southwest + row, below.nx);
  renewEnds(below.south + row, below.nx);
  renewEnds(below.southeast + row, below.nx);
}

/** Of a weighted grid: row i of the couplings to east and south, in conductances. Couplings to fixed points are left out. */
export function conduct(grid: Level, ae: usize, as: usize, i: i32): void {
  const row = <usize> i * grid.pitch, d = grid.c + row;
  for (let j = 0; j < grid.nx; j++) {
    const here = at(d, j);
    put(grid.east + row, j, j + 1 < grid.nx && at(d, j + 1) > 0 ? at(ae + row, j) * here : 0);
    put(grid.south + row, j, i + 1 < grid.ny && at(d + grid.pitch, j) > 0 ? at(as + row, j) * here : 0);
  }
}
