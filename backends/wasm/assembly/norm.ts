// max |new − old|. A maximum drops NaN, so a sum goes along: of numbers that are >= 0 it is NaN if and only if one of
// them is.

import { LANES, SIZE, VECTOR } from "./grid";
import { real } from "./real";

/** Bytes that a norm takes: its maxima, then its sums, lane by lane. */
export const NORM: usize = 2 * VECTOR;

/** Every second lane from the first. */
export const ODD = SIZE == 8 ? i64x2(-1, 0) : i32x4(-1, 0, -1, 0);

/** Resets a norm. */
export function clearNorm(norm: usize): void {
  memory.fill(norm, 0, NORM);
}

/** Accumulates the maxima and sums of a loop over vectors. */
// @ts-ignore: decorator
@inline
export function mergeNorm(norm: usize, most: v128, sum: v128): void {
  v128.store(norm, v128.pmax<real>(v128.load(norm), most));
  v128.store(norm, v128.add<real>(v128.load(norm, VECTOR), sum), VECTOR);
}

/** Accumulates max |b − a| over columns from, from + step, … below `to` of two rows; step is 1 or 2. */
export function difference(a: usize, b: usize, from: i32, to: i32, step: i32, norm: usize): void {
  const mask = step == 1 ? i64x2(-1, -1) : ODD;
  let most = v128.splat<real>(0), sum = most;
  for (; from + <i32> LANES <= to; from += <i32> LANES) {
    const at = <usize> from * SIZE;
    const d = v128.and(mask, v128.abs<real>(v128.sub<real>(v128.load(b + at), v128.load(a + at))));
    most = v128.pmax<real>(most, d);
    sum = v128.add<real>(sum, d);
  }
  mergeNorm(norm, most, sum);
  for (; from < to; from += step) {
    const at = <usize> from * SIZE;
    const d = abs<real>(load<real>(b + at) - load<real>(a + at));
    if (d > load<real>(norm)) store<real>(norm, d);
    store<real>(norm, load<real>(norm, VECTOR) + d, VECTOR);
  }
}

/** @returns the largest of all lanes, NaN if any number was. */
export function normOf(norm: usize): f64 {
  let most: real = 0;
  for (let lane: usize = 0; lane < VECTOR; lane += SIZE) {
    const sum = load<real>(norm + lane, VECTOR);
    if (sum != sum) return NaN;
    most = max<real>(most, load<real>(norm + lane));
  }
  return most;
}
