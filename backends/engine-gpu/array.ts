/**
 * Arrays on a device, and the windows of them that a launch sees: an array may be larger than what a device binds at once, so
 * work on many rows is divided into bands.
 *
 * @module
 */

import type { Block, GridData } from "../../core/contract.ts";
import { bytesPerValue } from "../../core/dtype.ts";
import { UnavailableError } from "../../core/errors.ts";
import { type Device, GROUP, type Place, type Window } from "./device.ts";

/** Groups in a direction that every device runs: CUDA and WebGPU have no more. */
export const MOST_GROUPS = 65535;

/** `planes` numbers for each point of a stored array, row by row: plane 0 of row i, plane 1 of row i, …, then row i + 1. */
export interface DeviceArray<B> {
  readonly buffer: B;
  readonly shape: readonly [rows: number, cols: number];
  readonly planes: number;
  /** Numbers from one plane of a row to the next. */
  readonly pitch: number;
  /** Bytes of a row, all planes. */
  readonly rowBytes: number;
}

/** Bytes of an array, each row of each plane filled up to a multiple of `align`. */
export function bytesOf([ny, nx]: readonly [number, number], planes: number, size: number, align: number): number {
  return ny * planes * Math.ceil(nx * size / align) * align;
}

/** Local. Allocates an array, all zero. @throws UnavailableError if it does not fit */
export function arrayOn<B>(device: Device<B>, shape: readonly [number, number], planes: number): DeviceArray<B> {
  const bytes = bytesOf(shape, planes, bytesPerValue(device.dtype), device.align);
  if (bytes > device.largestBuffer) {
    const [need, most] = [bytes, device.largestBuffer].map((value) => (value / 2 ** 30).toFixed(1));
    throw new UnavailableError(
      `Cannot keep ${
        shape.join(" x ")
      } points on the device: an array of ${need} GiB is needed, and it takes ${most} GiB at most; use a smaller grid`,
    );
  }
  const rowBytes = bytes / shape[0];
  // A plain stencil without a source has no fields, and kernels are passed a buffer that they never read.
  const buffer = device.allocate(Math.max(bytes, device.align));
  return { buffer, shape, planes, pitch: planes === 0 ? 0 : rowBytes / planes / bytesPerValue(device.dtype), rowBytes };
}

/** Local. What `make` makes of arrays that it allocates; none of them is kept if it throws. */
export function allocateAll<B, T>(
  device: Device<B>,
  make: (array: (shape: readonly [number, number], planes: number) => DeviceArray<B>) => T,
): T {
  const allocated: DeviceArray<B>[] = [];
  try {
    return make((shape, planes) => {
      const array = arrayOn(device, shape, planes);
      allocated.push(array);
      return array;
    });
  } catch (cause) {
    release(device, allocated);
    throw cause;
  }
}

/** Local. Releases arrays. */
export function release<B>(device: Device<B>, arrays: readonly DeviceArray<B>[]): void {
  for (const { buffer } of arrays) device.release(buffer);
}

/** The place of a block in a plane. */
export function placeOf({ planes, pitch }: DeviceArray<unknown>, { rows, cols }: Block, plane = 0): Place {
  return {
    offset: (rows[0] * planes + plane) * pitch + cols[0],
    width: cols[1] - cols[0],
    rows: rows[1] - rows[0],
    pitch: planes * pitch,
  };
}

/** Local. A copy of the points of a block. */
export function readBlock<B>(device: Device<B>, array: DeviceArray<B>, block: Block, plane = 0) {
  return device.read(array.buffer, placeOf(array, block, plane));
}

/** Local. Sets the points of a block; numbers are rounded to the device's precision. */
export function writeBlock<B>(
  device: Device<B>,
  array: DeviceArray<B>,
  block: Block,
  data: GridData,
  plane = 0,
): void {
  if (data.length === 0) return;
  const own = device.dtype === "f32" && !(data instanceof Float32Array) ? Float32Array.from(data) : data;
  device.write(array.buffer, placeOf(array, block, plane), own);
}

/** Rows [lo, hi) of an array that work on rows [from, to) needs. */
export type Reach = (from: number, to: number) => readonly [lo: number, hi: number];

/** Work on a row looks at that row alone. */
export const same: Reach = (from, to) => [from, to];

/** Work on a row looks at so many more on each side. */
export function around(rows: number): Reach {
  return (from, to) => [from - rows, to + rows];
}

/** The arrays that some work needs, by the names that kernels have for them, and the rows of each. */
export type Operands<B, N extends string> = Readonly<Record<N, readonly [DeviceArray<B>, Reach]>>;

/** A part of the work: rows [from, to), and the windows that it needs. */
export interface Band<B, N extends string> {
  readonly from: number;
  readonly to: number;
  readonly buffers: Readonly<Record<N, Window<B>>>;
  /** `from` and `to` by the names that kernels have for them. */
  readonly rows: { readonly begin_row: number; readonly end_row: number };
}

/**
 * Local. Divides work on rows [from, to) into bands whose windows the device binds; one, if all fits.
 *
 * @param operands rows beyond an array are ignored
 * @throws UnavailableError if work on a single row does not fit
 */
export function* bands<B, N extends string>(
  device: Device<B>,
  operands: Operands<B, N>,
  from: number,
  to: number,
): Generator<Band<B, N>> {
  let height = Math.min(to - from, MOST_GROUPS * GROUP[1]);
  for (let at = from; at < to;) {
    let band = bandOf(device, operands, at, Math.min(at + height, to));
    while (!band) {
      if (height === 1) {
        throw new UnavailableError(
          "Cannot run on the device: work on a single row needs more of an array than it binds at once; " +
            "use another --method or --plugin, or a narrower grid",
        );
      }
      height = Math.ceil(height / 2);
      band = bandOf(device, operands, at, Math.min(at + height, to));
    }
    yield band;
    at = band.to;
  }
}

function bandOf<B, N extends string>(
  { largest, align }: Device<B>,
  operands: Operands<B, N>,
  from: number,
  to: number,
): Band<B, N> | undefined {
  const buffers = {} as Record<N, Window<B>>;
  for (const name in operands) {
    const [array, reach] = operands[name];
    const rows = array.shape[0];
    // An array that fits is bound whole: a device need not create a part of a buffer.
    const whole = rows * array.rowBytes <= largest;
    const [lo, hi] = whole
      ? [0, rows]
      : reach(from, to).map((row) => Math.min(Math.max(row, 0), rows)) as [number, number];
    const bytes = Math.max((hi - lo) * array.rowBytes, align);
    if (bytes > largest) return undefined;
    buffers[name] = { buffer: array.buffer, first: lo, offset: lo * array.rowBytes, bytes };
  }
  return { from, to, buffers, rows: { begin_row: from, end_row: to } };
}

/** A window of some rows of an array. */
export function rowsOf<B>({ buffer, rowBytes }: DeviceArray<B>, from: number, to: number): Window<B> {
  return { buffer, first: from, offset: from * rowBytes, bytes: (to - from) * rowBytes };
}
