/**
 * Whether a device computes correctly: it sweeps a small plate, which is compared with the reference.
 *
 * @module
 */

import type { GridData } from "../../core/contract.ts";
import { allocate, roundoff } from "../../core/dtype.ts";
import { UnavailableError } from "../../core/errors.ts";
import type { Kernels, Layout } from "../../core/kernels/kernels.ts";
import { jsKernels } from "../js/kernels.ts";
import type { Device } from "./device.ts";
import { gpuKernels } from "./kernels.ts";

/** A plate with a source, whose sides are multiples of neither groups nor tiles. */
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

/** Sweeps of it, more than one launch of blocked ones; and two single sweeps. */
const SWEEPS = 5, MORE = 2;

/**
 * Local. Sweeps a small plate on a device and with the reference: some drivers have a device that computes zeros. The device
 * stays open.
 *
 * @param name of the device, for the error
 * @throws UnavailableError if they differ by more than rounding
 */
export async function verifyDevice<B>(device: Device<B>, name: string): Promise<void> {
  const layout = { ...PLATE, dtype: device.dtype };
  const [found, expected] = [await plate(gpuKernels(device, 3, () => {}), layout), await plate(jsKernels(), layout)];
  // At most nine roundings a sweep, of numbers below 8: a driver may contract where it should not.
  const tolerance = 9 * (SWEEPS + MORE) * 8 * roundoff(device.dtype);
  if (expected.every((value, at) => Math.abs(value - found[at]!) <= tolerance)) return;
  throw new UnavailableError(
    `Cannot use ${name}: it computes wrongly, a small plate comes out different; update its driver, or name another device or --plugin`,
  );
}

/** The iterate of the plate after some sweeps, and their norms. */
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
