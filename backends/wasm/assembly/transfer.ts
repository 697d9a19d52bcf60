// Restriction and prolongation between a level and the grid or level above it, row by row.

import { SIZE, VECTOR } from "./grid";
import { coarseRow, fineIndex, Level, weightRow } from "./level";
import { real } from "./real";

/** Every second number of two vectors, from the first on or from the second on. */
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

/** What fine row r contributes to a coarse one, f: added to it if `more`, else stored. */
export function restrictRow(coarse: Level, weights: usize, r: usize, f: usize, more: bool): void {
  const stride = coarse.weightStride, end = f + <usize> (coarse.nx - 1) * SIZE;
  f += SIZE; weights += SIZE;
  r += <usize> fineIndex(coarse.coarsenCols, coarse.firstIsCoarse, 1) * SIZE;
  while (f < end) {
    const at = v128.load(weights + stride);
    let sum: v128;
    if (coarse.coarsenCols) {
      const a = v128.load(r), b = v128.load(r, VECTOR);
      const west = firsts(v128.load(r - SIZE), v128.load(r + VECTOR - SIZE));
      const outer = v128.add<real>(
        v128.mul<real>(v128.load(weights), west), v128.mul<real>(v128.load(weights + 2 * stride), seconds(a, b)),
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

/** Of fine rows [from, to) those that are coarse: f becomes Pᵀ r, the correction zero. `r`: the fine residual. */
export function restrict(coarse: Level, r: usize, from: i32, to: i32): void {
  for (let i = from; i < to; i++) {
    const I = coarseRow(coarse, i, 0);
    if (I != coarseRow(coarse, i, 1)) continue;
    const f = coarse.f + <usize> I * coarse.pitch, fine = coarse.finePitch;
    restrictRow(coarse, weightRow(coarse, i, 0), r + <usize> i * fine, f, false);
    if (coarse.coarsenRows) {
      const north = i == 1 && coarse.finePeriodicRows ? coarse.fineRows : i - 1;
      if (north > 0 && coarseRow(coarse, i - 1, 1) == I && coarseRow(coarse, i - 1, 0) != I) {
        restrictRow(coarse, weightRow(coarse, north, 1), r + <usize> north * fine, f, true);
      }
      if (i < coarse.fineRows && coarseRow(coarse, i + 1, 0) == I) {
        restrictRow(coarse, weightRow(coarse, i + 1, 0), r + <usize> (i + 1) * fine, f, true);
      }
    }
    clearRow(coarse, I);
    if (coarse.periodicRows && I == 1) clearRow(coarse, coarse.ny - 1);
    if (coarse.periodicRows && I == coarse.ny - 2) clearRow(coarse, 0);
  }
}

function clearRow(level: Level, I: i32): void {
  memory.fill(level.correction + <usize> I * level.pitch, 0, level.pitch);
}

/** Adds to a fine row u the interpolation of coarse rows a and b, with weights p and q; b only if `two`. */
export function prolongRow(coarse: Level, u: usize, a: usize, p: usize, b: usize, q: usize, two: bool): void {
  const stride = coarse.weightStride, start = coarse.coarsenCols && !coarse.firstIsCoarse ? 0 : 1;
  const end = a + <usize> (coarse.nx - 1) * SIZE, skip = <usize> start * SIZE;
  u += <usize> fineIndex(coarse.coarsenCols, coarse.firstIsCoarse, start) * SIZE;
  a += skip; b += skip; p += skip; q += skip;
  while (a < end) {
    let at = v128.mul<real>(v128.load(p + stride), v128.load(a));
    if (two) at = v128.add<real>(at, v128.mul<real>(v128.load(q + stride), v128.load(b)));
    if (coarse.coarsenCols) {
      let east = v128.add<real>(
        v128.mul<real>(v128.load(p + 2 * stride), v128.load(a)),
        v128.mul<real>(v128.load(p + SIZE), v128.load(a + SIZE)),
      );
      if (two) {
        east = v128.add<real>(east, v128.add<real>(
          v128.mul<real>(v128.load(q + 2 * stride), v128.load(b)),
          v128.mul<real>(v128.load(q + SIZE), v128.load(b + SIZE)),
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

/** Adds the prolonged correction of the coarse level to fine row i, at u. */
// @ts-ignore: decorator
@inline
export function addCorrectionToRow(coarse: Level, u: usize, i: i32): void {
  const low = coarseRow(coarse, i, 0), high = coarseRow(coarse, i, 1);
  const a = coarse.correction + <usize> low * coarse.pitch, b = coarse.correction + <usize> high * coarse.pitch;
  prolongRow(coarse, u, a, weightRow(coarse, i, 0), b, weightRow(coarse, i, 1), low != high);
}
