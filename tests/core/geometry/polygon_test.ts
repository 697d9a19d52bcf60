/**
 * Polygons with vertices on a lattice, where exact arithmetic says which sides cross and what is inside.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkFigure } from "../../../core/geometry/check_figure.ts";
import { outsideOf } from "../../../core/geometry/chords.ts";
import { regionOf } from "../../../core/geometry/figures.ts";
import type { Figure, Point } from "../../../core/geometry/region.ts";
import { ProblemError } from "../../../core/errors.ts";
import { along, contains, depthOf, GRID, sidesOf, TOLERANCE } from "../../support/random_figures.ts";

/** Random polygons of few points on a lattice, which often touch or cross themselves. */
const lattice = fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 })), {
  minLength: 3,
  maxLength: 7,
});

/** Exact on a lattice: whether two segments have a point in common. */
function touch([a, b]: readonly [Point, Point], [c, d]: readonly [Point, Point]): boolean {
  const turn = (p: Point, q: Point, r: Point) =>
    Math.sign((q[1] - p[1]) * (r[0] - p[0]) - (q[0] - p[0]) * (r[1] - p[1]));
  const between = (p: Point, q: Point, r: Point) =>
    turn(p, q, r) === 0 && r.every((t, k) => Math.min(p[k]!, q[k]!) <= t && t <= Math.max(p[k]!, q[k]!));
  return (turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0) ||
    between(a, b, c) || between(a, b, d) || between(c, d, a) || between(c, d, b);
}

/** The first two sides that touch, or neighbours that do so beside their vertex; [0, 0] if all points are in a line. */
function crossingSides(points: readonly Point[]): readonly [number, number] | undefined {
  const sides = sidesOf(points);
  const same = (p: Point, q: Point) => p[0] === q[0] && p[1] === q[1];
  const [a, b] = [points[0]!, points.find((p) => !same(p, points[0]!))];
  if (
    b === undefined ||
    points.every((p) => touch([a, b], [p, p]) || (b[1] - a[1]) * (p[0] - a[0]) === (b[0] - a[0]) * (p[1] - a[1]))
  ) {
    return [0, 0];
  }
  const long = [...sides.keys()].filter((k) => !same(...sides[k]!));
  for (const [m, k] of long.entries()) {
    for (const [n, l] of long.entries()) {
      if (n <= m) continue;
      const [one, other] = [sides[k]!, sides[l]!];
      const next = n === m + 1 ? [one, other] : m === 0 && n === long.length - 1 ? [other, one] : undefined;
      // Neighbours touch wrongly if the far end of one lies on the other.
      const wrong = next === undefined
        ? touch(one, other)
        : touch(next[0]!, [next[1]![1], next[1]![1]]) || touch(next[1]!, [next[0]![0], next[0]![0]]);
      if (wrong) return [k + 1, l + 1];
    }
  }
  return undefined;
}

test("checkFigure finds the first two sides of a polygon that cross or touch, as exact arithmetic does", () => {
  let valid = 0;
  fc.assert(
    fc.property(lattice, (points) => {
      const wrong = crossingSides(points);
      const check = () => checkFigure({ kind: "polygon", points }, "p");
      if (wrong === undefined) {
        valid++;
        return check();
      }
      const message = wrong[0] === 0
        ? "p.points must not all lie in a line"
        : `p.points must not cross themselves: side ${wrong[0]} crosses or touches side ${wrong[1]}`;
      assert.throws(check, new ProblemError(message));
    }),
    { numRuns: 3000 },
  );
  assert.ok(valid > 100, `${valid} were valid`);
});

test("lines through vertices and along sides of a polygon have the closed region, and its closed complement", () => {
  const valid = lattice.filter((points) => crossingSides(points) === undefined);
  fc.assert(
    fc.property(valid, fc.integer({ min: -4, max: 4 }), fc.constantFrom(0, 1), (points, at, across) => {
      const figure: Figure = { kind: "polygon", points };
      const region = regionOf(figure, GRID);
      const depth = depthOf(figure);
      const inside = along(region, across as 0 | 1, at);
      const outside = along(outsideOf(region), across as 0 | 1, at);
      for (let t = -4; t <= 4; t += 0.25) {
        const off = across === 0 ? depth(at, t) : depth(t, at);
        const on = Math.abs(off) < TOLERANCE;
        assert.equal(contains(inside, t, on ? TOLERANCE : 0), on || off < 0, `${t} inside`);
        assert.equal(contains(outside, t, on ? TOLERANCE : 0), on || off > 0, `${t} outside`);
      }
    }),
    { numRuns: 1000 },
  );
});

test("checkFigure finds the one crossing of an outline of thousands of sides", () => {
  const count = 5000;
  const circle = Array.from({ length: count }, (_, k): Point => {
    const turn = 2 * Math.PI * k / count;
    return [Math.sin(turn), Math.cos(turn)];
  });
  checkFigure({ kind: "polygon", points: circle }, "p");
  const swapped = circle.with(3000, circle[3001]!).with(3001, circle[3000]!);
  assert.throws(
    () => checkFigure({ kind: "polygon", points: swapped }, "p"),
    /side 3000 crosses or touches side 3002$/,
  );
  // Teeth as long as the comb: all sides overlap in x.
  const comb: Point[] = Array.from({ length: count }, (_, k): Point => [k >> 1, (k + 1 >> 1) % 2 * 100]);
  checkFigure({ kind: "polygon", points: [...comb, [count, -1], [-1, -1]] }, "p");
});
