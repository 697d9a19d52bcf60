/**
 * `ga`: ranks that share an array of Global Arrays. Each has a part of the grid and reads its halo from the shared array; no
 * messages are sent. Kernels and settings are those of `mpi`.
 *
 * @module
 */

import { counted } from "../../core/errors.ts";
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
    const device = `Global Arrays over MPICH, ${counted(ranks, "rank")}`;
    // Two barriers for each exchange cost more than the messages of `mpi`.
    return { available: true, device, score: ranks > 1 ? 80 : 1 };
  },
  distributed: true,
  estimate,
  async open(stencil, plan) {
    const { own: { kernel, grid, halo }, rest } = readOwn(name, plan.settings);
    const { mpi, ga } = await open(name);
    const { rank, size } = mpi.world;
    const parts = partition(stencil.shape, size, grid === "slabs" ? [size, 1] : grid);
    const depth = depthFor(name, parts, halo);
    const active = parts.blocks.length;
    const { group, leave } = join(ga, rank, active);
    const domain = (world: Comm, owners: Comm) => {
      const u = new GlobalArray(ga, group, stencil.dtype, stencil.shape, parts);
      return gaDomain(mpi, world, owners, u, stencil, parts, depth);
    };
    return await openRanks(
      { name, mpi, kernel, grid: parts.grid, depth, settings: rest, domain, onClosed: leave },
      stencil,
      plan,
    );
  },
} satisfies Backend as Backend;
