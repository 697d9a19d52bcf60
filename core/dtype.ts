/**
 * What follows from the precision of a field: bytes, arrays, rounding.
 *
 * @module
 */

import type { Dtype, GridData } from "./grid_data.ts";

/** Unit roundoff: the largest relative error of one operation. */
export function roundoff(dtype: Dtype): number {
  return dtype === "f32" ? 2 ** -24 : 2 ** -53;
}

/** The smallest number above 0: results are no nearer to it than half of this. */
export function smallest(dtype: Dtype): number {
  return dtype === "f32" ? 2 ** -149 : 2 ** -1074;
}

/** The largest absolute value of a field: sums and squares of such still fit. */
export function largestValue(dtype: Dtype): number {
  return dtype === "f32" ? 1e37 : 1e140;
}

/** Rounds a number as the precision does. */
export function rounder(dtype: Dtype): (x: number) => number {
  return dtype === "f32" ? Math.fround : (x) => x;
}

/** Bytes of a number. */
export function bytesPerValue(dtype: Dtype): number {
  return dtype === "f32" ? 4 : 8;
}

/** The typed array that holds such numbers. */
export function arrayType(dtype: Dtype): Float32ArrayConstructor | Float64ArrayConstructor {
  return dtype === "f32" ? Float32Array : Float64Array;
}

/** An array of `length` zeros. */
export function allocate(dtype: Dtype, length: number): GridData {
  return dtype === "f32" ? new Float32Array(length) : new Float64Array(length);
}

/** An array over a part of a buffer, which may be shared memory. @param at byte where it begins */
export function view(dtype: Dtype, buffer: ArrayBufferLike, at?: number, length?: number): GridData {
  return dtype === "f32" ? new Float32Array(buffer, at, length) : new Float64Array(buffer, at, length);
}
