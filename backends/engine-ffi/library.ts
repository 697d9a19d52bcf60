/**
 * A backend from any shared library with the interface in native/include/laplace_plugin.h: ours, or a user's.
 * Here is what it takes to find, load and ask one; its calls are in kernels.ts.
 *
 * @module
 */

import { block } from "../../core/block_setting.ts";
import { METHODS } from "../../core/contract.ts";
import type { Backend, Dtype, Method, Plan, Probe, Stencil, StencilKind } from "../../core/contract.ts";
import { ConfigError, UnavailableError, withFix } from "../../core/errors.ts";
import type { Kernels } from "../../core/kernels/kernels.ts";
import { isSemicoarsened } from "../../core/methods/hierarchy.ts";
import { hostBytes } from "../../core/methods/memory.ts";
import { openSession } from "../../core/session.ts";
import { readSettings, type SettingSpec, type SettingSpecs } from "../../core/settings.ts";
import { libraryPath, UNPACK_FIX } from "../../host/assets.ts";
import { LibraryError, openLibrary, presetEnvironment } from "../../host/ffi.ts";
import { env, files } from "../../host/runtime.ts";
import type { NativeLevel } from "./multigrid.ts";
import { apiVersion, features, hasAll, type NativeGrid, type Plugin, signatures, sweeping } from "./signatures.ts";
import { nativeKernels, text } from "./kernels.ts";

/** What `auto`, and the question of memory, must know of our multigrid (native/multigrid/). */
const cycles: Pick<Backend, "auto" | "estimate"> = {
  // From about 33² to 65² points on its cycles are the faster.
  auto: { directUpTo: 1 << 11 },
  estimate: (stencil, plan) => ({ hostBytes: hostBytes(stencil, plan, levelBytes(stencil)) }),
};

/**
 * Bytes of levels for each point. Peak RSS at 2049², less grid and answer, in numbers: plain 0, stretched 8 (f32: 16);
 * weighted 11.5 (f32: 15), stretched 15 (f32: 22), and 5 (f32: 10) of aggregates while they are chosen.
 */
function levelBytes(stencil: Stencil): number {
  const stretched = isSemicoarsened(stencil);
  if (stencil.kind === "plain") return stretched ? 64 : 8;
  const [levels, aggregates] = stencil.dtype === "f32" ? [60, 80] : [96, 40];
  return levels * (stretched ? 1.5 : 1) + aggregates;
}

/** The setting `block` of our libraries in C. */
export const blockSetting: SettingSpec = block(
  "Jacobi sweeps in one pass x columns of a tile, off or auto; 32x576, 16x512 for weighted stencils, in f32 twice as wide",
);

/** One of our own libraries, in native/build/. */
export interface NativeDescriptor {
  readonly name: string;
  readonly summary: string;
  /** The library's file name; `host/assets.ts` knows where it is. */
  readonly file: string;
  /** A library that must be loaded first, with one function that it has, and how to install it. */
  readonly needs?: { readonly file: string; readonly symbol: string; readonly fix: string };
  /** Why it must not even be loaded. */
  readonly refuses?: () => { readonly reason: string; readonly fix: string } | undefined;
  /** Its setting `threads` where none is among those given, and why there are no more threads. */
  readonly threads?: (given: Plan["settings"]) => { readonly threads?: string; readonly why?: string };
  /** Environment variables that it reads as it is loaded; those already set stay as they are. */
  readonly environment?: Readonly<Record<string, string>>;
  /** All if absent, as C has them. */
  readonly methods?: readonly Method[];
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
  kernels(settings: Readonly<Record<string, string>>): Promise<Kernels<NativeGrid, NativeLevel>>;
}

