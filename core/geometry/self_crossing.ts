/**
 * Whether the sides of a polygon cross or touch where they should not. Positions are compared to rounding.
 *
 * @module
 */

import type { Point } from "./region.ts";

/** Local. Whether all points lie in one line, or in one point. */
export function areInLine(points: readonly Point[]): boolean {
  const start = points[0]!;
  const distance = ([y, x]: Point) => Math.hypot(y - start[0], x - start[1]);
  const farthest = points.reduce((best, point) => distance(point) > distance(best) ? point : best);
  const slack = roundingOf(points);
  return points.every((point) => turnAt(start, farthest, point, slack) === 0);
}

/**
 * Local. Looks for two sides of a closed polygon that have a point in common, other than neighbours at their vertex.
 *
 * Sides sorted from west to east are compared as far as they overlap in x: O(n log n) for outlines as people draw them,
 * at worst O(n²) comparisons of numbers. Sides of no length are skipped.
 *
 * @returns the first two in the order of the points, counted from 1 (side 1 begins at the first point); undefined if
 * there are none
 */
export function sidesThatMeet(points: readonly Point[]): readonly [number, number] | undefined {
  const slack = roundingOf(points);
  const sides = sidesOf(points);
  const sorted = sides.toSorted((a, b) => a.west - b.west);
  let found: readonly [Side, Side] | undefined;
  for (let k = 0; k < sorted.length; k++) {
    const one = sorted[k]!;
    for (let m = k + 1; m < sorted.length && sorted[m]!.west <= one.east + slack; m++) {
      const other = sorted[m]!;
      if (other.south > one.north + slack || other.north < one.south - slack) continue;
      const [a, b] = one.rank < other.rank ? [one, other] : [other, one];
      if (found && (a.rank > found[0].rank || (a.rank === found[0].rank && b.rank > found[1].rank))) continue;
      const apart = b.rank - a.rank;
      const wrong = apart === 1
        ? foldsBack(a, b, slack)
        : apart === sides.length - 1
        ? foldsBack(b, a, slack)
        : haveCommonPoint(a, b, slack);
      if (wrong) found = [a, b];
    }
  }
  return found && [found[0].number, found[1].number];
}

/** A side that has a length. */
interface Side {
  /** Among all points, from 1. */
  readonly number: number;
  /** Among the sides that have a length, from 0. */
  readonly rank: number;
  readonly start: Point;
  readonly end: Point;
  readonly south: number;
  readonly north: number;
  readonly west: number;
  readonly east: number;
}

function sidesOf(points: readonly Point[]): Side[] {
  const sides: Side[] = [];
  points.forEach((start, k) => {
    const end = points[(k + 1) % points.length]!;
    if (start[0] === end[0] && start[1] === end[1]) return;
    const [south, north] = start[0] < end[0] ? [start[0], end[0]] : [end[0], start[0]];
    const [west, east] = start[1] < end[1] ? [start[1], end[1]] : [end[1], start[1]];
    sides.push({ number: k + 1, rank: sides.length, start, end, south, north, west, east });
  });
  return sides;
}

/** What rounding makes of the largest coordinate. */
function roundingOf(points: readonly Point[]): number {
  return 2 ** -50 * points.reduce((most, [y, x]) => Math.max(most, Math.abs(y), Math.abs(x)), 0);
}

/** On which side of the line from `a` to `b` a point lies: 1 left, −1 right, 0 on it to rounding. */
function turnAt(a: Point, b: Point, point: Point, slack: number): -1 | 0 | 1 {
  const [ey, ex] = [b[0] - a[0], b[1] - a[1]];
  const [py, px] = [point[0] - a[0], point[1] - a[1]];
  const turn = ex * py - ey * px;
  const least = slack * (Math.abs(ex) + Math.abs(ey) + Math.abs(px) + Math.abs(py));
  return turn > least ? 1 : turn < -least ? -1 : 0;
}

/** Whether two segments whose rectangles overlap have a point in common. */
function haveCommonPoint(a: Side, b: Side, slack: number): boolean {
  return turnAt(a.start, a.end, b.start, slack) * turnAt(a.start, a.end, b.end, slack) <= 0 &&
    turnAt(b.start, b.end, a.start, slack) * turnAt(b.start, b.end, a.end, slack) <= 0;
}

/** Whether a side goes back along the one before it. */
function foldsBack(before: Side, side: Side, slack: number): boolean {
  const along = (before.end[0] - before.start[0]) * (side.end[0] - side.start[0]) +
    (before.end[1] - before.start[1]) * (side.end[1] - side.start[1]);
  return along < 0 && turnAt(before.start, before.end, side.end, slack) === 0;
}
