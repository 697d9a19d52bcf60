/**
 * `ga`: ranks with an array that all of them see, of Global Arrays; each has a part of the grid, and nobody sends anything to
 * anybody. Kernels are those of `mpi`, and so are the settings.
 *
 * @module
 */

import type { Backend } from "../../core/contract.ts";
import { launcher } from "../../mpi/library.ts";
import type { Comm } from "../../mpi/mod.ts";
import { depthFor, partition } from "../engine-ranks/partition.ts";
import { estimate, openRanks, readOwn, settings } from "../engine-ranks/open.ts";
import { GlobalArray } from "./array.ts";
import { gaDomain } from "./domain.ts";
import { absence, join, open } from "./library.ts";

const name = "ga";

export default {
  apiVersion: 2,
  name,
  summary: "ranks of Global Arrays, with an array that all of them see; setting kernel, and those of the kernel",
  methods: ["jacobi", "sor"],
  dtypes: ["f64", "f32"],
  stencils: ["plain", "weighted"],
  bitwise: true,
  settings,
  async probe() {
    const none = await absence();
    if (none) return { available: false, ...none };
    const ranks = launcher()?.processes ?? 1;
    const device = `Global Arrays over MPICH, ${ranks} ${ranks === 1 ? "rank" : "ranks"}`;
    // Two waits for all an exchange are more than the messages of `mpi`.
    return { available: true, device, score: ranks > 1 ? 80 : 1 };
  },
  distributed: true,
  estimate,
  async open(stencil, plan) {
    const { own: { kernel, grid, halo }, rest } = readOwn(name, plan.settings);
    const { mpi, ga } = await open(name);
    const { rank, size } = mpi.world;
    const dealt = partition(stencil.shape, size, grid === "slabs" ? [size, 1] : grid);
    const depth = depthFor(name, dealt, halo);
    const active = dealt.blocks.length;
    const { group, leave } = join(ga, rank, active);
    const domain = (world: Comm, owners: Comm) => {
      const u = new GlobalArray(ga, group, stencil.dtype, stencil.shape, dealt);
      return gaDomain(mpi, world, owners, u, stencil, dealt, depth);
    };
    return await openRanks(
      { name, mpi, kernel, grid: dealt.grid, depth, settings: rest, domain, left: leave },
      stencil,
      plan,
    );
  },
} satisfies Backend as Backend;
