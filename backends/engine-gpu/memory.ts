/**
 * How much of a device's memory a problem needs, and whether the device has it.
 *
 * @module
 */

import type { Plan, Stencil } from "../../core/contract.ts";
import { bytesPerValue } from "../../core/dtype.ts";
import { levelSizes } from "../../core/methods/hierarchy.ts";
import { bytesOf } from "./array.ts";
import { fieldPlanes, partialsOf } from "./grid.ts";
import { OPERATOR_PLANES, WEIGHT_PLANES } from "./levels.ts";
import { normBytes } from "./norms.ts";

/** What is known of a device before it is opened. */
export interface Limits {
  /** Bytes of its memory that are free. */
  readonly free: number;
  /** Bytes of its largest buffer. */
  readonly largestBuffer: number;
  /** Bytes that rows begin at multiples of. */
  readonly align: number;
  /** The most bytes of an array that a launch sees; absent: those of the largest buffer. */
  readonly largest?: number;
}

/** Local. Why a problem does not fit on a device, or undefined if it does. */
export function tooLarge(stencil: Stencil, plan: Plan, limits: Limits): string | undefined {
  const { free, largestBuffer, align, largest: most = largestBuffer } = limits;
  const [ny, nx] = stencil.shape;
  const { all, largest, atOnce } = bytesNeeded(stencil, plan, align);
  const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(1);
  if (all > free) return `${ny} x ${nx} points need ${gib(all)} GiB on the device, and ${gib(free)} GiB are free`;
  if (largest > largestBuffer) {
    return `${ny} x ${nx} points need an array of ${gib(largest)} GiB, and the device takes ${gib(largestBuffer)} GiB`;
  }
  if (atOnce <= most) return undefined;
  const mib = (bytes: number) => bytes / 2 ** 20;
  return `multigrid around a period of ${ny} rows of ${nx} points needs ${Math.ceil(mib(atOnce))} MiB of an array at ` +
    `once, and the device binds ${Math.floor(mib(most))} MiB; use --method jacobi or sor, or another --plugin`;
}

/** Local. Bytes for each point that multigrid keeps on a device besides the grid itself. */
export function levelBytesPerPoint(stencil: Stencil): number {
  const [ny, nx] = stencil.shape;
  const [all, grid] = (["multigrid", "jacobi"] as const).map((method) => bytesNeeded(stencil, { method }, 256).all);
  return (all! - grid!) / (ny * nx);
}

/** Bytes that a session needs. */
interface Need {
  /** All together. */
  readonly all: number;
  /** Of the largest array. */
  readonly largest: number;
  /** Of the largest array that one launch must see all of; 0 if none is. */
  readonly atOnce: number;
}

function bytesNeeded(stencil: Stencil, plan: Pick<Plan, "method">, align: number): Need {
  const { kind, dtype, source, shape: [ny, nx], periodic } = stencil;
  const size = bytesPerValue(dtype);
  const bytes = (shape: readonly [number, number], planes: number) => bytesOf(shape, planes, size, align);
  const isMultigrid = plan.method === "multigrid";
  const ghosts = kind === "weighted" ? 2 : 0;
  let above: readonly [number, number] = [ny + ghosts, nx + ghosts];
  let planes = fieldPlanes({ kind, source, diagonal: isMultigrid });
  const [plane, fields] = [bytes(above, 1), bytes(above, planes)];
  let all = 2 * plane + Math.max(fields, align) + normBytes(partialsOf(above, true), size, align);
  let [largest, atOnce, isPeriodic] = [Math.max(plane, fields), 0, periodic[0]];
  for (const { shape } of isMultigrid ? levelSizes(stencil) : []) {
    const here = [shape[0] + 2, shape[1] + 2] as const;
    const [weights, operator] = [bytes(above, WEIGHT_PLANES), bytes(here, OPERATOR_PLANES)];
    all += weights + operator + bytes(here, 3);
    largest = Math.max(largest, weights, operator);
    // Neighbours of a periodic row may be at the other end; a single row has none.
    if (isPeriodic) atOnce = Math.max(atOnce, bytes(above, planes), weights);
    isPeriodic &&= shape[0] > 1;
    [above, planes] = [here, OPERATOR_PLANES];
  }
  // Full multigrid has the same on every other point at once, and so on down.
  if (isMultigrid && stencil.coarsen) all += bytesNeeded(stencil.coarsen(), plan, align).all;
  return { all, largest, atOnce };
}
