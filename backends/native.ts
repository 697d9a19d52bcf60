/**
 * A backend from any shared library with the interface in native/include/laplace_plugin.h: ours, or a user's.
 * Arithmetic and memory are the library's; here are the calls and the checks that keep it from crashing.
 *
 * @module
 */

import type { Backend, Block, Dtype, GridData, Method, Probe, StencilKind } from "../core/contract.ts";
import { ConfigError, UnavailableError } from "../core/errors.ts";
import type { Field, Kernels, Layout } from "../core/kernels.ts";
import { openSession } from "../core/session.ts";
import { readSettings, type SettingSpecs } from "../core/settings.ts";
import { assetPath } from "../host/assets.ts";
import {
  decodeString,
  encodeString,
  type Library,
  LibraryError,
  openLibrary,
  type Pointer,
  presetEnvironment,
} from "../host/ffi.ts";

/** laplace_plugin.h, function by function. */
const signatures = {
  laplace_api_version: { args: [], returns: "i32" },
  laplace_features: { args: [], returns: "i32" },
  laplace_describe: { args: ["buffer", "i32"], returns: "void" },
  laplace_probe: { args: ["buffer", "i32"], returns: "i32" },
  laplace_error: { args: ["buffer", "i32"], returns: "void" },
  laplace_set: { args: ["buffer", "buffer"], returns: "i32", optional: true },
  laplace_threads: { args: [], returns: "i32", optional: true },
  laplace_create: {
    args: ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "f64", "f64"],
    returns: "ptr",
  },
  laplace_write: { args: ["ptr", "i32", "i32", "i32", "i32", "i32", "buffer"], returns: "i32" },
  laplace_read: { args: ["ptr", "i32", "i32", "i32", "i32", "buffer"], returns: "i32" },
  laplace_sweep: { args: ["ptr", "i32", "buffer"], returns: "i32" },
  laplace_relax: { args: ["ptr", "f64", "i32", "i32", "buffer"], returns: "i32", optional: true },
  laplace_residual: { args: ["ptr", "buffer"], returns: "i32" },
  laplace_free: { args: ["ptr"], returns: "void" },
} as const;

type Plugin = Library<typeof signatures>;

/** The only version of the interface so far. */
const apiVersion = 1;
const features = { f32: 1, f64: 2, plain: 4, weighted: 8, sor: 16, bitwise: 32 } as const;
const flags = { weighted: 1, source: 2, wrapRows: 4, wrapCols: 8, odd: 16 } as const;
const fields: Readonly<Record<Field, number>> = { u: 0, an: 1, as: 2, aw: 3, ae: 4, g: 5 };
const textSize = 256;

/** One of our own libraries, in native/build/. */
export interface NativeDescriptor {
  readonly name: string;
  readonly summary: string;
  /** The library's file name; {@linkcode assetPath} knows where it is. */
  readonly file: string;
  /** A library that must be loaded first, with one function that it has, and how to install it. */
  readonly needs?: { readonly file: string; readonly symbol: string; readonly fix: string };
  /** Environment variables that it reads as it is loaded; those already set stay as they are. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What builds it. */
  readonly compiler: string;
  readonly settings?: SettingSpecs;
}

/** A backend whose kernels can also be had alone: a distributed backend runs them on each rank. */
export interface NativeBackend extends Backend {
  /**
   * Local. Loads the library.
   *
   * @throws ConfigError if a setting is unknown or out of range.
   * @throws UnavailableError if the library cannot be used here.
   */
  kernels(settings: Readonly<Record<string, string>>): Promise<Kernels<NativeGrid>>;
}

/** Local. @returns the backend of one of our own libraries. */
export function nativeBackend(descriptor: NativeDescriptor): NativeBackend {
  const { name, summary, settings = {} } = descriptor;
  let plugin: Promise<Plugin> | undefined;
  const load = () => plugin ??= openOurs(descriptor);
  return {
    apiVersion: 1,
    name,
    summary,
    methods: ["jacobi", "sor"],
    dtypes: ["f32", "f64"],
    stencils: ["plain", "weighted"],
    bitwise: true,
    settings,
    async probe() {
      try {
        return ask(await load());
      } catch (cause) {
        return absence(cause, descriptor);
      }
    },
    async kernels(given) {
      readSettings(name, settings, given);
      const loaded = await load().catch((cause) => {
        const { reason, fix } = absence(cause, descriptor);
        throw new UnavailableError(`Cannot open "${name}": ${reason}${fix === undefined ? "" : `; ${fix}`}`);
      });
      return nativeKernels(name, loaded, given);
    },
    async open(stencil, plan) {
      return await openSession(await this.kernels(plan.settings), stencil, plan);
    },
  };
}

