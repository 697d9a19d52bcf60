/**
 * The frame of the GPU backends: settings, probe, estimate of memory, opening. Their mod.ts say how devices are found and
 * opened.
 *
 * @module
 */

import type { Backend, Dtype, Plan, Probe, Session, Stencil } from "../../core/contract.ts";
import { ConfigError } from "../../core/errors.ts";
import type { Domain } from "../../core/kernels/distributed.ts";
import { hostBytes } from "../../core/methods/memory.ts";
import { openSession } from "../../core/session.ts";
import { readSettings, type SettingSpec, type SettingSpecs, type SettingValues } from "../../core/settings.ts";
import type { Device } from "./device.ts";
import { MOST_BLOCKED } from "./grid.ts";
import { gpuKernels } from "./kernels.ts";
import { levelBytesPerPoint, type Limits, tooLarge } from "./memory.ts";
import { verifyDevice } from "./verify.ts";

/** The scores of a GPU, and of a device that is software on the CPU: less than any backend made for that. */
export const GPU_SCORE = 85, SOFTWARE_SCORE = 3;

/**
 * Bytes of this machine's memory that the driver of such a device takes besides: its compiler, at the first use of a kernel.
 * Peak RSS of 33 x 33 points, less that of `js`: PoCL 3.1 275 MiB, llvmpipe of Mesa 25 180; `host/memory.ts` keeps 64.
 */
export const SOFTWARE_BYTES: number = 2 ** 28;

/** Points from which `auto` probes GPUs: loading a driver and opening a device takes longer than solving less on a CPU. */
const WORTH_FROM = 1 << 20;

/** The setting of how many sweeps of a plain stencil one launch does. */
export const block: SettingSpec<number | "auto"> = {
  about: `Jacobi sweeps of a plain stencil in one launch: 1 to ${MOST_BLOCKED}, off, or auto; auto`,
  method: "jacobi",
  expects: `auto, off, or a whole number from 1 to ${MOST_BLOCKED}`,
  parse(text) {
    if (text === "auto") return text;
    if (text === "off") return 1;
    return /^\d+$/.test(text) && +text >= 1 && +text <= MOST_BLOCKED ? +text : undefined;
  },
};

/** The setting of a device. */
export function device(about: string): SettingSpec<string> {
  return { about, expects: "a number, or a part of a name", parse: (text) => text.trim() === "" ? undefined : text };
}

/**
 * Local. The device that the setting names: a number from 0 on, or a part of its name, which may be digits.
 *
 * @param names of all devices, in order
 * @returns its number. @throws ConfigError if there is none, or there are several
 */
export function deviceNamed(plugin: string, names: readonly string[], wanted: string): number {
  const known = names.map((name, at) => `${at}: ${name}`).join("; ");
  const isNumber = /^\d+$/.test(wanted);
  if (isNumber && Number(wanted) < names.length) return Number(wanted);
  const found = names.flatMap((name, at) => name.toLowerCase().includes(wanted.toLowerCase()) ? [at] : []);
  if (found.length === 1) return found[0]!;
  if (isNumber && found.length === 0) {
    throw new ConfigError(`Setting "device" of "${plugin}" must be one of these: it is ${wanted}; known: ${known}`);
  }
  const many = found.length === 0 ? "no device" : `${found.length} devices`;
  throw new ConfigError(`Setting "device" of "${plugin}" means ${many}: it is "${wanted}"; known: ${known}`);
}

/** A device with its name, for reports. */
export interface NamedDevice<B> extends Device<B> {
  readonly name: string;
  /** Distinguishes it from all other devices; absent: its name. */
  readonly id?: string;
}

