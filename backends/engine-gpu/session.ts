/**
 * What GPU backends have in common besides kernels: settings, the memory that a problem needs, whether a device computes what
 * it should, and opening a session.
 *
 * @module
 */

import type { GridData, Plan, Session, Stencil } from "../../core/contract.ts";
import type { Domain } from "../../core/kernels/distributed.ts";
import { allocate, bytesPerValue, roundoff } from "../../core/dtype.ts";
import { UnavailableError } from "../../core/errors.ts";
import type { Kernels, Layout } from "../../core/kernels/kernels.ts";
import { levelSizes } from "../../core/methods/hierarchy.ts";
import { openSession } from "../../core/session.ts";
import type { SettingSpec } from "../../core/settings.ts";
import { jsKernels } from "../js/kernels.ts";
import { bytesOf } from "./array.ts";
import type { Device } from "./device.ts";
import { fieldPlanes, MOST_BLOCKED, partialsOf } from "./grid.ts";
import { gpuKernels } from "./kernels.ts";
import { levelBytes, OPERATOR_PLANES, periodBytes, WEIGHT_PLANES } from "./levels.ts";
import { normBytes } from "./norms.ts";

/** What a GPU scores, and a device that is software on the CPU: less than any backend made for that. */
export const GPU_SCORE = 85, SOFTWARE_SCORE = 3;

/** Points from which `auto` looks for a GPU: to load a driver and to open a device take longer than to solve less on a CPU. */
export const WORTH_FROM = 1 << 20;

/** The setting of how many sweeps of a plain stencil one launch does. */
export const block: SettingSpec<number | "auto"> = {
  about: `Jacobi sweeps of a plain stencil in one launch: 1 to ${MOST_BLOCKED}, off, or auto; auto`,
  method: "jacobi",
  expects: `auto, off, or a whole number from 1 to ${MOST_BLOCKED}`,
  parse(text) {
    if (text === "auto") return text;
    if (text === "off") return 1;
    return /^\d+$/.test(text) && +text >= 1 && +text <= MOST_BLOCKED ? +text : undefined;
  },
};

/** The setting of a device. */
export function device(about: string): SettingSpec<string> {
  return { about, expects: "a number, or a part of a name", parse: (text) => text.trim() === "" ? undefined : text };
}

/** What is known of a device before it is opened. */
export interface Room {
  /** Bytes of its memory that are free. */
  readonly free: number;
  /** Bytes of its largest buffer. */
  readonly largestBuffer: number;
  /** Bytes that rows begin at multiples of. */
  readonly align: number;
  /** Bytes that a launch sees of an array at the most; absent: all of the largest buffer. */
  readonly largest?: number;
}

