/**
 * `webgpu`: compute shaders in WGSL, on any GPU that has a driver: through the WebGPU of Deno or of a browser, and in Bun
 * through Dawn. In f32, which is all that WGSL has. The engine is in backends/engine-gpu/.
 *
 * @module
 */

import { UnavailableError } from "../../core/errors.ts";
import { runtime } from "../../host/runtime.ts";
import { WebGpuError } from "../../host/webgpu.ts";
import { device, GPU_SCORE, type GpuBackend, gpuBackend, SOFTWARE_SCORE } from "../engine-gpu/backend.ts";
import { MOST_GROUPS } from "../engine-gpu/array.ts";
import { GROUP } from "../engine-gpu/device.ts";
import { MOST_BLOCKED } from "../engine-gpu/grid.ts";
import { chooseAdapter, type Chosen, defaultAdapter, drop, NONE } from "./adapter.ts";
import { openAdapter, type WebGpuDevice } from "./device.ts";

const name = "webgpu";

/** Sweeps of a launch where they cannot be timed: Deno polls for reads every 10 ms only. */
const UNTIMED = 4;

/** Points of a row that one launch sweeps: once, inside the ghost layer; several times, in tiles that overlap the most. */
const WIDEST = MOST_GROUPS * GROUP[0] - 2, WIDEST_BLOCKED = MOST_GROUPS * (GROUP[0] - 2 * (MOST_BLOCKED + 1));

/** The adapter of the last probe. */
let known: Chosen | undefined;

// What `bitwise` promises of f64, f32 keeps where no number is subnormal: docs/gpu.md.
const backend: GpuBackend<WebGpuDevice, unknown> = gpuBackend({
  name,
  summary: "WebGPU shaders on a GPU of any make, blocked in time, in f32",
  dtypes: ["f32"],
  settings: {
    adapter: {
      ...device("the adapter: a preference, its number or a part of its name; high-performance"),
      expects: "high-performance, low-power, fallback (which is software), a number, or a part of a name",
    },
  },
  async find() {
    known = await defaultAdapter();
    if (!known) return { available: false, ...NONE };
    drop(known.adapter);
    const { device, software } = known;
    return { available: true, device, score: software ? SOFTWARE_SCORE : GPU_SCORE };
  },
  absence(cause) {
    if (cause instanceof WebGpuError) return { reason: cause.message, fix: cause.fix };
    return { reason: cause instanceof Error ? cause.message : String(cause) };
  },
  limits({ shape: [ny, nx] }, { adapter }) {
    const rejects = nx > WIDEST
      ? `rows of ${ny} x ${nx} points are longer than the ${WIDEST} of a launch; solve it transposed, or take another --plugin`
      : undefined;
    const { largestBuffer = Infinity, largest = Infinity } = known ?? {};
    const software = known?.software === true || adapter === "fallback";
    // WebGPU reports neither how much memory is free, nor whether it is this machine's.
    return { free: Infinity, largestBuffer, largest, align: 256, software, rejects };
  },
  async open(dtype, { adapter }) {
    if (dtype !== "f32") throw new UnavailableError(`Cannot open "${name}": WGSL has no ${dtype}; use --dtype f32`);
    return await openAdapter(await chooseAdapter(adapter));
  },
  sweeps({ shape: [, nx] }, block = runtime === "deno" ? UNTIMED : "auto") {
    // The bits are the same, and tiles of longer rows would be too many for a launch.
    return nx > WIDEST_BLOCKED ? 1 : block;
  },
});

export default backend;

/** Opens the device alone: for benchmarks. */
export const openDevice: typeof backend.openDevice = backend.openDevice;
