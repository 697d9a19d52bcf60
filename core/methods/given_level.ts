/**
 * A level of multigrid that is below no grid, but was put together from its equations, and is solved with the levels below it.
 *
 * @module
 */

import type { CoarseSolver, SharedLevel } from "../contract.ts";
import { Hierarchy, type Makers } from "./hierarchy.ts";

/**
 * Local. What solves on such a level: a cycle of multigrid each time, from zero. If it fails, nothing is left.
 *
 * @param kernels those that made the level
 * @param system the level, made by `Multigrid.system`; freed with what is returned
 * @param below the levels below it, one at least
 */
export async function cyclesOn<G>(
  kernels: Makers<G>,
  system: G,
  { shape: [rows, cols], periodic, singular, below }: Pick<SharedLevel, "shape" | "periodic" | "singular" | "below">,
): Promise<CoarseSolver> {
  const operations = kernels.multigrid!;
  const all = { rows: [0, rows], cols: [0, cols] } as const;
  const zero = new Float64Array(rows * cols);
  let levels: Hierarchy<G>;
  try {
    levels = await Hierarchy.create(kernels, system, below, { periodic, singular });
  } catch (cause) {
    await kernels.free(system);
    throw cause;
  }
  return {
    async solve(f) {
      await operations.writeRhs(system, all, f);
      await operations.writeCorrection(system, zero);
      await levels.cycle(system);
      return await operations.readCorrection!(system);
    },
    async free() {
      await levels.free();
      await kernels.free(system);
    },
  };
}
