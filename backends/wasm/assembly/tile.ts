// Several sweeps of a temporal tile while it is in cache: time-pipelined blocks of four rows (Nguyen et al., SC'10,
// "3.5D blocking", in two dimensions).
//
// A window of columns is read from one iterate, four rows at a time, and goes through all time steps: step t is one row
// behind step t − 1, carries two rows from block to block, and works in place. The last sweep's result goes to the
// other iterate. A window is wider than the tile that it writes: with each time step, one column and row more at each
// border is wrong. Fixed rows and columns are restored after every time step.

import {
  arrayStride, c0, c1, coefficients, form, LANES, nx, ny, r0, r1, row, scratch, SIZE, source, SQUARE, u0, u1, VECTOR,
  WEIGHTED,
} from "./grid";
import { setCoefficients, setLength, setMasks } from "./time_step";
import { lift, offsetInLift, lower } from "./dimension_lift";
import { clearNorm, NORM, normOf } from "./norm";
import {
  square, squareG, squareGNorm, squareNorm, stretched, stretchedG, stretchedGNorm, stretchedNorm,
} from "./plain";
import { real } from "./real";
import { weighted, weightedNorm } from "./weighted";

/** Where the rows of the block, and those that each time step carries, are now: 4 + 2 * 65 addresses. */
const TABLE: usize = 1024;
const POINTER: usize = sizeof<usize>();

/** Resets norms. */
export function clearNorms(): void {
  clearNorm(scratch - 2 * NORM);
  clearNorm(scratch - NORM);
}

/** max |u_new − u_old| of the last sweep of all tiles since `clearNorms`. */
export function change(): f64 {
  return normOf(scratch - 2 * NORM);
}

/** max |sweep(u) − u| of the same. */
export function residual(): f64 {
  return normOf(scratch - NORM);
}

/** Bytes from one such row to the next: one vector more, and an odd number of cache lines. */
export function rowStep(length: usize): usize {
  return ((length + 1) * VECTOR + 63) / 64 * 64 | 64;
}

function at(index: i32): usize { return load<usize>(scratch + <usize> index * POINTER); }
function put(index: i32, pointer: usize): void { store<usize>(scratch + <usize> index * POINTER, pointer); }

/** One time step of the four rows b, c, d, e; `withNorm` if its norm is asked for. */
function timeStep(a: usize, b: usize, c: usize, d: usize, e: usize, f: usize, withNorm: bool): void {
  if (form == WEIGHTED) {
    if (withNorm) weightedNorm(a, b, c, d, e, f); else weighted(a, b, c, d, e, f);
  } else if (form == SQUARE) {
    if (source) { if (withNorm) squareGNorm(a, b, c, d, e, f); else squareG(a, b, c, d, e, f); }
    else if (withNorm) squareNorm(a, b, c, d, e, f); else square(a, b, c, d, e, f);
  } else if (source) { if (withNorm) stretchedGNorm(a, b, c, d, e, f); else stretchedG(a, b, c, d, e, f); }
  else if (withNorm) stretchedNorm(a, b, c, d, e, f); else stretched(a, b, c, d, e, f);
}

/**
 * Sweeps rows [ya, yb), columns [a, b) of iterate `current` so many times, into the other iterate.
 *
 * @param norms 0: none; 1: the change of the last sweep; 2: also the residual, a time step more that is not stored
 * @param x0 first column of the window
 * @param length vectors of a row of the window, a multiple of the lanes
 */
