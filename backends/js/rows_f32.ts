/**
 * The arithmetic of a row in f32: `rows_f64.ts` with each operation rounded, as a processor's single precision does.
 * (One source for both, with the rounding as a parameter, ran ten times slower: the engines do not inline it.)
 *
 * `at` is where the row starts in the stored arrays, `to` where its result goes in `out`, `count` its points,
 * `stride` the distance to the rows north and south.
 *
 * @module
 */

const f = Math.fround;

/** out = 0.25 * ((n + s) + (w + e)), for dx = dy. */
export function square(u: Float32Array, at: number, out: Float32Array, to: number, count: number, stride: number) {
  const shift = to - at;
  let w = u[at - 1]!, c = u[at]!;
  for (let k = at; k < at + count; k++) {
    const e = u[k + 1]!;
    out[k + shift] = f(0.25 * f(f(u[k - stride]! + u[k + stride]!) + f(w + e)));
    w = c;
    c = e;
  }
}

/** out = cx * (w + e) + cy * (n + s). */
export function stretched(
  u: Float32Array,
  at: number,
  out: Float32Array,
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
    out[k + shift] = f(f(cx * f(w + e)) + f(cy * f(u[k - stride]! + u[k + stride]!)));
    w = c;
    c = e;
  }
}

/** out = ((an * n + as * s) + (aw * w + ae * e)) + g. */
export function weighted(
  u: Float32Array,
  at: number,
  out: Float32Array,
  to: number,
  count: number,
  stride: number,
  an: Float32Array,
  as: Float32Array,
  aw: Float32Array,
  ae: Float32Array,
  g: Float32Array,
) {
  const shift = to - at;
  let w = u[at - 1]!, c = u[at]!;
  for (let k = at; k < at + count; k++) {
    const e = u[k + 1]!;
    out[k + shift] = f(
      f(f(f(an[k]! * u[k - stride]!) + f(as[k]! * u[k + stride]!)) + f(f(aw[k]! * w) + f(ae[k]! * e))) + g[k]!,
    );
    w = c;
    c = e;
  }
}

/** out += g. */
export function add(g: Float32Array, at: number, out: Float32Array, to: number, count: number) {
  for (let k = 0; k < count; k++) out[to + k] = f(out[to + k]! + g[at + k]!);
}

/** u += omega * (s − u) on every second point. @returns max |u_new − u_old|, NaN if any is NaN. */
export function relax(u: Float32Array, at: number, s: Float32Array, from: number, count: number, omega: number) {
  let most = 0;
  for (let k = 0; k < count; k += 2) {
    const old = u[at + k]!;
    const fresh = f(old + f(omega * f(s[from + k]! - old)));
    u[at + k] = fresh;
    const d = Math.abs(f(fresh - old));
    if (d > most || d !== d) most = d;
  }
  return most;
}

/** @returns max |a − b|, NaN if any is NaN. */
export function difference(a: Float32Array, b: Float32Array, at: number, count: number) {
  let most = 0;
  for (let k = at; k < at + count; k++) {
    const d = Math.abs(f(a[k]! - b[k]!));
    if (d > most || d !== d) most = d;
  }
  return most;
}
