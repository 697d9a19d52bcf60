/**
 * Opens a plugin on each rank: settings, threads and layers of halo, which `mpi` and `ga` have in common. Either all ranks
 * open or none does.
 *
 * @module
 */

import type { Backend, Estimate, Plan, Session, Sharing, Stencil } from "../../core/contract.ts";
import type { Domain } from "../../core/kernels/distributed.ts";
import { ConfigError, UnavailableError } from "../../core/errors.ts";
import { hostBytes } from "../../core/methods/memory.ts";
import { traits } from "../../core/methods/traits.ts";
import { count, readSettings, type SettingSpec, type SettingValues } from "../../core/settings.ts";
import { cores } from "../../host/cores.ts";
import { env } from "../../host/runtime.ts";
import { launcher } from "../../mpi/library.ts";
import type { Comm, MPI } from "../../mpi/mod.ts";
import ffiOmp from "../ffi-omp/mod.ts";
import { bestLocal, isPath, kernelNames, load } from "../table.ts";
import { largest } from "./domain.ts";
import { idleSession } from "./idle.ts";

/** The settings of a backend with ranks; all others belong to its kernel. */
const own = {
  kernel: {
    about: "the plugin that each rank computes with; the fastest",
    expects: `one of ${kernelNames.join(", ")}, or a path`,
    parse: (text) => kernelNames.includes(text) || isPath(text) ? text : undefined,
  } satisfies SettingSpec<string>,
  grid: {
    about: "process rows x columns; those with the shortest borders",
    expects: "rows x columns such as 2x3, or slabs",
    parse(text) {
      const [, rows, cols] = /^([1-9]\d{0,5})x([1-9]\d{0,5})$/.exec(text) ?? [];
      return text === "slabs" ? text : rows === undefined ? undefined : [+rows, +cols!] as const;
    },
  } satisfies SettingSpec<"slabs" | readonly [number, number]>,
  halo: count("layers of halo, and sweeps between two exchanges; up to 32, fewer for small parts", 1024),
};

/** The settings that `--set` accepts. */
export const settings = { ...ffiOmp.settings, ...own };

/**
 * Local. Reads the settings of a backend with ranks. Those of its kernel stay text: the kernel checks them.
 *
 * @throws ConfigError for a value that does not fit
 */
export function readOwn(
  name: string,
  given: Plan["settings"],
): { own: SettingValues<typeof own>; rest: Plan["settings"] } {
  const entries = Object.entries(given);
  const mine = ([key]: [string, string]) => Object.hasOwn(own, key);
  return {
    own: readSettings(name, own, Object.fromEntries(entries.filter(mine))),
    rest: Object.fromEntries(entries.filter((entry) => !mine(entry))),
  };
}

/** Local. What the ranks on this machine need: their part of the memory of the whole solve. */
export function estimate(stencil: Stencil, plan: Plan): Estimate {
  // A launcher sets in each rank how many run on its machine.
  const here = Number(env("OMPI_COMM_WORLD_LOCAL_SIZE") ?? env("MPI_LOCALNRANKS"));
  const all = launcher()?.processes ?? 1;
  // Ranks have no aggregates.
  const levelBytes = all > 1 ? 8 * (traits.multigrid.arrays ?? 0) : undefined;
  return { hostBytes: hostBytes(stencil, plan, levelBytes) * (here >= 1 && here < all ? here / all : 1) };
}

/** What a rank opens its kernel with. */
export interface Opening {
  /** The backend's name, for errors. */
  readonly name: string;
  readonly mpi: MPI;
  /** The plugin that each rank computes with: a name, a path, or undefined for the fastest. */
  readonly kernel: string | undefined;
  /** Process rows and columns. The first ranks own a block each; the others are idle. */
  readonly grid: Sharing["grid"];
  /** Layers of halo; infinite where one rank owns all. */
  readonly depth: number;
  /** Settings of the kernel. */
  readonly settings: Plan["settings"];
  /** Collective over the ranks that own a block. Makes the domain of one. @param world of all ranks */
  domain(world: Comm, active: Comm): Domain;
  /** Collective. Called on each rank after its session was closed, or could not be opened. */
  onClosed?(): void;
}

/**
 * Collective. Opens a kernel on each rank.
 *
 * @throws ConfigError or UnavailableError on all ranks, if one cannot
 */
