/**
 * Radii of axisymmetric problems: columns are at distances from an axis.
 *
 * @module
 */

/** Mean radii: what lengths are multiplied by around an axis. */
export interface Radii {
  /** Of each column's cells. */
  readonly cells: Float64Array;
  /** Of the face between each column and the next. */
  readonly faces: Float64Array;
  /** Of the west edge and of the east edge. */
  readonly west: number;
  readonly east: number;
}

/** Local. The radii of `nx` columns `dx` apart, the first at `inner`. */
export function radiiOf(inner: number, dx: number, nx: number): Radii {
  const at = (j: number) => inner + j * dx;
  const [west, east] = [at(0), at(nx - 1)];
  return {
    // A cell at an edge is half as wide.
    cells: Float64Array.from({ length: nx }, (_, j) => j === 0 ? west + dx / 4 : j === nx - 1 ? east - dx / 4 : at(j)),
    faces: Float64Array.from({ length: nx - 1 }, (_, j) => at(j + 0.5)),
    west,
    east,
  };
}
