/**
 * What `laplace model` measures here: the rate of a rank, and the latency and bandwidth between two that were launched.
 *
 * @module
 */

import { bestLocal } from "../backends/table.ts";
import type { Prediction } from "../backends/engine-ranks/scaling_model.ts";
import { loadPlugin } from "../backends/registry.ts";
import type { Dtype } from "../core/contract.ts";
import { launcher } from "../mpi/library.ts";
import { measure } from "./bench.ts";

/** Points a side of the largest grid that is swept to measure the rate: far beyond caches, and done in seconds. */
const MEASURED = 4097;

/** Sweeps in a pass over memory, and columns of a tile, of kernels that have blocks: as they are by themselves. */
const FULL_PASS = 32, TILE_WIDTH = 576;

/** What a rank computes with. */
interface Kernel {
  /** The name of a plugin; default the fastest. */
  readonly plugin?: string;
  readonly dtype: Dtype;
  readonly set?: Record<string, string>;
}

/** What a rank sweeps. */
type Part = Pick<Prediction, "block" | "grid" | "halo">;

/**
 * Collective. How the rate of a rank is measured here: on a grid of what it stores, as many sweeps at a time as its halo
 * allows, with all launched ranks at work; that of the slowest.
 */
export async function ratesHere({ plugin, dtype, set = {} }: Kernel): Promise<(part: Part) => Promise<number>> {
  // Not auto: on ranks that is mpi.
  const name = plugin ?? (await bestLocal({ dtype, kind: "plain" }, { method: "jacobi" })).backend.name;
  const { settings = {} } = await loadPlugin(name);
  const known = new Map<string, number>();
  return async ({ block, grid, halo }) => {
    const stored = (axis: 0 | 1) => Math.max(3, Math.min(MEASURED, block[axis] + (grid[axis] > 1 ? 2 * halo : 0)));
    const size = [stored(0), stored(1)] as const;
    const pass = Object.hasOwn(settings, "block") && set.block === undefined && halo > 0 && halo < FULL_PASS
      ? { block: halo === 1 ? "off" : `${halo}x${dtype === "f32" ? 2 * TILE_WIDTH : TILE_WIDTH}` }
      : {};
    const key = JSON.stringify([size, pass]);
    if (!known.has(key)) {
      const options = {
        size,
        dtype,
        method: "jacobi",
        stencil: "plain",
        samples: 3,
        set: { ...set, ...pass },
      } as const;
      known.set(key, await slowest((await measure(name, options)).mlups));
    }
    return known.get(key)!;
  };
}

/** Collective. The least of a number over all launched ranks. */
async function slowest(mine: number): Promise<number> {
  if ((launcher()?.processes ?? 1) === 1) return mine;
  const { openMPI } = await import("../mpi/mod.ts");
  return (await openMPI()).world.allreduce(mine, (a, b) => Math.min(a, b));
}

/** Collective. µs and GB/s from one rank to another, the best of many; undefined unless there are two ranks. */
export async function measureNetwork(): Promise<{ latency: number; bandwidth: number } | undefined> {
  if (launcher()?.processes !== 2) return undefined;
  const { openMPI } = await import("../mpi/mod.ts");
  const mpi = await openMPI();
  const { world } = mpi;
  const best = (bytes: number, batches: number, rounds: number) => {
    const data = new Uint8Array(bytes);
    let least = Infinity;
    for (let k = 0; k < batches; k++) {
      world.Barrier();
      const start = mpi.Wtime();
      for (let n = 0; n < rounds; n++) {
        if (world.rank === 0) world.Send(data, 1);
        world.Recv(data, 1 - world.rank);
        if (world.rank === 1) world.Send(data, 0);
      }
      least = Math.min(least, (mpi.Wtime() - start) / rounds / 2);
    }
    return least;
  };
  const short = best(8, 100, 100);
  const bytes = 1 << 20;
  const long = best(bytes, 50, 5);
  // Both ranks use the numbers of the first.
  return world.bcast({ latency: 1e6 * short, bandwidth: bytes / (long - short) / 1e9 });
}
