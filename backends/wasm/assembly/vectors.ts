// Conjugate gradients, row by row: see core/kernels/kernels.ts. Dot products are f64, one for each row, in two arrays.

import {
  arrayStride, c0, c1, coefficients, cx, cy, form, nx, pitch, r0, r1, row, scratch, SIZE, u0, u1, VECTOR, WEIGHTED,
} from "./grid";
import { clearNorm, difference, mergeNorm, NORM, normOf } from "./norm";
import { real } from "./real";
import { fillGhosts, firstLanes, sweepRow } from "./rows";

let r: usize = 0, p: usize = 0, q: usize = 0, z: usize = 0, d: usize = 0, rowDots: usize = 0, secondRowDots: usize = 0;

/** Sets where the vectors are; d is 0 in a plain stencil. The dot products of a row are at its number. */
export function openVectors(
  r_: usize, p_: usize, q_: usize, z_: usize, d_: usize, rowDots_: usize, secondRowDots_: usize,
): void {
  r = r_; p = p_; q = q_; z = z_; d = d_; rowDots = rowDots_; secondRowDots = secondRowDots_;
}

/** Adds the products of two vectors of numbers, as f64. */
// @ts-ignore: decorator
@inline
function addProduct(sum: v128, a: v128, b: v128): v128 {
  if (SIZE == 8) return f64x2.add(sum, f64x2.mul(a, b));
  const low = f64x2.mul(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b));
  const c = v128.shuffle<f32>(a, a, 2, 3, 0, 1), e = v128.shuffle<f32>(b, b, 2, 3, 0, 1);
  return f64x2.add(f64x2.add(sum, low), f64x2.mul(f64x2.promote_low_f32x4(c), f64x2.promote_low_f32x4(e)));
}

