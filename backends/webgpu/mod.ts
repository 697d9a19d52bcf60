/**
 * `webgpu`: compute shaders in WGSL, on any GPU that has a driver: through the WebGPU of Deno or of a browser, and in Bun
 * through Dawn. In f32, which is all that WGSL has. The engine is in backends/engine-gpu/.
 *
 * @module
 */

import type { Backend, Dtype, Plan, Stencil } from "../../core/contract.ts";
import { UnavailableError } from "../../core/errors.ts";
import { hostBytes } from "../../core/methods/memory.ts";
import { readSettings } from "../../core/settings.ts";
import { runtime } from "../../host/runtime.ts";
import { WebGpuError } from "../../host/webgpu.ts";
import { GROUP } from "../engine-gpu/device.ts";
import { MOST_BLOCKED } from "../engine-gpu/grid.ts";
import {
  block,
  device,
  GPU_SCORE,
  openOn,
  requireRight,
  SOFTWARE_SCORE,
  tooLarge,
  WORTH_FROM,
} from "../engine-gpu/session.ts";
import { chooseAdapter, type Chosen, defaultAdapter, drop, NONE } from "./adapter.ts";
import { openAdapter, type WebGpuDevice } from "./device.ts";

const name = "webgpu";
const settings = {
  adapter: {
    ...device("the adapter: a preference, its number or a part of its name; high-performance"),
    expects: "high-performance, low-power, fallback (which is software), a number, or a part of a name",
  },
  block,
};

/** Sweeps of a launch where they cannot be timed: Deno looks every 10 ms only whether what is read has come. */
const UNTIMED = 4;

/** Groups of a launch in a row that every device takes. */
const MOST_GROUPS = 65535;

/** Points of a row that one launch sweeps: once, less a ring; several times, where tiles as wide as a group overlap the most. */
const WIDEST = MOST_GROUPS * GROUP[0] - 2, WIDEST_BLOCKED = MOST_GROUPS * (GROUP[0] - 2 * (MOST_BLOCKED + 1));

/** The adapter that probe has found last. */
let known: Chosen | undefined;

/** Adapters whose small plate came out right. */
const right = new Set<string>();

export default {
  apiVersion: 2,
  name,
  summary: "WebGPU shaders on a GPU of any make, blocked in time, in f32",
  methods: ["jacobi", "sor", "multigrid"],
  dtypes: ["f32"],
  stencils: ["plain", "weighted"],
  // What it promises of f64, f32 keeps to where no number is subnormal: docs/gpu.md.
  bitwise: true,
  settings,
  auto: { fromPoints: WORTH_FROM },
  async probe() {
    try {
      known = await defaultAdapter();
    } catch (cause) {
      if (cause instanceof WebGpuError) return { available: false, reason: cause.message, fix: cause.fix };
      return { available: false, reason: cause instanceof Error ? cause.message : String(cause) };
    }
    if (!known) return { available: false, ...NONE };
    drop(known.adapter);
    const { device, software } = known;
    return { available: true, device, score: software ? SOFTWARE_SCORE : GPU_SCORE };
  },
  estimate(stencil, plan) {
    // All is in the memory of the device; where that is software, in this machine's.
    return { hostBytes: known?.software ? hostBytes(stencil, plan) : 0, rejects: rejection(stencil, plan) };
  },
  async open(stencil, plan, domain) {
    const { block: wanted = runtime === "deno" ? UNTIMED : "auto" } = readSettings(name, settings, plan.settings);
    // The bits are the same, and tiles of longer rows would be too many for a launch.
    const block = stencil.shape[1] > WIDEST_BLOCKED ? 1 : wanted;
    const device = await openDevice(stencil.dtype, plan);
    return await openOn(device, stencil, plan, domain, block, device.name);
  },
} satisfies Backend as Backend;

/** Why a problem does not fit on the device, or undefined if it does. */
function rejection(stencil: Stencil, plan: Plan): string | undefined {
  const [ny, nx] = stencil.shape;
  if (nx > WIDEST) {
    return `rows of ${ny} x ${nx} points are longer than the ${WIDEST} of a launch; solve it transposed, or take another --plugin`;
  }
  // How much memory is free, WebGPU does not tell.
  if (!known) return undefined;
  const { largestBuffer, largest } = known;
  return tooLarge(stencil, plan, { free: Infinity, largestBuffer, largest, align: 256 });
}

/**
 * Local. Opens the adapter that a plan names.
 *
 * @throws UnavailableError if there is none, or it computes what it should not
 */
export async function openDevice(dtype: Dtype, plan: Pick<Plan, "settings">): Promise<WebGpuDevice> {
  if (dtype !== "f32") throw new UnavailableError(`Cannot open "${name}": WGSL has no ${dtype}; use --dtype f32`);
  return await openRight(await chooseAdapter(readSettings(name, settings, plan.settings).adapter));
}

/**
 * Local. Opens an adapter, and makes sure that it computes what it should.
 *
 * @throws UnavailableError if it does not
 */
export async function openRight(chosen: Chosen): Promise<WebGpuDevice> {
  const opened = await openAdapter(chosen);
  if (!right.has(chosen.name)) {
    try {
      await requireRight(opened, chosen.device);
    } catch (cause) {
      opened.close();
      throw cause;
    }
    right.add(chosen.name);
  }
  return opened;
}
