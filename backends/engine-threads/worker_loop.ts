/**
 * One thread's engines, and how it carries out commands. Runs in workers, and in the main thread.
 *
 * @module
 */

import { partRange } from "../../core/kernels/distributed.ts";
import { larger, type Layout } from "../../core/kernels/kernels.ts";
import { barrierWait, breakBarrier, nextTask } from "./barrier.ts";
import { type BothNorms, type Engine, type LevelStore, NO_NORMS } from "./engine.ts";
import { tiling } from "./tiling.ts";
import { type Participant, type PassPlan, runPass } from "./wavefront.ts";

/** What a thread must know of a grid. */
export interface ThreadContext<S> {
  readonly layout: Layout;
  /** What its engine is made of. */
  readonly store: S;
  /** Which of the threads it is. */
  readonly index: number;
  readonly barrier: Int32Array;
}

/** What a thread must know of a level. */
type LevelInfo<L> = Pick<LevelStore<L>, "shape" | "periodic" | "shared">;

/** An operation on a grid. */
export type Command<S, L = unknown> = Operation<S, L> & {
  readonly grid: number;
  /** Which of its two iterates is u. */
  readonly current: 0 | 1;
  /** How many threads carry it out together. */
  readonly threads: number;
};

/** What the main thread can ask for. */
export type Operation<S, L = unknown> =
  | { readonly do: "create"; readonly context: ThreadContext<S> }
  | { readonly do: "sweep"; readonly count: number }
  | {
    readonly do: "sweepTiles";
    /** Sweeps of each pass over memory. */
    readonly passes: readonly number[];
    readonly width: number;
    /** Of the last pass. 1: the change; 2: also the residual. */
    readonly norms: 1 | 2;
  }
  | { readonly do: "relax"; readonly count: number; readonly omega: number; readonly colour: 0 | 1 }
  | { readonly do: "createLevel"; readonly level: number; readonly info: LevelInfo<L> }
  | {
    readonly do: "pass";
    /** A level of the grid; undefined: the grid itself. */
    readonly fine: number | undefined;
    /** The level right below. */
    readonly coarse: number;
    readonly plan: PassPlan;
  }
  | { readonly do: "prolongSolution" }
  /** `preconditioned`: there is a z. */
  | (VectorOperation & { readonly preconditioned: boolean })
  | { readonly do: "free" }
  | { readonly do: "freeLevel"; readonly level: number };

/** The steps of conjugate gradients. */
export type VectorOperation =
  | { readonly do: "computeResidual" }
  | { readonly do: "updateDirection"; readonly beta: number }
  | { readonly do: "step"; readonly alpha: number }
  | { readonly do: "dots" };

/** The norms over this thread's part, or why there are none. */
export type Reply = BothNorms | { readonly error: string };

/** @returns the larger ones, NaN where one is. */
export function largerNorms(a: BothNorms, b: BothNorms): BothNorms {
  return { change: larger(a.change, b.change), residual: larger(a.residual, b.residual) };
}

/** This thread's part of a command. */
interface Part<L = unknown> extends Participant {
  readonly engine: Engine<L>;
  readonly layout: Layout;
  readonly current: 0 | 1;
  /** Its stored rows, where each thread has some: half-open. */
  readonly rows: readonly [from: number, to: number];
}

/**
 * Local. Returns the function by which a thread carries out commands, one at a time.
 *
 * @param createEngine makes the engine of a grid
 */
export function workerLoop<S, L>(
  createEngine: (context: ThreadContext<S>) => Engine<L>,
): (command: Command<S, L>) => Reply {
  const grids = new Map<number, Pick<Part<L>, "engine" | "layout" | "index" | "barrier">>();
  const levels = new Map<number, LevelInfo<L>>();
  const run = (command: Command<S, L>): BothNorms => {
    switch (command.do) {
      case "create":
        grids.set(command.grid, { ...command.context, engine: createEngine(command.context) });
        return NO_NORMS;
      case "free":
        grids.delete(command.grid);
        return NO_NORMS;
      case "createLevel":
        levels.set(command.level, command.info);
        return NO_NORMS;
      case "freeLevel":
        levels.delete(command.level);
        return NO_NORMS;
    }
    const { current, threads } = command;
    const grid = grids.get(command.grid)!;
    const [first, end] = partRange(grid.layout.shape[0] - 2, threads, grid.index);
    const part: Part<L> = { ...grid, current, threads, rows: [first + 1, end + 1] };
    switch (command.do) {
      case "sweep":
        return { change: sweep(part, command.count), residual: 0 };
      case "sweepTiles":
        return sweepTiles(part, command);
      case "relax":
        return { change: relax(part, command), residual: 0 };
      case "pass": {
        const fine = command.fine === undefined ? undefined : levels.get(command.fine)!;
        const steps = part.engine.passSteps(current, fine?.shared, levels.get(command.coarse)!.shared);
        const { shape, periodic } = fine ?? part.layout;
        runPass(steps, command.plan, shape, periodic[0], part);
        return command.plan.restrict ? steps.norms() : NO_NORMS;
      }
      case "prolongSolution":
        prolongSolution(part);
        return NO_NORMS;
      default:
        return runVectorOperation(part, command);
    }
  };
  return (command) => {
    try {
      return run(command);
    } catch (cause) {
      const grid = grids.get(command.grid);
      if (grid) breakBarrier(grid.barrier);
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
function sweep({ engine, current, rows, barrier, threads }: Part, count: number): number {
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
  { engine, layout, current, barrier, threads }: Part,
  { passes, width, norms }: Operation<unknown> & { do: "sweepTiles" },
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
  { engine, current, rows, barrier, threads }: Part,
  { omega, colour, count }: Operation<unknown> & { do: "relax" },
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
function prolongSolution({ engine, current, rows: [from, to], barrier, threads }: Part): void {
  engine.prolongSolution!(current, 0, from, to);
  if (threads > 1) barrierWait(barrier, threads);
  engine.prolongSolution!(current, 1, from, to);
}

/** Conjugate gradients, each thread in its own rows: only B reads those of others. */
function runVectorOperation(
  { engine: { vectors }, current, rows: [from, to], barrier, threads }: Part,
  operation: VectorOperation & { readonly preconditioned: boolean },
): BothNorms {
  const { preconditioned } = operation;
  switch (operation.do) {
    case "computeResidual": {
      const residual = vectors.computeResidual(current, from, to);
      if (preconditioned) vectors.clearPreconditioned(from, to);
      return { change: 0, residual };
    }
    case "updateDirection":
      vectors.updateDirection(operation.beta, preconditioned, from, to);
      if (threads > 1) barrierWait(barrier, threads);
      vectors.applyOperator(from, to);
      return NO_NORMS;
    case "step": {
      const norms = vectors.step(current, operation.alpha, from, to);
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
