/**
 * A device of WebGPU: calls are recorded, and submitted together when memory is read, written or released, and when there are
 * many.
 *
 * @module
 */

import type { GridData } from "../../core/contract.ts";
import { UnavailableError } from "../../core/errors.ts";
import { runtime } from "../../host/runtime.ts";
import { holding, requestDevice } from "../../host/webgpu.ts";
import { type Device, GROUP, isDense, type Launch, type Place } from "../engine-gpu/device.ts";
import { inOrder } from "../engine-gpu/launch.ts";
import { type Chosen, drop } from "./adapter.ts";
import { type Memory, Pipelines } from "./pipelines.ts";
import { UNKNOWN } from "./source.ts";
import { lineOf } from "./text.ts";

/** The most launches that are submitted together; so many have their scalars in one buffer. */
const TOGETHER = 1024;

/** Bytes from the scalars of one launch to those of the next: offsets of uniform buffers are multiples of it everywhere. */
const SLOT = 256;

/** The most bytes of one copy to or from the device. */
const CHUNK = 1 << 26;

/** Milliseconds to wait for the reason of a failure. */
const GRACE = 100;

/** Local. Opens an adapter. @throws UnavailableError if it has no device. */
export async function openAdapter({ adapter, device: name }: Chosen): Promise<WebGpuDevice> {
  const { limits } = adapter;
  try {
    const device = await requestDevice(adapter, { requiredLimits: needed(limits) });
    return holding(() => new WebGpuDevice(device, name));
  } catch (cause) {
    drop(adapter);
    throw new UnavailableError(`Cannot open "webgpu": ${name} gives no device: ${lineOf(cause)}`);
  }
}

/** The limits to request. */
function needed(limits: GPUSupportedLimits): Record<string, number> {
  // bun-webgpu requests defaults of its own for absent limits, which may exceed those of the adapter.
  if (runtime === "bun") return { ...limits } as unknown as Record<string, number>;
  const { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage } = limits;
  return { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage };
}

/** Local, all of it. */
export class WebGpuDevice implements Device<Memory> {
  readonly dtype = "f32";
  readonly align: number;
  readonly largest: number;
  readonly largestBuffer: number;

  readonly #device: GPUDevice;
  /** The name of the adapter, and whether it is software. */
  readonly name: string;
  readonly #pipelines: Pipelines;
  /** The scalars of recorded launches. */
  readonly #scalars = new DataView(new ArrayBuffer(TOGETHER * SLOT));
  readonly #uniform: GPUBuffer;
  readonly #offset = new Uint32Array(1);
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;
  #recorded = 0;
  #count = 0;
  /** The buffer of small reads, which never overlap. */
  #small: GPUBuffer | undefined;
  #scopes: Promise<unknown>[] = [];
  #failure: UnavailableError | undefined;
  #closed = false;
  readonly #lost: Promise<never>;

