/**
 * A device of the CUDA driver. All calls use the default stream, so that copies and kernels take effect in order.
 *
 * A device has one context in a process, until it ends. A kernel that fails breaks it for all sessions; the next session
 * creates a new one.
 *
 * @module
 */

import type { Dtype, GridData } from "../../core/contract.ts";
import { allocate, bytesPerValue } from "../../core/dtype.ts";
import { UnavailableError } from "../../core/errors.ts";
import { decodeString, encodeString, type Pointer } from "../../host/ffi.ts";
import { addressIn } from "../../host/symbols.ts";
import { type Device, GROUP, isDense, type Launch, type Place } from "../engine-gpu/device.ts";
import { inOrder } from "../engine-gpu/launch.ts";
import { describe, type Described } from "./choose.ts";
import { CudaError, type Driver, isFatal } from "./driver.ts";
import { codes, jit, memory } from "./functions.ts";

/** Memory of the device. */
export interface CudaBuffer {
  /** Where it begins: a CUdeviceptr. */
  readonly address: bigint;
  readonly bytes: number;
}

/** The most arguments of a kernel; the k-th is at byte 8 k. */
const MOST_ARGUMENTS = 64;

/** A device's part that sessions share: its context and the kernels in it, which last as long as the process. */
interface Shared {
  /** The device as the driver's functions know it. */
  readonly device: number;
  readonly context: Pointer;
  readonly programs: Map<Dtype, Program>;
}

/** The kernels of one precision, and those that were launched. */
interface Program {
  readonly module: Pointer;
  readonly functions: Map<string, Pointer>;
}

/** By library and number: a process has one context for each device. */
const opened = new Map<string, Shared>();
const keyOf = ({ path }: Driver, number: number) => `${number} ${path}`;

/** Local. Retains a device's context. @param number of the device, from 0 */
function sharedOf(driver: Driver, number: number): Shared {
  const key = keyOf(driver, number);
  let shared = opened.get(key);
  if (!shared) {
    const device = driver.number("cuDeviceGet", number);
    shared = { device, context: driver.pointer("cuDevicePrimaryCtxRetain", device), programs: new Map() };
    opened.set(key, shared);
  }
  return shared;
}

/**
 * Local. Bytes of a device's memory, free ones and all.
 *
 * @throws CudaError
 */
export function memoryOf(driver: Driver, number: number): { readonly free: number; readonly total: number } {
  driver.call("cuCtxSetCurrent", sharedOf(driver, number).context);
  const [free, total] = [new BigUint64Array(1), new BigUint64Array(1)];
  driver.call("cuMemGetInfo_v2", free, total);
  return { free: Number(free[0]), total: Number(total[0]) };
}

/** Rows begin at multiples of so many bytes: two lines of the device's cache. */
export const ALIGN = 256;

/** An open device. Its methods are those of {@linkcode Device}. */
export class CudaDevice implements Device<CudaBuffer> {
  readonly name: string;
  readonly id: string;
  readonly align = ALIGN;
  readonly largest: number;
  readonly largestBuffer: number;
  private readonly number: number;
  readonly #shared: Shared;
  readonly #program: Program;
  readonly #size: number;
  /** The values of arguments, and the address of each: the same for all launches, since the driver copies the values. */
  readonly #values = new DataView(new ArrayBuffer(8 * MOST_ARGUMENTS));
  readonly #addresses: BigUint64Array;
  #failed = false;

  /**
   * Local. Opens a device, and loads the kernels if this is the first time.
   *
   * @param described the device
   * @param ptx the kernels, for one precision
   * @param largest bytes of a window: to test devices that have such a limit
   * @throws UnavailableError of one line
   */
  constructor(
    private readonly driver: Driver,
    described: Pick<Described, "number" | "name" | "memory">,
    readonly dtype: Dtype,
    ptx: string,
    largest = Infinity,
  ) {
    this.name = describe(described);
    const number = this.number = described.number;
    this.id = `${number}`;
    this.#size = bytesPerValue(dtype);
    const first = addressIn(new Uint8Array(this.#values.buffer));
    this.#addresses = BigUint64Array.from({ length: MOST_ARGUMENTS }, (_, k) => first + 8n * BigInt(k));
    this.#shared = guarded(() => sharedOf(driver, number));
    try {
      this.largestBuffer = this.#do(() => memoryOf(driver, number).total);
      this.#program = this.#do(() => programOf(this.#shared, driver, dtype, ptx));
    } catch (cause) {
      this.close();
      throw cause;
    }
    this.largest = Math.min(largest, this.largestBuffer);
  }

  allocate(bytes: number): CudaBuffer {
    return this.#do(() => {
      const place = new BigUint64Array(1);
      try {
        this.driver.call("cuMemAlloc_v2", place, bytes);
      } catch (cause) {
        throw cause instanceof CudaError && cause.code === codes.OUT_OF_MEMORY ? this.#tooLittle(bytes, cause) : cause;
      }
      const buffer = { address: place[0]!, bytes };
      try {
        this.driver.call("cuMemsetD8_v2", buffer.address, 0, bytes);
      } catch (cause) {
        this.release(buffer);
        throw cause;
      }
      return buffer;
    });
  }