// @ts-ignore: decorator
@inline
function storeDot(at: usize, i: i32, sum: v128): void {
  store<f64>(at + (<usize> i << 3), f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
}

/** Σ d a b of row i. */
export function dotRow(a: usize, b: usize, i: i32, to: usize): void {
  const end = row(a, i) + <usize> (nx - 1) * SIZE, weighted = d != 0;
  let sum = f64x2.splat(0), at = row(a, i) + SIZE, other = row(b, i) + SIZE, w = row(d, i) + SIZE;
  for (; at < end; at += VECTOR, other += VECTOR, w += VECTOR) {
    let x = v128.load(at);
    if (at + VECTOR > end) x = v128.and(x, firstLanes((end - at) / SIZE));
    if (weighted) x = v128.mul<real>(x, v128.load(w));
    sum = addProduct(sum, x, v128.load(other));
  }
  storeDot(to, i, sum);
}

/** r = sweep(u) − u of rows [from, to). @returns max |r|. */
export function computeResidual(current: i32, from: i32, to: i32): f64 {
  const u = current == 0 ? u0 : u1, v = current == 0 ? u1 : u0, normAt = scratch - NORM;
  clearNorm(normAt);
  for (let i = from; i < to; i++) {
    sweepRow(u, v, i);
    fillGhosts(v, i, 1, 1);
    if (i >= r0 && i < r1) difference(row(u, i), row(v, i), c0, c1, 1, normAt);
    const end = row(r, i) + <usize> (nx - 1) * SIZE;
    let a = row(u, i) + SIZE, b = row(v, i) + SIZE;
    for (let at = row(r, i) + SIZE; at < end; at += VECTOR, a += VECTOR, b += VECTOR) {
      const x = v128.sub<real>(v128.load(b), v128.load(a));
      v128.store(at, at + VECTOR <= end ? x : v128.and(x, firstLanes((end - at) / SIZE)));
    }
    dotRow(r, r, i, rowDots);
  }
  return normOf(normAt);
}

/** p = z + beta p in rows [from, to) and their periodic ghosts; p may hold anything where beta is 0. */
export function updateDirection(beta: f64, preconditioned: bool, from: i32, to: i32): void {
  const factor = v128.splat<real>(<real> beta);
  for (let i = from; i < to; i++) {
    const at = row(p, i);
    let a = at + SIZE, b = row(preconditioned ? z : r, i) + SIZE;
    for (const end = at + <usize> (nx - 1) * SIZE; a < end; a += VECTOR, b += VECTOR) {
      let x = v128.load(b);
      if (beta != 0) x = v128.add<real>(x, v128.mul<real>(factor, v128.load(a)));
      v128.store(a, a + VECTOR <= end ? x : v128.and(x, firstLanes((end - a) / SIZE)));
    }
    fillGhosts(p, i, 1, 1);
  }
}

/** q = B p of rows [from, to). */
export function applyOperator(from: i32, to: i32): void {
  const wide = v128.splat<real>(cx), high = v128.splat<real>(cy), weighted = form == WEIGHTED;
  for (let i = from; i < to; i++) {
    let c = row(p, i) + SIZE, to = row(q, i) + SIZE, k = row(coefficients, i) + SIZE;
    const end = c + <usize> (nx - 2) * SIZE;
    for (; c < end; c += VECTOR, to += VECTOR, k += VECTOR) {
      const n = v128.load(c - pitch), s = v128.load(c + pitch), w = v128.load(c - SIZE), e = v128.load(c + SIZE);
      let swept: v128;
      if (weighted) {
        const ns = v128.add<real>(v128.mul<real>(v128.load(k), n), v128.mul<real>(v128.load(k + arrayStride), s));
        const we = v128.add<real>(
          v128.mul<real>(v128.load(k + 2 * arrayStride), w), v128.mul<real>(v128.load(k + 3 * arrayStride), e),
        );
        swept = v128.add<real>(ns, we);
      } else {
        const we = v128.mul<real>(wide, v128.add<real>(w, e));
        swept = v128.add<real>(we, v128.mul<real>(high, v128.add<real>(n, s)));
      }
      v128.store(to, v128.sub<real>(v128.load(c), swept));
    }
    dotRow(p, q, i, rowDots);
  }
}

/** u += alpha p, r −= alpha q in rows [from, to); norms are accumulated. */
export function step(current: i32, alpha: f64, from: i32, to: i32): void {
  const u = current == 0 ? u0 : u1, factor = v128.splat<real>(<real> alpha);
  let change = v128.splat<real>(0), changes = change, residual = change, residuals = change;
  for (let i = from; i < to; i++) {
    let a = row(u, i) + SIZE, b = row(p, i) + SIZE, c = row(r, i) + SIZE, e = row(q, i) + SIZE;
    for (const end = a + <usize> (nx - 2) * SIZE; a < end; a += VECTOR, b += VECTOR, c += VECTOR, e += VECTOR) {
      let delta = v128.mul<real>(factor, v128.load(b));
      let x = v128.sub<real>(v128.load(c), v128.mul<real>(factor, v128.load(e)));
      const old = v128.load(a), moved = v128.add<real>(old, delta);
      if (a + VECTOR <= end) v128.store(a, moved);
      else {
        const mask = firstLanes((end - a) / SIZE);
        v128.store(a, v128.bitselect(moved, old, mask));
        x = v128.and(x, mask);
        delta = v128.and(delta, mask);
      }
      v128.store(c, x);
      delta = v128.abs<real>(delta);
      change = v128.pmax<real>(change, delta);
      changes = v128.add<real>(changes, delta);
      x = v128.abs<real>(x);
      residual = v128.pmax<real>(residual, x);
      residuals = v128.add<real>(residuals, x);
    }
    dotRow(r, r, i, rowDots);
  }
  mergeNorm(scratch - 2 * NORM, change, changes);
  mergeNorm(scratch - NORM, residual, residuals);
}

/** ⟨r, z⟩ and ⟨q, z⟩ of rows [from, to). */
export function dots(from: i32, to: i32): void {
  for (let i = from; i < to; i++) {
    dotRow(r, z, i, rowDots);
    dotRow(q, z, i, secondRowDots);
  }
}

/** z becomes zero in rows [from, to). */
export function clearPreconditioned(from: i32, to: i32): void {
  memory.fill(row(z, from), 0, row(z, to) - row(z, from));
}
