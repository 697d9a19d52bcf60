// One time level of four rows, in the lifted layout and in place: the innermost loop of everything that is fast.
//
// Rows a and b are carried from the four rows before, c, d, e and f are new. The rows b, c, d and e move on a level,
// and each is stored over its northern neighbour, which nobody needs any more: a, b, c, d. Rows e and f, a level
// behind, are carried on. `square` is unrolled by three, so that west, centre and east change places without moves.

import { real } from "./real";
import { cx, cy, SIZE, VECTOR } from "./grid";
import { afterLast, beforeFirst } from "./lift";
import { merge } from "./norm";

/** Vectors in a row. */
export let length: usize = 0;
/** Lifted rows of the source, or of the five coefficients one after the other, for each of the four rows. */
export let k0: usize = 0;
export let k1: usize = 0;
export let k2: usize = 0;
export let k3: usize = 0;
/** Distance between the rows of two coefficients. */
export let apart: usize = 0;
/** For each of the four rows: a row of masks, sign bits and what does not count zero. */
export let m0: usize = 0;
export let m1: usize = 0;
export let m2: usize = 0;
export let m3: usize = 0;
/** Where the norm goes. */
export let norm: usize = 0;

export function setLength(length_: usize, apart_: usize): void { length = length_; apart = apart_; }
export function setCoefficients(a: usize, b: usize, c: usize, d: usize): void { k0 = a; k1 = b; k2 = c; k3 = d; }
export function setMasks(a: usize, b: usize, c: usize, d: usize, to: usize): void { m0 = a; m1 = b; m2 = c; m3 = d; norm = to; }

/** 0.25 * ((n + s) + (w + e)), or cx * (w + e) + cy * (n + s); and + the source at k. */
// @ts-ignore: decorator
@inline
function plain(stretched: bool, source: bool, n: v128, s: v128, w: v128, e: v128, k: usize): v128 {
  const ns = v128.add<real>(n, s), we = v128.add<real>(w, e);
  const x = stretched
    ? v128.add<real>(v128.mul<real>(v128.splat<real>(cx), we), v128.mul<real>(v128.splat<real>(cy), ns))
    : v128.mul<real>(v128.splat<real>(0.25), v128.add<real>(ns, we));
  return source ? v128.add<real>(x, v128.load(k)) : x;
}

/** |x − c| where the mask counts. */
// @ts-ignore: decorator
@inline
function moved(x: v128, c: v128, mask: usize): v128 {
  return v128.and(v128.sub<real>(x, c), v128.load(mask));
}

/** One level of four rows of a plain stencil; what is constant is inlined. */
// @ts-ignore: decorator
@inline
function four(st: bool, g: bool, seen: bool, a: usize, b: usize, c: usize, d: usize, e: usize, f: usize): void {
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
  if (!seen) {
    for (const stop = end - 3 * VECTOR; a <= stop;) {
      eb = v128.load(b, 16); v128.store(a, plain(st, g, v128.load(a), mc, wb, eb, kb));
      ec = v128.load(c, 16); v128.store(b, plain(st, g, mb, md, wc, ec, kc));
      ed = v128.load(d, 16); v128.store(c, plain(st, g, mc, me, wd, ed, kd));
      ee = v128.load(e, 16); v128.store(d, plain(st, g, md, v128.load(f), we, ee, ke));
      wb = v128.load(b, 32); v128.store(a, plain(st, g, v128.load(a, 16), ec, mb, wb, kb + 16), 16);
      wc = v128.load(c, 32); v128.store(b, plain(st, g, eb, ed, mc, wc, kc + 16), 16);
      wd = v128.load(d, 32); v128.store(c, plain(st, g, ec, ee, md, wd, kd + 16), 16);
      we = v128.load(e, 32); v128.store(d, plain(st, g, ed, v128.load(f, 16), me, we, ke + 16), 16);
      mb = v128.load(b, 48); v128.store(a, plain(st, g, v128.load(a, 32), wc, eb, mb, kb + 32), 32);
      mc = v128.load(c, 48); v128.store(b, plain(st, g, wb, wd, ec, mc, kc + 32), 32);
      md = v128.load(d, 48); v128.store(c, plain(st, g, wc, we, ed, md, kd + 32), 32);
      me = v128.load(e, 48); v128.store(d, plain(st, g, wd, v128.load(f, 32), ee, me, ke + 32), 32);
      a += 48; b += 48; c += 48; d += 48; e += 48; f += 48;
      if (g) { kb += 48; kc += 48; kd += 48; ke += 48; }
    }
  }
  let most = v128.splat<real>(0), sum = most;
  let pb = m0, pc = m1, pd = m2, pe = m3;
  while (a < end) {
    eb = v128.load(b, 16); ec = v128.load(c, 16); ed = v128.load(d, 16); ee = v128.load(e, 16);
    const xb = plain(st, g, v128.load(a), mc, wb, eb, kb), xc = plain(st, g, mb, md, wc, ec, kc);
    const xd = plain(st, g, mc, me, wd, ed, kd), xe = plain(st, g, md, v128.load(f), we, ee, ke);
    v128.store(a, xb); v128.store(b, xc); v128.store(c, xd); v128.store(d, xe);
    if (seen) {
      const tb = moved(xb, mb, pb), tc = moved(xc, mc, pc), td = moved(xd, md, pd), te = moved(xe, me, pe);
      most = v128.pmax<real>(v128.pmax<real>(v128.pmax<real>(v128.pmax<real>(most, tb), tc), td), te);
      sum = v128.add<real>(sum, v128.add<real>(v128.add<real>(tb, tc), v128.add<real>(td, te)));
      pb += 16; pc += 16; pd += 16; pe += 16;
    }
    wb = mb; wc = mc; wd = md; we = me; mb = eb; mc = ec; md = ed; me = ee;
    a += 16; b += 16; c += 16; d += 16; e += 16; f += 16;
    if (g) { kb += 16; kc += 16; kd += 16; ke += 16; }
  }
  if (seen) merge(norm, most, sum);
}

