/**
 * One launch of a kernel, as devices get it: parameters with names, put in the order that the kernel declares. `Launches`
 * in grid.ts makes them.
 *
 * @module
 */

import { type KernelName, type Names, type Signature, signatures } from "./signatures.ts";

/** A part of a buffer that a kernel sees: its pointer is that of `offset`. In bytes. */
export interface Window<B> {
  /** The buffer. */
  readonly buffer: B;
  /** The row of its array that it begins with; 0 if it has no rows. */
  readonly first: number;
  /** A multiple of the device's `align`. */
  readonly offset: number;
  /** At most the device's `largest`. */
  readonly bytes: number;
}

/** The numbers of a kernel. */
export type ScalarName<K extends KernelName> = Names<K, "ints"> | Names<K, "reals">;

/** One launch of a kernel: its parameters have the names of signatures.ts, which knows their order. */
export type Launch<B> = { readonly [K in KernelName]: LaunchOf<B, K> }[KernelName];

/** One launch of a certain kernel. */
export interface LaunchOf<B, K extends KernelName> {
  /** Its name in native/gpu/. */
  readonly kernel: K;
  /** Its buffers. What one launch writes to never overlaps another of its buffers. */
  readonly buffers: Readonly<Record<Names<K, "windows"> | Names<K, "buffers">, Window<B>>>;
  /** Its numbers. */
  readonly scalars: Readonly<Record<ScalarName<K>, number>>;
  /** Threads: columns, rows. The device rounds up to whole groups; surplus threads return at once. */
  readonly threads: readonly [cols: number, rows: number];
  /** Macros with values that are the same for every launch on this grid: a device may compile them in, or ignore them. */
  readonly constants?: Readonly<Record<string, number>>;
}

/** The parameters of a launch, in the order in which its kernel declares them. */
export interface Ordered<B> {
  readonly buffers: Window<B>[];
  readonly ints: number[];
  readonly reals: number[];
}

const NONE: readonly string[] = [];

/** Local. Puts the parameters of a launch in order. @throws Error if one is missing: a bug */
export function inOrder<B>({ kernel, buffers, scalars }: Launch<B>): Ordered<B> {
  if (!Object.hasOwn(signatures, kernel)) throw new Error(`Cannot launch "${kernel}": there is no such kernel`);
  const signature: Signature = signatures[kernel];
  const [windows, values]: [Readonly<Record<string, Window<B>>>, Readonly<Record<string, number>>] = [buffers, scalars];
  const ordered: Ordered<B> = { buffers: [], ints: [], reals: [] };
  for (const name of signature.windows ?? NONE) {
    const window = required(windows[name], kernel, name);
    ordered.buffers.push(window);
    ordered.ints.push(window.first);
  }
  for (const name of signature.buffers ?? NONE) ordered.buffers.push(required(windows[name], kernel, name));
  for (const name of signature.ints) ordered.ints.push(required(values[name], kernel, name));
  for (const name of signature.reals ?? NONE) ordered.reals.push(required(values[name], kernel, name));
  return ordered;
}

function required<T>(value: T | undefined, kernel: string, name: string): T {
  if (value === undefined) throw new Error(`Cannot launch "${kernel}": "${name}" is missing`);
  return value;
}
