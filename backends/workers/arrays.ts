/**
 * Arrays in shared memory.
 *
 * @module
 */

import type { Dtype, GridData } from "../../core/contract.ts";

/** Local. Allocates a shared array, all zero. */
export function sharedArray(dtype: Dtype, length: number): GridData {
  return dtype === "f32"
    ? new Float32Array(new SharedArrayBuffer(4 * length))
    : new Float64Array(new SharedArrayBuffer(8 * length));
}
