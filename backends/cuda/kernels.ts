/**
 * The kernels for CUDA that are part of the program: native/gpu/cuda.cu, compiled to PTX by native/build.ts. The driver
 * compiles that for its device.
 *
 * @module
 */

import type { Dtype } from "../../core/contract.ts";
import { assetPath } from "../../host/assets.ts";

/**
 * The versions that the PTX of native/build.ts needs: a driver for CUDA 10.1, which is 418, and compute capability 7.5, that
 * of Turing.
 */
export const needs = { driver: 10010, capability: 75 } as const;

/** Local. The file of one precision in native/build/, or in what LAPLACE_NATIVE names. */
export function ptxFile(dtype: Dtype): string {
  return `kernels_${dtype}.ptx`;
}

/** Local. The kernels of one precision; undefined if they are not there. */
export async function readPtx(dtype: Dtype): Promise<string | undefined> {
  const path = assetPath(ptxFile(dtype));
  if (path === undefined) return undefined;
  const { readFileSync } = await import("node:fs");
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
