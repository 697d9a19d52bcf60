/**
 * Chords of a line with a width and round ends: the union of capsules, one around each segment.
 *
 * @module
 */

import { type Limits, union } from "./chords.ts";
import { halfChord } from "./conics.ts";
import type { Point } from "./region.ts";

/** A segment with what is within a distance of it; u along the lines, v across them. */
interface Capsule {
  readonly u: readonly [number, number];
  readonly v: readonly [number, number];
  /** From the segment to the one of its straight sides; the other is as far in the opposite direction. */
  readonly toSide: readonly [u: number, v: number];
}

/**
 * Local. The chords of all that is within `radius` of the segments between points, on lines across y (`across` 0) or
 * x (1). With the radius 0 a segment itself is the region.
 */
export function capsuleLimits(points: readonly Point[], radius: number, across: 0 | 1, slack: number): Limits {
  const along = across === 0 ? 1 : 0;
  const capsules = points.slice(1).map((end, k): Capsule => {
    const start = points[k]!;
    const [du, dv] = [end[along] - start[along], end[across] - start[across]];
    const scale = radius / Math.hypot(du, dv);
    return { u: [start[along], end[along]], v: [start[across], end[across]], toSide: [-scale * dv, scale * du] };
  });
  return (at) => {
    const below: (readonly [number, number])[] = [];
    const above: (readonly [number, number])[] = [];
    let alike = true;
    for (const capsule of capsules) {
      const top = Math.max(capsule.v[0], capsule.v[1]) + radius;
      const bottom = Math.min(capsule.v[0], capsule.v[1]) - radius;
      if (at > top + slack || at < bottom - slack) continue;
      const chord = chordOf(capsule, radius, at, slack);
      const touchesTop = at >= top - slack;
      const touchesBottom = at <= bottom + slack;
      // A segment along the line, without a width, must be on one of them.
      if (touchesTop || !touchesBottom) below.push(chord);
      if (!touchesTop) above.push(chord);
      alike &&= !touchesTop && !touchesBottom;
    }
    return alike ? [union(below)] : [union(below), union(above)];
  };
}

/** The chord of a convex shape spans those of its two discs and where the line crosses its two straight sides. */
function chordOf({ u, v, toSide }: Capsule, radius: number, at: number, slack: number): readonly [number, number] {
  let from = Infinity;
  let to = -Infinity;
  for (let end = 0; end < 2; end++) {
    const half = halfChord(radius, Math.abs(at - v[end]!), slack);
    if (Number.isNaN(half)) continue;
    from = Math.min(from, u[end]! - half);
    to = Math.max(to, u[end]! + half);
  }
  for (let side = -1; side < 2; side += 2) {
    const share = (at - v[0] - side * toSide[1]) / (v[1] - v[0]);
    if (!(share >= 0 && share <= 1)) continue; // also where a segment has no length, or lies along the line
    const position = u[0] + side * toSide[0] + share * (u[1] - u[0]);
    from = Math.min(from, position);
    to = Math.max(to, position);
  }
  return [from, to];
}
