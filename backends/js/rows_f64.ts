/**
 * The arithmetic of a row in f64: what every other backend must reproduce bit for bit. `rows_f32.ts` beside it is the
 * same with a rounding after each operation.
 *
 * `at` is where the row starts in the stored arrays, `to` where its result goes in `out`, `count` its points,
 * `stride` the distance to the rows north and south.
 *
 * @module
 */

/** out = 0.25 * ((n + s) + (w + e)), for dx = dy. */
export function square(u: Float64Array, at: number, out: Float64Array, to: number, count: number, stride: number) {
  const shift = to - at;
  let w = u[at - 1]!, c = u[at]!;
  for (let k = at; k < at + count; k++) {
    const e = u[k + 1]!;
    out[k + shift] = 0.25 * ((u[k - stride]! + u[k + stride]!) + (w + e));
    w = c;
    c = e;
  }
}

/** out = cx * (w + e) + cy * (n + s). */
export function stretched(
  u: Float64Array,
  at: number,
  out: Float64Array,
  to: number,
  count: number,
  stride: number,
  cx: number,
  cy: number,
) {
  const shift = to - at;
  let w = u[at - 1]!, c = u[at]!;
  for (let k = at; k < at + count; k++) {
    const e = u[k + 1]!;
    out[k + shift] = cx * (w + e) + cy * (u[k - stride]! + u[k + stride]!);
    w = c;
    c = e;
  }
}

/** out = ((an * n + as * s) + (aw * w + ae * e)) + g. */
export function weighted(
  u: Float64Array,
  at: number,
  out: Float64Array,
  to: number,
  count: number,
  stride: number,
  an: Float64Array,
  as: Float64Array,
  aw: Float64Array,
  ae: Float64Array,
  g: Float64Array,
) {
  const shift = to - at;
  let w = u[at - 1]!, c = u[at]!;
  for (let k = at; k < at + count; k++) {
    const e = u[k + 1]!;
    out[k + shift] = ((an[k]! * u[k - stride]! + as[k]! * u[k + stride]!) + (aw[k]! * w + ae[k]! * e)) + g[k]!;
    w = c;
    c = e;
  }
}

/** out += g. */
export function add(g: Float64Array, at: number, out: Float64Array, to: number, count: number) {
  for (let k = 0; k < count; k++) out[to + k]! += g[at + k]!;
}

/** u += omega * (s − u) on every second point. @returns max |u_new − u_old|, NaN if any is NaN. */
export function relax(u: Float64Array, at: number, s: Float64Array, from: number, count: number, omega: number) {
  let most = 0;
  for (let k = 0; k < count; k += 2) {
    const old = u[at + k]!;
    const fresh = old + omega * (s[from + k]! - old);
    u[at + k] = fresh;
    const d = Math.abs(fresh - old);
    if (d > most || d !== d) most = d;
  }
  return most;
}

/** @returns max |a − b|, NaN if any is NaN. */
export function difference(a: Float64Array, b: Float64Array, at: number, count: number) {
  let most = 0;
  for (let k = at; k < at + count; k++) {
    const d = Math.abs(a[k]! - b[k]!);
    if (d > most || d !== d) most = d;
  }
  return most;
}
