/**
 * One thread's engines, and how it carries out commands. Runs in workers, and in the main thread.
 *
 * @module
 */

import { partRange } from "../../core/kernels/distributed.ts";
import { larger, type Layout } from "../../core/kernels/kernels.ts";
import { barrierWait, breakBarrier, nextTask } from "./barrier.ts";
import type { BothNorms, Engine, LevelStore } from "./engine.ts";
import { tiling } from "./tiling.ts";
import { type PassPlan, runPass } from "./wavefront.ts";

/** What a thread must know of a grid. */
export interface ThreadContext<S> {
  readonly layout: Layout;
  /** What its engine is made of. */
  readonly store: S;
  /** Which of the threads it is. */
  readonly index: number;
  readonly threads: number;
  readonly barrier: Int32Array;
  /** Its stored rows, where the split is fixed: half-open. */
  readonly rows: readonly [number, number];
}

/** What a thread must know of a level. */
type LevelInfo<L> = Pick<LevelStore<L>, "shape" | "periodic" | "shared">;

/** What the main thread asks for; `current` says which of the two iterates is u. */
export type Command<S, L = unknown> = { readonly grid: number } & GridCommand<S, L>;

type GridCommand<S, L> =
  | { readonly do: "create"; readonly context: ThreadContext<S> }
  | { readonly do: "sweep"; readonly current: 0 | 1; readonly count: number }
  | {
    readonly do: "sweepTiles";
    readonly current: 0 | 1;
    /** Sweeps of each pass over memory. */
    readonly passes: readonly number[];
    readonly width: number;
    /** Of the last pass. 1: the change; 2: also the residual. */
    readonly norms: 1 | 2;
  }
  | {
    readonly do: "relax";
    readonly current: 0 | 1;
    readonly count: number;
    readonly omega: number;
    readonly colour: 0 | 1;
  }
  | { readonly do: "createLevel"; readonly level: number; readonly info: LevelInfo<L> }
  | {
    readonly do: "pass";
    readonly current: 0 | 1;
    /** A level of the grid; undefined: the grid itself. */
    readonly fine: number | undefined;
    /** The level right below. */
    readonly coarse: number;
    readonly plan: PassPlan;
    readonly threads: number;
  }
  | { readonly do: "prolongSolution"; readonly current: 0 | 1; readonly threads: number }
  | VectorCommand
  | { readonly do: "free" }
  | { readonly do: "freeLevel"; readonly level: number };

/** Of conjugate gradients; `preconditioned`: there is a z. */
type VectorCommand = VectorOperation & { readonly threads: number; readonly preconditioned: boolean };

/** The steps of conjugate gradients. */
export type VectorOperation =
  | { readonly do: "computeResidual"; readonly current: 0 | 1 }
  | { readonly do: "updateDirection"; readonly beta: number }
  | { readonly do: "step"; readonly current: 0 | 1; readonly alpha: number }
  | { readonly do: "dots" };

/** The norms over this thread's part, or why there are none. */
export type Reply = BothNorms | { readonly error: string };

const NO_NORMS: BothNorms = { change: 0, residual: 0 };

/** @returns the larger ones, NaN where one is. */
export function largerNorms(a: BothNorms, b: BothNorms): BothNorms {
  return { change: larger(a.change, b.change), residual: larger(a.residual, b.residual) };
}

/** A grid in this thread. */
interface ThreadGrid<L = unknown> {
  readonly context: Omit<ThreadContext<unknown>, "store">;
  readonly engine: Engine<L>;
}

/**
 * Local. Returns the function by which a thread carries out commands, one at a time.
 *
 * @param createEngine makes the engine of a grid
 */
export function workerLoop<S, L>(
  createEngine: (context: ThreadContext<S>) => Engine<L>,
): (command: Command<S, L>) => Reply {
  const grids = new Map<number, ThreadGrid<L>>();
  const levels = new Map<number, LevelInfo<L>>();
  return (command) => {
    try {
      if (command.do === "create") {
        grids.set(command.grid, { context: command.context, engine: createEngine(command.context) });
        return NO_NORMS;
      }
      if (command.do === "free") {
        grids.delete(command.grid);
        return NO_NORMS;
      }
      if (command.do === "createLevel") {
        levels.set(command.level, command.info);
        return NO_NORMS;
      }
      if (command.do === "freeLevel") {
        levels.delete(command.level);
        return NO_NORMS;
      }
      const grid = grids.get(command.grid)!;
      switch (command.do) {
        case "sweep":
          return { change: sweep(grid, command.current, command.count), residual: 0 };
        case "sweepTiles":
          return sweepTiles(grid, command);
        case "relax":
          return { change: relax(grid, command.current, command.omega, command.colour, command.count), residual: 0 };
        case "pass": {
          const { context, engine } = grid;
          const fine = command.fine === undefined ? undefined : levels.get(command.fine)!;
          const steps = engine.passSteps(command.current, fine?.shared, levels.get(command.coarse)!.shared);
          const { shape, periodic } = fine ?? context.layout;
          runPass(steps, command.plan, shape, periodic[0], { ...context, threads: command.threads });
          return command.plan.restrict ? steps.norms() : NO_NORMS;
        }
        case "prolongSolution":
          prolongSolution(grid, command.current, command.threads);
          return NO_NORMS;
        default:
          return runVectorCommand(grid, command);
      }
    } catch (cause) {
      const grid = grids.get(command.grid);
      if (grid) breakBarrier(grid.context.barrier);
      return { error: cause instanceof Error ? cause.message : String(cause) };
    }
  };
}

