/**
 * `webgpu` on devices that a test changes.
 *
 * @module
 */

import { openOn } from "../../../backends/engine-gpu/backend.ts";
import { chooseAdapter } from "../../../backends/webgpu/adapter.ts";
import { openAdapter, type WebGpuDevice } from "../../../backends/webgpu/device.ts";
import webgpu from "../../../backends/webgpu/mod.ts";
import type { Backend } from "../../../core/contract.ts";

/** The backend, on devices that are changed before they are used. */
export function onChanged(change: (device: WebGpuDevice) => void): Backend {
  return {
    ...webgpu,
    async open(stencil, plan, domain) {
      const device = await openAdapter(await chooseAdapter(undefined));
      change(device);
      return await openOn(device, stencil, plan, domain, 3);
    },
  };
}
