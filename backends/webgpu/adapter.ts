/**
 * Which adapter of WebGPU to use. WebGPU does not list adapters: a request states a preference, and may return the same again.
 *
 * @module
 */

import { ConfigError, UnavailableError } from "../../core/errors.ts";
import { requestAdapter } from "../../host/webgpu.ts";
import { runtime } from "../../host/runtime.ts";

/** An adapter, its name and its limits. */
export interface Chosen {
  readonly adapter: GPUAdapter;
  readonly name: string;
  /** Whether it is software on the CPU. */
  readonly software: boolean;
  /** Its name, and whether it is software. */
  readonly device: string;
  /** The most bytes of a buffer. */
  readonly largestBuffer: number;
  /** The most bytes of it that a launch sees. */
  readonly largest: number;
}

/** Requests that have a name. */
const preferences: Readonly<Record<string, GPURequestAdapterOptions>> = {
  "high-performance": { powerPreference: "high-performance" },
  "low-power": { powerPreference: "low-power" },
  "fallback": { forceFallbackAdapter: true },
};

/** Local. The adapter where no setting names one. @returns undefined if there is none */
export async function defaultAdapter(): Promise<Chosen | undefined> {
  return describe(await requestAdapter(preferences["high-performance"]!));
}

/**
 * Local. The adapter that the setting `adapter` names: a preference, a number or part of a name; the default one if undefined.
 *
 * @throws ConfigError if there is no such adapter, UnavailableError if there is none at all.
 */
export async function chooseAdapter(wanted: string | undefined): Promise<Chosen> {
  if (wanted === undefined || wanted === "high-performance") {
    const chosen = await defaultAdapter();
    if (!chosen) throw new UnavailableError(noAdapter());
    return chosen;
  }
  if (Object.hasOwn(preferences, wanted)) {
    const chosen = describe(await requestAdapter(preferences[wanted]!));
    if (chosen) return chosen;
  }
  const all = await adapters();
  if (all.length === 0) throw new UnavailableError(noAdapter());
  const found = named(all, wanted);
  for (const other of all) if (other !== found) drop(other.adapter);
  if (found) return found;
  const known = all.map(({ name }, at) => `${at} ${name}`).join(", ");
  throw new ConfigError(`Setting "adapter" of "webgpu" is "${wanted}", and no adapter is that; there are: ${known}`);
}

/** Local. The one of several adapters by a preference, a number, or a part of a name, which may be digits too. */
export function named<T extends Pick<Chosen, "name" | "software">>(all: readonly T[], wanted: string): T | undefined {
  // Dawn does not know that Mesa's software is a fallback.
  if (wanted === "fallback") return all.find(({ software }) => software);
  const text = wanted.toLowerCase();
  return (/^\d+$/.test(wanted) ? all[Number(wanted)] : undefined) ??
    all.find(({ name }) => name.toLowerCase().includes(text));
}

/** Local. Releases an adapter that has no device; only Dawn needs that. */
export function drop(adapter: GPUAdapter): void {
  if (runtime === "bun") (adapter as GPUAdapter & { destroy(): void }).destroy();
}

/** All adapters, in the order of the preferences. */
async function adapters(): Promise<Chosen[]> {
  const all: Chosen[] = [];
  for (const options of Object.values(preferences)) {
    const next = describe(await requestAdapter(options));
    if (!next) continue;
    if (all.some(({ name }) => name === next.name)) drop(next.adapter);
    else all.push(next);
  }
  return all;
}

/** Local. The name and the limits of an adapter. */
export function describe(adapter: GPUAdapter | undefined): Chosen | undefined {
  if (!adapter) return undefined;
  const { description, vendor, architecture, device } = adapter.info;
  const name = description || [vendor, architecture, device].filter((part) => part !== "").join(" ") ||
    "a GPU without a name";
  const isFallback = (adapter.info as { isFallbackAdapter?: boolean }).isFallbackAdapter === true;
  const software = isFallback ||
    /llvmpipe|lavapipe|softpipe|swiftshader|software|basic render/i.test(`${name} ${architecture} ${device}`);
  const kind = software ? `${name}, software on the CPU` : name;
  // In Dawn an adapter has no limits once it is released.
  const { maxBufferSize, maxStorageBufferBindingSize: largest } = adapter.limits;
  return { adapter, name, software, device: kind, largestBuffer: maxBufferSize, largest };
}

/** Local. Why there is no adapter, with the fix. */
function noAdapter(): string {
  return `Cannot run "webgpu" here: ${NONE.reason}; ${NONE.fix}`;
}

/** What `probe` reports where there is no adapter. */
export const NONE = {
  reason: "no driver gives WebGPU an adapter",
  // Dawn refuses the software device of Mesa 22, which lacks a feature, and supports Vulkan alone on Linux.
  fix: "install the GPU's Vulkan driver, or a software device: apt-get install mesa-vulkan-drivers" +
    (runtime === "bun" ? " libvulkan1, Mesa 25 or later (bookworm-backports)" : ""),
} as const;
