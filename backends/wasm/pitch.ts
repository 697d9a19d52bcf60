/**
 * The distance between rows in memory.
 *
 * @module
 */

import type { Dtype } from "../../core/contract.ts";
import { bytesPerValue } from "../../core/dtype.ts";
import { padded } from "../engine-threads/tiling.ts";

/** Local. Rounds up to an odd number of cache lines: rows of any width then spread over all sets of a cache. */
export function oddLines(bytes: number): number {
  return (Math.ceil(bytes / 64) | 1) * 64;
}

/** Local. Bytes from row to row. The last vectors may extend past a row, not into the next: that may be another thread's. */
export function pitchOf(nx: number, dtype: Dtype): number {
  return oddLines(Math.max(padded(nx), nx + 8) * bytesPerValue(dtype));
}
