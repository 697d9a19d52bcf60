/**
 * What the GPU backends need of a device: memory, and kernels that are launched in order on one queue.
 *
 * The kernels are those of native/gpu/, in C for OpenCL and CUDA; WebGPU has a translation of each, with the same name,
 * parameters and threads.
 *
 * @module
 */

import type { Dtype, GridData, MaybePromise, Plan } from "../../core/contract.ts";
import type { Launch } from "./launch.ts";

export type { Launch, LaunchOf, Window } from "./launch.ts";

/** Threads of a group: columns, rows. All kernels are written for it. */
export const GROUP = [64, 4] as const;

/** A part of a buffer of numbers, as a matrix: rows of `width`, `pitch` apart. In numbers, not bytes. */
export interface Place {
  /** Where its first number is. */
  readonly offset: number;
  /** Numbers in a row. */
  readonly width: number;
  /** Rows. */
  readonly rows: number;
  /** From the beginning of a row to that of the next. */
  readonly pitch: number;
}

/** Whether rows follow each other without a gap. */
export function isDense({ width, pitch, rows }: Place): boolean {
  return width === pitch || rows === 1;
}

/**
 * A device, opened for one precision. Local, all of it. Calls take effect in order; `write` has copied its data when it
 * returns, `read` waits for all calls before.
 *
 * A device that fails (it is lost, a kernel cannot be built) throws an UnavailableError of one line, at the latest from
 * `read`.
 */
export interface Device<B = unknown> {
  /** What it computes in: all buffers hold numbers of this type. */
  readonly dtype: Dtype;
  /** Windows, and so rows of an array, begin at multiples of so many bytes. */
  readonly align: number;
  /** The most bytes of a window. */
  readonly largest: number;
  /** The most bytes of a buffer; larger arrays do not fit. */
  readonly largestBuffer: number;
  /** Time of launches on the device, by kernel, if it was opened with timing: complete after `read` and `close`. */
  readonly timings?: ReadonlyMap<string, Timing>;
  /** Allocates memory, all zero. @throws UnavailableError if there is not enough */
  allocate(bytes: number): B;
  /** Releases memory once all launches that use it are done. */
  release(buffer: B): void;
  /** Copies a dense matrix of numbers of `dtype` into a place. */
  write(buffer: B, place: Place, data: GridData): void;
  /** Copies a place out, into a dense matrix. */
  read(buffer: B, place: Place): MaybePromise<GridData>;
  /** Starts a kernel. */
  launch(launch: Launch<B>): void;
  /** Releases the rest of this session; its buffers were released before. */
  close(): MaybePromise<void>;
}

/** How long launches of a kernel took on the device. */
export interface Timing {
  /** How many there were. */
  launches: number;
  /** All of them together. */
  seconds: number;
}

/** How a GPU backend opens the device that a plan names, and verifies it: for benchmarks. */
export type OpenDevice = (
  dtype: Dtype,
  plan: Pick<Plan, "settings">,
  options?: { readonly timing?: boolean },
) => Promise<Device>;
