// A sweep row by row, without the dimension-lifted layout: for a few sweeps, and for periodic edges.

import { value } from "./formula";
import {
  arrayStride, c0, c1, coefficients, form, gOffset, nx, ny, periodicCols, periodicRows, pitch, r0, r1, row, scratch,
  SIZE, source, SQUARE, STRETCHED, u0, u1, VECTOR, WEIGHTED,
} from "./grid";
import { clearNorm, difference, NORM, normOf } from "./norm";
import { real } from "./real";

/** A mask of the first so many lanes. */
export function firstLanes(count: usize): v128 {
  return SIZE == 8
    ? v128.lt<i64>(i64x2(0, 1), v128.splat<i64>(count))
    : v128.lt<i32>(i32x4(0, 1, 2, 3), v128.splat<i32>(<i32> count));
}

/** One sweep of a row, c with its neighbours n and s, to v. Lanes beyond the row keep their values in v. */
// @ts-ignore: decorator
@inline
function sweepRowAs(form: i32, source: bool, c: usize, v: usize, k: usize): void {
  const stride = arrayStride, g = form == WEIGHTED ? gOffset : 0, end = c + <usize> (nx - 2) * SIZE;
  let n = c - pitch, s = c + pitch;
  let w = v128.load(c - SIZE);
  while (c + VECTOR <= end) {
    const e = v128.load(c, SIZE);
    v128.store(v, value(form, source, v128.load(n), v128.load(s), w, e, k, stride, k + g));
    // In f64, the eastern neighbours of a vector are the western ones of the next.
    w = SIZE == 8 ? e : v128.load(c, VECTOR - SIZE);
    n += VECTOR; c += VECTOR; s += VECTOR; v += VECTOR;
    if (form == WEIGHTED || source) k += VECTOR;
  }
  if (c == end) return;
  const last = value(form, source, v128.load(n), v128.load(s), w, v128.load(c, SIZE), k, stride, k + g);
  v128.store(v, v128.bitselect(last, v128.load(v), firstLanes((end - c) / SIZE)));
}

/** One sweep of row i, from u to v. */
export function sweepRow(u: usize, v: usize, i: i32): void {
  const c = row(u, i) + SIZE, to = row(v, i) + SIZE, k = row(coefficients, i) + SIZE;
  if (form == WEIGHTED) sweepRowAs(WEIGHTED, true, c, to, k);
  else if (form == SQUARE && !source) sweepRowAs(SQUARE, false, c, to, k);
  else if (form == SQUARE) sweepRowAs(SQUARE, true, c, to, k);
  else if (!source) sweepRowAs(STRETCHED, false, c, to, k);
  else sweepRowAs(STRETCHED, true, c, to, k);
}

/** Fills the periodic ghosts of row i, just written at columns first, first + step, …. */
export function fillGhosts(u: usize, i: i32, first: i32, step: i32): void {
  const at = row(u, i), last = <usize> (nx - 1) * SIZE;
  if (periodicCols) {
    store<real>(at, load<real>(at + last - SIZE));
    store<real>(at + last, load<real>(at + SIZE));
  }
  if (!periodicRows) return;
  // With two inner rows or fewer, a row can have both ghosts.
  for (let side = 0; side < 2; side++) {
    if (i != (side == 0 ? 1 : ny - 2)) continue;
    const ghost = row(u, side == 0 ? ny - 1 : 0);
    for (let j = first; j < nx - 1; j += step) {
      store<real>(ghost + <usize> j * SIZE, load<real>(at + <usize> j * SIZE));
    }
  }
}

/** One sweep of rows [from, to), from iterate `current` into the other. @returns their change, if `norm`. */
export function sweep(current: i32, from: i32, to: i32, norm: bool): f64 {
  const u = current == 0 ? u0 : u1, v = current == 0 ? u1 : u0, normAt = scratch - NORM;
  clearNorm(normAt);
  for (let i = from; i < to; i++) {
    sweepRow(u, v, i);
    fillGhosts(v, i, 1, 1);
    if (norm && i >= r0 && i < r1) difference(row(u, i), row(v, i), c0, c1, 1, normAt);
  }
  return normOf(normAt);
}
