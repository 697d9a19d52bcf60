/**
 * Whether a solve fits into this machine's memory. The need comes from `core/methods/memory.ts` and from the backends.
 *
 * @module
 */

import type { Backend, Dtype, Plan, Stencil } from "../core/contract.ts";
import { bytesPerValue } from "../core/dtype.ts";
import { hostBytes } from "../core/methods/memory.ts";

/**
 * Local. Why a backend cannot run a stencil: its type, its form, its memory, or what the backend says itself; or undefined.
 *
 * @param memory bytes that may be used; undefined if unknown
 */
export function unfit(backend: Backend, stencil: Stencil, plan: Plan, memory: number | undefined): string | undefined {
  const { dtype, kind, shape: [ny, nx] } = stencil;
  if (!backend.dtypes.includes(dtype)) {
    const others = backend.dtypes.join(", ");
    return `it has no ${dtype}, only ${others}: --dtype ${others}`;
  }
  if (!backend.stencils.includes(kind)) return `it solves only ${backend.stencils.join(", ")} stencils`;
  const { hostBytes: host = hostBytes(stencil, plan), rejects } = backend.estimate?.(stencil, plan) ?? {};
  // One more array holds the answer, in one place.
  return tooLarge(stencil.shape, host + bytesPerValue(dtype) * ny * nx, memory) ?? rejects;
}

/** Local. Why no plugin has the memory for a grid, from its shape alone; or undefined. Every solve needs three arrays. */
export function hopeless(
  shape: readonly [number, number],
  dtype: Dtype,
  memory: number | undefined,
): string | undefined {
  return tooLarge(shape, 3 * bytesPerValue(dtype) * shape[0] * shape[1], memory);
}

function tooLarge(
  [ny, nx]: readonly [number, number],
  need: number,
  memory: number | undefined,
): string | undefined {
  if (memory === undefined || need <= memory) return undefined;
  return `${ny} x ${nx} points need ${gib(need)} GiB of memory, and ${gib(memory)} GiB are free`;
}

function gib(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}
