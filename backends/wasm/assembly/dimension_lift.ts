// The dimension-lifting layout of a window of W columns (Henretty et al., CC'11): lane k of vector j holds column
// k * L + j, where L = W / lanes. West and east of a vector are then whole vectors, without shuffles of lanes; only the
// first and last vector of a row have their outer neighbours in another lane.

import { real } from "./real";
import { SIZE, VECTOR } from "./grid";

/** Copies a window into a row in that layout of `length` vectors, a multiple of the lanes. */
export function lift(from: usize, to: usize, length: usize): void {
  const end = to + length * VECTOR, laneStride = length * SIZE;
  for (; to < end; from += VECTOR) {
    const a = v128.load(from), b = v128.load(from + laneStride);
    if (SIZE == 8) {
      v128.store(to, v128.shuffle<f64>(a, b, 0, 2));
      v128.store(to, v128.shuffle<f64>(a, b, 1, 3), VECTOR);
      to += 2 * VECTOR;
    } else {
      const c = v128.load(from + 2 * laneStride), d = v128.load(from + 3 * laneStride);
      transpose(a, b, c, d, to, VECTOR);
      to += 4 * VECTOR;
    }
  }
}

/** Copies a row in that layout back. */
export function lower(from: usize, to: usize, length: usize): void {
  const end = from + length * VECTOR, laneStride = length * SIZE;
  for (; from < end; to += VECTOR) {
    const a = v128.load(from), b = v128.load(from, VECTOR);
    if (SIZE == 8) {
      v128.store(to, v128.shuffle<f64>(a, b, 0, 2));
      v128.store(to + laneStride, v128.shuffle<f64>(a, b, 1, 3));
      from += 2 * VECTOR;
    } else {
      const c = v128.load(from, 2 * VECTOR), d = v128.load(from, 3 * VECTOR);
      transpose(a, b, c, d, to, laneStride);
      from += 4 * VECTOR;
    }
  }
}

/** Stores the columns of the f32 rows a, b, c, d, `step` bytes apart. */
// @ts-ignore: decorator
@inline
function transpose(a: v128, b: v128, c: v128, d: v128, to: usize, step: usize): void {
  const p = v128.shuffle<f32>(a, b, 0, 4, 1, 5), q = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const r = v128.shuffle<f32>(c, d, 0, 4, 1, 5), s = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f64>(p, r, 0, 2));
  v128.store(to + step, v128.shuffle<f64>(p, r, 1, 3));
  v128.store(to + 2 * step, v128.shuffle<f64>(q, s, 0, 2));
  v128.store(to + 3 * step, v128.shuffle<f64>(q, s, 1, 3));
}

/** The vector west of a row's first: its last one, shifted by a lane. */
// @ts-ignore: decorator
@inline
export function beforeFirst(last: v128): v128 {
  return SIZE == 8 ? v128.shuffle<f64>(last, last, 1, 0) : v128.shuffle<f32>(last, last, 3, 0, 1, 2);
}

/** The vector east of a row's last: its first one, shifted by a lane. */
// @ts-ignore: decorator
@inline
export function afterLast(first: v128): v128 {
  return SIZE == 8 ? v128.shuffle<f64>(first, first, 1, 0) : v128.shuffle<f32>(first, first, 1, 2, 3, 0);
}

/** Bytes from the start of a row in that layout to column j of its window. */
// @ts-ignore: decorator
@inline
export function offsetInLift(j: usize, length: usize): usize {
  return (j % length) * VECTOR + (j / length) * SIZE;
}