/**
 * Local. Loads a user's library, as `--plugin ./libmine.so` does.
 *
 * @param path of the library
 * @throws ConfigError if there is no such file, or it is no plugin of this version.
 * @throws UnavailableError if it cannot be loaded here.
 *
 * @example
 * ```ts ignore
 * const backend = await loadNativePlugin("./libmine.so");
 * console.log(backend.name, await backend.probe());
 * ```
 */
export async function loadNativePlugin(path: string): Promise<NativeBackend> {
  const file = path.includes("/") ? path : `./${path}`; // the loader looks a bare name up in the system's folders
  const refuse = (cause: unknown): never => {
    if (!(cause instanceof LibraryError)) throw cause;
    const wrong = cause.trouble === "missing" || cause.trouble === "symbol" || cause.trouble === "other";
    const remedy = cause.trouble === "symbol" ? "; see native/include/laplace_plugin.h" : "";
    throw new (wrong ? ConfigError : UnavailableError)(`Cannot load the plugin "${path}": ${cause.message}${remedy}`);
  };
  // The version alone at first: an other version may have other functions.
  const { laplace_api_version } = signatures;
  const version = (await openLibrary(file, { laplace_api_version }).catch(refuse)).laplace_api_version();
  if (version !== apiVersion) {
    throw new ConfigError(
      `Cannot load the plugin "${path}": it is for version ${version} of the interface, this is version ${apiVersion}`,
    );
  }
  const plugin = await openLibrary(file, signatures).catch(refuse);
  const has = plugin.laplace_features();
  const [name = "", summary = ""] = text(plugin.laplace_describe).split("\n");
  const problem = !/^[a-z0-9][a-z0-9-]*$/.test(name)
    ? `laplace_describe names it "${name}", which is not in small letters, digits and hyphens`
    : !(has & (features.f32 | features.f64)) || !(has & (features.plain | features.weighted))
    ? "laplace_features names no dtype, or no stencil"
    : has & features.sor && !plugin.laplace_relax
    ? 'laplace_features promises sor, but there is no symbol "laplace_relax"'
    : undefined;
  if (problem !== undefined) throw new ConfigError(`Cannot load the plugin "${path}": ${problem}`);
  return {
    apiVersion: 1,
    name,
    summary,
    methods: (["jacobi", "sor"] satisfies Method[]).filter((method) => method === "jacobi" || has & features.sor),
    dtypes: (["f32", "f64"] satisfies Dtype[]).filter((dtype) => has & features[dtype]),
    stencils: (["plain", "weighted"] satisfies StencilKind[]).filter((kind) => has & features[kind]),
    bitwise: (has & features.bitwise) !== 0,
    probe: () => ask(plugin),
    kernels: (given) => new Promise((resolve) => resolve(nativeKernels(name, plugin, given))),
    async open(stencil, plan) {
      // Its settings are its own: laplace cannot check them, the library does.
      return await openSession(nativeKernels(name, plugin, plan.settings), stencil, plan);
    },
  };
}

/** A grid of a library, and what its layout lets us check before a call. */
export interface NativeGrid {
  readonly pointer: Pointer;
  readonly layout: Layout;
}

/**
 * Local. The kernels of an open library.
 *
 * @param settings given to the library before every grid that these kernels create: it keeps only one set of them
 * @throws ConfigError if the library refuses a setting.
 */
