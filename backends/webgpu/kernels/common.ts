/**
 * WGSL that several kernels have in common.
 *
 * @module
 */

import { GROUP } from "../../engine-gpu/device.ts";

/**
 * A product, rounded. Compilers for GPUs may fuse and regroup sums of products: written plainly, one weighted sweep of `sor`
 * differed at 678 of 12707 points on llvmpipe. No compiler knows that `minus_zero` is -0, and x - 0 is x: so this is rounded.
 */
export const MUL = `fn mul(a: f32, b: f32) -> f32 { return fma(a, b, p.minus_zero); }`;

/** A difference, rounded, where `a` is a sum with `b` in it, which compilers would cancel. */
export const LESS = `fn less(a: f32, b: f32) -> f32 { return fma(b, p.minus_one, a); }`;

/** The value of a Jacobi sweep; `f` is where plane 0 of the point is in `fields`. Forms are those of native/gpu/kernels.cl. */
export const JACOBI_VALUE = `${MUL}
const SQUARE = 0;
const SQUARE_SOURCE = 1;
const STRETCHED = 2;
const STRETCHED_SOURCE = 3;
const WEIGHTED = 4;

fn jacobi_value(n: f32, s: f32, w: f32, e: f32, f: i32) -> f32 {
  let pitch = p.pitch;
  if (p.form == WEIGHTED) {
    let across = mul(fields[f], n) + mul(fields[f + pitch], s);
    return (across + (mul(fields[f + 2 * pitch], w) + mul(fields[f + 3 * pitch], e))) + fields[f + 4 * pitch];
  }
  var value: f32;
  if (p.form < STRETCHED) {
    value = 0.25 * ((n + s) + (w + e));
  } else {
    value = mul(p.cx, w + e) + mul(p.cy, n + s);
  }
  if (p.form == SQUARE_SOURCE || p.form == STRETCHED_SOURCE) { value += fields[f]; }
  return value;
}`;

/**
 * Norms are not negative: their bits, as whole numbers, have the same order, and NaN is the largest. Comparing numbers, a
 * compiler may assume that none is NaN.
 */
export const BITS = `fn bits(a: f32) -> u32 { return bitcast<u32>(a) & 0x7fffffffu; }`;

/** `target`[at + number of the group] = the largest value of a group. All its threads must call it. */
export function storeGroupMax(target: string, scratch = "scratch"): string {
  const threads = GROUP[0] * GROUP[1];
  return `${BITS}
${scratch === "scratch" ? `var<workgroup> scratch: array<u32, ${threads}>;` : ""}
fn store_group_max(value: u32, at: i32, id: vec2i, group: vec2i, groups: vec2i) {
  let thread = id.y * ${GROUP[0]} + id.x;
  ${scratch}[thread] = value;
  workgroupBarrier();
  for (var stride = ${threads / 2}; stride > 0; stride /= 2) {
    if (thread < stride) { ${scratch}[thread] = max(${scratch}[thread], ${scratch}[thread + stride]); }
    workgroupBarrier();
  }
  if (thread == 0) { ${target}[at + group.y * groups.x + group.x] = ${scratch}[0]; }
}`;
}
