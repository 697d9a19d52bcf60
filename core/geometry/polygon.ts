/**
 * Chords of a simple polygon: where lines cross its sides, in pairs; and its area.
 *
 * @module
 */

import type { Limits } from "./chords.ts";
import type { Chords, Point } from "./region.ts";

/** The sides of a polygon from their lower end to their upper one, across the lines; positions are along them. */
interface Sides {
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly atLow: Float64Array;
  readonly atHigh: Float64Array;
  /** How far the position changes in a unit across. */
  readonly slope: Float64Array;
}

/** Where sides cross the lines just below and just above one, as they come close to it. */
interface Crossings {
  readonly below: Float64Array;
  readonly above: Float64Array;
  belowCount: number;
  aboveCount: number;
  /** Whether a vertex lies on the line, so that the two may differ. */
  vertices: boolean;
}

/** Local. The chords of a simple polygon on lines across y (`across` 0) or x (1). */
export function polygonLimits(points: readonly Point[], across: 0 | 1, slack: number): Limits {
  const sides = sidesOf(points, across);
  const numbers = () => new Float64Array(points.length);
  const found: Crossings = { below: numbers(), above: numbers(), belowCount: 0, aboveCount: 0, vertices: false };
  return (at) => {
    findCrossings(sides, at, slack, found);
    const below = inPairs(found.below.subarray(0, found.belowCount).sort());
    return found.vertices ? [below, inPairs(found.above.subarray(0, found.aboveCount).sort())] : [below];
  };
}

function sidesOf(points: readonly Point[], across: 0 | 1): Sides {
  const along = across === 0 ? 1 : 0;
  const ends = points.map((point, k) => {
    const next = points[(k + 1) % points.length]!;
    return point[across] <= next[across] ? [point, next] as const : [next, point] as const;
  });
  return {
    low: Float64Array.from(ends, ([low]) => low[across]),
    high: Float64Array.from(ends, ([, high]) => high[across]),
    atLow: Float64Array.from(ends, ([low]) => low[along]),
    atHigh: Float64Array.from(ends, ([, high]) => high[along]),
    slope: Float64Array.from(ends, ([low, high]) => (high[along] - low[along]) / (high[across] - low[across])),
  };
}

/**
 * Of a vertex on the line the line below sees what lies below, and the line above what lies above. As every side judges
 * a vertex alike, both cross an even number of sides.
 */
function findCrossings(sides: Sides, at: number, slack: number, found: Crossings): void {
  const { low, high, atLow, atHigh, slope } = sides;
  const { below, above } = found;
  let belowCount = 0;
  let aboveCount = 0;
  let vertices = false;
  for (let k = 0; k < low.length; k++) {
    if (high[k]! < at - slack || low[k]! > at + slack) continue;
    const startsBelow = low[k]! < at - slack;
    const endsAbove = high[k]! > at + slack;
    if (startsBelow && endsAbove) {
      const position = atLow[k]! + (at - low[k]!) * slope[k]!;
      below[belowCount++] = position;
      above[aboveCount++] = position;
      continue;
    }
    vertices = true;
    if (startsBelow) below[belowCount++] = atHigh[k]!;
    if (endsAbove) above[aboveCount++] = atLow[k]!;
  }
  found.belowCount = belowCount;
  found.aboveCount = aboveCount;
  found.vertices = vertices;
}

function inPairs(positions: Float64Array): Chords {
  const chords: (readonly [number, number])[] = [];
  for (let k = 0; k + 1 < positions.length; k += 2) chords.push([positions[k]!, positions[k + 1]!]);
  return chords;
}

/** Local. The area inside of a simple polygon of any winding, by the shoelace formula from its first point. */
export function polygonArea(points: readonly Point[]): number {
  const [y0, x0] = points[0] ?? [0, 0];
  let twice = 0;
  for (let k = 2; k < points.length; k++) {
    const [one, two] = [points[k - 1]!, points[k]!];
    twice += (one[1] - x0) * (two[0] - y0) - (two[1] - x0) * (one[0] - y0);
  }
  return Math.abs(twice) / 2;
}
