/**
 * Multigrid on a pool of threads, seen from the main thread. A whole pass over a grid or level is one command
 * (`wavefront.ts`); the main thread itself passes over small levels, whose memory it shares.
 *
 * @module
 */

import type { MaybePromise } from "../../core/contract.ts";
import type { Coarsening, Multigrid } from "../../core/kernels/kernels.ts";
import { prolongSolution } from "../js/prolong_solution.ts";
import type { BothNorms, LevelStore } from "./engine.ts";
import { type Dispatcher, type EngineFactory, type Grid, refreshGhosts } from "./grid.ts";
import { type PassPlan, stepCount } from "./wavefront.ts";

/** A level as the main thread sees it. */
export interface Level<S, L> {
  readonly id: number;
  /** The grid that it is below. */
  readonly top: Grid<S>;
  readonly store: LevelStore<L>;
}

/** The most colours that a smoothing sweep of a grid or level may have. */
const MOST_COLOURS = 4;

/** @returns the operations of multigrid */
export function multigridKernels<S, L>(
  dispatcher: Dispatcher<S, L>,
  engines: Pick<EngineFactory<S, L>, "coarsen" | "prolongsSolution">,
): Multigrid<Grid<S>, Level<S, L>> {
  let created = 0;
  const createLevel = async (
    top: Grid<S>,
    fine: LevelStore<L> | undefined,
    axes: readonly [rows: boolean, cols: boolean],
  ): Promise<Level<S, L>> => {
    const store = engines.coarsen(top.store, top.layout, fine, axes);
    const level: Level<S, L> = { id: created++, top, store };
    const { shape, periodic, shared } = store;
    const points = pointsOf(fine?.shape ?? top.layout.shape);
    const info = { shape, periodic, shared };
    await dispatcher.broadcast(top, points, { do: "createLevel", grid: top.id, level: level.id, info });
    return level;
  };
  /** A pass over a grid, or a level of it, by at most so many threads. */
  const pass = (
    top: Grid<S>,
    [ny, nx]: readonly [number, number],
    fine: number | undefined,
    coarse: Level<S, L>,
    plan: PassPlan,
    most: number,
  ): MaybePromise<BothNorms> => {
    const { id, current } = top;
    return dispatcher.run(top, ny * nx, most, (threads) => ({
      do: "pass",
      grid: id,
      current,
      fine,
      coarse: coarse.id,
      plan,
      threads,
    }));
  };
  /** Few rows are not split. */
  const mostThreads = (ny: number, plan: PassPlan) =>
    Math.max(1, Math.floor((ny - 2) / (2 * stepCount(plan, MOST_COLOURS))));
  const passGrid = (grid: Grid<S>, coarse: Level<S, L>, plan: PassPlan): MaybePromise<BothNorms> => {
    const { shape, periodic } = grid.layout;
    refreshGhosts(grid);
    grid.nextSweepChange = undefined;
    // Around an odd number of rows, first and last have a colour in common: their order matters.
    const alone = periodic[0] && shape[0] % 2 === 1;
    return pass(grid, shape, undefined, coarse, plan, alone ? 1 : mostThreads(shape[0], plan));
  };
  const passLevel = ({ top, id, store: { shape } }: Level<S, L>, coarse: Level<S, L>, plan: PassPlan) =>
    pass(top, shape, id, coarse, plan, mostThreads(shape[0], plan));
  /** Both halves of a V-cycle, on grids or on levels. */
  const halfCycles = <F>(pass: (fine: F, coarse: Level<S, L>, plan: PassPlan) => MaybePromise<BothNorms>) =>
    ({
      smoothAndRestrict: (fine, coarse, sweeps) => done(pass(fine, coarse, { prolong: false, sweeps, restrict: true })),
      prolongAndSmooth: (fine, coarse, sweeps) => done(pass(fine, coarse, { prolong: true, sweeps, restrict: false })),
    }) satisfies Omit<Coarsening<F, Level<S, L>>, "coarsen">;
  return {
    coarsen: (grid, axes) => createLevel(grid, undefined, axes),
    ...halfCycles(passGrid),
    prolongSmoothRestrict: (grid, coarse, post, pre) =>
      passGrid(grid, coarse, { prolong: true, sweeps: post + pre, restrict: true }),
    prolongSolution(fine, coarse) {
      fine.ghostsStale = true;
      fine.nextSweepChange = undefined;
      if (!engines.prolongsSolution) return prolongSolution(view(fine), view(coarse));
      // What the pool reads must be in its grid's memory: inside the ghost layer of the other iterate there is room.
      const { iterates, stride } = fine.store;
      const { u, layout: { shape: [my, mx] }, stride: step } = view(coarse);
      const other = iterates[fine.current === 0 ? 1 : 0];
      for (let i = 0; i < my; i++) other.set(u.subarray(i * step, i * step + mx), (i + 1) * stride + 1);
      const { id, current } = fine;
      return done(dispatcher.run(
        fine,
        pointsOf(fine.layout.shape),
        Infinity,
        (threads) => ({ do: "prolongSolution", grid: id, current, threads }),
      ));
    },
    levels: {
      coarsen: ({ top, store }, axes) => createLevel(top, store, axes),
      ...halfCycles(passLevel),
      readOperator: ({ store }) => store.readOperator(),
      readRhs: ({ store }, block) => store.readRhs(block),
      writeRhs: ({ store }, block, values) => store.writeRhs(block, values),
      writeCorrection: ({ store }, values) => store.writeCorrection(values),
      async free({ id, top, store }) {
        try {
          await dispatcher.broadcast(top, pointsOf(top.layout.shape), { do: "freeLevel", grid: top.id, level: id });
        } catch {
          // A pool that failed has released its memory already.
        }
        store.free();
      },
    },
  };
}

function done(found: MaybePromise<BothNorms>): MaybePromise<void> {
  return found instanceof Promise ? found.then(() => {}) : undefined;
}

/** The iterate of a grid. */
function view<S>({ layout: { shape }, store: { iterates, stride }, current }: Grid<S>) {
  return { u: iterates[current], layout: { shape }, stride };
}

function pointsOf([ny, nx]: readonly [rows: number, cols: number]): number {
  return ny * nx;
}
