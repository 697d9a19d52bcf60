/**
 * `opencl`: any device with an OpenCL driver, through libOpenCL alone. The kernels are in native/gpu/, the engine is in
 * backends/engine-gpu/.
 *
 * @module
 */

import type { Backend, Dtype, Plan } from "../../core/contract.ts";
import { UnavailableError } from "../../core/errors.ts";
import { hostBytes } from "../../core/methods/memory.ts";
import { readSettings } from "../../core/settings.ts";
import { LibraryError } from "../../host/ffi.ts";
import {
  besides,
  block,
  device,
  GPU_SCORE,
  openOn,
  requireRight,
  SOFTWARE_SCORE,
  tooLarge,
  WORTH_FROM,
} from "../engine-gpu/session.ts";
import { freeMemory, OpenClDevice, type Options } from "./device.ts";
import { chooseDevice, describe, findDevices, type Found } from "./devices.ts";
import { absence, INSTALL, openCl } from "./library.ts";

const name = "opencl";
const settings = {
  device: device("the device, by its number or a part of its name; default: the first that is no software"),
  block,
};

/** Devices, once they have been looked for. */
let known: readonly Found[] | undefined;

/** Devices whose small plate came out right, by precision. */
const right = new Set<string>();

export default {
  apiVersion: 2,
  name,
  summary: "OpenCL kernels on a GPU, blocked in time",
  methods: ["jacobi", "sor", "multigrid"],
  dtypes: ["f64", "f32"],
  stencils: ["plain", "weighted"],
  bitwise: true,
  settings,
  auto: { fromPoints: WORTH_FROM },
  async probe() {
    try {
      const devices = await find();
      const best = chooseDevice(devices, undefined, false);
      return { available: true, device: describe(best), score: best.software ? SOFTWARE_SCORE : GPU_SCORE };
    } catch (cause) {
      if (cause instanceof Missing) return { available: false, reason: cause.message, fix: cause.fix };
      return { available: false, reason: cause instanceof Error ? cause.message : String(cause), fix: INSTALL };
    }
  },
  estimate(stencil, plan) {
    const found = known && suitable(known, stencil.dtype, plan);
    if (!found) return { hostBytes: 0 };
    // All is in the memory of the device; where that is software, in this machine's, which PoCL aborts without.
    const levels = plan.method === "multigrid" ? besides(stencil) : 0;
    const host = found.software ? hostBytes(stencil, plan, levels) : 0;
    if (stencil.dtype === "f64" && !found.double) {
      const rejects = `${found.name} has no double precision; use --dtype f32, or another --set device`;
      return { hostBytes: host, rejects };
    }
    const { largestBuffer, align } = found;
    const room = { free: freeMemory(found), largestBuffer, align: Math.max(256, align) };
    return { hostBytes: host, rejects: tooLarge(stencil, plan, room) };
  },
  async open(stencil, plan, domain) {
    const { block } = readSettings(name, settings, plan.settings);
    const device = await openDevice(stencil.dtype, plan);
    return await openOn(device, stencil, plan, domain, block, device.name);
  },
} satisfies Backend as Backend;

/**
 * Local. Opens the device that a plan names, and makes sure that it computes what it should.
 *
 * @throws UnavailableError if there is none, or it does not
 */
export async function openDevice(
  dtype: Dtype,
  plan: Pick<Plan, "settings">,
  options: Options = {},
): Promise<OpenClDevice> {
  const found = deviceFor(await find(), dtype, plan);
  if (dtype === "f64" && !found.double) {
    throw new UnavailableError(
      `Cannot open "${name}": ${found.name} has no double precision; use --dtype f32, or another --set device`,
    );
  }
  // Loaded when it is needed: not every runtime imports texts.
  const source = await import("./source.ts");
  const device = new OpenClDevice(await openCl(), found, dtype, source, options);
  const key = `${found.handle} ${dtype}`;
  if (!right.has(key)) await requireRight(device, describe(found));
  right.add(key);
  return device;
}

function deviceFor(devices: readonly Found[], dtype: Dtype, plan: Pick<Plan, "settings">): Found {
  return chooseDevice(devices, readSettings(name, settings, plan.settings).device, dtype === "f64");
}

/** The same; undefined where a setting is wrong, which `open` will say. */
function suitable(devices: readonly Found[], dtype: Dtype, plan: Plan): Found | undefined {
  try {
    return deviceFor(devices, dtype, plan);
  } catch {
    return undefined;
  }
}

/** Why there is no device, and what helps. */
class Missing extends UnavailableError {
  constructor(message: string, readonly fix: string) {
    super(message);
  }
}

async function find(): Promise<readonly Found[]> {
  if (known) return known;
  let cl;
  try {
    cl = await openCl();
  } catch (cause) {
    if (!(cause instanceof LibraryError)) throw cause;
    const { reason, fix } = absence(cause);
    throw new Missing(reason, fix);
  }
  const { platforms, devices } = findDevices(cl);
  if (platforms === 0) throw new Missing("OpenCL has no driver here", INSTALL);
  const able = devices.filter(({ threads }) => threads >= 256);
  if (devices.length === 0) {
    const cache = "for PoCL make HOME or POCL_CACHE_DIR a folder that can be written to; ";
    throw new Missing("OpenCL has a driver, and no device", `see whether clinfo lists it; ${cache}${INSTALL}`);
  }
  if (able.length === 0) throw new Missing("no OpenCL device has groups of 256 threads", INSTALL);
  return known = able;
}
