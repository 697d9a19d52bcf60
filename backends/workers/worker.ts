/**
 * One thread of the `workers` backend: the row functions of `js` on its share of the rows, in shared memory.
 *
 * @module
 */

import type { GridData } from "../../core/contract.ts";
import { type FieldName, larger, type Layout } from "../../core/kernels.ts";
import { answer } from "../../host/workers.ts";
import { relaxRows, sweepRows } from "../js/sweep.ts";
import { breakBarrier, meet } from "./barrier.ts";

/** What a thread must know of a grid. All arrays are shared but `scratch`, one row. */
export interface Slab {
  readonly layout: Layout;
  readonly iterates: readonly [GridData, GridData];
  readonly fields: Readonly<Record<Exclude<FieldName, "u">, GridData>>;
  readonly scratch: GridData;
  readonly barrier: Int32Array;
  readonly parties: number;
  /** Its share of the stored rows: half-open. */
  readonly rows: readonly [number, number];
}

/** What the main thread asks for; `current` says which of the two iterates is u. */
export type Command =
  | { readonly do: "create"; readonly grid: number; readonly slab: Slab }
  | { readonly do: "sweep"; readonly grid: number; readonly current: 0 | 1; readonly count: number }
  | {
    readonly do: "relax";
    readonly grid: number;
    readonly current: 0 | 1;
    readonly count: number;
    readonly omega: number;
    readonly colour: 0 | 1;
  }
  | { readonly do: "free"; readonly grid: number };

/** The norm over this thread's rows, or why there is none. */
export type Reply = { readonly norm: number } | { readonly error: string };

const slabs = new Map<number, Slab>();

await answer((message): Reply => {
  const command = message as Command;
  try {
    return { norm: obey(command) };
  } catch (cause) {
    const slab = slabs.get(command.grid);
    if (slab) breakBarrier(slab.barrier);
    return { error: cause instanceof Error ? cause.message : String(cause) };
  }
});

function obey(command: Command): number {
  switch (command.do) {
    case "create":
      slabs.set(command.grid, command.slab);
      return 0;
    case "free":
      slabs.delete(command.grid);
      return 0;
    case "sweep":
      return sweep(slabs.get(command.grid)!, command.current, command.count);
    case "relax":
      return relax(slabs.get(command.grid)!, command.current, command.omega, command.colour, command.count);
  }
}

/**
 * Sweeps from one iterate to the other and back.
 *
 * No race: within a sweep one iterate is only read. In the other a thread writes its own rows and what periodic edges
 * repeat of them: ends of its own rows, and as the owner of the first or last inner row the ring row across, which
 * nobody else writes. Nobody reads any of it before the barrier, except the norm its own rows.
 */
function sweep({ layout, iterates, fields, barrier, parties, rows }: Slab, current: 0 | 1, count: number): number {
  let change = 0;
  for (let n = 0; n < count; n++) {
    const u = iterates[(current + n) & 1]!;
    const v = iterates[(current + n + 1) & 1]!;
    change = sweepRows(layout, fields, u, v, rows[0], rows[1], n === count - 1);
    // The main thread waits for all after the last sweep.
    if (n < count - 1) meet(barrier, parties);
  }
  return change;
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
function relax(slab: Slab, current: 0 | 1, omega: number, colour: 0 | 1, count: number): number {
  const { layout, iterates, fields, scratch, barrier, parties, rows } = slab;
  const u = iterates[current];
  let before = 0;
  let change = 0;
  for (let n = 0; n < count; n++) {
    before = change;
    change = relaxRows(layout, fields, u, omega, (colour + n) & 1, rows[0], rows[1], scratch, n >= count - 2);
    if (n < count - 1) meet(barrier, parties);
  }
  return larger(before, change);
}