/** What a GPU backend has of its own. */
export interface GpuPlugin<S extends SettingSpecs, D, O> extends Pick<Backend, "name" | "summary" | "dtypes"> {
  /** Its settings besides `block`. */
  readonly settings: S;
  /** Local. Finds the device of `auto`; may throw. */
  find(): Promise<Probe>;
  /** Local. Why `find` threw. */
  absence(cause: unknown): Omit<Probe & { readonly available: false }, "available">;
  /**
   * Local. What is known of the device that settings name, without opening it: whether it is software, or has this
   * machine's memory without being that, and why it cannot solve a stencil. Undefined: nothing yet.
   *
   * @throws ConfigError if there is no such device
   */
  limits(
    stencil: Stencil,
    settings: SettingValues<S>,
  ):
    | Limits & { readonly software: boolean; readonly unified?: boolean; readonly rejects?: string | undefined }
    | undefined;
  /** Local. Opens the device that settings name. @throws UnavailableError, ConfigError */
  open(dtype: Dtype, settings: SettingValues<S>, options?: O): Promise<D>;
  /** Sweeps in one launch. @param block the setting, if it is given */
  sweeps?(stencil: Stencil, block: number | "auto" | undefined): number | "auto";
}

/** A backend whose device can be opened alone. */
export interface GpuBackend<D, O> extends Backend {
  /**
   * Local. Opens the device that a plan names, and verifies it.
   *
   * @throws UnavailableError if there is none, or it computes wrongly
   */
  openDevice(dtype: Dtype, plan: Pick<Plan, "settings">, options?: O): Promise<D>;
}

/** Local. Makes a backend. */
export function gpuBackend<B, S extends SettingSpecs, D extends NamedDevice<B>, O>(
  plugin: GpuPlugin<S, D, O>,
): GpuBackend<D, O> {
  const { name, summary, dtypes } = plugin;
  const settings = { ...plugin.settings, block };
  const read = (plan: Pick<Plan, "settings">) =>
    readSettings(name, settings, plan.settings) as SettingValues<S> & SettingValues<{ block: typeof block }>;
  /** Devices that compute correctly, by precision. */
  const verified = new Set<string>();
  const openDevice = async (dtype: Dtype, plan: Pick<Plan, "settings">, options?: O): Promise<D> => {
    const device = await plugin.open(dtype, read(plan), options);
    const key = `${device.id ?? device.name} ${dtype}`;
    if (verified.has(key)) return device;
    try {
      await verifyDevice(device, device.name);
    } catch (cause) {
      await device.close();
      throw cause;
    }
    verified.add(key);
    return device;
  };
  return {
    apiVersion: 2,
    name,
    summary,
    methods: ["jacobi", "sor", "multigrid"],
    dtypes,
    stencils: ["plain", "weighted"],
    bitwise: true,
    settings,
    auto: { fromPoints: WORTH_FROM },
    async probe() {
      try {
        return await plugin.find();
      } catch (cause) {
        return { available: false, ...plugin.absence(cause) };
      }
    },
    estimate(stencil, plan) {
      let limits;
      try {
        limits = plugin.limits(stencil, read(plan));
      } catch (cause) {
        if (!(cause instanceof ConfigError)) throw cause; // `open` reports it
      }
      if (!limits) return { hostBytes: 0 };
      const levels = plan.method === "multigrid" ? levelBytesPerPoint(stencil) : 0;
      return {
        hostBytes: (limits.software ? SOFTWARE_BYTES : 0) +
          (limits.software || limits.unified ? hostBytes(stencil, plan, levels) : 0),
        rejects: limits.rejects ?? tooLarge(stencil, plan, limits),
      };
    },
    openDevice,
    async open(stencil, plan, domain) {
      const { block } = read(plan);
      const device = await openDevice(stencil.dtype, plan);
      const sweeps = plugin.sweeps ? plugin.sweeps(stencil, block) : block;
      return await openOn(device, stencil, plan, domain, sweeps, device.name);
    },
  };
}

/**
 * Local. Opens a session on a device, and closes the device with it, or if it throws.
 *
 * @param sweeps in one launch
 * @param name of the device, for reports
 * @throws UnavailableError if the device runs out of memory
 */
export async function openOn<B>(
  device: Device<B>,
  stencil: Stencil,
  plan: Plan,
  domain: Domain | undefined,
  sweeps: number | "auto" = "auto",
  name?: string,
): Promise<Session> {
  let kernels;
  try {
    kernels = gpuKernels(device, sweeps);
  } catch (cause) {
    await device.close();
    throw cause;
  }
  const session = await openSession(kernels, stencil, plan, domain);
  return name === undefined ? session : { ...session, about: { ...session.about, device: name } };
}
