/**
 * Sets of intervals on a line, and the region that they make: its chords, and those of its complement.
 *
 * @module
 */

import type { Box, Chords, Region } from "./region.ts";

/**
 * What a region has on the lines just below and just above `at`, as they come close to it: one set of intervals where
 * the two agree. They differ where the line runs along the outline or touches it. Intervals of a set are in ascending
 * order and share end points at most.
 */
export type Limits = (at: number) => readonly Chords[];

const LINE: Chords = [[-Infinity, Infinity]];
const PLANE: Box = { y: [-Infinity, Infinity], x: [-Infinity, Infinity] };

/** Local. All points of closed intervals, which may overlap and need no order. */
export function union(intervals: Chords): Chords {
  if (intervals.length < 2) return intervals;
  const merged: (readonly [number, number])[] = [];
  // Of two infinite starts the difference is NaN, which sorts as 0 does.
  for (const chord of intervals.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last === undefined || chord[0] > last[1]) merged.push(chord);
    else merged[merged.length - 1] = [last[0], Math.max(last[1], chord[1])];
  }
  return merged;
}

/** Local. What a line has besides open intervals, which are in ascending order: two that touch have a point between. */
export function complement(chords: Chords): Chords {
  const gaps: (readonly [number, number])[] = [];
  let from = -Infinity;
  for (const chord of chords) {
    if (chord[0] > -Infinity) gaps.push([from, chord[0]]);
    from = chord[1];
  }
  if (from < Infinity) gaps.push([from, Infinity]);
  return gaps;
}

/** Local. The part of closed intervals that lies between two positions. */
function clip(chords: Chords, low: number, high: number): Chords {
  return chords.filter((chord) => chord[0] <= high && chord[1] >= low)
    .map((chord) => [Math.max(chord[0], low), Math.min(chord[1], high)] as const);
}

/**
 * Local. The region that has these limits on lines y = `at` and x = `at` within a box, and nothing outside of it.
 *
 * A point of a line is inside if it is in the closure of either limit, and in the closed complement if it is in the
 * closure of what either lacks: so a side along the line is in both.
 */
export function regionWithin(box: Box, alongX: Limits, alongY: Limits): Region {
  const inside: Region = {
    alongX: (at) => at < box.y[0] || at > box.y[1] ? [] : clip(union(alongX(at).flat()), box.x[0], box.x[1]),
    alongY: (at) => at < box.x[0] || at > box.x[1] ? [] : clip(union(alongY(at).flat()), box.y[0], box.y[1]),
    box,
    get outside() {
      return outside;
    },
  };
  const outside: Region = {
    alongX: (at) => at < box.y[0] || at > box.y[1] ? LINE : union(alongX(at).flatMap(complement)),
    alongY: (at) => at < box.x[0] || at > box.x[1] ? LINE : union(alongY(at).flatMap(complement)),
    box: PLANE,
    outside: inside,
  };
  return inside;
}

/** Local. The closure of the complement of a region. */
export function outsideOf(region: Region): Region {
  return region.outside;
}
