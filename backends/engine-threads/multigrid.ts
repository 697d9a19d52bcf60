/**
 * Multigrid on a pool of threads, seen from the main thread. A whole pass over a grid or level is one command
 * (`wavefront.ts`); the main thread itself passes over small levels, whose memory it shares.
 *
 * @module
 */

import type { MaybePromise } from "../../core/contract.ts";
import type { Coarsening, Multigrid } from "../../core/kernels/kernels.ts";
import { readInside, writeInside } from "../js/grid.ts";
import { fillLevelGhosts } from "../js/level.ts";
import { markWritten } from "../js/next_sweep.ts";
import { prolongSolution } from "../js/prolong_solution.ts";
import type { BothNorms, LevelStore } from "./engine.ts";
import { type Axes, type Dispatcher, type EngineFactory, type Grid, refreshGhosts } from "./grid.ts";
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
  const createLevel = async (top: Grid<S>, fine: LevelStore<L> | undefined, axes: Axes): Promise<Level<S, L>> => {
    const { layout } = top;
    const store = engines.coarsen(top.store.shared, layout, fine?.shared, axes);
    const { shape, periodic, shared } = store;
    const id = created++;
    const info = { shape, periodic, shared };
    await dispatcher.broadcast(top, pointsOf(fine?.shape ?? layout.shape), { do: "createLevel", level: id, info });
    return { id, top, store };
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
    const most = alone ? 1 : mostThreads(shape[0], plan);
    return dispatcher.run(grid, pointsOf(shape), { do: "pass", fine: undefined, coarse: coarse.id, plan }, most);
  };
  const passLevel = ({ top, id: fine, store: { shape } }: Level<S, L>, { id: coarse }: Level<S, L>, plan: PassPlan) =>
    dispatcher.run(top, pointsOf(shape), { do: "pass", fine, coarse, plan }, mostThreads(shape[0], plan));
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
      markWritten(fine);
      if (!engines.prolongsSolution) return prolongSolution(view(fine), view(coarse));
      // What the pool reads must be in its grid's memory: inside the ghost layer of the other iterate there is room.
      const { iterates, stride } = fine.store;
      const { u, layout: { shape: [my, mx] }, stride: step } = view(coarse);
      const other = iterates[fine.current === 0 ? 1 : 0];
      for (let i = 0; i < my; i++) other.set(u.subarray(i * step, i * step + mx), (i + 1) * stride + 1);
      return done(dispatcher.run(fine, pointsOf(fine.layout.shape), { do: "prolongSolution" }));
    },
    levels: {
      coarsen: ({ top, store }, axes) => createLevel(top, store, axes),
      ...halfCycles(passLevel),
      readOperator: ({ store }) => store.readOperator(),
      readRhs: ({ store: { f, shape, stride } }, block) => readInside(f, shape, block, stride),
      writeRhs: ({ store: { f, shape, stride } }, block, values) => writeInside(f, shape, values, block, stride),
      writeCorrection({ store }, values) {
        writeInside(store.correction, store.shape, values, undefined, store.stride);
        fillLevelGhosts(store, store.correction, store.stride);
      },
      async free({ id, top }) {
        try {
          await dispatcher.broadcast(top, pointsOf(top.layout.shape), { do: "freeLevel", level: id });
        } catch {
          // A pool that failed has released its memory already.
        }
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