export async function openRanks(
  { name, mpi, kernel: wanted, grid, depth, settings, domain: make, onClosed }: Opening,
  stencil: Stencil,
  plan: Plan,
): Promise<Session> {
  const world = mpi.world.Dup();
  const { rank, size } = world;
  const { backend: kernel, why } = await onAllRanks(
    name,
    mpi,
    world,
    async () => wanted === undefined ? await bestLocal(stencil, plan) : { backend: await load(wanted) },
    onClosed,
  );
  const owners = world.Split(rank < grid[0] * grid[1] ? 0 : undefined, rank);
  const threads = threadsFor(kernel, world);
  let domain: Domain | undefined;
  return await onAllRanks(name, mpi, world, async () => {
    const lacks = !kernel.methods.includes(plan.method)
      ? `method "${plan.method}"`
      : kernel.dtypes.includes(stencil.dtype)
      ? undefined
      : stencil.dtype;
    if (lacks !== undefined) {
      throw new ConfigError(`Setting "kernel" of "${name}" cannot be "${kernel.name}": it has no ${lacks}`);
    }
    if (owners === undefined) return idleSession(mpi, world, stencil, onClosed);
    domain = closedOnce(make(world, owners), onClosed);
    const session = await kernel.open(stencil, { ...plan, settings: { ...threads, ...settings } }, domain);
    if (session.ranks !== size) {
      await session[Symbol.asyncDispose]();
      throw new ConfigError(`Setting "kernel" of "${name}" cannot be "${kernel.name}": it takes no part of a grid`);
    }
    const halo = Number.isFinite(depth) ? depth : 0;
    return withSharing(session, domain, {
      kernel: kernel.name,
      grid,
      halo,
      ...(why !== undefined && { whyKernel: why }),
    });
  }, async (session) => {
    if (session) await session[Symbol.asyncDispose]();
    else if (domain) await domain.close!();
    else onClosed?.();
  });
}

/**
 * Collective. Does something on all ranks, or fails on all: otherwise some would wait for a rank that has failed.
 *
 * @param undo called on each rank if one failed, with its own result
 * @throws the error of this rank; where only another failed, an error of the same kind
 */
async function onAllRanks<T>(
  name: string,
  mpi: MPI,
  world: Comm,
  attempt: () => T | Promise<T>,
  undo?: (done: T | undefined) => void | Promise<void>,
): Promise<T> {
  let done: T | undefined;
  let failure: unknown;
  try {
    done = await attempt();
  } catch (cause) {
    failure = cause;
  }
  const { rank, size } = world;
  const [last] = largest(mpi, world, [failure === undefined ? -1 : rank]);
  if (last! < 0) return done!;
  const [why, wrong] = world.bcast(
    [failure instanceof Error ? failure.message : String(failure), failure instanceof ConfigError] as const,
    last,
  );
  await undo?.(done);
  const Kind = wrong ? ConfigError : UnavailableError;
  throw failure ?? new Kind(`Cannot open "${name}" on rank ${last} of ${size}: ${why}`);
}

/** The same domain, which is closed at most once; `onClosed` is called then. */
function closedOnce(domain: Domain, onClosed: (() => void) | undefined): Domain {
  let isOpen = true;
  return {
    ...domain,
    async close() {
      if (!isOpen) return;
      isOpen = false;
      await domain.close?.();
      onClosed?.();
    },
  };
}

/**
 * The same session, which reports how ranks share the grid, and closes its domain: one rank may have a kernel that knows
 * nothing of domains.
 */
function withSharing(session: Session, domain: Domain, sharing: Sharing): Session {
  return {
    ...session,
    about: { ...session.about, sharing },
    async [Symbol.asyncDispose]() {
      await session[Symbol.asyncDispose]();
      await domain.close!();
    },
  };
}

/** Collective. Ranks share the cores of their machine, unless the number of threads is given. */
function threadsFor(kernel: Backend, world: Comm): Plan["settings"] {
  if (!kernel.settings?.threads || env("OMP_NUM_THREADS") !== undefined) return {};
  const here = world.Split_type("shared");
  const ranks = here.size;
  here.Free();
  return ranks === 1 ? {} : { threads: `${Math.max(1, Math.floor(cores().count / ranks))}` };
}
