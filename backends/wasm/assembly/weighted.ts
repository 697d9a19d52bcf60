// A time step of four rows of a weighted stencil, one after the other: reading five coefficients a point costs more
// than reading rows twice.

import { value } from "./formula";
import { VECTOR, WEIGHTED } from "./grid";
import { coefficientStride, k0, k1, k2, k3, length, m0, m1, m2, m3, moved, norm, Row } from "./time_step";
import { afterLast, beforeFirst } from "./dimension_lift";
import { mergeNorm } from "./norm";
import { real } from "./real";

/** One row c between n and s, stored over n. */
// @ts-ignore: decorator
@inline
function one(withNorm: bool, n: usize, c: usize, s: usize, k: usize, mask: usize): void {
  const row = length * VECTOR, end = c + row, stride = coefficientStride;
  let w = beforeFirst(v128.load(c + row - VECTOR)), m = v128.load(c);
  v128.store(c + row, afterLast(m));
  let most = v128.splat<real>(0), sum = most;
  while (c < end) {
    const e = v128.load(c, 16);
    const x = value(WEIGHTED, true, v128.load(n), v128.load(s), w, e, k, stride, k + 4 * stride);
    v128.store(n, x);
    if (withNorm) {
      const t = moved(x, m, mask);
      most = v128.pmax<real>(most, t);
      sum = v128.add<real>(sum, t);
      mask += 16;
    }
    w = m; m = e;
    n += 16; c += 16; s += 16; k += 16;
  }
  if (withNorm) mergeNorm(norm, most, sum);
}

export function weighted(a: Row, b: Row, c: Row, d: Row, e: Row, f: Row): void {
  one(false, a, b, c, k0, m0); one(false, b, c, d, k1, m1); one(false, c, d, e, k2, m2); one(false, d, e, f, k3, m3);
}
export function weightedNorm(a: Row, b: Row, c: Row, d: Row, e: Row, f: Row): void {
  one(true, a, b, c, k0, m0); one(true, b, c, d, k1, m1); one(true, c, d, e, k2, m2); one(true, d, e, f, k3, m3);
}
