/**
 * Chords of figures against predicates of the points on lines: distances to outlines, and winding numbers.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import process from "node:process";
import { test } from "node:test";
import { checkFigure } from "../../core/geometry/check_figure.ts";
import { outsideOf } from "../../core/geometry/chords.ts";
import { areaOf, regionOf } from "../../core/geometry/figures.ts";
import type { Chords, Figure, NodeGrid, Point, Region } from "../../core/geometry/region.ts";
import { ProblemError } from "../../core/errors.ts";

// The same cases everywhere: what fails in one place fails in all.
fc.configureGlobal({ seed: Number(process.env.LAPLACE_SEED ?? 20261128) });

const GRID: NodeGrid = { shape: [41, 33], spacing: [0.25, 0.5], origin: [-4, -8] };
/** Coordinates are below 16 and come through a handful of operations, angles through sines: 1e3 roundings of 16. */
const TOLERANCE = 1e3 * 16 * 2 ** -53;

/** How far a point is from the outline of a figure, less than 0 inside. */
type Depth = (y: number, x: number) => number;

/** The part of a point's position along and across a direction, in degrees. */
function turned([cy, cx]: Point, angle: number, y: number, x: number): Point {
  const [cos, sin] = [Math.cos(angle * Math.PI / 180), Math.sin(angle * Math.PI / 180)];
  return [(y - cy) * cos - (x - cx) * sin, (x - cx) * cos + (y - cy) * sin];
}

function fromSegment([ay, ax]: Point, [by, bx]: Point, y: number, x: number): number {
  const [dy, dx] = [by - ay, bx - ax];
  const square = dy * dy + dx * dx;
  const share = square === 0 ? 0 : Math.min(1, Math.max(0, ((y - ay) * dy + (x - ax) * dx) / square));
  return Math.hypot(y - ay - share * dy, x - ax - share * dx);
}

const sidesOf = (points: readonly Point[]) => points.map((a, k) => [a, points[(k + 1) % points.length]!] as const);

/** How often a polygon winds around a point that is not on it: the sum of the angles under which its sides are seen. */
function winding(points: readonly Point[], y: number, x: number): number {
  let sum = 0;
  for (const [[ay, ax], [by, bx]] of sidesOf(points)) {
    sum += Math.atan2((ax - x) * (by - y) - (ay - y) * (bx - x), (ax - x) * (bx - x) + (ay - y) * (by - y));
  }
  return Math.round(sum / (2 * Math.PI));
}

function depthOf(figure: Figure): Depth {
  switch (figure.kind) {
    case "circle":
      return (y, x) => Math.hypot(y - figure.center[0], x - figure.center[1]) - figure.radius;
    case "ellipse": {
      const [ry, rx] = figure.radii;
      return (y, x) => {
        const [v, u] = turned(figure.center, figure.angle, y, x);
        // To first order the distance: the level over its gradient.
        const level = (v / ry) ** 2 + (u / rx) ** 2 - 1;
        return level / (2 * Math.hypot(v / ry ** 2, u / rx ** 2) + 1e-300);
      };
    }
    case "ring":
      return (y, x) => {
        const distance = Math.hypot(y - figure.center[0], x - figure.center[1]);
        return Math.max(figure.radii[0] - distance, distance - figure.radii[1]);
      };
    case "rect": {
      const middle = [(figure.from[0] + figure.to[0]) / 2, (figure.from[1] + figure.to[1]) / 2] as const;
      return (y, x) => {
        const [v, u] = turned(middle, figure.angle, y, x);
        return Math.max(Math.abs(v) - figure.to[0] + middle[0], Math.abs(u) - figure.to[1] + middle[1]);
      };
    }
    case "polygon":
      return (y, x) => {
        const distance = Math.min(...sidesOf(figure.points).map(([a, b]) => fromSegment(a, b, y, x)));
        return winding(figure.points, y, x) === 0 ? distance : -distance;
      };
    case "polyline":
      return (y, x) =>
        Math.min(...figure.points.slice(1).map((b, k) => fromSegment(figure.points[k]!, b, y, x))) - figure.width / 2;
    case "formula":
      return (y, x) => -figure.where(x, y);
  }
}

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const eighths = (min: number, max: number) => fc.integer({ min: 8 * min, max: 8 * max }).map((n) => n / 8);
/** Random numbers, and round ones that make lines graze. */
const some = (min: number, max: number) => fc.oneof(number(min, max), eighths(min, max));
const size = fc.oneof(number(0.01, 4), eighths(0, 4).filter((n) => n > 0));
const point = fc.tuple(some(-4, 4), some(-4, 4));
const angle = fc.oneof(number(-400, 400), fc.constantFrom(0, 30, 45, 90, -90, 180, 270, 360, 405));
/** A star around a point: simple, mostly not convex, of either winding. */
const star = fc.record({
  center: point,
  radii: fc.array(size, { minLength: 3, maxLength: 12 }),
  backward: fc.boolean(),
}).map(({ center: [y, x], radii, backward }): Figure => {
  const points = radii.map((radius, k): Point => {
    const turn = 2 * Math.PI * k / radii.length;
    return [y + radius * Math.sin(turn), x + radius * Math.cos(turn)];
  });
  return { kind: "polygon", points: backward ? points.toReversed() : points };
});
/** Steps up and down: sides along lines, and vertices on them. */
const stairs = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 8 }).map((heights): Figure => ({
  kind: "polygon",
  points: [...heights.flatMap((y, k): Point[] => [[y, k - 4], [y, k - 3]]), [0, heights.length - 4], [0, -4]],
}));
const figures: fc.Arbitrary<Figure> = fc.oneof(
  fc.record({ kind: fc.constant("circle" as const), center: point, radius: size }),
  fc.record({ kind: fc.constant("ellipse" as const), center: point, radii: fc.tuple(size, size), angle }),
  fc.record({ center: point, sizes: fc.tuple(size, size) }).filter(({ sizes: [a, b] }) => Math.abs(a - b) > 1e-6)
    .map(({ center, sizes: [a, b] }) => ({
      kind: "ring" as const,
      center,
      radii: [Math.min(a, b), Math.max(a, b)] as const,
    })),
  fc.record({ from: point, size: fc.tuple(size, size), angle }).map(({ from, size: [h, w], angle }) => ({
    kind: "rect" as const,
    from,
    to: [from[0] + h, from[1] + w] as const,
    angle,
  })),
  star,
  stairs,
  fc.record({
    kind: fc.constant("polyline" as const),
    points: fc.array(point, { minLength: 2, maxLength: 5 }),
    width: size,
  }),
);

