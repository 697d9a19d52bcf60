/**
 * Multigrid on a pool of threads, seen from the main thread. A whole pass over a grid or level is one command (`tiling.ts`);
 * the main thread itself passes over small levels, whose memory it shares.
 *
 * @module
 */

import type { MaybePromise } from "../../core/contract.ts";
import type { Coarsening, Multigrid } from "../../core/kernels/kernels.ts";
import { refine } from "../js/refine.ts";
import type { Both, LevelStore } from "./engine.ts";
import { type Engines, type Grid, type Hands, refresh } from "./grid.ts";
import { type Course, stepsOf } from "./tiling.ts";

/** A level as the main thread sees it. */
export interface Level<S, L> {
  readonly id: number;
  /** The grid that it is below. */
  readonly top: Grid<S>;
  readonly store: LevelStore<L>;
}

/** Half-sweeps of a grid's smoothing, and the most colours that a level may have. */
const COLOURS = 4;

/** @returns the operations of multigrid */
export function multigridKernels<S, L>(
  hands: Hands<S, L>,
  engines: Pick<Engines<S, L>, "coarsen" | "refines">,
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
    await hands.tell(top, points, { do: "level", grid: top.id, level: level.id, known: { shape, periodic, shared } });
    return level;
  };
  /** A pass over a grid, or a level of it, shared by at most so many threads. */
  const pass = (
    top: Grid<S>,
    [ny, nx]: readonly [number, number],
    fine: number | undefined,
    below: Level<S, L>,
    course: Course,
    most: number,
  ): MaybePromise<Both> => {
    const { id, current } = top;
    return hands.share(top, ny * nx, most, (parties) => ({
      do: "pass",
      grid: id,
      current,
      fine,
      below: below.id,
      course,
      parties,
    }));
  };
  /** Few rows are not shared. */
  const mostThreads = (ny: number, course: Course) =>
    Math.max(1, Math.floor((ny - 2) / (2 * stepsOf(course, COLOURS))));
  const passGrid = (grid: Grid<S>, below: Level<S, L>, course: Course): MaybePromise<Both> => {
    const { shape, periodic } = grid.layout;
    refresh(grid);
    grid.ahead = undefined;
    // Around an odd number of rows, first and last have a colour in common: who comes first matters.
    const alone = periodic[0] && shape[0] % 2 === 1;
    return pass(grid, shape, undefined, below, course, alone ? 1 : mostThreads(shape[0], course));
  };
  const passLevel = ({ top, id, store: { shape } }: Level<S, L>, below: Level<S, L>, course: Course) =>
    pass(top, shape, id, below, course, mostThreads(shape[0], course));
  /** The way down and up, on grids or on levels. */
  const visits = <F>(pass: (fine: F, below: Level<S, L>, course: Course) => MaybePromise<Both>) =>
    ({
      smoothAndRestrict: (fine, coarse, sweeps) => done(pass(fine, coarse, { enter: false, sweeps, leave: true })),
      prolongAndSmooth: (fine, coarse, sweeps) => done(pass(fine, coarse, { enter: true, sweeps, leave: false })),
    }) satisfies Omit<Coarsening<F, Level<S, L>>, "coarsen">;
  return {
    coarsen: (grid, axes) => createLevel(grid, undefined, axes),
    ...visits(passGrid),
    prolongSmoothRestrict: (grid, coarse, post, pre) =>
      passGrid(grid, coarse, { enter: true, sweeps: post + pre, leave: true }),
    prolongSolution(fine, coarse) {
      fine.stale = true;
      fine.ahead = undefined;
      if (!engines.refines) return refine(view(fine), view(coarse));
      // What the pool reads must be in its grid's memory: inside the ghost layer of the other iterate there is room.
      const { iterates, stride } = fine.store;
      const { u, layout: { shape: [my, mx] }, stride: step } = view(coarse);
      const other = iterates[fine.current === 0 ? 1 : 0];
      for (let i = 0; i < my; i++) other.set(u.subarray(i * step, i * step + mx), (i + 1) * stride + 1);
      const { id, current } = fine;
      const points = pointsOf(fine.layout.shape);
      return done(hands.share(fine, points, Infinity, (parties) => ({ do: "refine", grid: id, current, parties })));
    },
    levels: {
      coarsen: ({ top, store }, axes) => createLevel(top, store, axes),
      ...visits(passLevel),
      readOperator: ({ store }) => store.equations(),
      readRhs: ({ store }, block) => store.rightSide(block),
      writeRhs: ({ store }, block, values) => store.setRightSide(block, values),
      writeCorrection: ({ store }, values) => store.correct(values),
      async free({ id, top, store }) {
        try {
          await hands.tell(top, pointsOf(top.layout.shape), { do: "free level", grid: top.id, level: id });
        } catch {
          // A pool that failed has released its memory already.
        }
        store.free();
      },
    },
  };
}

function done(found: MaybePromise<Both>): MaybePromise<void> {
  return found instanceof Promise ? found.then(() => {}) : undefined;
}

/** The iterate of a grid. */
function view<S>({ layout: { shape }, store: { iterates, stride }, current }: Grid<S>) {
  return { u: iterates[current], layout: { shape }, stride };
}

function pointsOf([ny, nx]: readonly [rows: number, cols: number]): number {
  return ny * nx;
}
