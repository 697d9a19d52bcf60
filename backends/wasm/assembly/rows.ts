// Sweeps row by row, in the natural layout: for a few sweeps, for periodic edges, and for sor.
//
// A point is evaluated in the association of core/kernels.ts, a vector of points by the same operations in each lane.

import { real } from "./real";
import {
  ae, an, as_, aw, c0, c1, cx, cy, form, g, LANES, nx, ny, parity, pitch, r0, r1, row, scratch, SIZE, source, SQUARE,
  STRETCHED,
  u0, u1, VECTOR, WEIGHTED, wrapCols, wrapRows,
} from "./grid";
import { clear, merge, see, value } from "./norm";

/** What the neighbours say, for one point; `at` is its distance from the start of an array. */
function point(u: usize, at: usize): real {
  const p = u + at;
  const n = load<real>(p - pitch), s = load<real>(p + pitch), w = load<real>(p - SIZE), e = load<real>(p + SIZE);
  if (form == WEIGHTED) {
    return ((load<real>(an + at) * n + load<real>(as_ + at) * s) + (load<real>(aw + at) * w + load<real>(ae + at) * e)) +
      load<real>(g + at);
  }
  const x = form == SQUARE ? <real> 0.25 * ((n + s) + (w + e)) : cx * (w + e) + cy * (n + s);
  return source ? x + load<real>(g + at) : x;
}

/** The same for a vector, whose neighbours in the row are known. Inlined where form and source are constants. */
// @ts-ignore: decorator
@inline
function points(form: i32, source: bool, u: usize, at: usize, w: v128, e: v128): v128 {
  const n = v128.load(u + at - pitch), s = v128.load(u + at + pitch);
  if (form == WEIGHTED) {
    const ns = v128.add<real>(v128.mul<real>(v128.load(an + at), n), v128.mul<real>(v128.load(as_ + at), s));
    const we = v128.add<real>(v128.mul<real>(v128.load(aw + at), w), v128.mul<real>(v128.load(ae + at), e));
    return v128.add<real>(v128.add<real>(ns, we), v128.load(g + at));
  }
  const ns = v128.add<real>(n, s), we = v128.add<real>(w, e);
  const x = form == SQUARE
    ? v128.mul<real>(v128.splat<real>(0.25), v128.add<real>(ns, we))
    : v128.add<real>(v128.mul<real>(v128.splat<real>(cx), we), v128.mul<real>(v128.splat<real>(cy), ns));
  return source ? v128.add<real>(x, v128.load(g + at)) : x;
}

/** Whole vectors of a row, from column 1 on, before `end`: u to v. @returns where it stopped. */
// @ts-ignore: decorator
@inline
function sweepVectors(form: i32, source: bool, u: usize, v: usize, at: usize, end: usize): usize {
  for (; at + VECTOR <= end; at += VECTOR) {
    v128.store(v + at, points(form, source, u, at, v128.load(u + at - SIZE), v128.load(u + at + SIZE)));
  }
  return at;
}

/** One sweep of row i, from u to v; its change goes to `norm`, unless that is 0. */
function sweepRow(u: usize, v: usize, i: i32, norm: usize): void {
  const end = row(0, i) + <usize> (nx - 1) * SIZE;
  let at = row(0, i) + SIZE;
  if (form == WEIGHTED) at = sweepVectors(WEIGHTED, true, u, v, at, end);
  else if (form == SQUARE && !source) at = sweepVectors(SQUARE, false, u, v, at, end);
  else if (form == SQUARE) at = sweepVectors(SQUARE, true, u, v, at, end);
  else if (!source) at = sweepVectors(STRETCHED, false, u, v, at, end);
  else at = sweepVectors(STRETCHED, true, u, v, at, end);
  for (; at < end; at += SIZE) store<real>(v + at, point(u, at));
  if (norm) difference(row(u, i), row(v, i), 1, 1, norm);
}

/** All lanes, or every second one from the first. */
const ALL = i64x2(-1, -1);
const ODD = SIZE == 8 ? i64x2(-1, 0) : i32x4(-1, 0, -1, 0);

/** max |b − a| in columns [c0, c1) of two rows; with a step of 2, of columns first, first + 2, … only. */
function difference(a: usize, b: usize, first: i32, step: i32, norm: usize): void {
  const mask = step == 1 ? ALL : (c0 + first) & 1 ? v128.not(ODD) : ODD;
  let most = v128.splat<real>(0), sum = v128.splat<real>(0);
  let j = c0;
  for (; j + <i32> LANES <= c1; j += <i32> LANES) {
    const at = <usize> j * SIZE;
    const d = v128.and(mask, v128.abs<real>(v128.sub<real>(v128.load(b + at), v128.load(a + at))));
    most = v128.pmax<real>(most, d);
    sum = v128.add<real>(sum, d);
  }
  merge(norm, most, sum);
  if (step == 2 && (j + first) & 1) j++;
  for (; j < c1; j += step) {
    const at = <usize> j * SIZE;
    see(norm, abs<real>(load<real>(b + at) - load<real>(a + at)));
  }
}

