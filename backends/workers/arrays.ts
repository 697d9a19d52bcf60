/**
 * Arrays in shared memory.
 *
 * @module
 */

import type { Dtype, GridData } from "../../core/contract.ts";
import { bytesPerValue, view } from "../../core/dtype.ts";

/** Local. Allocates a shared array, all zero. */
export function sharedArray(dtype: Dtype, length: number): GridData {
  return view(dtype, new SharedArrayBuffer(bytesPerValue(dtype) * length));
}
