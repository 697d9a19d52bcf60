/**
 * The memory traffic of a sweep, declared once so that GB/s is computed in one place: what must be read and written
 * if each array passes through the cache once a pass, neighbours coming from cache (STREAM's way of counting: a write
 * counts once).
 *
 * @module
 */

import type { Method, Stencil } from "../contract.ts";
import { bytesPerValue } from "../dtype.ts";

/** @returns bytes per point of the grid and sweep. */
export function bytesPerUpdate(stencil: Pick<Stencil, "kind" | "source" | "dtype">, method: Method): number {
  const word = bytesPerValue(stencil.dtype);
  const constants = stencil.kind === "weighted" ? 5 : stencil.source ? 1 : 0;
  // Jacobi reads u and writes v; each half-sweep of red-black SOR passes over u, reading and writing it, and the stencil.
  return word * (method === "jacobi" ? 2 + constants : 2 * (2 + constants));
}
