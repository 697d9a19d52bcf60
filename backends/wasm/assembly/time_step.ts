// One time step of four rows, in the lifted layout and in place: what plain.ts and weighted.ts share.
//
// Rows a and b are carried from the four rows before, c, d, e and f are new. The rows b, c, d and e advance a time
// step, and each is stored over its northern neighbour, which is not needed any more: a, b, c, d. Rows e and f, a time
// step behind, are carried on.

import { VECTOR } from "./grid";
import { real } from "./real";

/** The address of a lifted row. */
export type Row = usize;

/** Vectors in a row. */
export let length: usize = 0;
/** For each of the four rows, its lifted coefficients. */
export let k0: usize = 0;
export let k1: usize = 0;
export let k2: usize = 0;
export let k3: usize = 0;
/** From one lifted coefficient to the next. */
export let coefficientStride: usize = 0;
/** For each of the four rows: a row of masks that clear sign bits, and all bits of points that do not count. */
export let m0: usize = 0;
export let m1: usize = 0;
export let m2: usize = 0;
export let m3: usize = 0;
/** Where the norm is accumulated. */
export let norm: usize = 0;

export function setLength(length_: usize, stride: usize): void { length = length_; coefficientStride = stride; }
export function setCoefficients(a: usize, b: usize, c: usize, d: usize): void { k0 = a; k1 = b; k2 = c; k3 = d; }
export function setMasks(a: usize, b: usize, c: usize, d: usize, to: usize): void {
  m0 = a; m1 = b; m2 = c; m3 = d; norm = to;
}

/** |x − c| where the mask counts. */
// @ts-ignore: decorator
@inline
export function moved(x: v128, c: v128, mask: usize): v128 {
  return v128.and(v128.sub<real>(x, c), v128.load(mask));
}
