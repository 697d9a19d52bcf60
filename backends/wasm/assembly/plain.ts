// A time step of four rows of a plain stencil: the innermost loop of sweeps over tiles. Unrolled by three, so that
// west, centre and east are renamed instead of copied; with a norm the simple loop does it all.

import { value } from "./formula";
import { SQUARE, STRETCHED, VECTOR } from "./grid";
import { k0, k1, k2, k3, length, m0, m1, m2, m3, moved, norm, Row } from "./time_step";
import { afterLast, beforeFirst } from "./dimension_lift";
import { mergeNorm } from "./norm";
import { real } from "./real";

/** The four rows; stencil, source and `withNorm` are constants, and inlined. */
// @ts-ignore: decorator
@inline
function four(st: i32, g: bool, withNorm: bool, a: usize, b: usize, c: usize, d: usize, e: usize, f: usize): void {
  const row = length * VECTOR, last = row - VECTOR, end = a + row;
  let wb = beforeFirst(v128.load(b + last)), wc = beforeFirst(v128.load(c + last));
  let wd = beforeFirst(v128.load(d + last)), we = beforeFirst(v128.load(e + last));
  let mb = v128.load(b), mc = v128.load(c), md = v128.load(d), me = v128.load(e);
  v128.store(b + row, afterLast(mb));
  v128.store(c + row, afterLast(mc));
  v128.store(d + row, afterLast(md));
  v128.store(e + row, afterLast(me));
  let eb = mb, ec = mc, ed = md, ee = me;
  let kb = k0, kc = k1, kd = k2, ke = k3;
  if (!withNorm) {
    for (const stop = end - 3 * VECTOR; a <= stop;) {
      eb = v128.load(b, 16); v128.store(a, value(st, g, v128.load(a), mc, wb, eb, 0, 0, kb));
      ec = v128.load(c, 16); v128.store(b, value(st, g, mb, md, wc, ec, 0, 0, kc));
      ed = v128.load(d, 16); v128.store(c, value(st, g, mc, me, wd, ed, 0, 0, kd));
      ee = v128.load(e, 16); v128.store(d, value(st, g, md, v128.load(f), we, ee, 0, 0, ke));
      wb = v128.load(b, 32); v128.store(a, value(st, g, v128.load(a, 16), ec, mb, wb, 0, 0, kb + 16), 16);
      wc = v128.load(c, 32); v128.store(b, value(st, g, eb, ed, mc, wc, 0, 0, kc + 16), 16);
      wd = v128.load(d, 32); v128.store(c, value(st, g, ec, ee, md, wd, 0, 0, kd + 16), 16);
      we = v128.load(e, 32); v128.store(d, value(st, g, ed, v128.load(f, 16), me, we, 0, 0, ke + 16), 16);
      mb = v128.load(b, 48); v128.store(a, value(st, g, v128.load(a, 32), wc, eb, mb, 0, 0, kb + 32), 32);
      mc = v128.load(c, 48); v128.store(b, value(st, g, wb, wd, ec, mc, 0, 0, kc + 32), 32);
      md = v128.load(d, 48); v128.store(c, value(st, g, wc, we, ed, md, 0, 0, kd + 32), 32);
      me = v128.load(e, 48); v128.store(d, value(st, g, wd, v128.load(f, 32), ee, me, 0, 0, ke + 32), 32);
      a += 48; b += 48; c += 48; d += 48; e += 48; f += 48;
      if (g) { kb += 48; kc += 48; kd += 48; ke += 48; }
    }
  }
  let most = v128.splat<real>(0), sum = most;
  let pb = m0, pc = m1, pd = m2, pe = m3;
  while (a < end) {
    eb = v128.load(b, 16); ec = v128.load(c, 16); ed = v128.load(d, 16); ee = v128.load(e, 16);
    const xb = value(st, g, v128.load(a), mc, wb, eb, 0, 0, kb), xc = value(st, g, mb, md, wc, ec, 0, 0, kc);
    const xd = value(st, g, mc, me, wd, ed, 0, 0, kd), xe = value(st, g, md, v128.load(f), we, ee, 0, 0, ke);
    v128.store(a, xb); v128.store(b, xc); v128.store(c, xd); v128.store(d, xe);
    if (withNorm) {
      const tb = moved(xb, mb, pb), tc = moved(xc, mc, pc), td = moved(xd, md, pd), te = moved(xe, me, pe);
      most = v128.pmax<real>(v128.pmax<real>(v128.pmax<real>(v128.pmax<real>(most, tb), tc), td), te);
      sum = v128.add<real>(sum, v128.add<real>(v128.add<real>(tb, tc), v128.add<real>(td, te)));
      pb += 16; pc += 16; pd += 16; pe += 16;
    }
    wb = mb; wc = mc; wd = md; we = me; mb = eb; mc = ec; md = ed; me = ee;
    a += 16; b += 16; c += 16; d += 16; e += 16; f += 16;
    if (g) { kb += 16; kc += 16; kd += 16; ke += 16; }
  }
  if (withNorm) mergeNorm(norm, most, sum);
}

export function square(a: Row, b: Row, c: Row, d: Row, e: Row, f: Row): void { four(SQUARE, false, false, a, b, c, d, e, f); }
export function squareNorm(a: Row, b: Row, c: Row, d: Row, e: Row, f: Row): void { four(SQUARE, false, true, a, b, c, d, e, f); }
export function squareG(a: Row, b: Row, c: Row, d: Row, e: Row, f: Row): void { four(SQUARE, true, false, a, b, c, d, e, f); }
export function squareGNorm(a: Row, b: Row, c: Row, d: Row, e: Row, f: Row): void { four(SQUARE, true, true, a, b, c, d, e, f); }
export function stretched(a: Row, b: Row, c: Row, d: Row, e: Row, f: Row): void { four(STRETCHED, false, false, a, b, c, d, e, f); }
export function stretchedNorm(a: Row, b: Row, c: Row, d: Row, e: Row, f: Row): void { four(STRETCHED, false, true, a, b, c, d, e, f); }
export function stretchedG(a: Row, b: Row, c: Row, d: Row, e: Row, f: Row): void { four(STRETCHED, true, false, a, b, c, d, e, f); }
export function stretchedGNorm(a: Row, b: Row, c: Row, d: Row, e: Row, f: Row): void { four(STRETCHED, true, true, a, b, c, d, e, f); }
