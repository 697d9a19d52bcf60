/**
 * The devices that OpenCL has here, of all platforms: their names and limits.
 *
 * @module
 */

import { decodeString } from "../../host/ffi.ts";
import { deviceNamed } from "../engine-gpu/backend.ts";
import type { Handle, OpenCl } from "./library.ts";

/** A device, as its driver describes it. */
export interface Found {
  readonly handle: Handle;
  readonly platform: string;
  readonly name: string;
  /** Whether it is software on the CPU, whose speed says nothing about a GPU. */
  readonly software: boolean;
  /** Whether it has this machine's memory, and none of its own. */
  readonly unified: boolean;
  /** Whether it has double precision. */
  readonly double: boolean;
  /** Bytes of its memory, and of its largest buffer. */
  readonly memory: number;
  readonly largestBuffer: number;
  /** Bytes that parts of a buffer begin at multiples of. */
  readonly align: number;
  /** Threads that a group may have. */
  readonly threads: number;
}

const PLATFORM_NAME = 0x0902;
const ALL_DEVICES = 0xffffffff, CPU = 2;
const INFO = {
  type: 0x1000,
  threads: 0x1004,
  largestBuffer: 0x1010,
  align: 0x1019,
  memory: 0x101f,
  name: 0x102b,
  extensions: 0x1030,
  available: 0x1027,
  double: 0x1032,
  unified: 0x1035,
} as const;

/** Local. The number of platforms, and all devices that are available. */
export function findDevices(cl: OpenCl): { readonly platforms: number; readonly devices: readonly Found[] } {
  const platforms = list((count, into, found) => cl.clGetPlatformIDs(count, into, found));
  const devices: Found[] = [];
  for (const platform of platforms) {
    const platformName = text((size, into, needed) =>
      cl.clGetPlatformInfo(platform, PLATFORM_NAME, size, into, needed)
    );
    for (
      const handle of list((count, into, found) => cl.clGetDeviceIDs(platform, ALL_DEVICES, count, into, found))
    ) {
      const number = (what: number) => {
        // A cl_uint fills half of it: machines that run OpenCL are little-endian.
        const value = new BigUint64Array(1);
        cl.clGetDeviceInfo(handle, what, 8, value, null);
        return Number(value[0]);
      };
      const words = (what: number) =>
        text((size, into, needed) => cl.clGetDeviceInfo(handle, what, size, into, needed));
      if (number(INFO.available) === 0) continue;
      devices.push({
        handle,
        platform: platformName,
        name: words(INFO.name),
        software: (number(INFO.type) & CPU) !== 0 || /llvmpipe|swiftshader/i.test(words(INFO.name)),
        unified: number(INFO.unified) !== 0,
        double: number(INFO.double) !== 0 || words(INFO.extensions).includes("cl_khr_fp64"),
        memory: number(INFO.memory),
        largestBuffer: number(INFO.largestBuffer),
        align: number(INFO.align) / 8,
        threads: number(INFO.threads),
      });
    }
  }
  return { platforms: platforms.length, devices };
}

/** Local. The name of a device, for reports. */
export function describe({ name, platform, software }: Found): string {
  return `${name} (${platform}${software ? ", software on the CPU" : ""})`;
}

/**
 * Local. The device that a setting names. Without one, the first that is no software, with double precision if possible
 * where that is needed; software is the last resort.
 *
 * @throws ConfigError if there is none, or there are several
 */
export function chooseDevice(devices: readonly Found[], wanted: string | undefined, double: boolean): Found {
  if (wanted !== undefined) return devices[deviceNamed("opencl", devices.map(describe), wanted)]!;
  const rank = (device: Found) => (device.software ? 2 : 0) + (double && !device.double ? 1 : 0);
  return devices.toSorted((a, b) => rank(a) - rank(b))[0]!;
}

/** Handles, by a call that is made twice: for their number, and for themselves. None if it fails. */
function list(call: (count: number, into: BigInt64Array | null, found: Uint32Array | null) => number): Handle[] {
  const count = new Uint32Array(1);
  if (call(0, null, count) !== 0 || count[0] === 0) return [];
  const handles = new BigInt64Array(count[0]!);
  return call(handles.length, handles, null) === 0 ? [...handles] : [];
}

/** A string, by a call that is made twice: for its length, and for itself. */
export function text(call: (size: number, into: Uint8Array | null, needed: BigUint64Array | null) => number): string {
  const size = new BigUint64Array(1);
  if (call(0, null, size) !== 0 || size[0] === 0n) return "";
  const bytes = new Uint8Array(Number(size[0]));
  return call(bytes.length, bytes, null) === 0 ? decodeString(bytes).trim() : "";
}
