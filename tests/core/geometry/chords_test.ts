/**
 * Chords of single figures where lines touch their outlines, or run along them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { outsideOf } from "../../../core/geometry/chords.ts";
import { regionOf } from "../../../core/geometry/figures.ts";
import type { Point } from "../../../core/geometry/region.ts";
import { GRID, point, size, some, TOLERANCE } from "../../support/random_figures.ts";

const [MINUS, PLUS] = [-Infinity, Infinity];

test("a line that touches an outline has an interval of one point, and the complement all of the line", () => {
  const disc = regionOf({ kind: "circle", center: [1, 2], radius: 1 }, GRID);
  assert.deepEqual(disc.alongX(2), [[2, 2]]);
  assert.deepEqual(disc.alongY(1), [[1, 1]]);
  assert.deepEqual(disc.alongX(2.0001), []);
  assert.deepEqual(outsideOf(disc).alongX(2), [[MINUS, PLUS]]);
  assert.deepEqual(outsideOf(disc).alongX(1), [[MINUS, 1], [3, PLUS]]);
  assert.deepEqual(outsideOf(disc).alongX(9), [[MINUS, PLUS]]);

  // 0.1 + 0.2 is more than 0.3 in floating point: to rounding the line touches all the same.
  const rounded = regionOf({ kind: "circle", center: [0.1, 0], radius: 0.2 }, GRID);
  assert.deepEqual([0.1 + 0.2, 0.3].map((y) => rounded.alongX(y)), [[[0, 0]], [[0, 0]]]);

  const ring = regionOf({ kind: "ring", center: [0, 0], radii: [1, 2] }, GRID);
  assert.deepEqual(ring.alongX(0), [[-2, -1], [1, 2]]);
  assert.deepEqual(ring.alongX(1), [[-Math.sqrt(3), Math.sqrt(3)]]);
  assert.deepEqual(ring.alongX(2), [[0, 0]]);
  assert.deepEqual(outsideOf(ring).alongX(0), [[MINUS, -2], [-1, 1], [2, PLUS]]);
  assert.deepEqual(outsideOf(ring).alongX(1), [[MINUS, -Math.sqrt(3)], [0, 0], [Math.sqrt(3), PLUS]]);

  // A rhomb, whose western vertex and northern one lie on the lines.
  const rhomb = regionOf({ kind: "polygon", points: [[0, -1], [1, 0], [0, 1], [-1, 0]] }, GRID);
  assert.deepEqual(rhomb.alongX(1), [[0, 0]]);
  assert.deepEqual(rhomb.alongX(0), [[-1, 1]]);
  assert.deepEqual(rhomb.alongY(-1), [[0, 0]]);
});

test("a side along a line belongs to the region and to the complement", () => {
  const rect = regionOf({ kind: "rect", from: [0.1, 0], to: [0.3, 1], angle: 0 }, GRID);
  for (const y of [0.1, 0.3, 0.1 + 0.2]) {
    assert.deepEqual(rect.alongX(y), [[0, 1]]);
    assert.deepEqual(outsideOf(rect).alongX(y), [[MINUS, PLUS]]);
  }
  const mirrored = regionOf({ kind: "rect", from: [0, -0.3], to: [1, -0.1], angle: 0 }, GRID);
  assert.deepEqual(mirrored.alongY(-0.1 - 0.2), [[0, 1]]);
  assert.deepEqual(outsideOf(rect).alongX(0.2), [[MINUS, 0], [1, PLUS]]);
  assert.deepEqual(outsideOf(rect).alongY(1), [[MINUS, PLUS]]);

  // A table: its top from 0 to 4 with two legs below; the line along the bottom of the top.
  const table = regionOf({
    kind: "polygon",
    points: [[0, 0], [0, 1], [1, 1], [1, 3], [0, 3], [0, 4], [2, 4], [2, 0]],
  }, GRID);
  assert.deepEqual(table.alongX(1), [[0, 4]]);
  assert.deepEqual(outsideOf(table).alongX(1), [[MINUS, 0], [1, 3], [4, PLUS]]);
  assert.deepEqual(table.alongX(0), [[0, 1], [3, 4]]);
  assert.deepEqual(table.alongX(0.5), [[0, 1], [3, 4]]);
});

test("a rect turned by right angles has exact sides, and one without a thickness is a segment", () => {
  const turned = (angle: number) => regionOf({ kind: "rect", from: [1, 0], to: [2, 3], angle }, GRID);
  for (const angle of [0, 180, -360]) assert.deepEqual(turned(angle).alongX(1), [[0, 3]]);
  for (const angle of [90, 270, -90]) assert.deepEqual(turned(angle).alongX(0), [[1, 2]]);
  const plate = regionOf({ kind: "rect", from: [1, 0], to: [1, 3], angle: 0 }, GRID);
  assert.deepEqual(plate.alongX(1), [[0, 3]]);
  assert.deepEqual(plate.alongX(1.25), []);
  assert.deepEqual(plate.alongY(2), [[1, 1]]);
  assert.deepEqual(outsideOf(plate).alongX(1), [[MINUS, PLUS]]);
  assert.deepEqual(outsideOf(plate).alongY(2), [[MINUS, PLUS]]);
  const oblique = regionOf({ kind: "rect", from: [1, 0], to: [1, 3], angle: 45 }, GRID);
  assert.equal(oblique.alongX(1.5).length, 1);
  for (const t of oblique.alongX(1.5)[0]!) assert.ok(Math.abs(t - 2) < TOLERANCE);
  const point = regionOf({ kind: "rect", from: [1, 2], to: [1, 2], angle: 30 }, GRID);
  assert.deepEqual([point.alongX(1), point.alongY(2), point.alongX(1.1)], [[[2, 2]], [[1, 1]], []]);
});

test("a polyline is the union of its capsules", () => {
  const trace = (points: readonly Point[], width: number) => regionOf({ kind: "polyline", points, width }, GRID);
  const straight = trace([[0, 0], [0, 2], [0, 5]], 2);
  assert.deepEqual(straight.alongX(0), [[-1, 6]]);
  assert.deepEqual(straight.alongX(1), [[0, 5]]); // along its side
  assert.deepEqual(straight.alongX(-1), [[0, 5]]);
  assert.deepEqual([1, -1].map((y) => outsideOf(straight).alongX(y)), [[[MINUS, PLUS]], [[MINUS, PLUS]]]);
  assert.deepEqual(straight.alongY(3), [[-1, 1]]);
  const hairpin = trace([[0, 4], [0, 0], [3, 0], [3, 4]], 1);
  assert.deepEqual(hairpin.alongY(2), [[-0.5, 0.5], [2.5, 3.5]]);
  assert.deepEqual(outsideOf(hairpin).alongY(2), [[MINUS, -0.5], [0.5, 2.5], [3.5, PLUS]]);
  // Two runs side by side: where they touch, nothing is outside.
  const folded = trace([[0, 4], [0, 0], [1, 0], [1, 4]], 1);
  assert.deepEqual(folded.alongX(0.5), [[-0.5, 4]]);
  assert.deepEqual(outsideOf(folded).alongX(0.5), [[MINUS, -0.5], [4, PLUS]]);
  assert.deepEqual(folded.alongY(2), [[-0.5, 1.5]]);
  assert.deepEqual(trace([[0, 0], [0, 0], [0, 2]], 2).alongX(0), [[-1, 3]]);

  fc.assert(fc.property(fc.array(point, { minLength: 2, maxLength: 6 }), size, some(-6, 6), (points, width, at) => {
    const whole = trace(points, width).alongX(at);
    const parts = points.slice(1).flatMap((end, k) => trace([points[k]!, end], width).alongX(at));
    for (const [from, to] of parts) assert.ok(whole.some(([a, b]) => a <= from && to <= b));
    for (const [from, to] of whole) {
      assert.ok(parts.some(([a]) => a === from) && parts.some(([, b]) => b === to));
    }
  }));
});
