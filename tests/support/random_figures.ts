/**
 * Random figures on one grid, how far points are from their outlines, and what lies along lines. Not a test itself.
 *
 * @module
 */

import fc from "fast-check";
import type { Chords, Figure, NodeGrid, Point, Region } from "../../core/geometry/region.ts";
import "./same_cases.ts";

/** The grid of the figures: x from -8 to 8, y from -4 to 6. */
export const GRID: NodeGrid = { shape: [41, 33], spacing: [0.25, 0.5], origin: [-4, -8] };
/** Coordinates are below 16 and come through a handful of operations, angles through sines: 1e3 roundings of 16. */
export const TOLERANCE = 1e3 * 16 * 2 ** -53;

/** How far a point is from the outline of a figure, less than 0 inside. */
export type Depth = (y: number, x: number) => number;

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

/** The sides of a polygon, the last one back to its first point. */
export const sidesOf = (points: readonly Point[]) =>
  points.map((a, k) => [a, points[(k + 1) % points.length]!] as const);

/** How often a polygon winds around a point that is not on it: the sum of the angles under which its sides are seen. */
function winding(points: readonly Point[], y: number, x: number): number {
  let sum = 0;
  for (const [[ay, ax], [by, bx]] of sidesOf(points)) {
    sum += Math.atan2((ax - x) * (by - y) - (ay - y) * (bx - x), (ax - x) * (bx - x) + (ay - y) * (by - y));
  }
  return Math.round(sum / (2 * Math.PI));
}

/** How far points are from the outline of a figure. */
export function depthOf(figure: Figure): Depth {
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

/** Finite numbers. */
export const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
/** Multiples of 1/8. */
export const eighths = (min: number, max: number) => fc.integer({ min: 8 * min, max: 8 * max }).map((n) => n / 8);
/** Random numbers, and round ones that make lines graze. */
export const some = (min: number, max: number) => fc.oneof(number(min, max), eighths(min, max));
/** Lengths. */
export const size = fc.oneof(number(0.01, 4), eighths(0, 4).filter((n) => n > 0));
/** Points near the origin. */
export const point = fc.tuple(some(-4, 4), some(-4, 4));
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
/** A figure of any kind but formulas. */
export const figures: fc.Arbitrary<Figure> = fc.oneof(
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

/** Whether a position lies on one of some chords, or within a margin of one. */
export const contains = (chords: Chords, t: number, margin = 0) =>
  chords.some(([from, to]) => from - margin <= t && t <= to + margin);

/** Both directions as one: what lies along the line at a position across axis y (0) or x (1). */
export function along(region: Region, across: 0 | 1, at: number): Chords {
  return across === 0 ? region.alongX(at) : region.alongY(at);
}