  release({ address }: CudaBuffer): void {
    if (this.#isGone()) return;
    try {
      this.#do(() => this.driver.call("cuMemFree_v2", address));
    } catch (cause) {
      // A device that has failed fails here, too; the failure was reported before.
      if (!this.#failed) throw cause;
    }
  }

  write({ address }: CudaBuffer, place: Place, data: GridData): void {
    this.#do(() => {
      const start = address + BigInt(place.offset * this.#size);
      if (isDense(place)) this.driver.call("cuMemcpyHtoD_v2", start, data, place.width * place.rows * this.#size);
      else this.driver.call("cuMemcpy2DUnaligned_v2", this.#copy(place, start, data, "in"));
    });
  }

  read({ address }: CudaBuffer, place: Place): GridData {
    return this.#do(() => {
      const count = place.width * place.rows;
      const data = allocate(this.dtype, count);
      if (count === 0) return data;
      const start = address + BigInt(place.offset * this.#size);
      if (isDense(place)) this.driver.call("cuMemcpyDtoH_v2", data, start, count * this.#size);
      else this.driver.call("cuMemcpy2DUnaligned_v2", this.#copy(place, start, data, "out"));
      return data;
    });
  }

  launch(launch: Launch<CudaBuffer>): void {
    this.#do(() => {
      const { buffers, ints, reals } = inOrder(launch);
      const { kernel, threads } = launch;
      const values = this.#values;
      let k = 0;
      for (const { buffer, offset } of buffers) {
        values.setBigUint64(8 * k++, buffer.address + BigInt(offset), true);
      }
      for (const value of ints) values.setInt32(8 * k++, value, true);
      for (const value of reals) {
        if (this.dtype === "f32") values.setFloat32(8 * k++, value, true);
        else values.setFloat64(8 * k++, value, true);
      }
      const [cols, rows] = [Math.ceil(threads[0] / GROUP[0]), Math.ceil(threads[1] / GROUP[1])];
      // deno-fmt-ignore
      this.driver.call(
        "cuLaunchKernel", this.#function(kernel), cols, rows, 1, GROUP[0], GROUP[1], 1, 0, null, this.#addresses, null,
      );
    });
  }

  /** Releases the context if it is broken, and with it the memory of all sessions: the next session creates a new one. */
  close(): void {
    if (!this.#failed || this.#isGone()) return;
    opened.delete(keyOf(this.driver, this.number));
    guarded(() => this.driver.call("cuDevicePrimaryCtxRelease_v2", this.#shared.device));
  }

  #isGone(): boolean {
    return opened.get(keyOf(this.driver, this.number)) !== this.#shared;
  }

  #function(kernel: string): Pointer {
    const { module, functions } = this.#program;
    let found = functions.get(kernel);
    if (found === undefined) {
      found = this.driver.pointer("cuModuleGetFunction", module, encodeString(kernel));
      functions.set(kernel, found);
    }
    return found;
  }

  /** A CUDA_MEMCPY2D between a dense matrix of the host and a place on the device. */
  #copy({ width, rows, pitch }: Place, device: bigint, data: GridData, direction: "in" | "out"): BigUint64Array {
    // x and y; what kind of memory; where it is, of three kinds, the third being arrays; pitch in bytes.
    const end = (type: number, host: bigint, device: bigint, pitch: number) => {
      return [0n, 0n, BigInt(type), host, device, 0n, BigInt(pitch * this.#size)];
    };
    const [here, there] = [end(memory.HOST, addressIn(data), 0n, width), end(memory.DEVICE, 0n, device, pitch)];
    const ends = direction === "in" ? [...here, ...there] : [...there, ...here];
    return BigUint64Array.of(...ends, BigInt(width * this.#size), BigInt(rows));
  }

  /** Calls of several sessions alternate, perhaps on several devices: each sets its context. */
  #do<T>(work: () => T): T {
    return guarded(() => {
      try {
        if (this.#isGone()) {
          throw new CudaError(codes.INVALID_CONTEXT, "the device failed in another session", "open this one anew");
        }
        this.driver.call("cuCtxSetCurrent", this.#shared.context);
        return work();
      } catch (cause) {
        if (cause instanceof CudaError && isFatal(cause)) this.#failed = true;
        throw cause;
      }
    });
  }

  #tooLittle(bytes: number, cause: CudaError): UnavailableError {
    const { free, total } = memoryOf(this.driver, this.number);
    const [need, left, all] = [bytes, free, total].map((value) => (value / 2 ** 30).toFixed(2));
    return new UnavailableError(
      `Cannot run "cuda" here: ${need} GiB more are needed, and ${left} of ${all} GiB are free on the device; ${cause.fix}`,
    );
  }
}

function programOf({ programs }: Shared, driver: Driver, dtype: Dtype, ptx: string): Program {
  let program = programs.get(dtype);
  if (!program) programs.set(dtype, program = { module: load(driver, ptx), functions: new Map() });
  return program;
}

/** The driver compiles PTX for its device; errors contain the log of its compiler. */
function load(driver: Driver, ptx: string): Pointer {
  const log = new Uint8Array(new ArrayBuffer(4096));
  const options = Int32Array.of(jit.ERROR_LOG_BUFFER, jit.ERROR_LOG_BUFFER_SIZE_BYTES);
  const values = BigUint64Array.of(addressIn(log), BigInt(log.length));
  try {
    return driver.pointer("cuModuleLoadDataEx", encodeString(ptx), options.length, options, values);
  } catch (cause) {
    const said = decodeString(log).trim().replace(/\s*\n\s*/g, ", ");
    if (!(cause instanceof CudaError) || said === "") throw cause;
    throw new CudaError(cause.code, `${cause.message}: ${said}`, cause.fix);
  }
}

/** Reports errors of the driver as UnavailableError. */
function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof CudaError)) throw cause;
    const fix = cause.fix === undefined ? "" : `; ${cause.fix}`;
    throw new UnavailableError(`Cannot run "cuda" here: ${cause.message}${fix}`);
  }
}
