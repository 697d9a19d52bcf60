/**
 * What the core and all backends speak of: precisions, arrays of points and blocks of them. Types only.
 *
 * @module
 */

/** A value now, or a promise of it: synchronous backends pay nothing for asynchronous ones. */
export type MaybePromise<T> = T | Promise<T>;

/** A grid's numbers in C order: row 0 is north, column 0 is west. */
export type GridData = Float32Array | Float64Array;

/** The floating-point types that a field can have. */
export type Dtype = "f32" | "f64";

/** Half-open ranges of global rows and columns. */
export interface Block {
  /** First row, and the one after the last. */
  readonly rows: readonly [number, number];
  /** First column, and the one after the last. */
  readonly cols: readonly [number, number];
}

/** Local. Least and largest of some values, NaN aside; Infinity and -Infinity where there are none. */
export function rangeOf(values: ArrayLike<number>): readonly [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (let k = 0; k < values.length; k++) {
    const value = values[k]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
