/**
 * WebGPU, the same on all runtimes: what Deno and browsers have built in, and in Bun the package `bun-webgpu`, which is Dawn.
 * Nothing is loaded before it is asked for.
 *
 * `bun-webgpu` is imported by a name that no tool follows, so that Deno does not fetch 20 MB that only Bun can use; the
 * binary's entry registers it. It is version 0.1.5: 0.1.7 names packages for macOS and Windows that do not exist, and
 * `deno install` fails.
 *
 * @module
 */

import { isRegistered, libraryPath, UNPACK_FIX } from "./assets.ts";
import { encodeString, explain, openLibrary, presetEnvironment } from "./ffi.ts";
import { env, runtime } from "./runtime.ts";

/** What this file uses of `bun-webgpu`. Its own types are no good to Deno: they import `bun:ffi`. */
export interface Dawn {
  /** Sets `GPUBufferUsage` and its like. */
  globals(): void;
  /** @param library where its native library is; undefined: in the package beside it */
  createGPUInstance(library?: string): GPU;
}

/** The name of the native library of `bun-webgpu` among the files that a compiled binary carries. */
export const DAWN_LIBRARY = "libwebgpu_wrapper.so";

/** The package, and what installs it. The version is that of deno.json. */
const DAWN = "bun-webgpu", INSTALL = "bun add bun-webgpu@0.1.5";

/** Why there is no WebGPU here. The message is one line. */
export class WebGpuError extends Error {
  override name = "WebGpuError";

  /** Says what is missing. @param fix what to install */
  constructor(message: string, readonly fix: string) {
    super(message);
  }
}

// Not a literal: Deno would fetch 20 MB for a package that it never loads.
let load = (): Promise<Dawn> => import(DAWN as string);

/** Local. Names the module that a compiled binary carries: called by its generated entry, see tools/compile.ts. */
export function registerDawn(loader: () => Promise<Dawn>): void {
  load = loader;
}

/**
 * For Deno on Linux, which looks at it when it is first asked for an adapter. It would else try OpenGL as well, which takes as
 * long again, and where there is no Vulkan finds devices that compile a kernel for minutes. And Mesa looks for a Wayland display,
 * and complains on stderr where the folder for it is not set.
 */
const QUIETLY = { DENO_WEBGPU_BACKEND: "vulkan", XDG_RUNTIME_DIR: "/tmp" };

/** Whether this is Deno on Linux, where Mesa may be behind it. */
const onLinux = runtime === "deno" && Deno.build.os === "linux";

let entry: Promise<GPU> | undefined;

/**
 * Local. The entry to WebGPU, the same each time.
 *
 * @throws WebGpuError if this runtime has none.
 */
export function webgpu(): Promise<GPU> {
  return entry ??= find();
}

async function find(): Promise<GPU> {
  if (onLinux) await presetEnvironment(QUIETLY);
  const own = globalThis.navigator?.gpu as GPU | undefined;
  if (own) return own;
  if (runtime !== "bun") {
    throw new WebGpuError("this runtime has no WebGPU", "run it in Deno, in Bun, or in a browser that has WebGPU");
  }
  let dawn: Dawn;
  try {
    dawn = await load();
  } catch {
    if (import.meta.url.includes("/$bunfs/")) {
      throw new WebGpuError("this binary was compiled without WebGPU", "run it from source in Deno");
    }
    throw new WebGpuError(`Bun needs the package ${DAWN}, which is not installed`, INSTALL);
  }
  const library = isRegistered(DAWN_LIBRARY)
    ? await libraryPath(DAWN_LIBRARY).catch((cause: Error) => {
      throw new WebGpuError(cause.message, UNPACK_FIX);
    })
    : undefined;
  try {
    dawn.globals();
    return dawn.createGPUInstance(library);
  } catch (cause) {
    throw absence(cause instanceof Error ? cause.message : String(cause), library);
  }
}

