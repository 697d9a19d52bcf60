/**
 * How much of a device's memory a problem needs, and whether the device has it.
 *
 * @module
 */

import type { Plan, Stencil } from "../../core/contract.ts";
import { bytesPerValue } from "../../core/dtype.ts";
import type { LevelSize } from "../../core/kernels/distributed.ts";
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
  const [need, largest, atOnce] = bytesNeeded(stencil, plan, align);
  const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(1);
  if (need > free) return `${ny} x ${nx} points need ${gib(need)} GiB on the device, and ${gib(free)} GiB are free`;
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
  const [all, grid] = (["multigrid", "jacobi"] as const).map((method) => bytesNeeded(stencil, { method }, 256)[0]);
  return (all! - grid!) / (ny * nx);
}

/** Bytes of a session, of its largest array, and of the largest array that one launch must see all of. */
function bytesNeeded(
  stencil: Stencil,
  plan: Pick<Plan, "method">,
  align: number,
): [need: number, largest: number, atOnce: number] {
  const { kind, dtype, source, shape: [ny, nx] } = stencil;
  const size = bytesPerValue(dtype);
  const multigrid = plan.method === "multigrid";
  const ghosts = kind === "weighted" ? 2 : 0;
  const shape = [ny + ghosts, nx + ghosts] as const;
  const plane = bytesOf(shape, 1, size, align);
  const planes = fieldPlanes({ kind, source, diagonal: multigrid });
  const fields = bytesOf(shape, planes, size, align);
  const sizes = multigrid ? levelSizes(stencil) : [];
  const weights = multigrid ? bytesOf(shape, WEIGHT_PLANES, size, align) : 0;
  const operator = sizes[0] ? bytesOf([sizes[0].shape[0] + 2, sizes[0].shape[1] + 2], OPERATOR_PLANES, size, align) : 0;
  const own = 2 * plane + Math.max(fields, align) + levelBytes(shape, sizes, size, align);
  // Full multigrid has the same on every other point at once, and so on down.
  const coarser = multigrid && stencil.coarsen ? bytesNeeded(stencil.coarsen(), plan, align)[0] : 0;
  const norms = normBytes(partialsOf(shape, true), size, align);
  const atOnce = stencil.periodic[0] ? periodBytes(shape, planes, sizes, size, align) : 0;
  return [own + norms + coarser, Math.max(plane, fields, weights, operator), atOnce];
}

/** Bytes of the levels below a grid of that shape. */
function levelBytes(
  shape: readonly [number, number],
  sizes: readonly LevelSize[],
  size: number,
  align: number,
): number {
  let above = shape;
  let bytes = 0;
  for (const { shape: [ny, nx] } of sizes) {
    const here = [ny + 2, nx + 2] as const;
    bytes += bytesOf(above, WEIGHT_PLANES, size, align) + bytesOf(here, OPERATOR_PLANES + 3, size, align);
    above = here;
  }
  return bytes;
}

/** Bytes of the largest array that one launch must see all of to make a level of periodic rows, whose ends are neighbours. */
function periodBytes(
  shape: readonly [number, number],
  planes: number,
  sizes: readonly LevelSize[],
  size: number,
  align: number,
): number {
  let [above, most] = [shape, 0];
  for (const { shape: [ny, nx] } of sizes) {
    most = Math.max(most, bytesOf(above, Math.max(planes, WEIGHT_PLANES), size, align));
    // No level is below a single row.
    if (ny === 1) break;
    [above, planes] = [[ny + 2, nx + 2], OPERATOR_PLANES];
  }
  return most;
}
