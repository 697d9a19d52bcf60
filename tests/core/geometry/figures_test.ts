/**
 * Chords of random figures against distances to their outlines, and what the chords of any figure have in common.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkFigure } from "../../../core/geometry/check_figure.ts";
import { outsideOf } from "../../../core/geometry/chords.ts";
import { areaOf, regionOf } from "../../../core/geometry/figures.ts";
import type { Figure, Point, Region } from "../../../core/geometry/region.ts";
import {
  along,
  contains,
  type Depth,
  depthOf,
  eighths,
  figures,
  GRID,
  number,
  some,
  TOLERANCE,
} from "../../support/random_figures.ts";

/** Chords are what they should be: ascending, apart, with ends on the outline and between them the right side of it. */
function checkChords(region: Region, depth: Depth, across: 0 | 1, at: number, tolerance: number): void {
  const onLine = (t: number) => across === 0 ? depth(at, t) : depth(t, at);
  const chords = along(region, across, at);
  const ends = chords.flat();
  ends.forEach((t, k) => assert.ok(k === 0 || (k % 2 ? t >= ends[k - 1]! : t > ends[k - 1]!), `${ends} are in order`));
  for (const t of ends) {
    if (Number.isFinite(t)) assert.ok(Math.abs(onLine(t)) <= tolerance, `the end ${t} is ${onLine(t)} off the outline`);
  }
  const marks = [-20, ...ends.filter(Number.isFinite), 20];
  const between = marks.slice(1).map((t, k) => (t + marks[k]!) / 2);
  for (const t of [...between, ...Array.from({ length: 81 }, (_, k) => (k - 40) / 4)]) {
    const inside = contains(chords, t);
    assert.ok(inside ? onLine(t) <= tolerance : onLine(t) >= -tolerance, `${t} is ${onLine(t)} from the outline`);
  }
}

test("chords agree with the distance to the outline in both directions, and so do those of the complement", () => {
  fc.assert(
    fc.property(figures, some(-9, 9), fc.constantFrom(0, 1), (figure, at, across) => {
      checkFigure(figure, "parts[0]");
      const region = regionOf(figure, GRID);
      const depth = depthOf(figure);
      // The level of a flat ellipse, and so its distance, is known less exactly: by the ratio of its radii.
      const flat = figure.kind === "ellipse" ? Math.max(...figure.radii) / Math.min(...figure.radii) : 1;
      checkChords(region, depth, across as 0 | 1, at, flat * TOLERANCE);
      checkChords(outsideOf(region), (y, x) => -depth(y, x), across as 0 | 1, at, flat * TOLERANCE);
    }),
    { numRuns: 2000 },
  );
});

test("both directions agree on every node and every node of the grid that is off by half a spacing", () => {
  fc.assert(
    fc.property(figures, fc.constantFrom(0, 0.5), (figure, offset) => {
      const { shape: [ny, nx], spacing: [dy, dx], origin: [y0, x0] } = GRID;
      for (const region of [regionOf(figure, GRID), regionOf(figure, GRID).outside]) {
        const columns = Array.from({ length: nx }, (_, j) => region.alongY(x0 + (j + offset) * dx));
        for (let i = 0; i < ny; i++) {
          const y = y0 + (i + offset) * dy;
          const row = region.alongX(y);
          columns.forEach((column, j) => {
            const x = x0 + (j + offset) * dx;
            // Where the two differ the point is on the outline.
            if (contains(row, x) !== contains(column, y)) assert.ok(Math.abs(depthOf(figure)(y, x)) < TOLERANCE * 100);
          });
        }
      }
    }),
    { numRuns: 100 },
  );
});

/** A figure moved. */
function moved(figure: Figure, b: number, a: number): Figure {
  const to = ([y, x]: Point): Point => [y + b, x + a];
  switch (figure.kind) {
    case "rect":
      return { ...figure, from: to(figure.from), to: to(figure.to) };
    case "polygon":
    case "polyline":
      return { ...figure, points: figure.points.map(to) };
    case "formula":
      return { ...figure, where: (x, y) => figure.where(x - a, y - b) };
    default:
      return { ...figure, center: to(figure.center) };
  }
}

test("moving a figure moves its chords", () => {
  fc.assert(
    fc.property(figures, eighths(-3, 3), eighths(-3, 3), number(-9, 9), (figure, b, a, at) => {
      const chords = regionOf(figure, GRID).alongX(at);
      const others = regionOf(moved(figure, b, a), GRID).alongX(at + b);
      const depth = depthOf(figure);
      // Near an end of the figure a rounding of `at` makes or ends a chord: what is left of it is on the outline.
      for (const [one, other, shift] of [[chords, others, -a], [others, chords, a]] as const) {
        for (const t of one.flat()) {
          const near = other.flat().some((s) => Math.abs(s + shift - t) < 1e-6);
          if (!near) assert.ok(Math.abs(depth(at, one === chords ? t : t - a)) < TOLERANCE * 100, `${t} of ${one}`);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test("areaOf is what the chords add up to", () => {
  fc.assert(
    fc.property(figures, (figure) => {
      const area = areaOf(figure);
      if (figure.kind === "polyline") return assert.equal(area, undefined);
      const region = regionOf(figure, GRID);
      const step = 1 / 64;
      let sum = 0;
      for (let y = -20; y < 20; y += step) {
        for (const [from, to] of region.alongX(y + step / 2)) sum += (to - from) * step;
      }
      // The midpoint rule is off by a step times the rises and falls of the chord's length: the width for each side.
      const { x: [west, east] } = region.box;
      const sides = figure.kind === "polygon" ? figure.points.length : 4;
      assert.ok(Math.abs(sum - area!) <= step * sides * (east - west), `${sum} is ${area}`);
    }),
    { numRuns: 200 },
  );
});

test("the complement of the complement is the region again, and reaches everywhere", () => {
  for (const figure of fc.sample(figures, 20)) {
    const region = regionOf(figure, GRID);
    assert.equal(outsideOf(outsideOf(region)), region);
    assert.deepEqual(outsideOf(region).box, { y: [-Infinity, Infinity], x: [-Infinity, Infinity] });
  }
});

test("nothing lies outside of the box, and something lies near each of its sides", () => {
  fc.assert(fc.property(figures, (figure) => {
    const region = regionOf(figure, GRID);
    const { y, x } = region.box;
    const beyond = [[0, y[0] - TOLERANCE], [0, y[1] + TOLERANCE], [1, x[0] - TOLERANCE], [
      1,
      x[1] + TOLERANCE,
    ]] as const;
    const within = [[0, y[0] + TOLERANCE], [0, y[1] - TOLERANCE], [1, x[0] + TOLERANCE], [
      1,
      x[1] - TOLERANCE,
    ]] as const;
    for (const [across, at] of beyond) assert.deepEqual(along(region, across, at), []);
    for (const [across, at] of within) assert.notDeepEqual(along(region, across, at), []);
  }));
});
