/**
 * The arithmetic of a row in f32: `rows_f64.ts` with each operation rounded, as a processor's single precision does.
 * (One source for both, with the rounding as a parameter, ran ten times slower: the engines do not inline it.)
 *
 * `at` is where a row starts inside the ghost layer, `to` where its result goes in `out`, `stride` the points of a
 * stored row, `count` those inside or a part of them.
 *
 * @module
 */

import type { GridData } from "../../core/contract.ts";
import type { Fields } from "./grid.ts";

const f = Math.fround;

/** out = 0.25 * ((n + s) + (w + e)), for dx = dy. */
export function square(u: GridData, at: number, out: GridData, to: number, stride: number) {
  const shift = (to - at) | 0, end = (at + stride - 2) | 0;
  let w = u[at - 1]!, c = u[at]!;
  for (let k = at | 0; k < end; k = (k + 1) | 0) {
    const e = u[(k + 1) | 0]!;
    out[(k + shift) | 0] = f(0.25 * f(f(u[(k - stride) | 0]! + u[(k + stride) | 0]!) + f(w + e)));
    w = c;
    c = e;
  }
}

/** out = cx * (w + e) + cy * (n + s). */
export function stretched(u: GridData, at: number, out: GridData, to: number, stride: number, cx: number, cy: number) {
  const shift = (to - at) | 0, end = (at + stride - 2) | 0;
  let w = u[at - 1]!, c = u[at]!;
  for (let k = at | 0; k < end; k = (k + 1) | 0) {
    const e = u[(k + 1) | 0]!;
    out[(k + shift) | 0] = f(f(cx * f(w + e)) + f(cy * f(u[(k - stride) | 0]! + u[(k + stride) | 0]!)));
    w = c;
    c = e;
  }
}

/** out = ((an * n + as * s) + (aw * w + ae * e)) + g. */
export function weighted(u: GridData, at: number, out: GridData, to: number, stride: number, fields: Fields) {
  const { an, as, aw, ae, g } = fields;
  const shift = (to - at) | 0, end = (at + stride - 2) | 0;
  let w = u[at - 1]!, c = u[at]!;
  for (let k = at | 0; k < end; k = (k + 1) | 0) {
    const e = u[(k + 1) | 0]!;
    out[(k + shift) | 0] = f(
      f(f(f(an[k]! * u[(k - stride) | 0]!) + f(as[k]! * u[(k + stride) | 0]!)) + f(f(aw[k]! * w) + f(ae[k]! * e))) +
        g[k]!,
    );
    w = c;
    c = e;
  }
}

/** out += g. */
export function add(g: GridData, at: number, out: GridData, to: number, count: number) {
  for (let k = 0; k < count; k = (k + 1) | 0) out[(to + k) | 0] = f(out[(to + k) | 0]! + g[(at + k) | 0]!);
}

/** u += omega * (s − u) on every second point; s keeps what u was. */
export function relax(u: GridData, at: number, s: GridData, from: number, count: number, omega: number) {
  for (let k = 0; k < count; k = (k + 2) | 0) {
    const old = u[(at + k) | 0]!;
    u[(at + k) | 0] = f(old + f(omega * f(s[(from + k) | 0]! - old)));
    s[(from + k) | 0] = old;
  }
}

/** @returns max |a − b| of every `step`-th point, NaN if any is NaN. */
export function difference(a: GridData, at: number, b: GridData, from: number, count: number, step: number) {
  let most = 0;
  for (let k = 0; k < count; k = (k + step) | 0) {
    const d = Math.abs(f(a[(at + k) | 0]! - b[(from + k) | 0]!));
    if (d > most || d !== d) most = d;
  }
  return most;
}
