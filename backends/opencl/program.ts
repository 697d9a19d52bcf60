/**
 * The kernels, built for a device at run time: once for all grids, and once more for a large one, with its form and pitch as
 * constants.
 *
 * @module
 */

import { UnavailableError } from "../../core/errors.ts";
import { encodeString } from "../../host/ffi.ts";
import { addressIn } from "../../host/symbols.ts";
import { text } from "./devices.ts";
import { check, type Handle, made, type OpenCl } from "./library.ts";

const BUILD_FAILED = -11, BUILD_LOG = 0x1183;

/** A kernel, and the numbers that it was passed last: equal ones are not passed again. */
export interface Kernel {
  readonly handle: Handle;
  readonly passed: number[];
}

/** Kernels of one program by name, created when they are first launched. */
export class Program {
  private readonly kernels = new Map<string, Kernel>();

  private constructor(private readonly cl: OpenCl, private readonly handle: Handle) {}

  /**
   * Local. Builds the kernels.
   *
   * @param code their source
   * @param macros their values at build time
   * @throws UnavailableError with the first error of the compiler, on one line
   */
  static build(
    cl: OpenCl,
    context: Handle,
    device: Handle,
    code: string,
    macros: Readonly<Record<string, number>>,
  ): Program {
    const bytes = new TextEncoder().encode(code);
    const handle = made("read the kernels", (error) => createProgram(cl, context, bytes, error));
    // The constants of our kernels are exact in f32, and a device may have nothing else.
    const single = macros.PRECISION === 32 ? ["-cl-single-precision-constant"] : [];
    const options = ["-cl-std=CL1.2", ...single, ...Object.entries(macros).map(([name, value]) => `-D${name}=${value}`)]
      .join(" ");
    const devices = BigInt64Array.of(device);
    const outcome = cl.clBuildProgram(handle, 1, devices, encodeString(options), null, null);
    if (outcome === BUILD_FAILED) {
      const log = text((size, into, needed) => cl.clGetProgramBuildInfo(handle, device, BUILD_LOG, size, into, needed));
      throw new UnavailableError(
        `Cannot build the kernels with OpenCL: ${firstError(log)}; update the device's driver, or try another --plugin`,
      );
    }
    check(outcome, "build the kernels");
    return new Program(cl, handle);
  }

  /** A kernel by its name. */
  kernel(name: string): Kernel {
    let kernel = this.kernels.get(name);
    if (kernel === undefined) {
      const create = (error: Int32Array) => this.cl.clCreateKernel(this.handle, encodeString(name), error);
      this.kernels.set(name, kernel = { handle: made(`find the kernel "${name}"`, create), passed: [] });
    }
    return kernel;
  }
}

/** C needs an array of pointers to texts, and their lengths. */
function createProgram(cl: OpenCl, context: Handle, bytes: Uint8Array, error: Int32Array) {
  const lengths = BigUint64Array.of(BigInt(bytes.length));
  return cl.clCreateProgramWithSource(context, 1, BigUint64Array.of(addressIn(bytes)), lengths, error);
}

/** The first line of a compiler's log that is an error, or else the first that is not empty. */
function firstError(log: string): string {
  const lines = log.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return lines.find((line) => /\berror\b/i.test(line)) ?? lines[0] ?? "its compiler does not say why";
}