/** Local. Makes the backend of one of our own libraries; it is loaded when it is first asked for. */
export function nativeBackend(descriptor: NativeDescriptor): NativeBackend {
  const { name, summary, methods = METHODS, settings = {} } = descriptor;
  let plugin: Promise<Plugin> | undefined;
  const load = () => plugin ??= openOurs(descriptor);
  return {
    apiVersion: 2,
    name,
    summary,
    methods,
    dtypes: ["f32", "f64"],
    stencils: ["plain", "weighted"],
    bitwise: true,
    settings,
    ...(methods.includes("multigrid") && cycles),
    async probe() {
      const refused = descriptor.refuses?.();
      if (refused) return { available: false, ...refused, ...(await isThere(descriptor) && { broken: true }) };
      try {
        return ask(await load());
      } catch (cause) {
        const [reason, fix] = absence(cause, descriptor);
        return {
          available: false,
          reason,
          ...(fix !== undefined && { fix }),
          ...(isBroken(cause) && { broken: true }),
        };
      }
    },
    async kernels(given) {
      readSettings(name, settings, given);
      const loaded = await load().catch((cause) => {
        const [reason, fix] = absence(cause, descriptor);
        throw new UnavailableError(`Cannot open "${name}": ${withFix({ reason, fix })}`);
      });
      const { why, ...threads } = descriptor.threads?.(given) ?? {};
      const kernels = nativeKernels(name, loaded, { ...threads, ...given });
      return why === undefined ? kernels : { ...kernels, whyThreads: why };
    },
    async open(stencil, plan, domain) {
      return await openSession(await this.kernels(plan.settings), stencil, plan, domain);
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
    const wrong = ["missing", "symbol", "damaged", "processor", "other"].includes(cause.trouble);
    const remedy = cause.trouble === "symbol" ? "; see native/include/laplace_plugin.h" : "";
    throw new (wrong ? ConfigError : UnavailableError)(`Cannot load the plugin "${path}": ${cause.message}${remedy}`);
  };
  // The version alone at first: an other version may have other functions.
  const { laplace_api_version } = signatures;
  const version = (await openLibrary(file, { laplace_api_version }).catch(refuse)).laplace_api_version();
  if (version !== apiVersion) {
    throw new ConfigError(
      `Cannot load the plugin "${path}": it is for version ${version} of the interface, this is version ${apiVersion}; compile it again with native/include/laplace_plugin.h`,
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
    apiVersion: 2,
    name,
    summary,
    methods: [
      "jacobi",
      ...(has & features.sor ? ["sor" as const] : []),
      ...(hasAll(plugin, "multigrid") ? ["multigrid" as const] : []),
      ...(hasAll(plugin, "cg") ? ["cg" as const] : []),
    ],
    dtypes: (["f32", "f64"] satisfies Dtype[]).filter((dtype) => has & features[dtype]),
    stencils: (["plain", "weighted"] satisfies StencilKind[]).filter((kind) => has & features[kind]),
    bitwise: (has & features.bitwise) !== 0,
    probe: () => ask(plugin),
    kernels: (given) => new Promise((resolve) => resolve(nativeKernels(name, plugin, given))),
    async open(stencil, plan, domain) {
      // Its settings are its own: laplace cannot check them, the library does.
      return await openSession(nativeKernels(name, plugin, plan.settings), stencil, plan, domain);
    },
  };
}

// ---- helpers ----

function ask(plugin: Plugin): Probe {
  let score = 0;
  const said = text((buffer, size) => score = plugin.laplace_probe(buffer, size));
  return score > 0 ? { available: true, device: said, score } : { available: false, reason: said };
}

async function openOurs({ file, needs, environment, methods = METHODS }: NativeDescriptor): Promise<Plugin> {
  const path = await libraryPath(file);
  if (path === undefined) throw new LibraryError("missing", file, `${file} is not part of this installation`);
  if (environment) await presetEnvironment(environment);
  if (needs) {
    // Once it is loaded, the loader takes it for the one that our library asks for by name. The system's will do too.
    const first = await libraryPath(needs.file).catch(() => undefined);
    if (first !== undefined) await openLibrary(first, { [needs.symbol]: { args: [], returns: "i32" } }).catch(() => {});
  }
  if (methods.includes("multigrid")) return await openLibrary(path, signatures);
  // What it lacks would be looked for one by one.
  return await openLibrary(path, sweeping) as Plugin;
}

/** What is wrong with a library that is there, where another would do. */
const faults = ["damaged", "processor", "noexec", "symbol", "other"];

/** Whether a library is there, and cannot be used; or is not where the user says. */
function isBroken(cause: unknown): boolean {
  if (!(cause instanceof LibraryError)) return false;
  if (cause.trouble === "missing") return env("LAPLACE_NATIVE") !== undefined;
  return [...faults, "unpack", "memory"].includes(cause.trouble);
}

/** Whether a library that must not be loaded is there at all. */
async function isThere({ file }: NativeDescriptor): Promise<boolean> {
  const path = await libraryPath(file).catch(() => undefined);
  return path !== undefined && files()?.existsSync(path) === true;
}

/** @returns why one of our libraries cannot be used, and what would help. */
function absence(cause: unknown, { file, needs, compiler }: NativeDescriptor): readonly [reason: string, fix?: string] {
  if (!(cause instanceof LibraryError)) return [cause instanceof Error ? cause.message : String(cause)];
  const { trouble, culprit, message } = cause;
  const build = `deno task native (needs ${compiler})`;
  if (trouble === "dependency" && culprit === needs?.file) return [message, needs.fix];
  if (trouble === "unpack") return [message, UNPACK_FIX];
  if (faults.includes(trouble) && env("LAPLACE_NATIVE") !== undefined) {
    return [message, "point LAPLACE_NATIVE at another folder, or unset it"];
  }
  if (trouble === "damaged") return [message, `delete it; ${build}`];
  if (trouble !== "noexec" && faults.includes(trouble)) return [message, build];
  if (trouble !== "missing") return [message];
  if (culprit === file) return [message, "name a folder that has it in LAPLACE_NATIVE"];
  if (env("LAPLACE_NATIVE") !== undefined) {
    return [message, "point LAPLACE_NATIVE at a folder that has it, or unset it"];
  }
  return [`${file} was not built`, build];
}
