/**
 * `mpi`: ranks of MPI, each with a part of the grid and its halos. What a rank computes with is another plugin, its kernel:
 * `--set kernel=js` to read, the fastest by default; with `ffi-omp` it is MPI + OpenMP.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import type { Backend, Plan, Session, Stencil } from "../../core/contract.ts";
import { ConfigError, UnavailableError } from "../../core/errors.ts";
import { sizesBelow } from "../../core/methods/levels.ts";
import { count, readSettings, type SettingSpec } from "../../core/settings.ts";
import ffiOmp from "../ffi-omp/mod.ts";
import { LibraryError } from "../../host/ffi.ts";
import { env } from "../../host/runtime.ts";
import { launcher, load } from "../../mpi/library.ts";
import { type Comm, type MPI, openMPI } from "../../mpi/mod.ts";
import { bestLocal, isPath, local, named } from "../local.ts";
import { largest, mpiDomain } from "./domain.ts";
import { idleSession } from "./idle.ts";
import { depthFor, type LevelPartition, partition, partitionForLevels } from "./partition.ts";

const name = "mpi";

/** Settings of its own; all others are the kernel's. */
const own = {
  kernel: {
    about: "the plugin that each rank computes with; the fastest",
    expects: `one of ${Object.keys(local).join(", ")}, or a path`,
    parse: (text) => Object.hasOwn(local, text) || isPath(text) ? text : undefined,
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

export default {
  apiVersion: 1,
  name,
  summary: "ranks of MPI, a part of the grid each; setting kernel, and those of the kernel",
  methods: ["jacobi", "sor", "multigrid"],
  dtypes: ["f64", "f32"],
  stencils: ["plain", "weighted"],
  bitwise: true,
  settings: { ...ffiOmp.settings, ...own },
  async probe() {
    try {
      const { abi } = await load();
      const processes = launcher()?.processes ?? 1;
      // Alone it is one rank, which is slower than its kernel by itself.
      return {
        available: true,
        device: `${abi.title}, ${processes} ${processes === 1 ? "rank" : "ranks"}`,
        score: processes > 1 ? 90 : 1,
      };
    } catch (cause) {
      if (!(cause instanceof LibraryError)) throw cause;
      const fix = "apt-get install libopenmpi3 openmpi-bin, or mpich";
      // One that was named, and is not there, needs another name.
      return { available: false, reason: cause.message, ...(env("LAPLACE_MPI") === undefined && { fix }) };
    }
  },
  keeps() {
    const here = Number(env("OMPI_COMM_WORLD_LOCAL_SIZE") ?? env("MPI_LOCALNRANKS"));
    const all = launcher()?.processes ?? 1;
    return here >= 1 && here < all ? here / all : 1;
  },
  async open(stencil, plan) {
    const [mine, rest] = parted(plan.settings);
    const { kernel, grid, halo } = readSettings(name, own, mine);
    const mpi = await openMPI().catch((cause) => {
      throw new UnavailableError(`Cannot open "${name}": ${cause instanceof Error ? cause.message : cause}`);
    });
    const { rank, size } = mpi.world;
    const wanted = grid === "slabs" ? [size, 1] as const : grid;
    const dealt = plan.method === "multigrid"
      ? forLevels(stencil, size, wanted, halo)
      : { ...partition(stencil.shape, size, wanted), levels: undefined };
    const depth = "depth" in dealt ? dealt.depth : depthFor(dealt, halo);

    const world = mpi.world.Dup();
    const inner = await together(
      mpi,
      world,
      () => kernel === undefined ? bestLocal(stencil, plan) : named(local, kernel),
    );
    const active = rank < dealt.blocks.length;
    const cart = world.Split(active ? 0 : undefined, rank);
    const threads = threadsFor(inner, world);
    return await together(mpi, world, async () => {
      if (!inner.methods.includes(plan.method)) {
        throw new ConfigError(
          `Setting "kernel" of "${name}" cannot be "${inner.name}": it has no method "${plan.method}"`,
        );
      }
      if (!active) return idleSession(mpi, world, stencil);
      const domain = mpiDomain(mpi, world, cart!, stencil, dealt, depth, dealt.levels);
      const session = await inner.open(stencil, withSettings(plan, { ...threads, ...rest }), domain);
      if (session.ranks !== size) {
        throw new ConfigError(`Setting "kernel" of "${name}" cannot be "${inner.name}": it takes no part of a grid`);
      }
      return session;
    });
  },
} satisfies Backend as Backend;

/** Collective. Does something on all ranks, or fails on all: else some would wait for one that has left. */
async function together<T extends Backend | Session>(mpi: MPI, world: Comm, attempt: () => T | Promise<T>): Promise<T> {
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
  if (done && Symbol.asyncDispose in done) await done[Symbol.asyncDispose]();
  const Kind = wrong ? ConfigError : UnavailableError;
  throw failure ?? new Kind(`Cannot open "${name}" on rank ${last} of ${size}: ${why}`);
}

/** Settings of this backend, and those of its kernel, which knows what fits. */
function parted(settings: Plan["settings"]): [own: Record<string, string>, rest: Record<string, string>] {
  const entries = Object.entries(settings);
  const mine = ([key]: [string, string]) => Object.hasOwn(own, key);
  return [Object.fromEntries(entries.filter(mine)), Object.fromEntries(entries.filter((entry) => !mine(entry)))];
}

/** The same plan, with other settings: what the core changes in it later is seen through it. */
function withSettings(plan: Plan, settings: Plan["settings"]): Plan {
  return Object.create(plan, { settings: { value: settings, enumerable: true } });
}

/** Ranks share the cores of their machine, unless it was said how many threads each is to have. Collective. */
function threadsFor(kernel: Backend, world: Comm): Plan["settings"] {
  if (!kernel.settings?.threads || env("OMP_NUM_THREADS") !== undefined) return {};
  const here = world.Split_type("shared");
  const ranks = here.size;
  here.Free();
  return ranks === 1 ? {} : { threads: `${Math.max(1, Math.floor(availableParallelism() / ranks))}` };
}

function forLevels(
  stencil: Stencil,
  ranks: number,
  wanted: readonly [number, number] | undefined,
  halo: number | undefined,
): LevelPartition {
  if (halo !== undefined) {
    throw new ConfigError(`Setting "halo" of "${name}" belongs to methods "jacobi" and "sor": multigrid needs its own`);
  }
  return partitionForLevels(stencil, ranks, wanted, sizesBelow(stencil).length);
}
