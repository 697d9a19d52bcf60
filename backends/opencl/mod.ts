/**
 * `opencl`: any device with an OpenCL driver, through libOpenCL alone. The kernels are in native/gpu/, the engine is in
 * backends/engine-gpu/.
 *
 * @module
 */

import { UnavailableError } from "../../core/errors.ts";
import { LibraryError } from "../../host/ffi.ts";
import { device, GPU_SCORE, type GpuBackend, gpuBackend, SOFTWARE_SCORE } from "../engine-gpu/backend.ts";
import { freeMemory, OpenClDevice, type Options } from "./device.ts";
import { chooseDevice, describe, findDevices, type Found } from "./devices.ts";
import { type Absence, absence, INSTALL, openCl } from "./library.ts";

const name = "opencl";

/** Devices, once `find` has run. */
let known: readonly Found[] | undefined;

const backend: GpuBackend<OpenClDevice, Options> = gpuBackend({
  name,
  summary: "OpenCL kernels on a GPU, blocked in time",
  dtypes: ["f64", "f32"],
  settings: {
    device: device("the device, by its number or a part of its name; default: the first that is no software"),
  },
  async find() {
    const best = chooseDevice(await find(), undefined, false);
    return { available: true, device: describe(best), score: best.software ? SOFTWARE_SCORE : GPU_SCORE };
  },
  absence(cause) {
    if (cause instanceof Missing) return cause.absence;
    return { reason: cause instanceof Error ? cause.message : String(cause), fix: INSTALL };
  },
  limits({ dtype }, { device }) {
    const found = known && chooseDevice(known, device, dtype === "f64");
    if (!found) return undefined;
    const { largestBuffer, align, software, unified } = found;
    const rejects = dtype === "f64" && !found.double ? withoutDouble(found) : undefined;
    return { free: freeMemory(found), largestBuffer, align: Math.max(256, align), software, unified, rejects };
  },
  async open(dtype, { device }, options = {}) {
    const found = chooseDevice(await find(), device, dtype === "f64");
    if (dtype === "f64" && !found.double) throw new UnavailableError(`Cannot open "${name}": ${withoutDouble(found)}`);
    // Loaded when it is needed: not every runtime imports texts.
    const source = await import("./source.ts");
    return new OpenClDevice(await openCl(), found, dtype, source, options);
  },
});

export default backend;

/** Opens the device alone: for benchmarks and tests. */
export const openDevice: typeof backend.openDevice = backend.openDevice;

function withoutDouble({ name }: Found): string {
  return `${name} has no double precision; use --dtype f32, or another --set device`;
}

/** Why there is no device, and the fix. */
class Missing extends UnavailableError {
  constructor(readonly absence: Absence) {
    super(absence.reason);
  }
}

async function find(): Promise<readonly Found[]> {
  if (known) return known;
  const cl = await openCl().catch((cause) => {
    if (!(cause instanceof LibraryError)) throw cause;
    throw new Missing(absence(cause));
  });
  const { platforms, devices } = findDevices(cl);
  if (platforms === 0) throw new Missing({ reason: "OpenCL has no driver here", fix: INSTALL });
  const able = devices.filter(({ threads }) => threads >= 256);
  if (devices.length === 0) {
    const cache = "for PoCL make HOME or POCL_CACHE_DIR a folder that can be written to; ";
    const fix = `see whether clinfo lists it; ${cache}${INSTALL}`;
    throw new Missing({ reason: "OpenCL has a driver, and no device", fix });
  }
  if (able.length === 0) throw new Missing({ reason: "no OpenCL device has groups of 256 threads", fix: INSTALL });
  return known = able;
}
