/**
 * The CUDA driver, opened: its calls with errors as exceptions, each of one line with CUDA's own name and words. No device
 * is touched here.
 *
 * The driver alone is used: a toolkit of the right version is more than a user should need.
 *
 * @module
 */

import { type Library, openLibrary, type Pointer, type Values } from "../../host/ffi.ts";
import { env } from "../../host/runtime.ts";
import { keepLoaded, pointerAt, textAt } from "../../host/symbols.ts";
import { codes, functions } from "./functions.ts";

/** A call of the driver that failed. The message is one line: `cuMemAlloc: CUDA_ERROR_OUT_OF_MEMORY: out of memory; …`. */
export class CudaError extends Error {
  override name = "CudaError";

  /** @param code the CUresult @param fix what helps, if that is known */
  constructor(readonly code: number, message: string, readonly fix: string | undefined) {
    super(message);
  }
}

/** A driver that is loaded, and its number of devices. */
export interface Driver {
  /** Its library: the name or path that opened it. */
  readonly path: string;
  /** The newest CUDA that it supports: 1000 major + 10 minor. */
  readonly version: number;
  /** Its number of devices, at least 1. */
  readonly devices: number;
  /** Local. Calls a function. @throws CudaError */
  call<N extends keyof typeof functions>(name: N, ...args: Values<(typeof functions)[N]["args"]>): void;
  /** Local. Calls a function that writes a pointer to its first argument. @returns the pointer. @throws CudaError */
  pointer<N extends Producer>(name: N, ...rest: Rest<N>): Pointer;
  /** Local. Calls a function that writes an int to its first argument. @returns the int. @throws CudaError */
  number<N extends Producer>(name: N, ...rest: Rest<N>): number;
}

/** Functions whose first argument is where they write their result. */
type Producer = {
  [N in keyof typeof functions]: (typeof functions)[N]["args"] extends readonly ["buffer", ...unknown[]] ? N : never;
}[keyof typeof functions];
type Rest<N extends Producer> = Values<(typeof functions)[N]["args"]> extends [unknown, ...infer R] ? R : never;

/** Local. The library of the driver: what LAPLACE_CUDA names, else what the driver's own installation calls it. */
export function driverPath(): string {
  return env("LAPLACE_CUDA") ?? (globalThis.process?.platform === "win32" ? "nvcuda.dll" : "libcuda.so.1");
}

/**
 * Local. Loads the driver and starts it.
 *
 * @param path of its library, or a name for the system's loader
 * @throws LibraryError if there is none, CudaError if it cannot start, or has no device.
 */
export async function openDriver(path: string = driverPath()): Promise<Driver> {
  const library: Library<typeof functions> = await openLibrary(path, functions);
  await keepLoaded(path); // the driver has threads of its own
  const call: Driver["call"] = (name, ...args) => {
    const code = (library[name] as (...args: unknown[]) => number)(...args);
    if (code !== 0) throw explain(library, name, code);
  };
  const number: Driver["number"] = (name, ...rest) => {
    const place = new Int32Array(1);
    call(name, ...[place, ...rest] as never);
    return place[0]!;
  };
  call("cuInit", 0);
  const [version, devices] = [number("cuDriverGetVersion"), number("cuDeviceGetCount")];
  // With no device cuInit itself fails, except in some drivers.
  if (devices < 1) throw explain(library, "cuDeviceGetCount", codes.NO_DEVICE);
  return {
    path,
    version,
    devices,
    call,
    number,
    pointer(name, ...rest) {
      const place = new BigUint64Array(1);
      call(name, ...[place, ...rest] as never);
      return pointerAt(place[0]!);
    },
  };
}

/**
 * Local. Whether an error breaks its context: errors of kernels, from 700 on, except a launch that needs too many resources; a
 * context that is gone; memory errors.
 */
export function isFatal({ code }: CudaError): boolean {
  return code >= codes.ILLEGAL_ADDRESS && code !== codes.LAUNCH_OUT_OF_RESOURCES || code === codes.INVALID_CONTEXT ||
    code === codes.ECC_UNCORRECTABLE;
}

/** Fixes of errors, by code. */
const fixes: Readonly<Record<number, string>> = {
  [codes.OUT_OF_MEMORY]: "take a smaller grid or --dtype f32, or end what else uses the device (nvidia-smi lists it)",
  [codes.STUB_LIBRARY]: "take the folder of the CUDA toolkit's stubs out of LD_LIBRARY_PATH",
  [codes.DEVICE_UNAVAILABLE]: "another process has the device to itself: end it, or nvidia-smi -c DEFAULT",
  [codes.NO_DEVICE]: "see what nvidia-smi says; a container needs --gpus all, and CUDA_VISIBLE_DEVICES hides devices",
  [codes.NO_BINARY_FOR_GPU]: "--plugin opencl runs on older devices",
  [codes.INVALID_PTX]: "deno task native builds the kernels anew",
  [codes.NOT_FOUND]: "the kernels are older than this program: deno task native builds them anew",
  [codes.UNSUPPORTED_PTX_VERSION]: "update the NVIDIA driver",
  [codes.ECC_UNCORRECTABLE]: "the device's memory is at fault: see nvidia-smi -q, and restart it",
  [codes.ILLEGAL_ADDRESS]: "this is a bug; laplace check --plugin cuda shows whether others fail too",
  [codes.LAUNCH_TIMEOUT]:
    "the system ends kernels of a device that drives a display: take another device, or --set device",
  [codes.LAUNCH_FAILED]: "see dmesg for what the driver says (Xid)",
  [codes.SYSTEM_DRIVER_MISMATCH]: "restart the machine: the driver was updated while its old kernel module is loaded",
  [codes.COMPAT_NOT_SUPPORTED_ON_DEVICE]: "take CUDA's compat folder out of LD_LIBRARY_PATH",
};

function explain(library: Library<typeof functions>, what: string, code: number): CudaError {
  const place = new BigUint64Array(1);
  const text = (call: (code: number, place: BigUint64Array) => number) =>
    call(code, place) === 0 && place[0] !== 0n ? textAt(pointerAt(place[0]!)) : "";
  const known = text(library.cuGetErrorName);
  const said = known === ""
    ? `error ${code}, which this driver does not know`
    : `${known}: ${text(library.cuGetErrorString)}`;
  // The exported name, without its version.
  return new CudaError(code, `${what.replace(/_v\d$/, "")}: ${said}`, fixes[code]);
}
