/**
 * Kernels as WebGPU wants them: compiled once, when they are first launched, and bound to buffers once.
 *
 * @module
 */

import { UnavailableError } from "../../core/errors.ts";
import { runtime } from "../../host/runtime.ts";
import type { Window } from "../engine-gpu/device.ts";
import { type Source, UNKNOWN, wgsl } from "./source.ts";
import { sources } from "./kernels/mod.ts";

/** A buffer with its number, by which bindings are remembered. */
export interface Memory {
  readonly id: number;
  readonly gpu: GPUBuffer;
  readonly bytes: number;
}

/** The engine and the kernels do not fit: a bug. */
export class MismatchError extends Error {
  override name = "MismatchError";
}

/** A kernel that can be launched. */
export interface Pipeline {
  readonly source: Source;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** A kernel with its buffers. */
interface Binding {
  readonly group: GPUBindGroup;
  readonly ids: readonly number[];
}

/** The kernels of a device. */
export class Pipelines {
  readonly #device: GPUDevice;
  readonly #uniform: GPUBuffer;
  readonly #most: number;
  readonly #pipelines = new Map<string, Pipeline>();
  readonly #bindings = new Map<string, Binding>();

  /** @param uniform has the numbers of launches @param most buffers of a kernel */
  constructor(device: GPUDevice, uniform: GPUBuffer, most: number) {
    this.#device = device;
    this.#uniform = uniform;
    this.#most = most;
  }

  /** A kernel, compiled. @throws UnavailableError if it takes more buffers than the device binds */
  get(name: string): Pipeline {
    const known = this.#pipelines.get(name);
    if (known) return known;
    const source = sources[name];
    if (!source) throw new MismatchError(`Cannot launch "${name}": there is no such kernel`);
    const { buffers } = source;
    if (buffers.length > this.#most) {
      throw new UnavailableError(
        `Cannot go on with "webgpu": ${name} needs ${buffers.length} storage buffers, and the adapter binds ${this.#most}`,
      );
    }
    const device = this.#device;
    const layout = device.createBindGroupLayout({
      entries: [
        ...buffers.map(([, access], binding) => ({
          binding,
          visibility: GPUShaderStage.COMPUTE,
          buffer: { type: access === "r" ? "read-only-storage" as const : "storage" as const },
        })),
        {
          binding: buffers.length,
          visibility: GPUShaderStage.COMPUTE,
          buffer: { type: "uniform" as const, hasDynamicOffset: true },
        },
      ],
    });
    const pipeline = {
      source,
      layout,
      pipeline: device.createComputePipeline({
        label: name,
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module: device.createShaderModule({ label: name, code: wgsl(source) }), entryPoint: "main" },
      }),
    };
    this.#pipelines.set(name, pipeline);
    return pipeline;
  }

  /** A kernel's buffers, bound; its numbers follow at an offset that is told at each launch. */
  bind(kernel: string, buffers: readonly Window<Memory>[]): GPUBindGroup {
    const key = buffers.reduce((key, { buffer, offset, bytes }) => `${key} ${buffer.id}+${offset}:${bytes}`, kernel);
    const known = this.#bindings.get(key);
    if (known) return known.group;
    const { layout, source: { ints, reals } } = this.get(kernel);
    const group = this.#device.createBindGroup({
      layout,
      entries: [
        ...buffers.map(({ buffer, offset, bytes }, binding) => ({
          binding,
          resource: { buffer: buffer.gpu, offset, size: Math.ceil(bytes / 4) * 4 },
        })),
        {
          binding: buffers.length,
          resource: {
            buffer: this.#uniform,
            offset: 0,
            size: 16 * Math.ceil((ints.length + reals.length + UNKNOWN.length) / 4),
          },
        },
      ],
    });
    this.#bindings.set(key, { group, ids: buffers.map(({ buffer }) => buffer.id) });
    return group;
  }

  /** Drops what is bound to a buffer. */
  forget(id: number): void {
    for (const [key, { group, ids }] of this.#bindings) {
      if (!ids.includes(id)) continue;
      this.#bindings.delete(key);
      // Dawn's objects are not collected.
      if (runtime === "bun") (group as GPUBindGroup & { destroy(): void }).destroy();
    }
  }
}
