/**
 * `webgpu`: compute shaders in WGSL, on any GPU that has a driver: through the WebGPU of Deno or of a browser, and of Dawn in
 * Bun. In f32, which is all that WGSL has.
 *
 * @module
 */

import type { Backend } from "../../core/contract.ts";
import { UnavailableError } from "../../core/errors.ts";
import { openSession } from "../../core/session.ts";
import { readSettings, type SettingSpec } from "../../core/settings.ts";
import { WebGpuError } from "../../host/webgpu.ts";
import { MOST_BLOCKED } from "../gpu/grid.ts";
import { gpuKernels } from "../gpu/kernels.ts";
import { chooseAdapter, defaultAdapter, drop, NONE } from "./adapter.ts";
import { openDevice } from "./device.ts";
import { knowsAnswer } from "./known_answer.ts";

const name = "webgpu";
const settings = { adapter: adapter() };

export default {
  apiVersion: 1,
  name,
  summary: "compute shaders in WGSL, on a GPU of any make",
  methods: ["jacobi", "sor", "multigrid"],
  dtypes: ["f32"],
  stencils: ["plain", "weighted"],
  // That is promised for f64. In f32 it gives the bits of `js` where it does not flush subnormal numbers: docs/gpu.md.
  bitwise: true,
  settings,
  async probe() {
    try {
      const found = await defaultAdapter();
      if (!found) return { available: false, ...NONE };
      drop(found.adapter);
      const { name, software } = found;
      return { available: true, device: software ? `${name}, software` : name, score: software ? 3 : 200 };
    } catch (cause) {
      if (cause instanceof WebGpuError) return { available: false, reason: cause.message, fix: cause.fix };
      return { available: false, reason: cause instanceof Error ? cause.message : String(cause) };
    }
  },
  async open(stencil, plan, domain) {
    const { adapter } = readSettings(name, settings, plan.settings);
    const chosen = await chooseAdapter(adapter);
    const device = await openDevice(chosen);
    const kernels = gpuKernels(device, MOST_BLOCKED);
    let right: boolean;
    try {
      right = await knowsAnswer(kernels);
    } catch (cause) {
      await kernels.close?.();
      throw cause;
    }
    if (!right) {
      await kernels.close?.();
      throw new UnavailableError(
        `Cannot use "${name}": ${chosen.name} computes wrongly; update its driver, or choose another adapter`,
      );
    }
    return await openSession(kernels, stencil, plan, domain);
  },
} satisfies Backend as Backend;

/** Which adapter. */
function adapter(): SettingSpec<string> {
  return {
    about: "adapter to use; high-performance",
    expects: "high-performance, low-power, fallback, a number from 0 or a part of a name",
    parse: (text) => text === "" ? undefined : text,
  };
}
