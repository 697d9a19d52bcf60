/**
 * Norms on a device. Each group of threads that finds a maximum leaves it in an array of partial ones; one group more makes one
 * of those, and two numbers come back.
 *
 * No atomics: a maximum that keeps NaN, in f64, needs 64-bit ones, which neither OpenCL 1.2 nor WebGPU has.
 *
 * @module
 */

import type { MaybePromise } from "../../core/contract.ts";
import { bytesPerValue } from "../../core/dtype.ts";
import { type Device, GROUP, type Window } from "./device.ts";

/** Which of the numbers that come back. */
export const CHANGE = 0, RESIDUAL = 1;

/** Bytes that norms take, for grids that leave so many partial ones of each kind at the most. */
export function normBytes(count: number, size: number, align: number): number {
  return 2 * count * size + align;
}

/** What the kernels of one session collect norms in. */
export class Norms<B> {
  private readonly found: B;
  private partials: B | undefined;
  private room = 0;
  private readonly size: number;

  /** Local. Allocates what little it needs; `reserve` does the rest. */
  constructor(private readonly device: Device<B>) {
    this.size = bytesPerValue(device.dtype);
    this.found = device.allocate(device.align);
  }

  /** Makes sure that there is room for so many partial norms of each kind. What was collected and not reduced yet is lost. */
  reserve(count: number): void {
    if (count <= this.half) return;
    const larger = this.device.allocate(2 * count * this.size);
    if (this.partials !== undefined) this.device.release(this.partials);
    this.partials = larger;
    this.room = 2 * count;
  }

  /** Where the second half of the room begins: that of residuals, where both norms are found at once. */
  get half(): number {
    return this.room / 2;
  }

  /** What kernels that collect get as their last buffer. */
  get window(): Window<B> {
    if (this.partials === undefined) throw new Error("Cannot collect norms: no room was reserved");
    return { buffer: this.partials, offset: 0, bytes: this.room * this.size };
  }

  /** Makes one number of partials [from, to). */
  reduce(from: number, to: number, slot: number): void {
    this.device.launch({
      kernel: "reduce",
      buffers: [this.window, { buffer: this.found, offset: 0, bytes: this.device.align }],
      ints: [from, to, slot],
      reals: [],
      threads: GROUP,
    });
  }

  /** Waits for them: 16 bytes, or 8. */
  async read(): Promise<{ change: number; residual: number }> {
    const found: MaybePromise<ArrayLike<number>> = this.device.read(this.found, {
      offset: 0,
      width: 2,
      rows: 1,
      pitch: 2,
    });
    const values = await found;
    return { change: values[CHANGE]!, residual: values[RESIDUAL]! };
  }

  /** Releases its memory. */
  free(): void {
    if (this.partials !== undefined) this.device.release(this.partials);
    this.device.release(this.found);
  }
}

/** Groups that a launch has. */
export function groupsOf([cols, rows]: readonly [number, number]): number {
  return Math.ceil(cols / GROUP[0]) * Math.ceil(rows / GROUP[1]);
}