/**
 * Sweeps from one iterate to the other and back.
 *
 * No race: within a sweep one iterate is only read. In the other a thread writes its own rows and their periodic
 * ghosts: the ends of its own rows, and as the owner of the first or last inner row the ghost row across, which no
 * other thread writes. None of it is read before the barrier, except by the norm of its own rows.
 */
function sweep({ context: { barrier, threads, rows }, engine }: ThreadGrid, current: 0 | 1, count: number): number {
  let change = 0;
  for (let n = 0; n < count; n++) {
    change = engine.sweep(iterateAfter(current, n), rows[0], rows[1], n === count - 1);
    // The main thread waits for all after the last sweep.
    if (n < count - 1) barrierWait(barrier, threads);
  }
  return change;
}

/** Passes of several sweeps, tile by tile. No race: a pass reads one iterate, and writes its own points of the other. */
function sweepTiles(
  { context: { layout, barrier, threads }, engine }: ThreadGrid,
  { current, passes, width, norms }: Command<unknown> & { do: "sweepTiles" },
): BothNorms {
  let found = NO_NORMS;
  passes.forEach((sweeps, n) => {
    const last = n === passes.length - 1;
    const wanted = last ? norms : 0;
    const tiles = tiling(layout.shape, wanted === 2 ? sweeps + 1 : sweeps, width, threads);
    for (let k = nextTask(barrier, n); k < tiles.length; k = nextTask(barrier, n)) {
      const seen = engine.sweepTile!(iterateAfter(current, n), sweeps, wanted, tiles[k]!);
      if (last) found = largerNorms(found, seen);
    }
    if (!last) barrierWait(barrier, threads);
  });
  return found;
}

/**
 * Relaxes one colour after the other, in place.
 *
 * No race that matters: a thread updates points of one colour in its own rows, and new values follow from points of the
 * other colour only, which no thread updates until the barrier. Evaluating a row also reads, from a neighbour's border
 * row, points that are just being updated, but only for results that are discarded. The same holds for the ghost row
 * across a periodic edge, of which only the updated colour is filled (an odd period, where both colours would meet, has
 * no red-black order); the ends of a row are read and filled by its owner alone.
 */
function relax(
  { context: { barrier, threads, rows }, engine }: ThreadGrid,
  current: 0 | 1,
  omega: number,
  colour: 0 | 1,
  count: number,
): number {
  let before = 0;
  let change = 0;
  for (let n = 0; n < count; n++) {
    before = change;
    change = engine.relax(current, omega, (colour + n) & 1, rows[0], rows[1], n >= count - 2);
    if (n < count - 1) barrierWait(barrier, threads);
  }
  return larger(before, change);
}

/** First every other row, from the coarse grid; then those between, from the first ones. */
function prolongSolution({ context, engine }: ThreadGrid, current: 0 | 1, threads: number): void {
  const { layout, index, barrier } = context;
  const [first, end] = partRange(layout.shape[0] - 2, threads, index);
  engine.prolongSolution!(current, 0, first + 1, end + 1);
  if (threads > 1) barrierWait(barrier, threads);
  engine.prolongSolution!(current, 1, first + 1, end + 1);
}

/** Conjugate gradients, each thread in its own rows: only B reads those of others. */
function runVectorCommand(
  { context: { layout, index, barrier }, engine }: ThreadGrid,
  command: VectorCommand,
): BothNorms {
  const { vectors } = engine;
  const { threads, preconditioned } = command;
  const [first, end] = partRange(layout.shape[0] - 2, threads, index);
  const [from, to] = [first + 1, end + 1];
  switch (command.do) {
    case "computeResidual": {
      const residual = vectors.computeResidual(command.current, from, to);
      if (preconditioned) vectors.clearPreconditioned(from, to);
      return { change: 0, residual };
    }
    case "updateDirection":
      vectors.updateDirection(command.beta, preconditioned, from, to);
      if (threads > 1) barrierWait(barrier, threads);
      vectors.applyOperator(from, to);
      return NO_NORMS;
    case "step": {
      const norms = vectors.step(command.current, command.alpha, from, to);
      if (preconditioned) vectors.clearPreconditioned(from, to);
      return norms;
    }
    case "dots":
      vectors.dots(from, to);
      return NO_NORMS;
  }
}

/** The iterate that is u after so many passes. */
function iterateAfter(current: 0 | 1, passes: number): 0 | 1 {
  return ((current + passes) & 1) as 0 | 1;
}
