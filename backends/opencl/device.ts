/**
 * A device of OpenCL. Contexts, queues and programs are made once for a process and never released: a driver's threads may
 * still run when a session ends. Sessions own their buffers.
 *
 * @module
 */

import type { Dtype, GridData } from "../../core/contract.ts";
import { allocate, bytesPerValue } from "../../core/dtype.ts";
import { UnavailableError } from "../../core/errors.ts";
import { type Device, GROUP, type Launch, type Place, type Timing, type Window } from "../engine-gpu/device.ts";
import { inOrder } from "../engine-gpu/launch.ts";
import { describe, type Found } from "./devices.ts";
import { check, type Handle, made, type OpenCl } from "./library.ts";
import { Program } from "./program.ts";

const READ_WRITE = 1n, REGION = 0x1220, PROFILING = 2, STARTED = 0x1282, ENDED = 0x1283;
const MEMORY_FULL = -4;

/** Points from which a program for one grid is worth the compiler's time. */
const WORTH_A_PROGRAM = 1 << 20;

/** Rows begin at multiples of at least so many bytes: as in WebGPU, and vectors gain by it everywhere. */
const ALIGN = 256;

/** A buffer of a session. */
export interface Buffer {
  readonly handle: Handle;
  readonly bytes: number;
  /** Parts of it that are bound, by offset and size. */
  readonly parts: Map<string, Handle>;
}

/** The kernels, as texts: source.ts. */
export interface Source {
  readonly all: string;
  readonly sweeps: string;
}

/** How a device is opened. */
export interface Options {
  /** Bind no more at once: to test devices that have such a limit. */
  readonly largest?: number;
  /** Let the device time each launch. */
  readonly timing?: boolean;
  /** Points of a grid from which its program is made for it. */
  readonly worthAProgram?: number;
  /** Additional macros for the kernels. */
  readonly macros?: Readonly<Record<string, number>>;
}

/** A device's part that sessions share: its context, a queue with and one without timing, and its programs. */
interface Shared {
  readonly context: Handle;
  readonly queues: Map<boolean, Handle>;
  readonly programs: Map<string, Program>;
  /** Bytes that sessions have allocated. */
  used: number;
}

const opened = new Map<Handle, Shared>();

/** An open device. Its methods are those of {@linkcode Device}. */
export class OpenClDevice implements Device<Buffer> {
  readonly align: number;
  readonly largest: number;
  readonly largestBuffer: number;
  readonly name: string;
  readonly id: string;
  readonly timings = new Map<string, Timing>();
  private readonly events: { readonly kernel: string; readonly event: Handle }[] = [];
  private readonly queue: Handle;
  private readonly shared: Shared;
  /** Where the driver reads arguments. */
  private readonly handles = new BigInt64Array(1);
  private readonly int = new Int32Array(1);
  private readonly real: GridData;
  private readonly range = new BigUint64Array(2);

  /** Local. Opens a device. @param source of the kernels @throws UnavailableError if its driver refuses */
  constructor(
    private readonly cl: OpenCl,
    private readonly found: Found,
    readonly dtype: Dtype,
    private readonly source: Source,
    private readonly options: Options = {},
  ) {
    this.name = describe(found);
    this.id = `${found.handle}`;
    this.shared = sharedOf(cl, found);
    this.queue = queueOf(cl, found, this.shared, options.timing === true);
    this.real = allocate(dtype, 1);
    this.align = Math.max(ALIGN, found.align);
    this.largestBuffer = found.largestBuffer;
    this.largest = Math.min(options.largest ?? Infinity, found.largestBuffer);
    this.program({});
  }

  allocate(bytes: number): Buffer {
    const { cl, shared, found: { memory } } = this;
    if (shared.used + bytes > memory) throw full(bytes, memory - shared.used);
    const error = new Int32Array(1);
    const handle = BigInt(cl.clCreateBuffer(shared.context, READ_WRITE, bytes, null, error));
    if (error[0] === MEMORY_FULL) throw full(bytes, memory - shared.used);
    check(error[0]!, "allocate memory");
    const zero = new Int32Array(1);
    const outcome = cl.clEnqueueFillBuffer(this.queue, handle, zero, 4n, 0, bytes, 0, null, null);
    if (outcome !== 0) cl.clReleaseMemObject(handle);
    if (outcome === MEMORY_FULL) throw full(bytes, memory - shared.used);
    check(outcome, "clear memory");
    shared.used += bytes;
    return { handle, bytes, parts: new Map() };
  }

  release(buffer: Buffer): void {
    // The driver releases it once launches that use it are done.
    for (const part of buffer.parts.values()) this.cl.clReleaseMemObject(part);
    this.cl.clReleaseMemObject(buffer.handle);
    this.shared.used -= buffer.bytes;
  }

  write(buffer: Buffer, place: Place, data: GridData): void {
    const { origin, region, pitch } = this.rectangle(place);
    const copied = this.cl.clEnqueueWriteBufferRect(
      ...[this.queue, buffer.handle, 1, origin, START, region, pitch, 0, 0, 0, data, 0, null, null] as const,
    );
    check(copied, "write to the device");
  }

  read(buffer: Buffer, place: Place): GridData {
    const length = place.width * place.rows;
    const data = allocate(this.dtype, length);
    if (length === 0) return data;
    const { origin, region, pitch } = this.rectangle(place);
    const copied = this.cl.clEnqueueReadBufferRect(
      ...[this.queue, buffer.handle, 1, origin, START, region, pitch, 0, 0, 0, data, 0, null, null] as const,
    );
    check(copied, "read from the device");
    this.collect();
    return data;
  }

