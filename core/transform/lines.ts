/**
 * Transforms all lines of a field, a block of them at a time, so that a block is in cache.
 *
 * @module
 */

import type { TrigTransform } from "./dst_dct.ts";

/** Lines in each half of a block: some 16 lines at a time stay in cache up to a few thousand points. */
const BATCH = 8;

/** Local. The batch that waves of `count` lines are planned for: no more than there are. */
export function batchOf(count: number): number {
  return Math.min(BATCH, Math.ceil(count / 2));
}

/** Where the lines of an array are. */
export interface Place {
  /** Of the first point of the first line. */
  readonly start: number;
  /** From a line to the next. */
  readonly line: number;
  /** From a point of a line to the next. */
  readonly point: number;
}

/** Local. Transforms `count` lines of `from` into lines of `to`, two for each column of the waves' batch at a time. */
export function transformLines(
  transform: TrigTransform,
  direction: "forward" | "inverse",
  count: number,
  from: Float64Array,
  source: Place,
  to: Float64Array,
  target: Place,
): void {
  const { points, batch } = transform;
  const [a, b] = [new Float64Array(points * batch), new Float64Array(points * batch)];
  for (let first = 0; first < count; first += 2 * batch) {
    const counts = [Math.min(batch, count - first), Math.max(0, Math.min(batch, count - first - batch))] as const;
    gather(from, source, first, counts[0], a, points, batch);
    gather(from, source, first + batch, counts[1], b, points, batch);
    transform[direction](a, b);
    scatter(to, target, first, counts[0], a, points, batch);
    scatter(to, target, first + batch, counts[1], b, points, batch);
  }
}

/** Lines that there are none of become zero: what was left there would be transformed in vain, and might overflow. */
function gather(
  field: Float64Array,
  { start, line, point }: Place,
  first: number,
  count: number,
  block: Float64Array,
  points: number,
  batch: number,
): void {
  if (count < batch) block.fill(0);
  for (let j = 0; j < points; j++) {
    let at = start + first * line + j * point;
    for (let b = 0; b < count; b++, at += line) block[j * batch + b] = field[at]!;
  }
}

function scatter(
  field: Float64Array,
  { start, line, point }: Place,
  first: number,
  count: number,
  block: Float64Array,
  points: number,
  batch: number,
): void {
  for (let j = 0; j < points; j++) {
    let at = start + first * line + j * point;
    for (let b = 0; b < count; b++, at += line) field[at] = block[j * batch + b]!;
  }
}
