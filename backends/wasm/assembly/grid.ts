// The grid that an instance works on: where its arrays lie in memory, and what its stencil is. Set once by `open`.
//
// A stored array has `ny` rows of `nx` points, `pitch` bytes apart; its ghost layer is read and never updated.

import { real } from "./real";

/** Bytes of a number, and of a vector: 2 numbers in f64, 4 in f32. */
export const SIZE: usize = sizeof<real>();
export const VECTOR: usize = 16;
export const LANES: usize = VECTOR / SIZE;

/** The formula of a sweep: see core/kernels/kernels.ts. A source is added to the first two. */
export const SQUARE = 0, STRETCHED = 1, WEIGHTED = 2;
export let form: i32 = SQUARE;
export let source: bool = false;
export let cx: real = 0.25;
export let cy: real = 0.25;

export let ny: i32 = 0;
export let nx: i32 = 0;
export let pitch: usize = 0;
/** Points that count in norms: rows [r0, r1), columns [c0, c1). */
export let r0: i32 = 0;
export let r1: i32 = 0;
export let c0: i32 = 0;
export let c1: i32 = 0;
/** Colour of point (0, 0). */
export let parity: i32 = 0;
/** Whether ghost rows and ghost columns repeat the opposite side. */
export let periodicRows: bool = false;
export let periodicCols: bool = false;

/** The two iterates. */
export let u0: usize = 0;
export let u1: usize = 0;
/** The arrays an, as, aw and ae, each `arrayStride` bytes from the one before. */
export let coefficients: usize = 0;
export let arrayStride: usize = 0;
/** From `an` to g; in a plain stencil `coefficients` is g, and this 0. */
export let gOffset: usize = 0;
/** Memory of this thread alone. */
export let scratch: usize = 0;

export function open(
  form_: i32, source_: bool, cx_: f64, cy_: f64,
  ny_: i32, nx_: i32, pitch_: usize, r0_: i32, r1_: i32, c0_: i32, c1_: i32,
  parity_: i32, periodicRows_: bool, periodicCols_: bool,
  u0_: usize, u1_: usize, coefficients_: usize, arrayStride_: usize, gOffset_: usize, scratch_: usize,
): void {
  form = form_; source = source_; cx = <real> cx_; cy = <real> cy_;
  ny = ny_; nx = nx_; pitch = pitch_; r0 = r0_; r1 = r1_; c0 = c0_; c1 = c1_;
  parity = parity_; periodicRows = periodicRows_; periodicCols = periodicCols_;
  u0 = u0_; u1 = u1_; coefficients = coefficients_; arrayStride = arrayStride_; gOffset = gOffset_; scratch = scratch_;
}

/** Where row i of an array starts. */
// @ts-ignore: decorator
@inline
export function row(array: usize, i: i32): usize {
  return array + <usize> i * pitch;
}
