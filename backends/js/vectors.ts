/**
 * The arithmetic of conjugate gradients on the points [from, to) of a row: stored numbers are rounded to the grid's own
 * precision, intermediate ones are not. No state: `workers` runs the same functions on shared memory.
 *
 * @module
 */

import type { GridData } from "../../core/contract.ts";

/** r = v − u. @returns Σ d r². An empty d is all ones. */
export function subtract(v: GridData, u: GridData, r: GridData, from: number, to: number, d: GridData): number {
  for (let k = from; k < to; k++) r[k] = v[k]! - u[k]!;
  return dot(r, r, from, to, d);
}

/** @returns Σ d a b. */
export function dot(a: GridData, b: GridData, from: number, to: number, d: GridData): number {
  let sum = 0;
  if (d.length === 0) { for (let k = from; k < to; k++) sum += a[k]! * b[k]!; }
  else for (let k = from; k < to; k++) sum += d[k]! * a[k]! * b[k]!;
  return sum;
}

/** p = z + beta p; p may hold anything where beta is 0. */
export function combine(z: GridData, p: GridData, beta: number, from: number, to: number): number {
  if (beta === 0) p.set(z.subarray(from, to), from);
  else for (let k = from; k < to; k++) p[k] = z[k]! + beta * p[k]!;
  return 0;
}

/** y += alpha x. @returns max |y| if `result`, else max |alpha x|. */
export function add(alpha: number, x: GridData, y: GridData, from: number, to: number, result = false): number {
  let most = 0;
  for (let k = from; k < to; k++) {
    const step = alpha * x[k]!;
    const value = y[k]! + step;
    y[k] = value;
    const size = Math.abs(result ? value : step);
    if (size > most || size !== size) most = size;
  }
  return most;
}

/** q = B p. @returns Σ p q. */
export function applyPlain(p: GridData, q: GridData, from: number, to: number, stride: number, cx: number, cy: number) {
  let sum = 0;
  for (let k = from; k < to; k++) {
    const c = p[k]!;
    const value = c - (cx * (p[k - 1]! + p[k + 1]!) + cy * (p[k - stride]! + p[k + stride]!));
    q[k] = value;
    sum += c * value;
  }
  return sum;
}

/** q = B p. @returns Σ d p q. */
export function applyWeighted(
  p: GridData,
  q: GridData,
  from: number,
  to: number,
  stride: number,
  an: GridData,
  as: GridData,
  aw: GridData,
  ae: GridData,
  d: GridData,
) {
  let sum = 0;
  for (let k = from; k < to; k++) {
    const c = p[k]!;
    const around = (an[k]! * p[k - stride]! + as[k]! * p[k + stride]!) + (aw[k]! * p[k - 1]! + ae[k]! * p[k + 1]!);
    const value = c - around;
    q[k] = value;
    sum += d[k]! * c * value;
  }
  return sum;
}
