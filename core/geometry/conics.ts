/**
 * Chords of circles, ellipses and rings in closed form.
 *
 * @module
 */

import type { Limits } from "./chords.ts";
import type { Point } from "./region.ts";

/** Local. Cosine and sine of an angle in degrees, exact for right angles. */
export function direction(degrees: number): readonly [cos: number, sin: number] {
  const quarters = degrees / 90;
  if (Number.isInteger(quarters)) {
    const at = (n: number) => [1, 0, -1, 0][n & 3]!;
    return [at(quarters), at(quarters - 1)];
  }
  const angle = degrees % 360 * Math.PI / 180;
  return [Math.cos(angle), Math.sin(angle)];
}

/**
 * Local. Half the chord of a circle on a line at a distance from its centre.
 *
 * @param slack how far a line may be from touching to count as touching
 * @returns 0 for a line that touches, NaN for one that misses
 */
export function halfChord(radius: number, distance: number, slack: number): number {
  if (distance > radius + slack) return NaN;
  // As a product nothing is lost near the ends.
  return distance >= radius - slack ? 0 : Math.sqrt((radius - distance) * (radius + distance));
}

/** Local. How far an ellipse reaches from its centre: up or down, and left or right. */
export function reach([ry, rx]: readonly [ry: number, rx: number], angle: number): Point {
  const [cos, sin] = direction(angle);
  return [Math.hypot(rx * sin, ry * cos), Math.hypot(rx * cos, ry * sin)];
}

/**
 * Local. The chords of an ellipse on lines across y (`across` 0) or x (1).
 *
 * The matrix of the ellipse is M = R diag(rx², ry²) Rᵀ. On the line at the distance d from the centre across axis v the
 * chord has its middle at d M_uv / M_vv along axis u, and half its length is √(det M) / M_vv · √(M_vv − d²).
 */
export function ellipseLimits(
  center: Point,
  [ry, rx]: readonly [ry: number, rx: number],
  angle: number,
  across: 0 | 1,
  slack: number,
): Limits {
  const [cos, sin] = direction(angle);
  const most = reach([ry, rx], angle)[across];
  const slope = ((rx - ry) / most) * ((rx + ry) / most) * sin * cos;
  const flatness = (rx / most) * (ry / most);
  const [v, u] = [center[across], center[1 - across]!];
  return (at) => {
    const half = flatness * halfChord(most, Math.abs(at - v), slack);
    const middle = u + slope * (at - v);
    return half >= 0 ? [[[middle - half, middle + half]]] : [[]];
  };
}

/** Local. The chords of a ring on lines across y (`across` 0) or x (1): the outer circle without the open inner one. */
export function ringLimits(
  center: Point,
  [inner, outer]: readonly [inner: number, outer: number],
  across: 0 | 1,
  slack: number,
): Limits {
  const [v, u] = [center[across], center[1 - across]!];
  return (at) => {
    const half = halfChord(outer, Math.abs(at - v), slack);
    const hole = halfChord(inner, Math.abs(at - v), slack);
    if (hole >= 0) return [[[u - half, u - hole], [u + hole, u + half]]];
    return half >= 0 ? [[[u - half, u + half]]] : [[]];
  };
}
