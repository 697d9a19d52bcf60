/**
 * What the discretisation needs of a shape: where lines lie in it.
 *
 * @module
 */

/** Where a line lies inside of a region: closed intervals in ascending order that do not touch. */
export type Chords = readonly (readonly [from: number, to: number])[];

/** A rectangle along the axes. */
export interface Box {
  readonly y: readonly [from: number, to: number];
  readonly x: readonly [from: number, to: number];
}

/**
 * A closed region of the plane, in the coordinates of the problem: x to the right (axisymmetric: r), y up (z).
 *
 * Positions are compared to rounding: a line that touches an outline in a point has the interval [t, t] there, and a
 * side along a line belongs to the region.
 */
export interface Region {
  /** Local. The part of the line y = `at` that is inside, as intervals of x; infinite ends where it has no end. */
  alongX(at: number): Chords;
  /** Local. The part of the line x = `at` that is inside, as intervals of y. */
  alongY(at: number): Chords;
  /** The least rectangle around it, as far as it is known: no line outside of it meets the region. */
  readonly box: Box;
  /** The closure of the complement: outlines belong to both. */
  readonly outside: Region;
}

/** Where the nodes of a grid are. */
export interface NodeGrid {
  /** ny, nx; row 0 is the top one. */
  readonly shape: readonly [ny: number, nx: number];
  /** dy, dx. */
  readonly spacing: readonly [dy: number, dx: number];
  /** y and x of the south-west node, which is in the last row. */
  readonly origin: readonly [y: number, x: number];
}

/** A position, [y, x]. */
export type Point = readonly [y: number, x: number];

/** A shape whose numbers are known. Lengths are in units of the coordinates; angles in degrees, counter-clockwise. */
export type Figure =
  | { readonly kind: "circle"; readonly center: Point; readonly radius: number }
  | {
    readonly kind: "ellipse";
    readonly center: Point;
    readonly radii: readonly [ry: number, rx: number];
    readonly angle: number;
  }
  | { readonly kind: "ring"; readonly center: Point; readonly radii: readonly [inner: number, outer: number] }
  | {
    readonly kind: "rect";
    readonly from: Point;
    readonly to: Point;
    readonly angle: number;
  }
  | { readonly kind: "polygon"; readonly points: readonly Point[] }
  | { readonly kind: "polyline"; readonly points: readonly Point[]; readonly width: number }
  /** Inside where `where` gives a number greater than 0, or not less if `closed`; its sign is looked for at nodes. */
  | { readonly kind: "formula"; readonly where: (x: number, y: number) => number; readonly closed?: boolean };