  launch(launch: Launch<Buffer>): void {
    const { kernel: name, threads, constants } = launch;
    const { buffers, ints, reals } = inOrder(launch);
    const { cl, options: { timing, worthAProgram = WORTH_A_PROGRAM } } = this;
    const large = threads[0] * threads[1] * GROUP[1] >= worthAProgram;
    const kernel = this.program(large && constants || {}).kernel(name);
    let at = 0;
    for (const window of buffers) {
      this.handles[0] = this.bound(window);
      check(cl.clSetKernelArg(kernel.handle, at++, 8, this.handles), `pass a buffer to "${name}"`);
    }
    for (const [values, one] of [[ints, this.int], [reals, this.real]] as const) {
      for (const value of values) {
        if (kernel.passed[at] !== value) {
          one[0] = value;
          check(cl.clSetKernelArg(kernel.handle, at, one.byteLength, one), `pass a number to "${name}"`);
          kernel.passed[at] = value;
        }
        at++;
      }
    }
    threads.forEach((count, axis) => this.range[axis] = BigInt(Math.ceil(count / GROUP[axis]!) * GROUP[axis]!));
    const event = timing ? new BigInt64Array(1) : null;
    const { handle } = kernel;
    check(cl.clEnqueueNDRangeKernel(this.queue, handle, 2, null, this.range, LOCAL, 0, null, event), `start "${name}"`);
    if (event) this.events.push({ kernel: name, event: event[0]! });
  }

  close(): void {
    check(this.cl.clFinish(this.queue), "finish");
    this.collect();
  }

  /** The kernels, with some values compiled in. */
  private program(constants: Readonly<Record<string, number>>): Program {
    const PRECISION = this.dtype === "f32" ? 32 : 64;
    const macros = { PRECISION, ...(this.found.software && { SOFTWARE: 1 }), ...constants, ...this.options.macros };
    const key = JSON.stringify(macros);
    const code = Object.keys(constants).length > 0 ? this.source.sweeps : this.source.all;
    const { programs, context } = this.shared;
    let program = programs.get(key);
    if (!program) programs.set(key, program = Program.build(this.cl, context, this.found.handle, code, macros));
    return program;
  }

  /** The argument for a window: the buffer itself where it begins there, else a part of it. */
  private bound({ buffer, offset, bytes }: Window<Buffer>): Handle {
    if (offset === 0) return buffer.handle;
    const key = `${offset} ${bytes}`;
    let part = buffer.parts.get(key);
    if (part === undefined) {
      const range = BigUint64Array.of(BigInt(offset), BigInt(bytes));
      part = made(
        "bind a part of a buffer",
        (error) => this.cl.clCreateSubBuffer(buffer.handle, READ_WRITE, REGION, range, error),
      );
      buffer.parts.set(key, part);
    }
    return part;
  }

  /** A place in bytes, in the driver's terms; the dense rows of the host have no pitch but their own. */
  private rectangle({ offset, width, rows, pitch }: Place) {
    const size = bytesPerValue(this.dtype);
    const bytes = (...values: number[]) => BigUint64Array.from(values, (value) => BigInt(value));
    // An origin is a column and a row; so the pitch must be that of the rows, if there are several.
    const step = (rows === 1 ? width : pitch) * size;
    const start = offset * size;
    return {
      origin: rows === 1 ? bytes(start, 0, 0) : bytes(start % step, Math.floor(start / step), 0),
      region: bytes(width * size, rows, 1),
      pitch: rows === 1 ? 0 : step,
    };
  }

  /** Adds up the device's times of launches that are done. */
  private collect(): void {
    for (const { kernel, event } of this.events.splice(0)) {
      const [start, end] = [STARTED, ENDED].map((what) => {
        const time = new BigUint64Array(1);
        this.cl.clGetEventProfilingInfo(event, what, 8, time, null);
        return Number(time[0]);
      });
      this.cl.clReleaseEvent(event);
      const timing = this.timings.get(kernel) ?? { launches: 0, seconds: 0 };
      timing.launches++;
      timing.seconds += (end! - start!) / 1e9;
      this.timings.set(kernel, timing);
    }
  }
}

const START = new BigUint64Array(3), LOCAL = BigUint64Array.from(GROUP, BigInt);

/** Local. Bytes of a device's memory that sessions of this process have not allocated. */
export function freeMemory({ handle, memory }: Found): number {
  return memory - (opened.get(handle)?.used ?? 0);
}

function sharedOf(cl: OpenCl, { handle }: Found): Shared {
  let shared = opened.get(handle);
  if (!shared) {
    const context = made(
      "open the device",
      (error) => cl.clCreateContext(null, 1, BigInt64Array.of(handle), null, null, error),
    );
    opened.set(handle, shared = { context, queues: new Map(), programs: new Map(), used: 0 });
  }
  return shared;
}

function queueOf(cl: OpenCl, { handle }: Found, { context, queues }: Shared, timing: boolean): Handle {
  let queue = queues.get(timing);
  if (queue === undefined) {
    queue = made(
      "open a queue",
      (error) => cl.clCreateCommandQueue(context, handle, timing ? PROFILING : 0, error),
    );
    queues.set(timing, queue);
  }
  return queue;
}

function full(bytes: number, free: number): UnavailableError {
  const [need, left] = [bytes, free].map((value) => (value / 2 ** 30).toFixed(2));
  return new UnavailableError(
    `Cannot allocate memory on the device: ${need} GiB more are needed, and ${left} GiB are free; use a smaller grid or --dtype f32`,
  );
}