/** Local. Why the library of Dawn cannot be used. @param said what the runtime says of it @param library where a binary has it */
export function absence(said: string, library: string | undefined): WebGpuError {
  const { trouble, message } = explain(library ?? DAWN_LIBRARY, said);
  if (/requires the JIT/.test(said)) return new WebGpuError(message, "raise ulimit -v");
  if (trouble === "dependency") return new WebGpuError(message, "install it, or take another --plugin");
  if (library === undefined) {
    return new WebGpuError(`the library of ${DAWN} cannot be loaded: ${said.split("\n")[0]}`, INSTALL);
  }
  if (env("LAPLACE_NATIVE") !== undefined) {
    return new WebGpuError(message, "point LAPLACE_NATIVE at a folder that has it, or unset it");
  }
  return new WebGpuError(message, "run it from source in Deno");
}

/**
 * Local. Asks for an adapter; undefined if there is none that fits. What drivers and Dawn print meanwhile is dropped.
 *
 * @throws WebGpuError if this runtime has no WebGPU.
 */
export async function requestAdapter(options: GPURequestAdapterOptions): Promise<GPUAdapter | undefined> {
  const gpu = await webgpu();
  const adapter = await quietly(() => gpu.requestAdapter(options)).catch(() => null);
  // Dawn's adapter where it finds no driver: it accepts all commands and does nothing.
  if (!adapter || adapter.info.device === "null-backend") return undefined;
  return adapter;
}

/** Local. Asks for a device of an adapter. What drivers and Dawn print meanwhile is dropped. @throws what WebGPU throws */
export function requestDevice(adapter: GPUAdapter, descriptor: GPUDeviceDescriptor): Promise<GPUDevice> {
  return quietly(() => adapter.requestDevice(descriptor));
}

/** Calls WebGPU while nothing reaches stderr, and waits for the answer when it is open again. */
async function quietly<T>(call: () => Promise<T>): Promise<T> {
  const restore = runtime === "bun" || onLinux ? await silence() : undefined;
  let asked: Promise<T>;
  try {
    asked = holding(call);
  } finally {
    restore?.();
  }
  return await asked;
}

/**
 * Local. Calls WebGPU. What `bun-webgpu` allocates meanwhile is kept until it returns: it hands C the addresses of memory to which
 * nothing refers any more, and a collection in between takes that away.
 */
export function holding<T>(call: () => T): T {
  if (runtime !== "bun") return call();
  const held: unknown[] = [];
  const hold = <O>(made: O): O => (held.push(made), made);
  const { ArrayBuffer, TextEncoder } = globalThis;
  const { encode } = TextEncoder.prototype;
  globalThis.ArrayBuffer = new Proxy(ArrayBuffer, {
    construct: (target, args: ConstructorParameters<typeof ArrayBuffer>) => hold(new target(...args)),
  });
  TextEncoder.prototype.encode = function (text) {
    return hold(encode.call(this, text));
  };
  try {
    return call();
  } finally {
    globalThis.ArrayBuffer = ArrayBuffer;
    TextEncoder.prototype.encode = encode;
    held.length = 0;
  }
}

/**
 * Closes stderr. Dawn reports there each driver that it cannot use, Mesa a cache that it cannot write, while they are asked,
 * not later.
 *
 * @returns what reopens it
 */
async function silence(): Promise<(() => void) | undefined> {
  const libc = await openLibrary("libc.so.6", {
    dup: { args: ["i32"], returns: "i32" },
    dup2: { args: ["i32", "i32"], returns: "i32" },
    open: { args: ["buffer", "i32"], returns: "i32" },
    close: { args: ["i32"], returns: "i32" },
  }).catch(() => undefined);
  const [STDERR, O_WRONLY] = [2, 1];
  const nothing = libc?.open(encodeString("/dev/null"), O_WRONLY) ?? -1;
  if (!libc || nothing < 0) return undefined;
  const kept = libc.dup(STDERR);
  libc.dup2(nothing, STDERR);
  libc.close(nothing);
  return () => {
    // -1: it was closed already.
    kept < 0 ? libc.close(STDERR) : libc.dup2(kept, STDERR);
    if (kept >= 0) libc.close(kept);
  };
}
