/**
 * What a solve needs of a backend and of this machine's memory, and whether they have it.
 *
 * @module
 */

import type { Backend, Dtype, Method, Plan, Stencil } from "../contract.ts";
import { bytesPerValue } from "../dtype.ts";
import { traits } from "./traits.ts";

/** Memory that may be used. */
export interface Memory {
  readonly bytes: number;
  /** What leaves no more, where it is not the machine. */
  readonly limit?: string;
}

/**
 * Local. Bytes of aggregates for each point, while they are chosen (`ConjugateGradients.aggregate`). Peak RSS at 2049², less what
 * a solve without them needs, in f64: `js` 15, `workers` 10, `wasm` 15 (f32: 18). Libraries in C have a count of their own.
 */
export function aggregateBytes({ kind }: Pick<Stencil, "kind">): number {
  return kind === "weighted" ? 8 * 18 : 0;
}

/**
 * Local. Bytes that a solve needs besides its answer: `Estimate.hostBytes` of most backends.
 *
 * @param levelBytes bytes of multigrid for each point besides the grid; default: those of the reference
 */
export function hostBytes(
  stencil: Pick<Stencil, "kind" | "source" | "dtype" | "shape">,
  { method }: { readonly method: Method },
  levelBytes: number = 8 * (traits.multigrid.arrays ?? 0) + aggregateBytes(stencil),
): number {
  const { kind, source, dtype, shape: [ny, nx] } = stencil;
  const arrays = kind === "weighted" ? 7 : source ? 3 : 2;
  const besides = method === "multigrid" ? levelBytes : 8 * (traits[method].arrays ?? 0);
  return (arrays * bytesPerValue(dtype) + besides) * ny * nx;
}

/** Local. Why a backend can run no stencil of this type and this form, or undefined. */
export function unable(backend: Backend, { dtype, kind }: Pick<Stencil, "dtype" | "kind">): string | undefined {
  if (!backend.dtypes.includes(dtype)) {
    const others = backend.dtypes.join(", ");
    return `it has no ${dtype}, only ${others}: --dtype ${others}`;
  }
  return backend.stencils.includes(kind) ? undefined : `it solves only ${backend.stencils.join(", ")} stencils`;
}

/**
 * Local. Why a backend cannot run a stencil: its type, its form, its memory, or what the backend says itself; or undefined.
 *
 * @param memory undefined if unknown
 */
export function unfit(backend: Backend, stencil: Stencil, plan: Plan, memory: Memory | undefined): string | undefined {
  const reason = unable(backend, stencil);
  if (reason !== undefined) return reason;
  const { dtype, shape: [ny, nx] } = stencil;
  const { hostBytes: host = hostBytes(stencil, plan), rejects } = backend.estimate?.(stencil, plan) ?? {};
  // One more array holds the answer, in one place, and one the field as it was measured before, until it is collected.
  return tooLarge(stencil.shape, host + 2 * bytesPerValue(dtype) * ny * nx, memory) ?? rejects;
}

/** Local. Why no plugin has the memory for a grid, from its shape alone; or undefined. Every solve needs three arrays. */
export function hopeless(shape: Stencil["shape"], dtype: Dtype, memory: Memory | undefined): string | undefined {
  return tooLarge(shape, 3 * bytesPerValue(dtype) * shape[0] * shape[1], memory);
}

function tooLarge([ny, nx]: Stencil["shape"], need: number, memory: Memory | undefined): string | undefined {
  if (memory === undefined || need <= memory.bytes) return undefined;
  const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(1);
  const below = memory.limit === undefined ? "" : ` below ${memory.limit}`;
  return `${ny} x ${nx} points need ${gib(need)} GiB of memory, and ${gib(memory.bytes)} GiB are free${below}`;
}
