/**
 * Norms on a device. Each group of threads stores its maximum as a partial norm; one more group reduces those to one, and two
 * numbers are read back.
 *
 * No atomics: a maximum that keeps NaN, in f64, needs 64-bit ones, which neither OpenCL 1.2 nor WebGPU has.
 *
 * @module
 */

import type { MaybePromise } from "../../core/contract.ts";
import { bytesPerValue } from "../../core/dtype.ts";
import { type Device, GROUP, type Window } from "./device.ts";

/** The order of the numbers that are read back. */
export const CHANGE = 0, RESIDUAL = 1;

/** Bytes of norms, for grids that store at most so many partial ones of each kind. */
export function normBytes(count: number, size: number, align: number): number {
  return 2 * count * size + align;
}

/** Where the kernels of one session store norms. */
export class Norms<B> {
  private readonly found: B;
  private partials: B | undefined;
  private room = 0;
  private readonly size: number;

  /** Local. Allocates what is read back; `reserve` allocates the rest. */
  constructor(private readonly device: Device<B>) {
    this.size = bytesPerValue(device.dtype);
    this.found = device.allocate(device.align);
  }

  /** Makes room for so many partial norms of each kind. Those that are not reduced yet are lost. */
  reserve(count: number): void {
    if (count <= this.half) return;
    const larger = this.device.allocate(2 * count * this.size);
    if (this.partials !== undefined) this.device.release(this.partials);
    this.partials = larger;
    this.room = 2 * count;
  }

  /** Where the second half of the room begins: that of residuals, where both norms are computed at once. */
  get half(): number {
    return this.room / 2;
  }

  /** The buffer `partials` of kernels. */
  get window(): Window<B> {
    if (this.partials === undefined) throw new Error("Cannot store norms: no room was reserved");
    return { buffer: this.partials, first: 0, offset: 0, bytes: this.room * this.size };
  }

  /** Reduces partials [begin, end) to one number. */
  reduce(begin: number, end: number, slot: number): void {
    this.device.launch({
      kernel: "reduce",
      buffers: { partials: this.window, norms: { buffer: this.found, first: 0, offset: 0, bytes: this.device.align } },
      scalars: { begin, end, slot },
      threads: GROUP,
    });
  }

  /** Reads both, which waits for all launches: 16 bytes, or 8. */
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
