/**
 * Multigrid on a team of threads, seen from the main thread. A whole pass over a grid or level is one command (`pass.ts`);
 * small levels are passed by the main thread itself, which shares their memory.
 *
 * @module
 */

import type { MaybePromise } from "../../core/contract.ts";
import type { Multigrid } from "../../core/kernels/kernels.ts";
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

/** @returns the operations of multigrid, and what frees a level */
export function multigridKernels<S, L>(
  hands: Hands<S, L>,
  engines: Pick<Engines<S, L>, "coarsen" | "refines">,
): Multigrid<Grid<S> | Level<S, L>> & { free(level: Level<S, L>): MaybePromise<void> } {
  let made = 0;
  /** A pass through a grid or level. Few rows are not shared. */
  const pass = (fine: Grid<S> | Level<S, L>, below: Level<S, L>, course: Course): MaybePromise<Both> => {
    const grid = "top" in fine ? fine.top : fine;
    const { shape: [ny, nx], periodic } = shapeOf(fine);
    const level = "top" in fine ? fine.id : undefined;
    if (level === undefined) {
      refresh(grid);
      grid.ahead = undefined;
    }
    // Around an odd number of rows, first and last have a colour in common: who comes first matters.
    const alone = level === undefined && periodic[0] && ny % 2 === 1;
    const most = alone ? 1 : Math.max(1, Math.floor((ny - 2) / (2 * stepsOf(course, COLOURS))));
    const { id, current } = grid;
    return hands.share(grid, ny * nx, most, (parties) => ({
      do: "pass",
      grid: id,
      current,
      fine: level,
      below: below.id,
      course,
      parties,
    }));
  };
  const done = (found: MaybePromise<Both>): MaybePromise<void> =>
    found instanceof Promise ? found.then(() => {}) : undefined;
  return {
    async coarsen(fine, axes) {
      const top = "top" in fine ? fine.top : fine;
      const store = engines.coarsen(top.store, top.layout, "top" in fine ? fine.store : undefined, axes);
      const level: Level<S, L> = { id: made++, top, store };
      const { shape, periodic, shared } = store;
      await hands.tell(top, pointsOf(fine), {
        do: "level",
        grid: top.id,
        level: level.id,
        known: { shape, periodic, shared },
      });
      return level;
    },
    smoothAndRestrict: (fine, coarse, sweeps) =>
      done(pass(fine, coarse as Level<S, L>, { enter: false, sweeps, leave: true })),
    prolongAndSmooth: (fine, coarse, sweeps) =>
      done(pass(fine, coarse as Level<S, L>, { enter: true, sweeps, leave: false })),
    prolongSmoothRestrict: (fine, coarse, post, pre) =>
      pass(fine, coarse as Level<S, L>, { enter: true, sweeps: post + pre, leave: true }),
    prolongSolution(fine, coarse) {
      const [to, from] = [fine as Grid<S>, coarse as Grid<S>];
      to.stale = true;
      to.ahead = undefined;
      if (!engines.refines) return refine(view(to), view(from));
      // What the team reads must be in its grid's memory: inside the ring of the other iterate there is room.
      const { iterates, stride } = to.store;
      const { u, layout: { shape: [my, mx] }, stride: step } = view(from);
      const other = iterates[to.current === 0 ? 1 : 0];
      for (let i = 0; i < my; i++) other.set(u.subarray(i * step, i * step + mx), (i + 1) * stride + 1);
      const { id, current } = to;
      return done(hands.share(to, pointsOf(to), Infinity, (parties) => ({ do: "refine", grid: id, current, parties })));
    },
    readOperator: (level) => (level as Level<S, L>).store.equations(),
    readRhs: (level, block) => (level as Level<S, L>).store.rightSide(block),
    writeRhs: (level, block, values) => (level as Level<S, L>).store.setRightSide(block, values),
    writeCorrection: (level, values) => (level as Level<S, L>).store.correct(values),
    async free({ id, top, store }) {
      try {
        await hands.tell(top, pointsOf(top), { do: "free level", grid: top.id, level: id });
      } catch {
        // A team that failed has let go of its memory already.
      }
      store.free();
    },
  };
}

/** The iterate of a grid. */
function view<S>({ layout: { shape }, store: { iterates, stride }, current }: Grid<S>) {
  return { u: iterates[current], layout: { shape }, stride };
}

function shapeOf<S, L>(of: Grid<S> | Level<S, L>) {
  return "top" in of ? of.store : of.layout;
}

function pointsOf<S, L>(of: Grid<S> | Level<S, L>): number {
  const [ny, nx] = shapeOf(of).shape;
  return ny * nx;
}
