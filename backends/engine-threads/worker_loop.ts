/**
 * One thread's share of a grid, and what it does when it is told to. Runs in workers, and in the main thread where that
 * is alone.
 *
 * @module
 */

import { partRange } from "../../core/kernels/distributed.ts";
import { larger, type Layout } from "../../core/kernels/kernels.ts";
import { breakBarrier, deal, meet } from "./barrier.ts";
import type { Both, Engine, LevelStore } from "./engine.ts";
import { type Course, pass } from "./tiling.ts";
import { cut } from "./wavefront.ts";

/** What a thread must know of a grid. */
export interface Share<S> {
  readonly layout: Layout;
  /** What its engine is made of. */
  readonly store: S;
  /** Which of the threads it is. */
  readonly index: number;
  readonly parties: number;
  readonly barrier: Int32Array;
  /** Its stored rows, where rows are dealt out for good: half-open. */
  readonly rows: readonly [number, number];
}

/** What a thread must know of a level. */
type KnownLevel<L> = Pick<LevelStore<L>, "shape" | "periodic" | "shared">;

/** What the main thread asks for; `current` says which of the two iterates is u. */
export type Command<S, L = unknown> =
  | { readonly do: "create"; readonly grid: number; readonly share: Share<S> }
  | { readonly do: "sweep"; readonly grid: number; readonly current: 0 | 1; readonly count: number }
  | {
    readonly do: "advance";
    readonly grid: number;
    readonly current: 0 | 1;
    /** Sweeps of each pass over memory. */
    readonly passes: readonly number[];
    readonly width: number;
    /** Of the last pass. 1: the change; 2: also the residual. */
    readonly norms: 1 | 2;
  }
  | {
    readonly do: "relax";
    readonly grid: number;
    readonly current: 0 | 1;
    readonly count: number;
    readonly omega: number;
    readonly colour: 0 | 1;
  }
  | { readonly do: "level"; readonly grid: number; readonly level: number; readonly known: KnownLevel<L> }
  | {
    readonly do: "pass";
    readonly grid: number;
    readonly current: 0 | 1;
    /** A level of the grid; undefined: the grid itself. */
    readonly fine: number | undefined;
    readonly below: number;
    readonly course: Course;
    readonly parties: number;
  }
  | { readonly do: "refine"; readonly grid: number; readonly current: 0 | 1; readonly parties: number }
  | VectorCommand
  | { readonly do: "free"; readonly grid: number }
  | { readonly do: "free level"; readonly grid: number; readonly level: number };

/** Of conjugate gradients. `corrected`: there is a correction. */
type VectorCommand =
  & { readonly grid: number; readonly parties: number; readonly corrected: boolean }
  & (
    | { readonly do: "remainder"; readonly current: 0 | 1 }
    | { readonly do: "aim"; readonly beta: number }
    | { readonly do: "move"; readonly current: 0 | 1; readonly alpha: number }
    | { readonly do: "products" }
  );

/** The norms over what this thread did, or why there are none. */
export type Reply = Both | { readonly error: string };

const NOTHING: Both = { change: 0, residual: 0 };

/** @returns the larger ones, NaN where one is. */
export function largest(a: Both, b: Both): Both {
  return { change: larger(a.change, b.change), residual: larger(a.residual, b.residual) };
}

/** A grid in this thread. */
interface Work<L> {
  readonly share: Omit<Share<unknown>, "store">;
  readonly engine: Engine<L>;
}

/**
 * Local. Gives the function by which a thread obeys commands, one at a time.
 *
 * @param open makes the engine of a grid
 */
export function obedient<S, L>(open: (share: Share<S>) => Engine<L>): (command: Command<S, L>) => Reply {
  const grids = new Map<number, Work<L>>();
  const levels = new Map<number, KnownLevel<L>>();
  return (command) => {
    try {
      if (command.do === "create") {
        grids.set(command.grid, { share: command.share, engine: open(command.share) });
        return NOTHING;
      }
      if (command.do === "free") {
        grids.delete(command.grid);
        return NOTHING;
      }
      if (command.do === "level") {
        levels.set(command.level, command.known);
        return NOTHING;
      }
      if (command.do === "free level") {
        levels.delete(command.level);
        return NOTHING;
      }
      const work = grids.get(command.grid)!;
      switch (command.do) {
        case "sweep":
          return { change: sweep(work, command.current, command.count), residual: 0 };
        case "advance":
          return advance(work, command);
        case "relax":
          return { change: relax(work, command.current, command.omega, command.colour, command.count), residual: 0 };
        case "pass": {
          const { share, engine } = work;
          const fine = command.fine === undefined ? undefined : levels.get(command.fine)!;
          const steps = engine.steps(command.current, fine?.shared, levels.get(command.below)!.shared);
          const { shape, periodic } = fine ?? share.layout;
          pass(steps, command.course, shape, periodic[0], { ...share, parties: command.parties });
          return command.course.leave ? steps.norms() : NOTHING;
        }
        case "refine":
          refine(work, command.current, command.parties);
          return NOTHING;
        default:
          return vectors(work, command);
      }
    } catch (cause) {
      const work = grids.get(command.grid);
      if (work) breakBarrier(work.share.barrier);
      return { error: cause instanceof Error ? cause.message : String(cause) };
    }
  };
}

