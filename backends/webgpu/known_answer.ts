/**
 * Whether a device computes at all: a small plate, swept by it and by the reference. There are drivers that take all commands
 * and do nothing, and some that do them wrong.
 *
 * @module
 */

import type { Block, GridData } from "../../core/contract.ts";
import type { Kernels, Layout } from "../../core/kernels.ts";
import { jsKernels } from "../js/kernels.ts";

/** Sweeps, so many that numbers have come from all edges to the middle. */
const SWEEPS = 5;

/** Local. Whether kernels give the numbers of the reference, for a plate in `f32`; to rounding, which is theirs. */
export async function knowsAnswer<G>(kernels: Kernels<G>): Promise<boolean> {
  const [expected, found] = [await answer(jsKernels()), await answer(kernels)];
  // A sweep of numbers up to 100 rounds each by 4e-6 or less, and sweeps do not make more of an error.
  return found.every((value, k) => Math.abs(value - expected[k]!) <= 1e-4);
}

/** The iterate, and the change and the residual at the end. */
async function answer<G>(kernels: Kernels<G>): Promise<number[]> {
  const [ny, nx] = [6, 9];
  const whole: Block = { rows: [0, ny], cols: [0, nx] };
  const layout: Layout = {
    kind: "plain",
    dtype: "f32",
    shape: [ny, nx],
    wrap: [false, false],
    inner: { rows: [1, ny - 1], cols: [1, nx - 1] },
    parity: 0,
    cx: 0.25,
    cy: 0.25,
    source: false,
    diagonal: false,
  };
  const grid = await kernels.create(layout);
  try {
    const start: GridData = Float32Array.from({ length: ny * nx }, (_, k) => k * k % 101);
    await kernels.write(grid, "u", whole, start);
    const change = await kernels.sweep(grid, SWEEPS);
    const residual = await kernels.residual(grid);
    return [...await kernels.read(grid, whole), change, residual];
  } finally {
    await kernels.free(grid);
  }
}