  constructor(device: GPUDevice, name: string) {
    const { limits } = device;
    this.#device = device;
    this.name = name;
    this.align = limits.minStorageBufferOffsetAlignment;
    this.largest = Math.floor(limits.maxStorageBufferBindingSize / this.align) * this.align;
    this.largestBuffer = limits.maxBufferSize;
    this.#uniform = device.createBuffer({
      size: TOGETHER * SLOT,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.#pipelines = new Pipelines(device, this.#uniform, limits.maxStorageBuffersPerShaderStage);
    this.#lost = device.lost.then(({ message, reason }) => {
      throw this.#fail(`${name} was lost (${lineOf(message) || reason})`);
    });
    // Awaiting calls throw it; else the next call does.
    this.#lost.catch(() => {});
    // The type lacks it; bun-webgpu prints an error that has no listener.
    (device as { onuncapturederror?: (event: GPUUncapturedErrorEvent) => void }).onuncapturederror = (event) => {
      event.preventDefault?.();
      this.#fail(`${name} refuses a command: ${lineOf(event.error)}`);
    };
  }

  allocate(bytes: number): Memory {
    return this.#guard(() => {
      if (bytes > this.largestBuffer) throw this.#outOfMemory(bytes);
      const device = this.#device;
      device.pushErrorScope("out-of-memory");
      const gpu = device.createBuffer({
        size: Math.max(SLOT, Math.ceil(bytes / 4) * 4),
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
      });
      const scope = device.popErrorScope().then((error) => {
        if (error) this.#failure ??= this.#outOfMemory(bytes);
      });
      this.#scopes.push(scope.catch(() => {}));
      return { id: this.#count++, gpu, bytes };
    });
  }

  release(memory: Memory): void {
    if (this.#closed || this.#failure) return;
    this.#guard(() => {
      this.#submit();
      this.#pipelines.unbind(memory.id);
      memory.gpu.destroy();
    });
  }

  write(memory: Memory, place: Place, data: GridData): void {
    this.#guard(() => {
      this.#submit();
      // Memory that threads share cannot be passed.
      const isOwn = data instanceof Float32Array && data.buffer instanceof ArrayBuffer;
      const values = isOwn ? data : Float32Array.from(data);
      const { queue } = this.#device;
      for (const { first, rows, from, count } of chunks(place)) {
        const part = values.subarray(from, from + count) as Float32Array<ArrayBuffer>;
        if (isDense(place)) {
          queue.writeBuffer(memory.gpu, 4 * (place.offset + first * place.pitch), part);
          continue;
        }
        const between = this.#device.createBuffer({
          size: 4 * count,
          usage: GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
        });
        queue.writeBuffer(between, 0, part);
        const encoder = this.#commands();
        for (let i = 0; i < rows; i++) {
          const at = 4 * (place.offset + (first + i) * place.pitch);
          encoder.copyBufferToBuffer(between, 4 * i * place.width, memory.gpu, at, 4 * place.width);
        }
        this.#submit();
        between.destroy();
      }
    });
  }

  async read(memory: Memory, place: Place): Promise<GridData> {
    const values = new Float32Array(place.rows * place.width);
    for (const { first, rows, from, count } of chunks(place)) {
      const size = Math.max(SLOT, 4 * count);
      const between = this.#guard(() => {
        const between = this.#memoryToRead(size);
        const encoder = this.#commands();
        const [pieces, width] = isDense(place) ? [1, count] : [rows, place.width];
        for (let i = 0; i < pieces; i++) {
          const at = 4 * (place.offset + (first + i) * place.pitch);
          encoder.copyBufferToBuffer(memory.gpu, at, between, 4 * i * width, 4 * width);
        }
        this.#submit();
        return between;
      });
      await this.#until(() => between.mapAsync(GPUMapMode.READ, 0, size));
      values.set(new Float32Array(between.getMappedRange(0, size)).subarray(0, count), from);
      between.unmap();
      if (between !== this.#small) between.destroy();
    }
    return values;
  }

  launch(launch: Launch<Memory>): void {
    const { kernel, threads } = launch;
    const { buffers, ints, reals } = inOrder(launch);
    this.#guard(() => {
      if (this.#recorded === TOGETHER) this.#submit();
      const { pipeline } = this.#pipelines.get(kernel);
      const slot = SLOT * this.#recorded++;
      const scalars = this.#scalars;
      ints.forEach((value, k) => scalars.setInt32(slot + 4 * k, value, true));
      [...reals, ...UNKNOWN].forEach((value, k) => scalars.setFloat32(slot + 4 * (ints.length + k), value, true));
      const pass = this.#pass ??= this.#commandsWithin().beginComputePass();
      pass.setPipeline(pipeline);
      this.#offset[0] = slot;
      pass.setBindGroup(0, this.#pipelines.bind(kernel, buffers), this.#offset, 0, 1);
      pass.dispatchWorkgroups(Math.ceil(threads[0] / GROUP[0]), Math.ceil(threads[1] / GROUP[1]));
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#device.destroy();
  }

  /** For tests: as if the driver had reset the device. */
  destroy(): void {
    this.#device.destroy();
  }

  // ---- commands ----

  /** The encoder for commands that are no launches. */
  #commands(): GPUCommandEncoder {
    this.#pass?.end();
    this.#pass = undefined;
    return this.#commandsWithin();
  }

  #commandsWithin(): GPUCommandEncoder {
    return this.#encoder ??= this.#device.createCommandEncoder();
  }

  /** Submits the recorded commands. */
  #submit(): void {
    if (!this.#encoder) return;
    const { queue } = this.#device;
    const commands = this.#commands().finish();
    this.#encoder = undefined;
    if (this.#recorded > 0) {
      queue.writeBuffer(this.#uniform, 0, this.#scalars.buffer as ArrayBuffer, 0, this.#recorded * SLOT);
    }
    this.#recorded = 0;
    queue.submit([commands]);
    // Dawn's objects are not collected.
    if (runtime === "bun") (commands as GPUCommandBuffer & { _destroy(): void })._destroy();
  }

  /** A buffer to read through; the small one, for norms, is reused. */
  #memoryToRead(size: number): GPUBuffer {
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const create = () => this.#device.createBuffer({ size, usage });
    return size === SLOT ? this.#small ??= create() : create();
  }

  // ---- errors ----

  /** Waits, but not for a lost device, whose promises may never settle. */
  async #until(done: () => Promise<unknown>): Promise<void> {
    try {
      await Promise.race([Promise.all([holding(done), ...this.#scopes]), this.#lost]);
    } catch (cause) {
      // The first failure is the reason; the loss of the device may be reported a moment later.
      await Promise.race([this.#lost.catch(() => {}), new Promise((resolve) => setTimeout(resolve, GRACE))]);
      throw this.#failure ?? this.#fail(`${this.name} does not answer: ${lineOf(cause)}`);
    }
    this.#scopes = [];
    if (this.#failure) throw this.#failure;
  }

  /** Runs calls that throw errors of the runtime if the device is gone. */
  #guard<T>(action: () => T): T {
    if (this.#failure) throw this.#failure;
    try {
      return holding(action);
    } catch (cause) {
      if (cause instanceof UnavailableError) throw cause;
      throw this.#fail(`${this.name} does not answer: ${lineOf(cause)}`);
    }
  }

  #fail(what: string): UnavailableError {
    return this.#failure ??= new UnavailableError(`Cannot go on with "webgpu": ${what}`);
  }

  #outOfMemory(bytes: number): UnavailableError {
    const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(2);
    return new UnavailableError(
      `Cannot allocate ${gib(bytes)} GiB on ${this.name}: ` +
        (bytes > this.largestBuffer
          ? `it has at most ${gib(this.largestBuffer)} GiB in one piece; take a smaller grid`
          : "its memory is full; take a smaller grid, or close what else uses it"),
    );
  }
}

/** A place in parts of whole rows, small enough to be copied at a time: `count` numbers from `from` on, of the dense matrix. */
function* chunks({ width, rows }: Place): Generator<{ first: number; rows: number; from: number; count: number }> {
  if (width === 0) return;
  const most = Math.max(1, Math.floor(CHUNK / (4 * width)));
  for (let first = 0; first < rows; first += most) {
    const some = Math.min(most, rows - first);
    yield { first, rows: some, from: first * width, count: some * width };
  }
}
