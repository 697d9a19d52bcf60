/**
 * Which device of the CUDA driver is used, and why there may be none.
 *
 * @module
 */

import type { Probe } from "../../core/contract.ts";
import { decodeString, LibraryError } from "../../host/ffi.ts";
import { env } from "../../host/runtime.ts";
import { deviceNamed } from "../engine-gpu/backend.ts";
import { CudaError, type Driver, driverPath } from "./driver.ts";
import { attributes, codes } from "./functions.ts";
import { needs } from "./kernels.ts";

/** A device, as the driver describes it. */
export interface Described {
  /** Its number, from 0: the driver puts the fastest first. */
  readonly number: number;
  readonly name: string;
  /** Bytes. */
  readonly memory: number;
  /** Whether it has this machine's memory, and none of its own. */
  readonly unified: boolean;
  /** Compute capability: 10 major + minor. */
  readonly capability: number;
}

/** Why the backend cannot run here. */
export type Absence = Probe & { readonly available: false };

/** Local. All devices. @throws CudaError */
export function describeAll(driver: Driver): Described[] {
  return Array.from({ length: driver.devices }, (_, number) => {
    const handle = driver.number("cuDeviceGet", number);
    const text = new Uint8Array(256);
    driver.call("cuDeviceGetName", text, text.length, handle);
    const total = new BigUint64Array(1);
    driver.call("cuDeviceTotalMem_v2", total, handle);
    const part = (attribute: number) => driver.number("cuDeviceGetAttribute", attribute, handle);
    return {
      number,
      name: decodeString(text),
      memory: Number(total[0]),
      unified: part(attributes.INTEGRATED) !== 0,
      capability: 10 * part(attributes.COMPUTE_CAPABILITY_MAJOR) + part(attributes.COMPUTE_CAPABILITY_MINOR),
    };
  });
}

/**
 * Local. The device that a setting names; without one, the first that can run the kernels.
 *
 * @throws ConfigError if there is none, or there are several
 */
export function choose(all: readonly Described[], wanted: string | undefined): Described {
  if (wanted === undefined) return all.find((one) => unfit(one) === undefined) ?? all[0]!;
  return all[deviceNamed("cuda", all.map(({ name }) => name), wanted)]!;
}

/** Local. The name of a device, for reports. */
export function describe({ name, memory }: Pick<Described, "name" | "memory">): string {
  return `${name}, ${(memory / 2 ** 30).toFixed(1)} GiB`;
}

/** Local. Why a device cannot run the kernels; undefined if it can. */
export function unfit({ name, capability }: Described): Absence | undefined {
  if (capability >= needs.capability) return undefined;
  const version = (value: number) => `${Math.floor(value / 10)}.${value % 10}`;
  return {
    available: false,
    reason: `${name} has compute capability ${version(capability)}, and the kernels need ${version(needs.capability)}`,
    fix: "--plugin opencl runs on it",
  };
}

/** Local. Why a driver cannot run the kernels; undefined if it can. */
export function tooOld({ version }: Driver): Absence | undefined {
  if (version >= needs.driver) return undefined;
  const cuda = (value: number) => `${Math.floor(value / 1000)}.${(value % 1000) / 10}`;
  return {
    available: false,
    reason: `the NVIDIA driver is too old: it serves CUDA ${cuda(version)}, and the kernels need ${cuda(needs.driver)}`,
    fix: "update the driver",
  };
}

/** The reason where the kernels are not part of an installation. */
export const unbuilt: Absence = {
  available: false,
  reason: "built without kernels for CUDA",
  fix: "install nvcc and run deno task native",
};

/** Local. Why there is no driver, or no device. @param path of the driver's library, if it was given */
export function absence(cause: unknown, path?: string): Absence {
  const no = (reason: string, fix?: string): Absence => ({
    available: false,
    reason,
    ...(fix !== undefined && { fix }),
  });
  if (cause instanceof CudaError) {
    if (cause.code !== codes.NO_DEVICE) return no(cause.message, cause.fix);
    return no(`the NVIDIA driver finds no device (${cause.message})`, cause.fix);
  }
  if (!(cause instanceof LibraryError)) return no(cause instanceof Error ? cause.message : String(cause));
  const given = path ?? env("LAPLACE_CUDA");
  if (given !== undefined && cause.trouble !== "runtime" && cause.trouble !== "permission") {
    return { ...no(cause.message, "point LAPLACE_CUDA at the driver's libcuda.so.1, or unset it"), broken: true };
  }
  const install = "install the driver of your NVIDIA GPU: docs/gpu.md";
  if (cause.trouble === "missing") return no(`there is no NVIDIA driver: ${driverPath()} is missing`, install);
  if (cause.trouble === "symbol") return no(`the NVIDIA driver is too old: ${cause.message}`, "update the driver");
  return no(
    cause.message,
    ["dependency", "damaged", "processor", "other"].includes(cause.trouble) ? install : undefined,
  );
}
