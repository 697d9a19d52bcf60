/**
 * Calls into native libraries, the same on Deno and Bun. Libraries are never unloaded: their threads may still run.
 *
 * @module
 */

import { isCutShort, noexecMount, processorOf } from "./library_file.ts";
import { runtime } from "./runtime.ts";

/**
 * C types: int32_t, int64_t, double, a pointer that C gave, a pointer to a typed array, nothing. A handle names an object
 * of the library, which says whether it is an int32_t or a pointer.
 */
export type Kind = "i32" | "i64" | "f64" | "ptr" | "buffer" | "handle" | "void";

/** One C function. An optional one may be missing from the library. */
export interface Signature {
  readonly args: readonly Kind[];
  readonly returns: Kind;
  readonly optional?: true;
  /** Its name in the library, where one function is wanted with several signatures. */
  readonly symbol?: string;
}

/** C functions by name. */
export type Signatures = Readonly<Record<string, Signature>>;

declare const opaque: unique symbol;

/** A pointer that C gave: passed back to C, never looked into. NULL is null. */
export interface Pointer {
  readonly [opaque]: true;
}

/** Names an object of a library; what it is, only the library knows. */
export interface Handle {
  /** Tells a handle from other things, in types only. */
  readonly handle: true;
}

/** Memory that C may use during a call. NULL is null. */
export type Buffer =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** The TypeScript type of a C type. */
export type Value<K extends Kind> = K extends "i32" | "f64" ? number
  : K extends "i64" ? number | bigint
  : K extends "ptr" ? Pointer | null
  : K extends "handle" ? Handle
  : K extends "buffer" ? Buffer | null
  : void;

/** The TypeScript types of a C function's arguments. */
export type Values<A extends readonly Kind[]> = { -readonly [I in keyof A]: Value<A[I]> };

/** A C function as TypeScript sees it. */
export type Native<S extends Signature> = (...args: Values<S["args"]>) => Value<S["returns"]>;

/** An open library: its functions by name, undefined where an optional one is missing. */
export type Library<S extends Signatures> = {
  readonly [N in keyof S]: S[N] extends { optional: true } ? Native<S[N]> | undefined : Native<S[N]>;
};

/** Why a library cannot be opened. */
export type Trouble =
  | "runtime"
  | "permission"
  | "missing"
  | "dependency"
  | "symbol"
  | "damaged"
  | "processor"
  | "noexec"
  | "unpack"
  | "memory"
  | "other";

/** A library that cannot be opened. The message is one line: `libgomp.so.1 is missing`. */
export class LibraryError extends Error {
  override name = "LibraryError";

  /** Says what is wrong with which file or symbol. @param culprit the file or symbol that is missing, or the library itself */
  constructor(readonly trouble: Trouble, readonly culprit: string, message: string) {
    super(message);
  }
}

/**
 * Local. Opens a shared library; opening it again returns the same code and the same globals.
 *
 * @param path a path, or a bare name that the system's loader looks up
 * @param handles what the handles of this library are
 * @throws LibraryError saying what is missing.
 *
 * @example
 * ```ts
 * import { openLibrary } from "./ffi.ts";
 * if ("Deno" in globalThis && Deno.build.os === "linux") {
 *   const libm = await openLibrary("libm.so.6", { cbrt: { args: ["f64"], returns: "f64" } });
 *   console.log(libm.cbrt(27)); // 3
 * }
 * ```
 */
export function openLibrary<const S extends Signatures>(
  path: string,
  signatures: S,
  handles: "i32" | "ptr" = "ptr",
): Promise<Library<S>> {
  return new Promise((resolve) => resolve(openNow(path, signatures, handles) as Library<S>));
}

function openNow(path: string, signatures: Signatures, handles: "i32" | "ptr"): Record<string, unknown> {
  if (runtime === "other") {
    throw new LibraryError("runtime", path, "native libraries need Deno or Bun: this runtime cannot call them");
  }
  if (path.includes("/") && !names.has(path) && isCutShort(path)) {
    throw new LibraryError("damaged", path, `${path} is damaged: it is shorter than it says`);
  }
  try {
    return runtime === "deno" ? openInDeno(path, signatures, handles) : openInBun(path, signatures, handles);
  } catch (cause) {
    throw explain(path, cause instanceof Error ? cause.message : String(cause));
  }
}

/**
 * Local. Sets environment variables of the process, as C sees them, where they are not set yet. The runtimes' own
 * `process.env` need not reach a library that reads its environment as it is loaded.
 */
export async function presetEnvironment(values: Readonly<Record<string, string>>): Promise<void> {
  const setenv = { args: ["buffer", "buffer", "i32"], returns: "i32" } as const;
  // Elsewhere than on Linux the C library has another name; then the defaults of the library itself will do.
  const libc = await openLibrary("libc.so.6", { setenv }).catch(() => undefined);
  for (const [name, value] of Object.entries(values)) libc?.setenv(encodeString(name), encodeString(value), 0);
}

/** Local. Makes a NUL-terminated string for a `buffer` argument. */
export function encodeString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}

/** Local. Reads the NUL-terminated string that C has left in `bytes`. */
export function decodeString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

// ---- the two runtimes ----

/** Libraries are kept, lest a collected one takes its code along. */
const kept: unknown[] = [];

const denoTypes = { i32: "i32", i64: "i64", f64: "f64", ptr: "pointer", buffer: "buffer", void: "void" } as const;
const bunTypes = { i32: "i32", i64: "i64", f64: "f64", ptr: "ptr", buffer: "ptr", void: "void" } as const;