/** One level of one row c between n and s, stored over n: ((an * n + as * s) + (aw * w + ae * e)) + g. */
// @ts-ignore: decorator
@inline
function one(seen: bool, n: usize, c: usize, s: usize, k: usize, mask: usize): void {
  const row = length * VECTOR, end = c + row, next = apart;
  let w = beforeFirst(v128.load(c + row - VECTOR)), m = v128.load(c);
  v128.store(c + row, afterLast(m));
  let ks = k + next, kw = ks + next, ke = kw + next, kg = ke + next;
  let most = v128.splat<real>(0), sum = most;
  while (c < end) {
    const e = v128.load(c, 16);
    const ns = v128.add<real>(v128.mul<real>(v128.load(k), v128.load(n)), v128.mul<real>(v128.load(ks), v128.load(s)));
    const we = v128.add<real>(v128.mul<real>(v128.load(kw), w), v128.mul<real>(v128.load(ke), e));
    const x = v128.add<real>(v128.add<real>(ns, we), v128.load(kg));
    v128.store(n, x);
    if (seen) {
      const t = moved(x, m, mask);
      most = v128.pmax<real>(most, t);
      sum = v128.add<real>(sum, t);
      mask += 16;
    }
    w = m; m = e;
    n += 16; c += 16; s += 16; k += 16; ks += 16; kw += 16; ke += 16; kg += 16;
  }
  if (seen) merge(norm, most, sum);
}

type Row = usize;
export function square(a: Row, b: Row, c: Row, d: Row, e: Row, f: Row): void { four(false, false, false, a, b, c, d, e, f); }
export function squareSeen(a: Row, b: Row, c: Row, d: Row, e: Row, f: Row): void { four(false, false, true, a, b, c, d, e, f); }
export function squareG(a: Row, b: Row, c: Row, d: Row, e: Row, f: Row): void { four(false, true, false, a, b, c, d, e, f); }
export function squareGSeen(a: Row, b: Row, c: Row, d: Row, e: Row, f: Row): void { four(false, true, true, a, b, c, d, e, f); }
export function stretched(a: Row, b: Row, c: Row, d: Row, e: Row, f: Row): void { four(true, false, false, a, b, c, d, e, f); }
export function stretchedSeen(a: Row, b: Row, c: Row, d: Row, e: Row, f: Row): void { four(true, false, true, a, b, c, d, e, f); }
export function stretchedG(a: Row, b: Row, c: Row, d: Row, e: Row, f: Row): void { four(true, true, false, a, b, c, d, e, f); }
export function stretchedGSeen(a: Row, b: Row, c: Row, d: Row, e: Row, f: Row): void { four(true, true, true, a, b, c, d, e, f); }
export function weighted(a: Row, b: Row, c: Row, d: Row, e: Row, f: Row): void {
  one(false, a, b, c, k0, m0); one(false, b, c, d, k1, m1); one(false, c, d, e, k2, m2); one(false, d, e, f, k3, m3);
}
export function weightedSeen(a: Row, b: Row, c: Row, d: Row, e: Row, f: Row): void {
  one(true, a, b, c, k0, m0); one(true, b, c, d, k1, m1); one(true, c, d, e, k2, m2); one(true, d, e, f, k3, m3);
}
