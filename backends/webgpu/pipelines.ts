/**
 * Kernels as WebGPU needs them: compiled once, at their first launch, and bound to buffers once.
 *
 * @module
 */

import { UnavailableError } from "../../core/errors.ts";
import { runtime } from "../../host/runtime.ts";
import type { Window } from "../engine-gpu/device.ts";
import { type KernelName, type Signature, signatures } from "../engine-gpu/signatures.ts";
import { bindingsOf, UNKNOWN, wgsl } from "./source.ts";
import { sources } from "./kernels/mod.ts";

/** A buffer with its number, the key of its bindings. */
export interface Memory {
  readonly id: number;
  readonly gpu: GPUBuffer;
  readonly bytes: number;
}

/** A kernel that can be launched. */
export interface Pipeline {
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
  readonly #pipelines = new Map<KernelName, Pipeline>();
  readonly #bindings = new Map<string, Binding>();

  /** @param uniform the scalars of launches @param most buffers of a kernel */
  constructor(
    private readonly device: GPUDevice,
    private readonly uniform: GPUBuffer,
    private readonly most: number,
  ) {}

  /** A kernel, compiled. @throws UnavailableError if it has more buffers than the device binds */
  get(name: KernelName): Pipeline {
    const known = this.#pipelines.get(name);
    if (known) return known;
    const source = sources[name];
    const bindings = bindingsOf(name, source);
    if (bindings.length > this.most) {
      throw new UnavailableError(
        `Cannot go on with "webgpu": ${name} needs ${bindings.length} storage buffers, and the adapter binds ${this.most}`,
      );
    }
    const device = this.device;
    const layout = device.createBindGroupLayout({
      entries: [
        ...bindings.map(({ access }, binding) => ({
          binding,
          visibility: GPUShaderStage.COMPUTE,
          buffer: { type: access === "read" ? "read-only-storage" as const : "storage" as const },
        })),
        {
          binding: bindings.length,
          visibility: GPUShaderStage.COMPUTE,
          buffer: { type: "uniform" as const, hasDynamicOffset: true },
        },
      ],
    });
    const pipeline = {
      layout,
      pipeline: device.createComputePipeline({
        label: name,
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module: device.createShaderModule({ label: name, code: wgsl(name, source) }), entryPoint: "main" },
      }),
    };
    this.#pipelines.set(name, pipeline);
    return pipeline;
  }

  /** A kernel's buffers, bound; its scalars follow at an offset that each launch passes. */
  bind(kernel: KernelName, buffers: readonly Window<Memory>[]): GPUBindGroup {
    let key: string = kernel;
    for (const { buffer, offset, bytes } of buffers) key += ` ${buffer.id}+${offset}:${bytes}`;
    const known = this.#bindings.get(key);
    if (known) return known.group;
    const { layout } = this.get(kernel);
    const { windows = [], ints, reals = [] }: Signature = signatures[kernel];
    const group = this.device.createBindGroup({
      layout,
      entries: [
        ...buffers.map(({ buffer, offset, bytes }, binding) => ({
          binding,
          resource: { buffer: buffer.gpu, offset, size: Math.ceil(bytes / 4) * 4 },
        })),
        {
          binding: buffers.length,
          resource: {
            buffer: this.uniform,
            offset: 0,
            size: 16 * Math.ceil((windows.length + ints.length + reals.length + UNKNOWN.length) / 4),
          },
        },
      ],
    });
    this.#bindings.set(key, { group, ids: buffers.map(({ buffer }) => buffer.id) });
    return group;
  }

  /** Drops bindings of a buffer that is released. */
  unbind(id: number): void {
    for (const [key, { group, ids }] of this.#bindings) {
      if (!ids.includes(id)) continue;
      this.#bindings.delete(key);
      // Dawn's objects are not collected.
      if (runtime === "bun") (group as GPUBindGroup & { destroy(): void }).destroy();
    }
  }
}
