/**
 * `mpi`: ranks of MPI, each with a part of the grid and its halos. What a rank computes with is another plugin, its kernel:
 * `--set kernel=js` to read, the fastest by default; with `ffi-omp` it is MPI + OpenMP.
 *
 * @module
 */

import type { Backend } from "../../core/contract.ts";
import { UnavailableError } from "../../core/errors.ts";
import { LibraryError } from "../../host/ffi.ts";
import { launcher, load } from "../../mpi/library.ts";
import { type Comm, openMPI } from "../../mpi/mod.ts";
import { bestLocal, local, named } from "../local.ts";
import { depthFor, openRanks, readOwn, settings } from "../ranks.ts";
import { mpiDomain } from "./domain.ts";
import { partition } from "./partition.ts";

const name = "mpi";

export default {
  apiVersion: 1,
  name,
  summary: "ranks of MPI, a part of the grid each; setting kernel, and those of the kernel",
  methods: ["jacobi", "sor"],
  dtypes: ["f64", "f32"],
  stencils: ["plain", "weighted"],
  bitwise: true,
  settings,
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
      return { available: false, reason: cause.message, fix: "apt-get install libopenmpi3 openmpi-bin, or mpich" };
    }
  },
  async open(stencil, plan) {
    const { own: { kernel, grid, halo }, rest } = readOwn(name, plan.settings);
    const mpi = await openMPI().catch((cause) => {
      throw new UnavailableError(`Cannot open "${name}": ${cause instanceof Error ? cause.message : cause}`);
    });
    const { size } = mpi.world;
    const dealt = partition(stencil.shape, size, grid === "slabs" ? [size, 1] : grid);
    const depth = depthFor(name, dealt, halo);
    const inner = kernel === undefined ? await bestLocal(stencil, plan) : await named(local, kernel);

    const active = dealt.blocks.length;
    const domain = (world: Comm, cart: Comm) => mpiDomain(mpi, world, cart, stencil, dealt, depth);
    return await openRanks({ name, mpi, kernel: inner, active, settings: rest, domain }, stencil, plan);
  },
} satisfies Backend as Backend;