function openInDeno(path: string, signatures: Signatures, handles: "i32" | "ptr"): Record<string, unknown> {
  const type = (kind: Kind) => denoTypes[kind === "handle" ? handles : kind];
  const symbols: Record<string, Deno.ForeignFunction> = {};
  for (const [key, { args, returns, optional, symbol: name }] of Object.entries(signatures)) {
    const parameters = args.map((kind) => type(kind) as Exclude<Deno.NativeType, "void">);
    symbols[key] = { parameters, result: type(returns), ...(optional && { optional }), ...(name && { name }) };
  }
  const library = Deno.dlopen(path, symbols);
  kept.push(library);
  const found: Record<string, unknown> = library.symbols;
  return Object.fromEntries(Object.keys(signatures).map((name) => [name, found[name] ?? undefined]));
}

/** What is used of `bun:ffi`. */
interface BunFfi {
  dlopen(
    path: string,
    symbols: Record<string, { readonly args: readonly string[]; readonly returns: string }>,
  ): { readonly symbols: Record<string, unknown> };
  ptr(array: Buffer): number;
  readonly CString: new (address: number) => string;
}

/** Local. Bun's own module of this kind. Not an import: Deno would look for it when it checks types. */
export function bunFfi(): BunFfi {
  const { process } = globalThis as unknown as { process: { getBuiltinModule(name: "bun:ffi"): BunFfi } };
  return process.getBuiltinModule("bun:ffi");
}

function openInBun(path: string, signatures: Signatures, handles: "i32" | "ptr"): Record<string, unknown> {
  const { dlopen } = bunFfi();
  const type = (kind: Kind) => bunTypes[kind === "handle" ? handles : kind];
  const open = (wanted: [string, Signature][]) => {
    const symbols = wanted.map(([key, { args, returns, symbol }]) =>
      [symbol ?? key, { args: args.map(type), returns: type(returns) }] as const
    );
    const library = dlopen(path, Object.fromEntries(symbols));
    kept.push(library);
    return wanted.map(([key, { symbol }]) => [key, library.symbols[symbol ?? key]] as const);
  };
  const all = Object.entries(signatures);
  const first = all.filter(([, { symbol }]) => !symbol);
  let found: Record<string, unknown>;
  let rest = all.filter(([, { symbol }]) => symbol);
  try {
    // All at once: each call opens the file again.
    found = Object.fromEntries(open(first));
  } catch {
    // Something is missing: what, is found one by one.
    found = Object.fromEntries(open(first.filter(([, { optional }]) => !optional)));
    rest = all.filter(([, { optional, symbol }]) => optional || symbol);
  }
  // A function that is there under its own name already, or may be missing.
  for (const entry of rest) {
    try {
      Object.assign(found, Object.fromEntries(open([entry])));
    } catch (cause) {
      if (!entry[1].optional) throw cause;
    }
  }
  return found;
}

/** What libraries are called whose paths do not say it. */
const names = new Map<string, string>();

/** Local. Says what messages call the library at a path. */
export function nameLibrary(path: string, name: string): void {
  names.set(path, name);
}

/** What the system's loader says, as an error; both runtimes hand it on with words of their own around it. */
export function explain(path: string, text: string): LibraryError {
  const whole = names.get(path) ?? path, file = whole.slice(whole.lastIndexOf("/") + 1);
  const symbol = /undefined symbol: (\w+)/.exec(text) ?? /Symbol "(\w+)" not found/.exec(text) ??
    /symbol (\w+)/.exec(text);
  const missing = /([^\s:"]+): cannot open shared object file: No such file/.exec(text)?.[1];
  if (/--allow-ffi/.test(text)) return new LibraryError("permission", path, `${file} needs the flag --allow-ffi`);
  if (/requires the JIT/.test(text)) {
    return new LibraryError(
      "memory",
      path,
      `${file} cannot be called: address space is too short for Bun's compiler (ulimit -v)`,
    );
  }
  if (symbol) return new LibraryError("symbol", symbol[1]!, `${file} lacks the symbol "${symbol[1]}"`);
  // Bun makes a path absolute first.
  if (missing !== undefined && missing !== file && !missing.endsWith(`/${file}`)) {
    return new LibraryError("dependency", missing, `${missing} is missing`);
  }
  // One for another processor the loader passes over, and then says that there is none, unless its word is shorter, too.
  const [, bits] = /wrong ELF class: ELFCLASS(\d+)/.exec(text) ?? [];
  const processor = (missing ?? bits) !== undefined && path.includes("/") ? processorOf(path) : undefined;
  if ((processor ?? bits) !== undefined) {
    const other = processor ?? `one of ${bits} bits`;
    return new LibraryError("processor", path, `${whole} is a library for another processor: ${other}`);
  }
  if (missing !== undefined) return new LibraryError("missing", path, `${path} does not exist`);
  const mount = /failed to map segment/.test(text) ? noexecMount(path) : undefined;
  if (mount !== undefined) {
    return new LibraryError("noexec", path, `${file} cannot be loaded from ${mount}, which is mounted noexec`);
  }
  if (/invalid ELF header|file too short|Exec format error/.test(text)) {
    return new LibraryError("damaged", path, `${whole} is not a library: ${lastClause(text)}`);
  }
  return new LibraryError("other", path, `${whole} cannot be loaded: ${lastClause(text)}`);
}

function lastClause(text: string): string {
  return text.split("\n")[0]!.split(": ").at(-1)!;
}
