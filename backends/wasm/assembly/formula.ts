// The stencil's formula at a vector of points, in the association of core/kernels/kernels.ts:
//
//   square     0.25 * ((n + s) + (w + e)), then + g if there is a source
//   stretched  cx * (w + e) + cy * (n + s), then + g likewise
//   weighted   ((an * n + as * s) + (aw * w + ae * e)) + g

import { real } from "./real";
import { cx, cy, SQUARE, WEIGHTED } from "./grid";

/**
 * The formula, inlined where `form` and `source` are constants.
 *
 * @param k where the coefficients are: an, as, aw, ae, each `stride` bytes from the one before
 * @param g where the constant term is
 */
// @ts-ignore: decorator
@inline
export function value(form: i32, source: bool, n: v128, s: v128, w: v128, e: v128, k: usize, stride: usize, g: usize): v128 {
  if (form == WEIGHTED) {
    const kw = k + 2 * stride;
    const ns = v128.add<real>(v128.mul<real>(v128.load(k), n), v128.mul<real>(v128.load(k + stride), s));
    const we = v128.add<real>(v128.mul<real>(v128.load(kw), w), v128.mul<real>(v128.load(kw + stride), e));
    return v128.add<real>(v128.add<real>(ns, we), v128.load(g));
  }
  const ns = v128.add<real>(n, s), we = v128.add<real>(w, e);
  const x = form == SQUARE
    ? v128.mul<real>(v128.splat<real>(0.25), v128.add<real>(ns, we))
    : v128.add<real>(v128.mul<real>(v128.splat<real>(cx), we), v128.mul<real>(v128.splat<real>(cy), ns));
  return source ? v128.add<real>(x, v128.load(g)) : x;
}