export function sweepTile(
  current: i32, sweeps: i32, norms: i32, x0: i32, length: usize, a: i32, b: i32, ya: i32, yb: i32,
): void {
  const x = <usize> x0 * SIZE;
  const u = (current == 0 ? u0 : u1) + x, v = (current == 0 ? u1 : u0) + x;
  const depth = sweeps + <i32> (norms == 2);
  const from = max(0, ya - depth), end = min(ny, yb + depth);

  const step = rowStep(length);
  let free = scratch + TABLE;
  for (let k = 0; k < 4 + 2 * depth; k++, free += step) put(k, free);
  const top = free, bottom = top + step, noMask = bottom + step, mask = noMask + step, unpacked = mask + step;
  const ringBuffer = unpacked + step, ringRows = (depth + 7) & ~3, coefficientStride = <usize> ringRows * step;
  setLength(length, coefficientStride);
  if (from == 0) lift(u, top, length);
  if (end == ny) lift(row(u, ny - 1), bottom, length);
  if (norms) {
    memory.fill(noMask, 0, length * VECTOR);
    memory.fill(mask, 0, length * VECTOR);
    for (let j = max(a, c0); j < min(b, c1); j++) {
      const to = mask + offsetInLift(<usize> (j - x0), length);
      if (SIZE == 8) store<u64>(to, u64.MAX_VALUE >> 1); else store<u32>(to, u32.MAX_VALUE >> 1);
    }
  }
  const arrays: usize = form == WEIGHTED ? 5 : source ? 1 : 0;
  const west = x0 == 0, east = x0 + <i32> (length * LANES) >= nx;
  const last = <usize> (nx - 1 - x0), lastInLift = east ? offsetInLift(last, length) : 0;

  for (let base = from;; base += 4) {
    for (let r = 0; r < 4 && base + r < end; r++) {
      const from_ = row(0, base + r) + x, to = ringBuffer + <usize> ((base - from + r) % ringRows) * step;
      lift(u - x + from_, at(r), length);
      for (let n: usize = 0; n < arrays; n++) {
        lift(coefficients + n * arrayStride + from_, to + n * coefficientStride, length);
      }
    }
    for (let t = 1; t <= depth; t++) {
      const y = base - t;
      if (y + 4 < from) break; // row from is the last to be carried
      if (y < end) {
        const withNorm = norms != 0 && t >= sweeps;
        if (withNorm) {
          const lo = max(ya, r0), hi = min(yb, r1);
          setMasks(
            y >= lo && y < hi ? mask : noMask, y + 1 >= lo && y + 1 < hi ? mask : noMask,
            y + 2 >= lo && y + 2 < hi ? mask : noMask, y + 3 >= lo && y + 3 < hi ? mask : noMask,
            scratch - (t == sweeps ? 2 * NORM : NORM),
          );
        }
        if (arrays > 0) {
          const k = y - from + ringRows;
          setCoefficients(
            ringBuffer + <usize> (k % ringRows) * step, ringBuffer + <usize> ((k + 1) % ringRows) * step,
            ringBuffer + <usize> ((k + 2) % ringRows) * step, ringBuffer + <usize> ((k + 3) % ringRows) * step,
          );
        }
        const c = at(0), d = at(1), e = at(2), f = at(3), carried = 2 + 2 * t;
        const n = at(carried), b_ = at(carried + 1);
        timeStep(n, b_, c, d, e, f, withNorm);
        put(0, n); put(1, b_); put(2, c); put(3, d);
        put(carried, e); put(carried + 1, f);
      }
      for (let r = 0; r < 4; r++) {
        const i = y + r;
        if (i < 0 || i >= ny) continue;
        if (west) store<real>(at(r), load<real>(row(u, i)));
        if (east) store<real>(at(r) + lastInLift, load<real>(row(u, i) + last * SIZE));
        if (i == 0 && from == 0) memory.copy(at(r), top, length * VECTOR);
        if (i == ny - 1 && end == ny) memory.copy(at(r), bottom, length * VECTOR);
        if (t == sweeps && i >= ya && i < yb) {
          lower(at(r), unpacked, length);
          const left = <usize> (a - x0) * SIZE;
          memory.copy(row(v, i) + left, unpacked + left, <usize> (b - a) * SIZE);
        }
      }
    }
    if (base - depth + 4 >= yb) break;
  }
}