const contains = (chords: Chords, t: number, margin = 0) =>
  chords.some(([from, to]) => from - margin <= t && t <= to + margin);

/** Both directions as one: what lies along the line at a position across axis y (0) or x (1). */
function along(region: Region, across: 0 | 1, at: number): Chords {
  return across === 0 ? region.alongX(at) : region.alongY(at);
}

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

test("a formula's chords end where its sign changes between two nodes, also on lines between nodes", () => {
  const where = (x: number, y: number) => 2.1 ** 2 - (x - 0.21) ** 2 - (y - 1.03) ** 2;
  const formula = regionOf({ kind: "formula", where }, GRID);
  const circle = regionOf({ kind: "circle", center: [1.03, 0.21], radius: 2.1 }, GRID);
  for (const at of [-1, -0.125, 0, 0.75, 1, 2.125]) {
    for (const across of [0, 1] as const) {
      const [[from, to], exact] = [along(formula, across, at)[0]!, along(circle, across, at)[0]!];
      // 1e-12 of a link, and the rounding of the function, 1e-15 of its terms, over its slope.
      [from, to].forEach((t, k) => assert.ok(Math.abs(t - exact[k]!) < 1e-12, `${t} is ${exact[k]}`));
      for (const t of [from, to]) assert.ok(across === 0 ? where(t, at) > 0 : where(at, t) > 0, `${t} is inside`);
      assert.deepEqual(along(outsideOf(formula), across, at), [[MINUS, from], [to, PLUS]]);
    }
  }
});

test("a formula's region ends with the grid, its complement does not, and NaN is outside", () => {
  const { origin: [y0, x0] } = GRID;
  const [y1, x1] = [y0 + 10, x0 + 16];
  const near = (found: Chords, wanted: Chords) => {
    assert.equal(found.length, wanted.length, `${found}`);
    found.flat().forEach((t, k) => assert.ok(t === wanted.flat()[k] || Math.abs(t - wanted.flat()[k]!) < 1e-12));
  };
  const half = regionOf({ kind: "formula", where: (x) => x - 1.3 }, GRID);
  near(half.alongX(0), [[1.3, x1]]);
  near(half.alongX(y1), [[1.3, x1]]);
  near(half.outside.alongX(0), [[MINUS, 1.3]]);
  near(half.alongY(2), [[y0, y1]]);
  near(half.alongY(0), []);
  near(half.outside.alongY(2), []);
  assert.deepEqual([half.alongX(y1 + 0.1), half.alongY(x1 + 0.1)], [[], []]);
  assert.deepEqual(half.outside.alongY(x1 + 0.1), [[MINUS, PLUS]]);

  near(regionOf({ kind: "formula", where: (x) => Math.sqrt(x) }, GRID).alongX(0), [[0, x1]]);
  near(regionOf({ kind: "formula", where: () => NaN }, GRID).alongX(0), []);
  near(regionOf({ kind: "formula", where: () => NaN }, GRID).outside.alongX(0), [[MINUS, PLUS]]);
  near(regionOf({ kind: "formula", where: (x) => x > 0.3 && x < 1.1 ? 1 : 0 }, GRID).alongX(0), [[0.3, 1.1]]);

  const touching = (closed: boolean) => regionOf({ kind: "formula", where: (x) => -(x * x), closed }, GRID);
  near(touching(false).alongX(0), []);
  assert.equal(touching(true).alongX(0).length, 1);
  assert.ok(contains(touching(true).alongX(0), 0));
});

