/**
 * Conjugate gradients on a pool of threads, seen from the main thread: it adds up the sums that threads have left for
 * each row.
 *
 * @module
 */

import type { MaybePromise } from "../../core/contract.ts";
import type { ConjugateGradients } from "../../core/kernels/kernels.ts";
import { createAggregates } from "../js/aggregation/mod.ts";
import { markWritten } from "../js/next_sweep.ts";
import type { BothNorms } from "./engine.ts";
import { type Dispatcher, type EngineFactory, type Grid, refreshGhosts } from "./grid.ts";
import type { VectorOperation } from "./worker_loop.ts";

/** @returns the operations of conjugate gradients */
export function conjugateKernels<S, L>(
  dispatcher: Dispatcher<S, L>,
  engines: Pick<EngineFactory<S, L>, "preconditionedResidual">,
): ConjugateGradients<Grid<S>> {
  const run = (grid: Grid<S>, operation: VectorOperation): MaybePromise<BothNorms> => {
    const { layout: { shape: [ny, nx] }, preconditionedResidual } = grid;
    return dispatcher.run(grid, ny * nx, { ...operation, preconditioned: preconditionedResidual !== undefined });
  };
  /** The threads have set z to zero. */
  const zCleared = ({ preconditionedResidual: z }: Grid<S>) => {
    if (z) markWritten(z);
  };
  return {
    async computeResidual(grid) {
      const { current, store: { iterates, fields: { d, g } } } = grid;
      const u = iterates[current];
      for (let k = 0; k < d.length; k++) if (d[k] === 0) u[k] = g[k]!;
      markWritten(grid);
      refreshGhosts(grid);
      const { residual } = await run(grid, { do: "computeResidual" });
      zCleared(grid);
      return { dot: sum(grid, 0), residual };
    },
    async updateDirection(grid, beta) {
      if (grid.preconditionedResidual) refreshGhosts(grid.preconditionedResidual);
      await run(grid, { do: "updateDirection", beta });
      return sum(grid, 0);
    },
    async step(grid, alpha) {
      const { change, residual } = await run(grid, { do: "step", alpha });
      markWritten(grid);
      zCleared(grid);
      return { dot: sum(grid, 0), change, residual };
    },
    async preconditionedResidual(grid) {
      return grid.preconditionedResidual ??= await dispatcher.createGrid(
        { ...grid.layout, source: true },
        engines.preconditionedResidual(grid.store.shared, grid.layout),
        undefined,
      );
    },
    /** In the calling thread alone. */
    aggregate(correction) {
      const { layout, store: { stride, fields, iterates } } = correction;
      const { cycle, free } = createAggregates({ layout, stride, fields });
      return {
        cycle() {
          cycle(iterates[correction.current]);
          markWritten(correction);
        },
        free,
      };
    },
    async dots(grid) {
      await run(grid, { do: "dots" });
      return [sum(grid, 0), sum(grid, 1)];
    },
  };
}

/** The sum over the rows inside the ghost layer. */
function sum<S>({ layout, store }: Grid<S>, which: 0 | 1): number {
  const rowDots = store.rowDots[which];
  let all = 0;
  for (let i = 1; i < layout.shape[0] - 1; i++) all += rowDots[i]!;
  return all;
}
