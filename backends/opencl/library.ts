/**
 * The part of libOpenCL that is used. Handles are 64-bit numbers, so that arrays can hold them: the calling conventions of
 * 64-bit machines do not distinguish size_t, cl_mem and the like.
 *
 * @module
 */

import { UnavailableError } from "../../core/errors.ts";
import { type Library, LibraryError, openLibrary } from "../../host/ffi.ts";
import { env } from "../../host/runtime.ts";

/** Names a platform, device, context, queue, program, kernel, buffer or event; 0: none. */
export type Handle = bigint;

const b = "buffer", i = "i32", l = "i64", p = "ptr";
const signatures = {
  clGetPlatformIDs: { args: [i, b, b], returns: i },
  clGetPlatformInfo: { args: [l, i, l, b, b], returns: i },
  clGetDeviceIDs: { args: [l, l, i, b, b], returns: i },
  clGetDeviceInfo: { args: [l, i, l, b, b], returns: i },
  clCreateContext: { args: [b, i, b, p, p, b], returns: l },
  clCreateCommandQueue: { args: [l, l, l, b], returns: l },
  clCreateProgramWithSource: { args: [l, i, b, b, b], returns: l },
  clBuildProgram: { args: [l, i, b, b, p, p], returns: i },
  clGetProgramBuildInfo: { args: [l, l, i, l, b, b], returns: i },
  clCreateKernel: { args: [l, b, b], returns: l },
  clSetKernelArg: { args: [l, i, l, b], returns: i },
  clCreateBuffer: { args: [l, l, l, p, b], returns: l },
  clCreateSubBuffer: { args: [l, l, i, b, b], returns: l },
  clReleaseMemObject: { args: [l], returns: i },
  clEnqueueNDRangeKernel: { args: [l, l, i, p, b, b, i, p, b], returns: i },
  clEnqueueFillBuffer: { args: [l, l, b, l, l, l, i, p, p], returns: i },
  clEnqueueReadBufferRect: { args: [l, l, i, b, b, b, l, l, l, l, b, i, p, p], returns: i },
  clEnqueueWriteBufferRect: { args: [l, l, i, b, b, b, l, l, l, l, b, i, p, p], returns: i },
  clFinish: { args: [l], returns: i },
  clFlush: { args: [l], returns: i },
  clGetEventProfilingInfo: { args: [l, i, l, b, b], returns: i },
  clReleaseEvent: { args: [l], returns: i },
} as const;

/** The functions of libOpenCL. */
export type OpenCl = Library<typeof signatures>;

/** The fix where there is no OpenCL. */
export const INSTALL =
  "install the driver of the device's vendor, or to compute on the CPU: apt-get install pocl-opencl-icd";

/** Why there is no loader of drivers, and the fix. `broken`: as in `Probe`, the user named one. */
export interface Absence {
  readonly reason: string;
  readonly fix: string;
  readonly broken?: true;
}

/** Local. Why the loader cannot be opened, and the fix. @param given the value of LAPLACE_OPENCL, if it is set */
export function absence(cause: LibraryError, given = env("LAPLACE_OPENCL")): Absence {
  const { trouble, message: reason } = cause;
  if (given !== undefined && trouble !== "runtime" && trouble !== "permission") {
    return { reason, fix: "point LAPLACE_OPENCL at the loader, libOpenCL.so.1, or unset it", broken: true };
  }
  if (trouble !== "missing") return { reason, fix: INSTALL };
  return { reason: "libOpenCL.so.1 is missing", fix: `apt-get install ocl-icd-libopencl1, and ${INSTALL}` };
}

/** Names of the loader: Linux, its development name there, macOS, Windows. */
const NAMES = [
  "libOpenCL.so.1",
  "libOpenCL.so",
  "/System/Library/Frameworks/OpenCL.framework/OpenCL",
  "OpenCL.dll",
] as const;

let opened: Promise<OpenCl> | undefined;

/**
 * Local. Opens the loader of OpenCL drivers, once. The variable LAPLACE_OPENCL names another library.
 *
 * @throws LibraryError if there is none
 */
export function openCl(): Promise<OpenCl> {
  return opened ??= open();
}

async function open(): Promise<OpenCl> {
  const given = env("LAPLACE_OPENCL");
  let first: unknown;
  for (const name of given === undefined ? NAMES : [given]) {
    try {
      return await openLibrary(name, signatures);
    } catch (cause) {
      first ??= cause;
      // A loader that exists and cannot be used is the reason to report.
      if (!(cause instanceof LibraryError) || cause.trouble !== "missing") throw cause;
    }
  }
  throw first;
}

/** The meaning of error codes that a user may see. */
const ERRORS: Readonly<Record<number, string>> = {
  [-1]: "there is no such device",
  [-2]: "the device is not available",
  [-4]: "the device's memory is full",
  [-5]: "the device is out of resources",
  [-6]: "this machine's memory is full",
  [-11]: "the program cannot be built",
  [-14]: "an earlier command failed on the device",
  [-36]: "the device was lost",
  [-54]: "a group of 256 threads is too large for the device",
  [-61]: "the buffer is too large for the device",
};

/** Local. @throws UnavailableError unless a call succeeded. */
export function check(code: number, action: string): void {
  if (code === 0) return;
  throw new UnavailableError(
    `Cannot ${action} with OpenCL: ${
      ERRORS[code] ?? "the driver refuses"
    } (error ${code}); try another --set device or --plugin`,
  );
}

/** Local. Makes an object by a call whose last argument is where its error goes. */
export function made(action: string, make: (error: Int32Array) => number | bigint): Handle {
  const error = new Int32Array(1);
  const handle = make(error);
  check(error[0]!, action);
  return BigInt(handle);
}
