// A half-sweep of red-black SOR, row by row: u += omega * (sweep(u) − u) on the points of one colour.
//
// All points of a vector are evaluated; those of the colour are updated, the others stay as they were. Neighbours in
// the row have the other colour, so the western ones may be read before the vector to the west is stored, without
// waiting for it.

import { value } from "./formula";
import {
  arrayStride, c0, c1, coefficients, form, gOffset, nx, parity, pitch, r0, r1, row, scratch, SIZE, source, SQUARE,
  STRETCHED, u0, u1, VECTOR, WEIGHTED,
} from "./grid";
import { clearNorm, difference, NORM, normOf, ODD } from "./norm";
import { real } from "./real";
import { fillGhosts, firstLanes } from "./rows";

/** Updates the lanes of `colour` in a row from c on. */
// @ts-ignore: decorator
@inline
function relaxRowAs(form: i32, source: bool, c: usize, k: usize, omega: real, colour: v128): void {
  const stride = arrayStride, g = form == WEIGHTED ? gOffset : 0;
  const factor = v128.splat<real>(omega), end = c + <usize> (nx - 2) * SIZE;
  let n = c - pitch, s = c + pitch;
  let w = v128.load(c - SIZE);
  while (c < end) {
    const old = v128.load(c), e = v128.load(c + SIZE), next = SIZE == 8 ? e : v128.load(c + VECTOR - SIZE);
    const step = v128.sub<real>(value(form, source, v128.load(n), v128.load(s), w, e, k, stride, k + g), old);
    if (c + VECTOR > end) colour = v128.and(colour, firstLanes((end - c) / SIZE));
    v128.store(c, v128.bitselect(v128.add<real>(old, v128.mul<real>(factor, step)), old, colour));
    w = next;
    n += VECTOR; c += VECTOR; s += VECTOR;
    if (form == WEIGHTED || source) k += VECTOR;
  }
}

/** Updates every second point of row i, from column `first` on. */
function relaxRow(u: usize, i: i32, omega: real, first: i32): void {
  const c = row(u, i) + SIZE, k = row(coefficients, i) + SIZE, colour = first == 1 ? ODD : v128.not(ODD);
  if (form == WEIGHTED) relaxRowAs(WEIGHTED, true, c, k, omega, colour);
  else if (form == SQUARE && !source) relaxRowAs(SQUARE, false, c, k, omega, colour);
  else if (form == SQUARE) relaxRowAs(SQUARE, true, c, k, omega, colour);
  else if (!source) relaxRowAs(STRETCHED, false, c, k, omega, colour);
  else relaxRowAs(STRETCHED, true, c, k, omega, colour);
}

/** One half-sweep of rows [from, to), in place. @returns their change, if `norm`. */
export function relax(current: i32, omega: f64, colour: i32, from: i32, to: i32, norm: bool): f64 {
  const u = current == 0 ? u0 : u1, normAt = scratch - NORM, old = scratch;
  clearNorm(normAt);
  for (let i = from; i < to; i++) {
    const first = 1 + ((1 + i + parity + colour) & 1), at = row(u, i), counts = norm && i >= r0 && i < r1;
    if (counts) memory.copy(old, at, pitch);
    relaxRow(u, i, <real> omega, first);
    fillGhosts(u, i, first, 2);
    // On the colour only: NaN on the other one is no change of this half-sweep.
    if (counts) difference(old, at, c0 + ((c0 + first) & 1), c1, 2, normAt);
  }
  return normOf(normAt);
}
