/**
 * What else a library exports than functions: the addresses of its data. And addresses as the runtime wants them.
 *
 * @module
 */

import { bunFfi, decodeString, encodeString, explain, openLibrary } from "./ffi.ts";
import type { Buffer, Library, Pointer } from "./ffi.ts";
import { runtime } from "./runtime.ts";

const signatures = {
  dlopen: { args: ["buffer", "i32"], returns: "ptr" },
  dlsym: { args: ["ptr", "buffer"], returns: "ptr" },
  dlerror: { args: [], returns: "ptr" },
  strncpy: { args: ["buffer", "ptr", "i64"], returns: "ptr" },
} as const;

/** Where dlopen is: in the C library, in older ones beside it. */
const homes = ["libc.so.6", "libdl.so.2", "libSystem.B.dylib", "libc.so"] as const;

const isDarwin = globalThis.process?.platform === "darwin";
const RTLD_NOW = 2;
const RTLD_GLOBAL = isDarwin ? 8 : 0x100;
const RTLD_NOLOAD = isDarwin ? 0x10 : 4;

/** Local. The address of a symbol of a library; undefined if there is none. */
export type Lookup = (name: string) => Pointer | undefined;

/**
 * Local. Loads a library so that libraries which it loads later find its symbols (RTLD_GLOBAL): plugins of Open MPI are
 * linked against nothing.
 *
 * @param path a path, or a bare name that the system's loader looks up
 * @returns how its symbols are looked up
 * @throws LibraryError if it cannot be loaded; `missing` if there is no such file.
 *
 * @example
 * ```ts
 * import { loadGlobally } from "./symbols.ts";
 * if ("Deno" in globalThis && Deno.build.os === "linux") {
 *   const lookup = await loadGlobally("libm.so.6");
 *   console.log(lookup("signgam") !== undefined, lookup("no_such_thing")); // true undefined
 * }
 * ```
 */
export async function loadGlobally(path: string): Promise<Lookup> {
  const { dlopen, dlsym, dlerror, strncpy } = await loader();
  const library = dlopen(encodeString(path), RTLD_NOW | RTLD_GLOBAL);
  if (!library) {
    const text = new Uint8Array(1024);
    strncpy(text, dlerror(), text.length - 1);
    throw explain(path, decodeString(text));
  }
  return (name) => dlsym(library, encodeString(name)) ?? undefined;
}

/**
 * Local. Loads a library for as long as the process lives. Deno unloads libraries when a program ends by itself, and a thread
 * of the library that still runs then has no code any more. Where it cannot be loaded, nothing happens: opening it reports why.
 *
 * @param path a path, or a bare name that the system's loader looks up
 */
export async function keepLoaded(path: string): Promise<void> {
  const found = await loader().catch(() => undefined); // elsewhere than on Linux and macOS there is no dlopen
  found?.dlopen(encodeString(path), RTLD_NOW);
}

/** Local. Whether this process has loaded a library already, whoever did. @param path a path, or a bare name */
export async function isLoaded(path: string): Promise<boolean> {
  const { dlopen } = await loader();
  return dlopen(encodeString(path), RTLD_NOW | RTLD_NOLOAD) !== null;
}

async function loader(): Promise<Library<typeof signatures>> {
  let first: unknown;
  for (const home of homes) {
    try {
      return await openLibrary(home, signatures);
    } catch (cause) {
      first ??= cause;
    }
  }
  throw first;
}

/** Local. An address as a pointer to pass to C. */
export function pointerAt(address: number | bigint): Pointer {
  const pointer = runtime === "deno" ? Deno.UnsafePointer.create(BigInt.asUintN(64, BigInt(address))) : Number(address);
  return pointer as unknown as Pointer;
}

/** Local. The address that a pointer holds. */
export function addressOf(pointer: Pointer | null): bigint {
  if (pointer === null) return 0n;
  if (runtime === "deno") return BigInt(Deno.UnsafePointer.value(pointer as unknown as Deno.PointerObject));
  return BigInt.asUintN(64, BigInt(pointer as unknown as number));
}

/**
 * Local. The address of an array's first element, for C that takes addresses of addresses. It holds as long as the array
 * lives; keep the array for as long as C may look there.
 *
 * @example
 * ```ts
 * import { addressIn, textAt, pointerAt } from "./symbols.ts";
 * if ("Deno" in globalThis) {
 *   const text = new TextEncoder().encode("hello\0");
 *   console.log(textAt(pointerAt(addressIn(text)))); // hello
 * }
 * ```
 */
export function addressIn(array: Buffer): bigint {
  // Small arrays lie in the collector's heap, where they may move, until their buffer is asked for.
  if (array.buffer.byteLength === 0) return 0n;
  if (runtime === "deno") return BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(array as BufferSource)));
  return BigInt(bunFfi().ptr(array));
}

/** Local. The NUL-terminated string at an address that C gave; "" for NULL. */
export function textAt(pointer: Pointer | null): string {
  if (pointer === null) return "";
  if (runtime === "deno") return Deno.UnsafePointerView.getCString(pointer as unknown as Deno.PointerObject);
  return String(new (bunFfi().CString)(pointer as unknown as number));
}
