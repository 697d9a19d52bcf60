/**
 * A level of multigrid that is below no grid: its operator was gathered from ranks. It is solved with the levels below it.
 *
 * @module
 */

import type { CoarseSolver, SharedLevel } from "../kernels/distributed.ts";
import type { LevelKernels } from "../kernels/kernels.ts";
import { Hierarchy } from "./hierarchy.ts";

/**
 * Local. Makes a solver of such a level: one V-cycle each time, from zero. If it fails, nothing is left.
 *
 * @param level made by `Multigrid.createLevel`; freed with the solver
 * @param below the levels below it, one at least
 */
export async function cycleSolver<L>(
  kernels: LevelKernels<L>,
  level: L,
  { shape: [rows, cols], periodic, singular, below }: Pick<SharedLevel, "shape" | "periodic" | "singular" | "below">,
): Promise<CoarseSolver> {
  const all = { rows: [0, rows], cols: [0, cols] } as const;
  const zero = new Float64Array(rows * cols);
  let hierarchy: Hierarchy<L>;
  try {
    hierarchy = await Hierarchy.create(kernels, kernels, level, below, { periodic, singular });
  } catch (cause) {
    await kernels.free(level);
    throw cause;
  }
  return {
    async solve(f) {
      await kernels.writeRhs(level, all, f);
      await kernels.writeCorrection(level, zero);
      await hierarchy.cycle(kernels, level);
      return await kernels.readCorrection!(level);
    },
    async free() {
      await hierarchy.free();
      await kernels.free(level);
    },
  };
}
