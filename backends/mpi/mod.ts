/**
 * `mpi`: ranks of MPI, each with a part of the grid and its halos. What a rank computes with is another plugin, its kernel:
 * `--set kernel=js` to read, the fastest by default; with `ffi-omp` it is MPI + OpenMP.
 *
 * @module
 */

import type { Backend, Stencil } from "../../core/contract.ts";
import { ConfigError, counted, UnavailableError } from "../../core/errors.ts";
import { levelSizes } from "../../core/methods/hierarchy.ts";
import { LibraryError } from "../../host/ffi.ts";
import { env } from "../../host/runtime.ts";
import { launcher, load } from "../../mpi/library.ts";
import { type Comm, openMPI } from "../../mpi/mod.ts";
import { estimate, openRanks, readOwn, settings } from "../engine-ranks/open.ts";
import { mpiDomain } from "./domain.ts";
import { depthFor, type LevelPartition, partition, partitionForLevels } from "../engine-ranks/partition.ts";

const name = "mpi";

export default {
  apiVersion: 2,
  name,
  summary: "ranks of MPI, a part of the grid each; setting kernel, and those of the kernel",
  methods: ["jacobi", "sor", "multigrid"],
  dtypes: ["f64", "f32"],
  stencils: ["plain", "weighted"],
  bitwise: true,
  settings,
  async probe() {
    try {
      const { abi } = await load();
      const processes = launcher()?.processes ?? 1;
      // A single rank is slower than its kernel by itself.
      return {
        available: true,
        device: `${abi.title}, ${counted(processes, "rank")}`,
        score: processes > 1 ? 90 : 1,
      };
    } catch (cause) {
      if (!(cause instanceof LibraryError)) throw cause;
      const fix = "apt-get install libopenmpi3 openmpi-bin, or mpich";
      // A library that was named and is missing needs another name, not a package.
      const named = env("LAPLACE_MPI") !== undefined;
      return { available: false, reason: cause.message, ...(named ? { broken: true } : { fix }) };
    }
  },
  distributed: true,
  estimate,
  async open(stencil, plan) {
    const { own: { kernel, grid, halo }, rest } = readOwn(name, plan.settings);
    const mpi = await openMPI().catch((cause) => {
      throw new UnavailableError(`Cannot open "${name}": ${cause instanceof Error ? cause.message : cause}`);
    });
    const { size } = mpi.world;
    const wanted = grid === "slabs" ? [size, 1] as const : grid;
    const parts = plan.method === "multigrid"
      ? forLevels(stencil, size, wanted, halo)
      : { ...partition(stencil.shape, size, wanted), levels: undefined };
    const depth = "depth" in parts ? parts.depth : depthFor(name, parts, halo);
    const domain = (world: Comm, cart: Comm) => mpiDomain(mpi, world, cart, stencil, parts, depth, parts.levels);
    return await openRanks({ name, mpi, kernel, grid: parts.grid, depth, settings: rest, domain }, stencil, plan);
  },
} satisfies Backend as Backend;

function forLevels(
  stencil: Stencil,
  ranks: number,
  wanted: readonly [number, number] | undefined,
  halo: number | undefined,
): LevelPartition {
  if (halo !== undefined) {
    throw new ConfigError(`Setting "halo" of "${name}" belongs to methods "jacobi" and "sor": multigrid needs its own`);
  }
  return partitionForLevels(stencil, ranks, wanted, levelSizes(stencil));
}