/** Local. Why a problem does not fit on a device, or undefined if it does. */
export function tooLarge(stencil: Stencil, plan: Plan, room: Room): string | undefined {
  const { free, largestBuffer, align, largest: most = largestBuffer } = room;
  const [ny, nx] = stencil.shape;
  const [need, largest, atOnce] = memoryOf(stencil, plan, align);
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

/** Local. Bytes that multigrid keeps on a device for each point besides the grid itself. */
export function besides(stencil: Stencil): number {
  const [ny, nx] = stencil.shape;
  const [all, grid] = (["multigrid", "jacobi"] as const).map((method) => memoryOf(stencil, { method }, 256)[0]);
  return (all! - grid!) / (ny * nx);
}

/** Bytes that a session takes, its largest array, and the largest that a launch must see all of. */
function memoryOf(
  stencil: Stencil,
  plan: Pick<Plan, "method">,
  align: number,
): [need: number, largest: number, atOnce: number] {
  const { kind, dtype, source, shape: [ny, nx] } = stencil;
  const size = bytesPerValue(dtype);
  const multigrid = plan.method === "multigrid";
  const ring = kind === "weighted" ? 2 : 0;
  const shape = [ny + ring, nx + ring] as const;
  const plane = bytesOf(shape, 1, size, align);
  const planes = fieldPlanes({ kind, source, diagonal: multigrid });
  const fields = bytesOf(shape, planes, size, align);
  const sizes = multigrid ? levelSizes(stencil) : [];
  const weights = multigrid ? bytesOf(shape, WEIGHT_PLANES, size, align) : 0;
  const equations = sizes[0]
    ? bytesOf([sizes[0].shape[0] + 2, sizes[0].shape[1] + 2], OPERATOR_PLANES, size, align)
    : 0;
  const own = 2 * plane + Math.max(fields, align) + levelBytes(shape, sizes, size, align);
  // Full multigrid has the same on every other point at once, and so on down.
  const coarser = multigrid && stencil.coarsen ? memoryOf(stencil.coarsen(), plan, align)[0] : 0;
  const norms = normBytes(partialsOf(shape, true), size, align);
  const atOnce = stencil.periodic[0] ? periodBytes(shape, planes, sizes, size, align) : 0;
  return [own + norms + coarser, Math.max(plane, fields, weights, equations), atOnce];
}

/**
 * Local. Opens a session on a device, which it closes in the end.
 *
 * @param sweeps in one launch
 * @param name what to call the device
 * @throws UnavailableError if the device computes what it should not, or runs out of memory
 */
export async function openOn<B>(
  device: Device<B>,
  stencil: Stencil,
  plan: Plan,
  domain: Domain | undefined,
  sweeps: number | "auto" = "auto",
  name?: string,
): Promise<Session> {
  let kernels;
  try {
    kernels = gpuKernels(device, sweeps);
  } catch (cause) {
    await device.close();
    throw cause;
  }
  const session = await openSession(kernels, stencil, plan, domain);
  return name === undefined ? session : { ...session, about: { ...session.about, device: name } };
}

/** A plate that has all a sweep can meet: its sides are no multiples of anything, and a source. */
const PLATE: Layout = {
  kind: "plain",
  dtype: "f64",
  shape: [71, 83],
  periodic: [false, false],
  inner: { rows: [1, 70], cols: [1, 82] },
  parity: 0,
  cx: 0.25,
  cy: 0.25,
  source: true,
  diagonal: false,
};

/** Sweeps of it, more than one launch of blocked ones; and two more, in other ways. */
const SWEEPS = 5, MORE = 2;

/**
 * Local. Solves a small plate on a device and with the reference: some drivers give a device that computes zeros. The device
 * stays open.
 *
 * @param what what to call the device
 * @throws UnavailableError if they differ by more than rounding
 */
export async function requireRight<B>(device: Device<B>, what: string): Promise<void> {
  const layout = { ...PLATE, dtype: device.dtype };
  const [found, expected] = [await plate(gpuKernels(device, 3, () => {}), layout), await plate(jsKernels(), layout)];
  // Nine roundings a sweep at the most, of numbers below 8: a driver may contract where it should not.
  const tolerance = 9 * (SWEEPS + MORE) * 8 * roundoff(device.dtype);
  if (expected.every((value, at) => Math.abs(value - found[at]!) <= tolerance)) return;
  throw new UnavailableError(
    `Cannot use ${what}: it computes wrongly, a small plate comes out different; update its driver, or name another device or --plugin`,
  );
}

/** The iterate of the plate after some sweeps, and the norms that were found with them. */
async function plate<G>(kernels: Kernels<G>, layout: Layout): Promise<number[]> {
  const [ny, nx] = layout.shape;
  const whole = { rows: [0, ny], cols: [0, nx] } as const;
  const array = (from: number): GridData => {
    const values = allocate(layout.dtype, ny * nx);
    return values.map((_, k) => from + (k * 29 % 101) / 101);
  };
  try {
    const grid = await kernels.create(layout);
    try {
      await kernels.write(grid, "u", whole, array(1));
      await kernels.write(grid, "g", whole, array(-0.5));
      // Several sweeps a launch, one a launch, half-sweeps; and the norms of each.
      const norms = [await kernels.sweep(grid, SWEEPS), await kernels.residual(grid), await kernels.sweep(grid, 1)];
      norms.push(await kernels.relax!(grid, 1.5, 0, 2));
      return [...norms, ...await kernels.read(grid, whole)];
    } finally {
      await kernels.free(grid);
    }
  } finally {
    await kernels.close?.();
  }
}
