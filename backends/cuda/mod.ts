/**
 * `cuda`: NVIDIA GPUs, through the driver alone. The kernels are native/gpu/cuda.cu, compiled to PTX by nvcc when this
 * program was built; the driver compiles that for its device.
 *
 * @module
 */

import type { Backend, Dtype, Plan, Stencil } from "../../core/contract.ts";
import { UnavailableError } from "../../core/errors.ts";
import { readSettings } from "../../core/settings.ts";
import { block, device, GPU_SCORE, openOn, requireRight, tooLarge, WORTH_FROM } from "../engine-gpu/session.ts";
import {
  type Absence,
  absence,
  choose,
  describe,
  describeAll,
  type Described,
  missing,
  tooOld,
  unbuilt,
  unfit,
} from "./choose.ts";
import { ALIGN, CudaDevice, memoryOf } from "./device.ts";
import { type Driver, openDriver } from "./driver.ts";
import { readPtx } from "./kernels.ts";

const name = "cuda";
const settings = {
  device: device("the device, by its number, from 0, or a part of its name; default: 0, the fastest"),
  block,
};

/** What a backend is made with; tests give it a driver of their own. */
export interface CudaOptions {
  /** The driver's library; default: what LAPLACE_CUDA names, else libcuda.so.1. */
  readonly library?: string;
  /** The kernels of one precision; undefined if they are not there. Default: those of this installation. */
  readonly ptx?: (dtype: Dtype) => Promise<string | undefined>;
  /** The most bytes that a window may have: to try what devices need that have such a limit. */
  readonly largest?: number;
}

/** A driver, and its devices. */
interface Known {
  readonly driver: Driver;
  readonly devices: readonly Described[];
}

/** A backend whose device can also be had alone. */
export interface CudaBackend extends Backend {
  /**
   * Local. Opens the device that a plan names, and makes sure that it computes what it should.
   *
   * @throws UnavailableError if there is none, or it does not
   */
  openDevice(dtype: Dtype, plan: Pick<Plan, "settings">): Promise<CudaDevice>;
}

/** Local. Makes the backend; the driver is loaded when it is first asked for. */
export function cudaBackend({ library, ptx = readPtx, largest }: CudaOptions = {}): CudaBackend {
  let known: Known | undefined;
  /** Devices whose small plate came out right, by precision. */
  const right = new Set<string>();
  const find = async (): Promise<Known> => {
    if (known) return known;
    const driver = await openDriver(library);
    return known ??= { driver, devices: describeAll(driver) };
  };
  const no = ({ reason, fix }: Omit<Absence, "available">) =>
    new UnavailableError(`Cannot open "${name}": ${reason}${fix === undefined ? "" : `; ${fix}`}`);
  const openDevice = async (dtype: Dtype, plan: Pick<Plan, "settings">): Promise<CudaDevice> => {
    const { device: wanted } = readSettings(name, settings, plan.settings);
    const { driver, devices } = await find().catch((cause) => {
      throw no(absence(cause, library));
    });
    const chosen = choose(devices, wanted);
    const why = tooOld(driver) ?? unfit(chosen);
    if (why) throw no(why);
    const text = await ptx(dtype);
    if (text === undefined) throw no({ reason: missing(dtype), fix: unbuilt.fix! });
    const opened = new CudaDevice(driver, chosen, dtype, text, largest);
    const key = `${chosen.number} ${dtype}`;
    try {
      if (!right.has(key)) await requireRight(opened, opened.name);
      right.add(key);
      return opened;
    } catch (cause) {
      opened.close();
      throw cause;
    }
  };
  const rejection = (stencil: Stencil, plan: Plan): string | undefined => {
    if (!known) return undefined;
    const { driver, devices } = known;
    let number;
    try {
      number = choose(devices, readSettings(name, settings, plan.settings).device).number;
    } catch {
      return undefined; // settings are checked when it is opened
    }
    try {
      const { free, total } = memoryOf(driver, number);
      return tooLarge(stencil, plan, { free, largestBuffer: total, align: ALIGN });
    } catch (cause) {
      const { reason, fix } = absence(cause, library);
      return fix === undefined ? reason : `${reason}; ${fix}`;
    }
  };
  return {
    apiVersion: 2,
    name,
    summary: "CUDA kernels on an NVIDIA GPU, blocked in time",
    methods: ["jacobi", "sor", "multigrid"],
    dtypes: ["f64", "f32"],
    stencils: ["plain", "weighted"],
    bitwise: true,
    settings,
    auto: { fromPoints: WORTH_FROM },
    async probe() {
      try {
        const { driver, devices } = await find();
        const best = choose(devices, undefined);
        const why = tooOld(driver) ?? unfit(best) ?? (await ptx("f64") && await ptx("f32") ? undefined : unbuilt);
        if (why) return why;
        const more = devices.length > 1 ? `, and ${devices.length - 1} more` : "";
        // More than OpenCL on the same device.
        return { available: true, device: `${describe(best)}${more}`, score: GPU_SCORE + 1 };
      } catch (cause) {
        return absence(cause, library);
      }
    },
    // All is in the memory of the device.
    estimate: (stencil, plan) => ({ hostBytes: 0, rejects: rejection(stencil, plan) }),
    openDevice,
    async open(stencil, plan, domain) {
      const { block } = readSettings(name, settings, plan.settings);
      const opened = await openDevice(stencil.dtype, plan);
      try {
        return await openOn(opened, stencil, plan, domain, block, opened.name);
      } catch (cause) {
        opened.close();
        throw cause;
      }
    },
  };
}

/** The GPU of this machine. */
const backend: CudaBackend = cudaBackend();

export default backend;

/** Opens the device alone: for benchmarks. */
export const openDevice: CudaBackend["openDevice"] = backend.openDevice;
