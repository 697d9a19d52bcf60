/**
 * `cuda`: NVIDIA GPUs, through the driver alone. The kernels are native/gpu/cuda.cu, compiled to PTX by nvcc when this
 * program was built; the driver compiles that for its device.
 *
 * @module
 */

import type { Dtype } from "../../core/contract.ts";
import { UnavailableError, withFix } from "../../core/errors.ts";
import { device, GPU_SCORE, type GpuBackend, gpuBackend } from "../engine-gpu/backend.ts";
import {
  type Absence,
  absence,
  choose,
  describe,
  describeAll,
  type Described,
  tooOld,
  unbuilt,
  unfit,
} from "./choose.ts";
import { ALIGN, CudaDevice, memoryOf } from "./device.ts";
import { type Driver, openDriver } from "./driver.ts";
import { ptxFile, readPtx } from "./kernels.ts";

const name = "cuda";

/** The parts of a backend; tests supply a driver of their own. */
export interface CudaOptions {
  /** The driver's library; default: what LAPLACE_CUDA names, else libcuda.so.1. */
  readonly library?: string;
  /** The kernels of one precision; undefined if they are not there. Default: those of this installation. */
  readonly ptx?: (dtype: Dtype) => Promise<string | undefined>;
  /** The most bytes of a window: to test devices that have such a limit. */
  readonly largest?: number;
}

/** A driver, and its devices. */
interface Known {
  readonly driver: Driver;
  readonly devices: readonly Described[];
}

/** A backend whose device can be opened alone. */
export type CudaBackend = GpuBackend<CudaDevice, unknown>;

/** Local. Makes the backend; its first use loads the driver. */
export function cudaBackend({ library, ptx = readPtx, largest }: CudaOptions = {}): CudaBackend {
  let known: Known | undefined;
  const find = async (): Promise<Known> => {
    if (known) return known;
    const driver = await openDriver(library);
    return known ??= { driver, devices: describeAll(driver) };
  };
  const no = (absence: Omit<Absence, "available">) =>
    new UnavailableError(`Cannot open "${name}": ${withFix(absence)}`);
  return gpuBackend({
    name,
    summary: "CUDA kernels on an NVIDIA GPU, blocked in time",
    dtypes: ["f64", "f32"],
    settings: { device: device("the device, by its number, from 0, or a part of its name; default: 0, the fastest") },
    async find() {
      const { driver, devices } = await find();
      const best = choose(devices, undefined);
      const why = tooOld(driver) ?? unfit(best) ?? (await ptx("f64") && await ptx("f32") ? undefined : unbuilt);
      if (why) return why;
      const more = devices.length > 1 ? `, and ${devices.length - 1} more` : "";
      // More than OpenCL on the same device.
      return { available: true, device: `${describe(best)}${more}`, score: GPU_SCORE + 1 };
    },
    absence: (cause) => absence(cause, library),
    limits(_stencil, { device }) {
      if (!known) return undefined;
      const { number, unified } = choose(known.devices, device);
      const common = { align: ALIGN, software: false, unified };
      try {
        const { free, total } = memoryOf(known.driver, number);
        return { ...common, free, largestBuffer: total };
      } catch (cause) {
        return { ...common, free: 0, largestBuffer: 0, rejects: withFix(absence(cause, library)) };
      }
    },
    async open(dtype, { device }) {
      const { driver, devices } = await find().catch((cause) => {
        throw no(absence(cause, library));
      });
      const chosen = choose(devices, device);
      const why = tooOld(driver) ?? unfit(chosen);
      if (why) throw no(why);
      const text = await ptx(dtype);
      if (text === undefined) throw no({ reason: `${ptxFile(dtype)} is missing`, fix: unbuilt.fix! });
      return new CudaDevice(driver, chosen, dtype, text, largest);
    },
  });
}

/** The GPU of this machine. */
const backend: CudaBackend = cudaBackend();

export default backend;

/** Opens the device alone: for benchmarks. */
export const openDevice: CudaBackend["openDevice"] = backend.openDevice;