test("the complement of the complement is the region again, and reaches everywhere", () => {
  for (const figure of fc.sample(figures, 20)) {
    const region = regionOf(figure, GRID);
    assert.equal(outsideOf(outsideOf(region)), region);
    assert.deepEqual(outsideOf(region).box, { y: [MINUS, PLUS], x: [MINUS, PLUS] });
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

test("checkFigure names the key at fault", () => {
  const refuses = (figure: Figure, message: string) =>
    assert.throws(() => checkFigure(figure, "parts[2]"), new ProblemError(`parts[2].${message}`));
  const center = [0, 0] as const;
  refuses({ kind: "circle", center, radius: -1 }, "radius must be greater than 0: it is -1");
  refuses({ kind: "circle", center, radius: Infinity }, "radius must be a finite number: it is Infinity");
  refuses({ kind: "circle", center: [0, NaN], radius: 1 }, "center[1] must be a finite number: it is NaN");
  refuses(
    { kind: "ellipse", center: [NaN, 0], radii: [1, 1], angle: 0 },
    "center[0] must be a finite number: it is NaN",
  );
  refuses({ kind: "ellipse", center, radii: [1, 0], angle: 0 }, "radii[1] must be greater than 0: it is 0");
  refuses({ kind: "ellipse", center, radii: [1, 2], angle: NaN }, "angle must be a finite number: it is NaN");
  refuses(
    { kind: "ring", center: [0, -Infinity], radii: [1, 2] },
    "center[1] must be a finite number: it is -Infinity",
  );
  refuses({ kind: "ring", center, radii: [0, 2] }, "radii[0] must be greater than 0: it is 0");
  refuses({ kind: "ring", center, radii: [2, 2] }, "radii[0] must be less than the outer radius, 2: it is 2");
  refuses({ kind: "rect", from: [0, NaN], to: [1, 1], angle: 0 }, "from[1] must be a finite number: it is NaN");
  refuses({ kind: "rect", from: [0, 0], to: [NaN, 1], angle: 0 }, "to[0] must be a finite number: it is NaN");
  refuses({ kind: "rect", from: [0, 0], to: [1, 1], angle: NaN }, "angle must be a finite number: it is NaN");
  refuses({ kind: "rect", from: [0, 2], to: [1, 1], angle: 0 }, 'from must not lie beyond "to"');
  refuses({ kind: "rect", from: [2, 0], to: [1, 1], angle: 0 }, 'from must not lie beyond "to"');
  refuses({ kind: "polygon", points: [[0, 0], [0, 1]] }, "points must have at least 3 points: it has 2");
  refuses({ kind: "polygon", points: [[0, 0], [0, 1], [1, NaN]] }, "points[2][1] must be a finite number: it is NaN");
  refuses({ kind: "polygon", points: [[0, 0], [0.3, 0.1], [0.9, 0.3]] }, "points must not all lie in a line");
  refuses({ kind: "polygon", points: [[1, 1], [1, 1], [1, 1]] }, "points must not all lie in a line");
  const crossing = (points: readonly Point[], one: number, other: number) =>
    refuses(
      { kind: "polygon", points },
      `points must not cross themselves: side ${one} crosses or touches side ${other}`,
    );
  crossing([[0, 0], [1, 1], [1, 0], [0, 1]], 1, 3);
  crossing([[0, 0], [0, 2], [2, 2], [0, 1], [2, 0]], 1, 3); // a vertex on a side
  crossing([[0, 0], [0, 4], [1, 4], [1, 2], [1, 3], [2, 0]], 3, 4); // a spike
  crossing([[0, 0], [0, 0], [1, 1], [1, 0], [0, 1]], 2, 4); // points named twice count
  crossing([[0, 0], [0.9, 0.3], [0.9, 1], [0.3, 0.1], [0, 1]], 1, 3); // to rounding
  refuses({ kind: "polyline", points: [[0, 0]], width: 1 }, "points must have at least 2 points: it has 1");
  refuses(
    { kind: "polyline", points: [[0, NaN], [1, 1]], width: 1 },
    "points[0][1] must be a finite number: it is NaN",
  );
  refuses(
    { kind: "polyline", points: [[1, 2], [1, 2]], width: 1 },
    "points must make a line of a length greater than 0: all are at [1, 2]",
  );
  refuses({ kind: "polyline", points: [[0, 0], [1, 1]], width: 0 }, "width must be greater than 0: it is 0");
  checkFigure({ kind: "polygon", points: [[0, 0], [0, 1], [0, 1], [1, 1], [0, 0]] }, "parts[2]");
  checkFigure({ kind: "polygon", points: [[0, 0], [0, 1], [0, 2], [1, 1]] }, "parts[2]");
  checkFigure({ kind: "formula", where: () => NaN }, "parts[2]");
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
