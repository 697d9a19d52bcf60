/**
 * Conjugate gradients on a team of threads, seen from the main thread: it adds up what threads have summed row by row.
 *
 * @module
 */

import type { ConjugateGradients } from "../../core/kernels/kernels.ts";
import { type Engines, type Grid, type Hands, refresh } from "./grid.ts";

/** @returns the operations of conjugate gradients */
export function conjugateKernels<S, L>(
  hands: Hands<S, L>,
  engines: Pick<Engines<S, L>, "correction">,
): ConjugateGradients<Grid<S>> {
  const pointsOf = ({ layout: { shape } }: Grid<S>) => shape[0] * shape[1];
  const about = ({ id, current, correction }: Grid<S>) => ({ grid: id, current, corrected: correction !== undefined });
  const cleared = ({ correction }: Grid<S>) => {
    if (correction) [correction.stale, correction.ahead] = [true, undefined];
  };
  return {
    async computeResidual(grid) {
      const { iterates, fields: { d, g } } = grid.store;
      const u = iterates[grid.current];
      for (let k = 0; k < d.length; k++) if (d[k] === 0) u[k] = g[k]!;
      grid.stale = true;
      refresh(grid);
      grid.ahead = undefined;
      const { residual } = await hands.share(
        grid,
        pointsOf(grid),
        Infinity,
        (parties) => ({ do: "remainder", parties, ...about(grid) }),
      );
      cleared(grid);
      return { dot: sum(grid, 0), residual };
    },
    async updateDirection(grid, beta) {
      if (grid.correction) refresh(grid.correction);
      await hands.share(grid, pointsOf(grid), Infinity, (parties) => ({ do: "aim", beta, parties, ...about(grid) }));
      return sum(grid, 0);
    },
    async step(grid, alpha) {
      const { change, residual } = await hands.share(
        grid,
        pointsOf(grid),
        Infinity,
        (parties) => ({ do: "move", alpha, parties, ...about(grid) }),
      );
      grid.stale = true;
      grid.ahead = undefined;
      cleared(grid);
      return { dot: sum(grid, 0), change, residual };
    },
    async preconditionedResidual(grid) {
      return grid.correction ??= await hands.open(
        { ...grid.layout, source: true },
        engines.correction(grid.store),
        undefined,
      );
    },
    async dots(grid) {
      await hands.share(grid, pointsOf(grid), Infinity, (parties) => ({ do: "products", parties, ...about(grid) }));
      return [sum(grid, 0), sum(grid, 1)];
    },
  };
}

/** What the rows inside the ring add up to. */
function sum<S>({ layout, store }: Grid<S>, which: 0 | 1): number {
  const sums = store.sums[which];
  let all = 0;
  for (let i = 1; i < layout.shape[0] - 1; i++) all += sums[i]!;
  return all;
}
