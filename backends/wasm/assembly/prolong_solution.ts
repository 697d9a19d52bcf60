// Cubic interpolation from a plate to one with twice the points: backends/js/prolong_solution.ts, row by row. The
// coarse iterate was copied into the other iterate, inside the ghost layer: its point (i, j) is there at (i + 1, j +
// 1).

import { nx, ny, pitch, row, SIZE, u0, u1, VECTOR } from "./grid";
import { real } from "./real";

/** Half way between the second and third of four points, and between the first and second. */
// @ts-ignore: decorator
@inline
function middle(a: v128, b: v128, c: v128, d: v128): v128 {
  const near = v128.mul<real>(v128.splat<real>(9.0 / 16), v128.add<real>(b, c));
  return v128.sub<real>(near, v128.mul<real>(v128.splat<real>(1.0 / 16), v128.add<real>(a, d)));
}
// @ts-ignore: decorator
@inline
function first(a: v128, b: v128, c: v128, d: v128): v128 {
  const near = v128.add<real>(v128.mul<real>(v128.splat<real>(5.0 / 16), a), v128.mul<real>(v128.splat<real>(15.0 / 16), b));
  const far = v128.sub<real>(v128.mul<real>(v128.splat<real>(1.0 / 16), d), v128.mul<real>(v128.splat<real>(5.0 / 16), c));
  return v128.add<real>(near, far);
}

/** The number at an address in all lanes. */
// @ts-ignore: decorator
@inline
function all(at: usize): v128 {
  return v128.splat<real>(load<real>(at));
}

/** Row u from coarse row c, both at their first stored points. */
export function prolongSolutionRow(u: usize, c: usize): void {
  // Points 2 j and 2 j + 1 from coarse ones j − 1 to j + 2, a vector at a time, inside the ghost layer.
  const last = (nx - 1) / 2, end = c + <usize> (last - 1) * SIZE;
  let from = c + SIZE, to = u + 2 * SIZE;
  for (; from + VECTOR <= end; from += VECTOR, to += 2 * VECTOR) {
    const b = v128.load(from), m = middle(v128.load(from - SIZE), b, v128.load(from, SIZE), v128.load(from, 2 * SIZE));
    if (SIZE == 8) {
      v128.store(to, v128.shuffle<f64>(b, m, 0, 2));
      v128.store(to, v128.shuffle<f64>(b, m, 1, 3), VECTOR);
    } else {
      v128.store(to, v128.shuffle<f32>(b, m, 0, 4, 1, 5));
      v128.store(to, v128.shuffle<f32>(b, m, 2, 6, 3, 7), VECTOR);
    }
  }
  for (; from < end; from += SIZE, to += 2 * SIZE) {
    const m = middle(all(from - SIZE), all(from), all(from + SIZE), all(from + 2 * SIZE));
    store<real>(to, load<real>(from));
    store<real>(to, v128.extract_lane<real>(m, 0), SIZE);
  }
  store<real>(to, load<real>(from));
  store<real>(u, v128.extract_lane<real>(first(all(c), all(c + SIZE), all(c + 2 * SIZE), all(c + 3 * SIZE)), 0), SIZE);
  const z = c + <usize> last * SIZE;
  const x = first(all(z), all(z - SIZE), all(z - 2 * SIZE), all(z - 3 * SIZE));
  store<real>(u + <usize> (nx - 2) * SIZE, v128.extract_lane<real>(x, 0));
}

/** Row u between rows of its own grid, two apart from each other: from the first on, or around the middle. */
export function prolongSolutionBetween(u: usize, a: usize, b: usize, c: usize, d: usize, atEnd: bool): void {
  const end = u + <usize> (nx - 2) * SIZE;
  for (; u < end; u += VECTOR, a += VECTOR, b += VECTOR, c += VECTOR, d += VECTOR) {
    const p = v128.load(a), q = v128.load(b), r = v128.load(c), s = v128.load(d);
    const x = atEnd ? first(p, q, r, s) : middle(p, q, r, s);
    if (u + VECTOR <= end) v128.store(u, x);
    else for (let lane: usize = 0; u + lane * SIZE < end; lane++) store<real>(u + lane * SIZE, laneOf(x, lane));
  }
}

function laneOf(x: v128, lane: usize): real {
  if (lane == 0) return v128.extract_lane<real>(x, 0);
  if (SIZE == 8 || lane == 1) return v128.extract_lane<real>(x, 1);
  return v128.extract_lane<real>(x, 2);
}

/** Rows [from, to): first those that coarse ones lie in (0), then those between (1). */
export function prolongSolution(current: i32, half: i32, from: i32, to: i32): void {
  const u = current == 0 ? u0 : u1, v = current == 0 ? u1 : u0;
  for (let i = from + ((from + half) & 1); i < to; i += 2) {
    if (half == 0) { prolongSolutionRow(row(u, i), row(v, i / 2 + 1) + SIZE); continue; }
    const here = row(u, i) + SIZE;
    if (i > 1 && i < ny - 2) {
      prolongSolutionBetween(here, here - 3 * pitch, here - pitch, here + pitch, here + 3 * pitch, false);
    } else {
      const step = i == 1 ? 2 * pitch : 0 - 2 * pitch, near = i == 1 ? here - pitch : here + pitch;
      prolongSolutionBetween(here, near, near + step, near + 2 * step, near + 3 * step, true);
    }
  }
}