function nativeKernels(
  name: string,
  plugin: Plugin,
  settings: Readonly<Record<string, string>>,
): Kernels<NativeGrid> {
  const norm = new Float64Array(1);
  const check = (status: number, action: string) => {
    if (status !== 0) throw new Error(`Cannot ${action} in "${name}": ${text(plugin.laplace_error)}`);
  };
  const relax = plugin.laplace_relax;
  applySettings(name, plugin, settings);
  return {
    threads: plugin.laplace_threads?.() ?? 1,

    create(layout) {
      applySettings(name, plugin, settings);
      const { kind, dtype, shape, wrap, inner, parity, cx, cy, source } = layout;
      const sum = (kind === "weighted" ? flags.weighted : 0) + (source ? flags.source : 0) +
        (wrap[0] ? flags.wrapRows : 0) + (wrap[1] ? flags.wrapCols : 0) + (parity ? flags.odd : 0);
      const pointer = plugin.laplace_create(
        dtype === "f32" ? 4 : 8,
        sum,
        ...shape,
        ...inner.rows,
        ...inner.cols,
        cx,
        cy,
      );
      if (!pointer) throw new UnavailableError(`Cannot open "${name}": ${text(plugin.laplace_error)}`);
      return { pointer, layout };
    },

    write(grid, field, region, data) {
      // C sees an address only: a wrong type or length must not get there.
      if ((data instanceof Float32Array) !== (grid.layout.dtype === "f32")) {
        throw new TypeError(`Cannot write ${field}: the grid is ${grid.layout.dtype}`);
      }
      if (data.length !== points(region)) {
        throw new RangeError(`Cannot write ${field}: ${points(region)} points from ${data.length} numbers`);
      }
      if (data.length === 0) return;
      check(plugin.laplace_write(grid.pointer, fields[field], ...region.rows, ...region.cols, data), `write ${field}`);
    },

    read(grid, region) {
      const data: GridData = new (grid.layout.dtype === "f32" ? Float32Array : Float64Array)(points(region));
      if (data.length > 0) check(plugin.laplace_read(grid.pointer, ...region.rows, ...region.cols, data), "read u");
      return data;
    },

    sweep(grid, count) {
      check(plugin.laplace_sweep(grid.pointer, count, norm), "sweep");
      return norm[0]!;
    },

    ...(relax && {
      relax(grid: NativeGrid, omega: number, colour: 0 | 1, count: number) {
        check(relax(grid.pointer, omega, colour, count, norm), "relax");
        return norm[0]!;
      },
    }),

    residual(grid) {
      check(plugin.laplace_residual(grid.pointer, norm), "take the residual");
      return norm[0]!;
    },

    free(grid) {
      plugin.laplace_free(grid.pointer);
    },
  };
}

// ---- helpers ----

function points({ rows, cols }: Block): number {
  return Math.max(0, rows[1] - rows[0]) * Math.max(0, cols[1] - cols[0]);
}

/** @returns what a library writes into a text buffer. */
function text(call: (buffer: Uint8Array, size: number) => void): string {
  const buffer = new Uint8Array(textSize);
  call(buffer, textSize);
  return decodeString(buffer);
}

function ask(plugin: Plugin): Probe {
  const buffer = new Uint8Array(textSize);
  const score = plugin.laplace_probe(buffer, textSize);
  const said = decodeString(buffer);
  return score > 0 ? { available: true, device: said, score } : { available: false, reason: said };
}

/** A library keeps one set of settings: it is put back to its defaults, and then given these. */
function applySettings(name: string, plugin: Plugin, settings: Readonly<Record<string, string>>): void {
  const none = encodeString("");
  plugin.laplace_set?.(none, none);
  for (const [key, value] of Object.entries(settings)) {
    if (!plugin.laplace_set) throw new ConfigError(`"${name}" has no setting "${key}"; there are none`);
    if (plugin.laplace_set(encodeString(key), encodeString(value)) !== 0) {
      throw new ConfigError(`Cannot set "${key}" of "${name}" to "${value}": ${text(plugin.laplace_error)}`);
    }
  }
}

async function openOurs({ file, needs, environment }: NativeDescriptor): Promise<Plugin> {
  const path = assetPath(file);
  if (path === undefined) throw new LibraryError("missing", file, "this installation has no native libraries");
  if (environment) await presetEnvironment(environment);
  const first = needs && assetPath(needs.file);
  if (needs && first !== undefined) {
    // Once it is loaded, the loader takes it for the one that our library asks for by name. The system's will do too.
    await openLibrary(first, { [needs.symbol]: { args: [], returns: "i32" } }).catch(() => {});
  }
  return await openLibrary(path, signatures);
}

/** @returns why one of our libraries cannot be used, and what would help. */
function absence(cause: unknown, { file, needs, compiler }: NativeDescriptor): Probe & { readonly available: false } {
  const no = (reason: string, fix?: string) => ({
    available: false as const,
    reason,
    ...(fix !== undefined && { fix }),
  });
  if (!(cause instanceof LibraryError)) return no(cause instanceof Error ? cause.message : String(cause));
  const build = `deno task native (needs ${compiler})`;
  switch (cause.trouble) {
    case "missing":
      return cause.culprit === file
        ? no(cause.message, "use the laplace binary, or name a folder in LAPLACE_NATIVE")
        : no(`${file} was not built`, build);
    case "dependency":
      return cause.culprit === needs?.file ? no(cause.message, needs.fix) : no(cause.message);
    case "symbol":
    case "other":
      return no(cause.message, build);
    default:
      return no(cause.message);
  }
}
