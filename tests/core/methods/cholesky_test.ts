/**
 * The solver of the smallest level, against elimination.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Cholesky } from "../../../core/methods/cholesky.ts";

test("Cholesky skips what nothing but rounding holds", () => {
  // Two pairs of points: one is coupled to a wall too, the other to nothing else.
  const coefficients = new Float64Array(4 * 9);
  const set = (p: number, west: number, centre: number, east: number) =>
    coefficients.set([west, centre, east], 9 * p + 3);
  set(0, 0, 3, -1), set(1, -1, 3, 0);
  set(2, 0, 0.1, -0.1), set(3, -0.1, 0.1 * (1 - 2 ** -52), 0);
  const x = new Cholesky(coefficients, [1, 4], [false, false], false).solve(Float64Array.of(8, 0, 0.2, -0.2));
  for (const [p, expected] of [3, 1, 2, 0].entries()) assert.ok(Math.abs(x[p]! - expected) < 1e-14, `${x}`);
});

test("Cholesky solves what a dense elimination solves, with fixed points and around periodic edges", () => {
  // A torus of 2 x 3 points, one of them fixed; both neighbours of a row are one point.
  const coefficients = Float64Array.from({ length: 6 * 9 }, (_, n) => {
    const [p, t] = [Math.floor(n / 9), n % 9];
    if (p === 4) return 0;
    return t === 4 ? 5 : [1, 3, 5, 7].includes(t) ? -1 : 0;
  });
  const cut = coefficients.slice();
  // Nobody is coupled to the fixed one.
  cut[9 * 1 + 1] =
    cut[9 * 1 + 7] =
    cut[9 * 3 + 5] =
    cut[9 * 5 + 3] =
      0;
  const x = new Cholesky(cut, [2, 3], [true, true], false).solve(Float64Array.of(1, 2, 3, 4, 5, 6));
  assert.equal(x[4], 0);
  const free = [0, 1, 2, 3, 5];
  for (const p of free) {
    let sum = 5 * x[p]!;
    const [i, j] = [Math.floor(p / 3), p % 3];
    for (const [r, c] of [[i + 1, j], [i + 1, j], [i, j + 1], [i, j + 2]] as const) {
      const q = (r % 2) * 3 + c % 3;
      if (q !== 4) sum -= x[q]!;
    }
    assert.ok(Math.abs(sum - (p + 1)) < 1e-13, `point ${p}`);
  }
});