/**
 * Whole vectors of a row, in place: all points are evaluated, those of the colour move, the others stay as they were.
 * Neighbours in the row have the other colour, so the western ones may be read before the vector to the west is
 * stored, and need not wait for that.
 */
// @ts-ignore: decorator
@inline
function relaxVectors(form: i32, source: bool, u: usize, at: usize, end: usize, omega: real, colour: v128): usize {
  const factor = v128.splat<real>(omega);
  let w = v128.load(u + at - SIZE);
  for (; at + VECTOR <= end; at += VECTOR) {
    const c = v128.load(u + at), e = v128.load(u + at + SIZE);
    const next = SIZE == 8 ? e : v128.load(u + at + VECTOR - SIZE);
    const moved = v128.mul<real>(factor, v128.sub<real>(points(form, source, u, at, w, e), c));
    v128.store(u + at, v128.bitselect(v128.add<real>(c, moved), c, colour));
    w = next;
  }
  return at;
}

/** One half-sweep of row i: every second point from column `first` moves omega times as far as its neighbours say. */
function relaxRow(u: usize, i: i32, omega: real, first: i32, norm: usize): void {
  const start = row(0, i), end = start + <usize> (nx - 1) * SIZE;
  const colour = first == 1 ? ODD : v128.not(ODD);
  const old = scratch;
  if (norm) memory.copy(old, u + start, <usize> nx * SIZE);
  let at = start + SIZE;
  if (form == WEIGHTED) at = relaxVectors(WEIGHTED, true, u, at, end, omega, colour);
  else if (form == SQUARE && !source) at = relaxVectors(SQUARE, false, u, at, end, omega, colour);
  else if (form == SQUARE) at = relaxVectors(SQUARE, true, u, at, end, omega, colour);
  else if (!source) at = relaxVectors(STRETCHED, false, u, at, end, omega, colour);
  else at = relaxVectors(STRETCHED, true, u, at, end, omega, colour);
  if ((<i32> ((at - start) / SIZE) + first) & 1) at += SIZE;
  for (; at < end; at += 2 * SIZE) {
    const c = load<real>(u + at);
    store<real>(u + at, c + omega * (point(u, at) - c));
  }
  if (norm) difference(old, u + start, first, 2, norm);
}

/** Copies row i, just written at columns first, first + step, …, to where periodic edges repeat it. */
function renew(u: usize, i: i32, first: i32, step: i32): void {
  const at = row(u, i), last = <usize> (nx - 1) * SIZE;
  if (wrapCols) {
    store<real>(at, load<real>(at + last - SIZE));
    store<real>(at + last, load<real>(at + SIZE));
  }
  if (!wrapRows) return;
  // With two inner rows or fewer, a row can have both images.
  for (let side = 0; side < 2; side++) {
    if (i != (side == 0 ? 1 : ny - 2)) continue;
    const image = row(u, side == 0 ? ny - 1 : 0);
    for (let j = first; j < nx - 1; j += step) {
      store<real>(image + <usize> j * SIZE, load<real>(at + <usize> j * SIZE));
    }
  }
}

const NORMS: usize = 64;

/** One sweep of rows [from, to), out of iterate `current` into the other. @returns their change, if `norm`. */
export function sweep(current: i32, from: i32, to: i32, norm: bool): f64 {
  const u = current == 0 ? u0 : u1, v = current == 0 ? u1 : u0, seen = scratch - NORMS;
  clear(seen);
  for (let i = from; i < to; i++) {
    sweepRow(u, v, i, norm && i >= r0 && i < r1 ? seen : 0);
    renew(v, i, 1, 1);
  }
  return value(seen);
}

/** One half-sweep of rows [from, to), in place. @returns their change, if `norm`. */
export function relax(current: i32, omega: f64, colour: i32, from: i32, to: i32, norm: bool): f64 {
  const u = current == 0 ? u0 : u1, seen = scratch - NORMS;
  clear(seen);
  for (let i = from; i < to; i++) {
    const first = 1 + ((1 + i + parity + colour) & 1);
    relaxRow(u, i, <real> omega, first, norm && i >= r0 && i < r1 ? seen : 0);
    renew(u, i, first, 2);
  }
  return value(seen);
}
