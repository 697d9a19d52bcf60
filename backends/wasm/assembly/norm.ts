// max |new − old| over vectors. A maximum drops NaN, so a sum goes along: of numbers that are >= 0 it is NaN if and
// only if one of them is.

import { real } from "./real";
import { SIZE, VECTOR } from "./grid";

/** Bytes that a norm takes: its maxima, then its sums, lane by lane. */
export const NORM: usize = 2 * VECTOR;

/** Nothing seen yet. */
export function clear(norm: usize): void {
  memory.fill(norm, 0, NORM);
}

/** Adds what a loop has seen. */
// @ts-ignore: decorator
@inline
export function merge(norm: usize, most: v128, sum: v128): void {
  v128.store(norm, v128.pmax<real>(v128.load(norm), most));
  v128.store(norm, v128.add<real>(v128.load(norm, VECTOR), sum), VECTOR);
}

/** Adds one number. */
// @ts-ignore: decorator
@inline
export function see(norm: usize, d: real): void {
  if (d > load<real>(norm)) store<real>(norm, d);
  store<real>(norm, load<real>(norm, VECTOR) + d, VECTOR);
}

/** @returns the largest of all lanes, NaN if any number was. */
export function value(norm: usize): f64 {
  let most: real = 0;
  for (let lane: usize = 0; lane < VECTOR; lane += SIZE) {
    const sum = load<real>(norm + lane, VECTOR);
    if (sum != sum) return NaN;
    most = max<real>(most, load<real>(norm + lane));
  }
  return most;
}
