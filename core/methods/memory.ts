/**
 * How much of a machine's memory a solve needs. `solve/memory.ts` compares it with what is free.
 *
 * @module
 */

import type { Method, Stencil } from "../contract.ts";
import { bytesPerValue } from "../dtype.ts";
import { traits } from "./traits.ts";

/**
 * Local. Bytes that a solve needs besides its answer: `Estimate.hostBytes` of most backends.
 *
 * @param levelBytes bytes of multigrid for each point besides the grid; default: those of the reference
 */
export function hostBytes(
  { kind, source, dtype, shape: [ny, nx] }: Pick<Stencil, "kind" | "source" | "dtype" | "shape">,
  { method }: { readonly method: Method },
  levelBytes: number = 8 * (traits.multigrid.arrays ?? 0),
): number {
  const arrays = kind === "weighted" ? 7 : source ? 3 : 2;
  const besides = method === "multigrid" ? levelBytes : 8 * (traits[method].arrays ?? 0);
  return (arrays * bytesPerValue(dtype) + besides) * ny * nx;
}
