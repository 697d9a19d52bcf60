// The way between a level and what is above it, row by row: residuals go down by the transpose of the interpolation,
// corrections come up by it.

import { SIZE, VECTOR } from "./grid";
import { centre, highRow, Level, lowRow, weightRow } from "./levels";
import { real } from "./real";

/** Every second number of two vectors, from the first or the second on. */
// @ts-ignore: decorator
@inline
function firsts(a: v128, b: v128): v128 {
  return SIZE == 8 ? v128.shuffle<f64>(a, b, 0, 2) : v128.shuffle<f32>(a, b, 0, 2, 4, 6);
}
// @ts-ignore: decorator
@inline
function seconds(a: v128, b: v128): v128 {
  return SIZE == 8 ? v128.shuffle<f64>(a, b, 1, 3) : v128.shuffle<f32>(a, b, 1, 3, 5, 7);
}

/** What fine row r gives to a coarse one, f: added to it, or the first of all. */
export function gather(below: Level, weights: usize, r: usize, f: usize, more: bool): void {
  const far = below.apart, end = f + <usize> (below.nx - 1) * SIZE;
  f += SIZE; weights += SIZE;
  r += <usize> centre(below.cols, below.fineShift, 1) * SIZE;
  while (f < end) {
    const at = v128.load(weights + far);
    let sum: v128;
    if (below.cols) {
      const a = v128.load(r), b = v128.load(r, VECTOR);
      const west = firsts(v128.load(r - SIZE), v128.load(r + VECTOR - SIZE));
      const outer = v128.add<real>(
        v128.mul<real>(v128.load(weights), west), v128.mul<real>(v128.load(weights + 2 * far), seconds(a, b)),
      );
      sum = v128.add<real>(v128.mul<real>(at, firsts(a, b)), outer);
      r += 2 * VECTOR;
    } else {
      sum = v128.mul<real>(at, v128.load(r));
      r += VECTOR;
    }
    v128.store(f, more ? v128.add<real>(v128.load(f), sum) : sum);
    f += VECTOR; weights += VECTOR;
  }
}

/** Of fine rows [from, to) those that are coarse: f becomes Pᵀ r, and the iterate zero. `r`: the fine residual. */
export function restrict(below: Level, r: usize, from: i32, to: i32): void {
  for (let i = from; i < to; i++) {
    const I = lowRow(below, i);
    if (I != highRow(below, i)) continue;
    const f = below.f + <usize> I * below.pitch, fine = below.finePitch;
    gather(below, weightRow(below, i, 0), r + <usize> i * fine, f, false);
    if (below.rows) {
      const north = i == 1 && below.fineWrapRows ? below.fineRows : i - 1;
      if (north > 0 && highRow(below, i - 1) == I && lowRow(below, i - 1) != I) {
        gather(below, weightRow(below, north, 1), r + <usize> north * fine, f, true);
      }
      if (i < below.fineRows && lowRow(below, i + 1) == I) {
        gather(below, weightRow(below, i + 1, 0), r + <usize> (i + 1) * fine, f, true);
      }
    }
    clearRow(below, I);
    if (below.wrapRows && I == 1) clearRow(below, below.ny - 1);
    if (below.wrapRows && I == below.ny - 2) clearRow(below, 0);
  }
}

function clearRow(level: Level, I: i32): void {
  memory.fill(level.e + <usize> I * level.pitch, 0, level.pitch);
}

/** Interpolates coarse rows a and b to a fine row u, with weights p and q, and adds it; b only if `two`. */
export function interpolate(below: Level, u: usize, a: usize, p: usize, b: usize, q: usize, two: bool): void {
  const far = below.apart, start = below.cols && !below.fineShift ? 0 : 1;
  const end = a + <usize> (below.nx - 1) * SIZE, skip = <usize> start * SIZE;
  u += <usize> centre(below.cols, below.fineShift, start) * SIZE;
  a += skip; b += skip; p += skip; q += skip;
  while (a < end) {
    let at = v128.mul<real>(v128.load(p + far), v128.load(a));
    if (two) at = v128.add<real>(at, v128.mul<real>(v128.load(q + far), v128.load(b)));
    if (below.cols) {
      let east = v128.add<real>(
        v128.mul<real>(v128.load(p + 2 * far), v128.load(a)), v128.mul<real>(v128.load(p + SIZE), v128.load(a + SIZE)),
      );
      if (two) {
        east = v128.add<real>(east, v128.add<real>(
          v128.mul<real>(v128.load(q + 2 * far), v128.load(b)), v128.mul<real>(v128.load(q + SIZE), v128.load(b + SIZE)),
        ));
      }
      if (SIZE == 8) {
        v128.store(u, v128.add<real>(v128.load(u), v128.shuffle<f64>(at, east, 0, 2)));
        v128.store(u + VECTOR, v128.add<real>(v128.load(u + VECTOR), v128.shuffle<f64>(at, east, 1, 3)));
      } else {
        v128.store(u, v128.add<real>(v128.load(u), v128.shuffle<f32>(at, east, 0, 4, 1, 5)));
        v128.store(u + VECTOR, v128.add<real>(v128.load(u + VECTOR), v128.shuffle<f32>(at, east, 2, 6, 3, 7)));
      }
      u += 2 * VECTOR;
    } else {
      v128.store(u, v128.add<real>(v128.load(u), at));
      u += VECTOR;
    }
    a += VECTOR; b += VECTOR; p += VECTOR; q += VECTOR;
  }
}

/** Adds the correction from below to fine row i, at u. */
// @ts-ignore: decorator
@inline
export function enterRow(below: Level, u: usize, i: i32): void {
  const low = lowRow(below, i), high = highRow(below, i);
  const a = below.e + <usize> low * below.pitch, b = below.e + <usize> high * below.pitch;
  interpolate(below, u, a, weightRow(below, i, 0), b, weightRow(below, i, 1), low != high);
}