/**
 * Sweeps from one iterate to the other and back.
 *
 * No race: within a sweep one iterate is only read. In the other a thread writes its own rows and what periodic edges
 * repeat of them: ends of its own rows, and as the owner of the first or last inner row the ring row across, which
 * nobody else writes. Nobody reads any of it before the barrier, except the norm its own rows.
 */
function sweep({ share: { barrier, parties, rows }, engine }: Work<unknown>, current: 0 | 1, count: number): number {
  let change = 0;
  for (let n = 0; n < count; n++) {
    change = engine.sweep(other(current, n), rows[0], rows[1], n === count - 1);
    // The main thread waits for all after the last sweep.
    if (n < count - 1) meet(barrier, parties);
  }
  return change;
}

/** Passes of several sweeps, strip by strip, as they are dealt. No race: a pass reads one iterate, and writes its own points of the other. */
function advance(
  { share: { layout, barrier, parties }, engine }: Work<unknown>,
  { current, passes, width, norms }: Command<unknown> & { do: "advance" },
): Both {
  let found = NOTHING;
  passes.forEach((sweeps, n) => {
    const last = n === passes.length - 1;
    const wanted = last ? norms : 0;
    const strips = cut(layout.shape, wanted === 2 ? sweeps + 1 : sweeps, width, parties);
    for (let k = deal(barrier, n); k < strips.length; k = deal(barrier, n)) {
      const seen = engine.strip!(other(current, n), sweeps, wanted, strips[k]!);
      if (last) found = largest(found, seen);
    }
    if (!last) meet(barrier, parties);
  });
  return found;
}

/**
 * Relaxes one colour after the other, in place.
 *
 * No race that matters: a thread moves points of one colour in its own rows, and new values follow from points of the
 * other colour only, which nobody moves until the barrier. Evaluating a row also reads, from a neighbour's border row,
 * points that are just being moved, but only for results that are thrown away. The same holds for the ring row across
 * a periodic edge, of which only the colour that moved is renewed (an odd period, where both colours would meet, has
 * no red-black order); the ends of a row are read and renewed by its owner alone.
 */
function relax(
  { share: { barrier, parties, rows }, engine }: Work<unknown>,
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
    if (n < count - 1) meet(barrier, parties);
  }
  return larger(before, change);
}

/** First every other row, from the coarse grid; then those between, from the first ones. */
function refine({ share: { layout, index, barrier }, engine }: Work<unknown>, current: 0 | 1, parties: number): void {
  const [first, end] = partRange(layout.shape[0] - 2, parties, index);
  engine.refine!(current, 0, first + 1, end + 1);
  if (parties > 1) meet(barrier, parties);
  engine.refine!(current, 1, first + 1, end + 1);
}

/** Conjugate gradients, each thread in its own rows: only B reads those of others. */
function vectors({ share: { layout, index, barrier }, engine }: Work<unknown>, command: VectorCommand): Both {
  const { vectors } = engine;
  const { parties, corrected } = command;
  const [first, end] = partRange(layout.shape[0] - 2, parties, index);
  const [from, to] = [first + 1, end + 1];
  switch (command.do) {
    case "remainder": {
      const residual = vectors.remainder(command.current, from, to);
      if (corrected) vectors.clear(from, to);
      return { change: 0, residual };
    }
    case "aim":
      vectors.combine(command.beta, corrected, from, to);
      if (parties > 1) meet(barrier, parties);
      vectors.apply(from, to);
      return NOTHING;
    case "move": {
      const found = vectors.move(command.current, command.alpha, from, to);
      if (corrected) vectors.clear(from, to);
      return found;
    }
    case "products":
      vectors.products(from, to);
      return NOTHING;
  }
}

/** The iterate that is u after so many passes. */
function other(current: 0 | 1, passes: number): 0 | 1 {
  return ((current + passes) & 1) as 0 | 1;
}
