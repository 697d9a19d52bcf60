/**
 * The kernels on a team of threads, seen from the main thread, which writes and reads arrays itself between commands.
 * A residual is the next sweep, kept for later (`ahead`), unless a pass blocked in time takes it on the way.
 *
 * @module
 */

import type { GridData } from "../../core/contract.ts";
import { share } from "../../core/domain.ts";
import type { Kernels, Layout } from "../../core/kernels.ts";
import type { BlockSize } from "../block.ts";
import { allocate, copyRegion } from "../js/grid.ts";
import { renewAllImages } from "../js/sweep.ts";
import { breakBarrier, clearDealt, createBarrier } from "./barrier.ts";
import type { Both, Store } from "./engine.ts";
import { passes } from "./strips.ts";
import type { Team } from "./team.ts";

/**
 * Fewer sweeps than this go row by row, and the residual is kept as the next sweep. Large grids get batches of a few
 * sweeps: in longer ones than one, a pass is faster.
 */
const FEW = 2;

interface Grid<S> {
  readonly id: number;
  readonly layout: Layout;
  readonly store: Store<S>;
  /** Which iterate is u. */
  current: 0 | 1;
  /** How its sweeps are blocked in time; undefined: not at all. */
  readonly block: BlockSize | undefined;
  /** Threads that work on it. */
  readonly parties: number;
  readonly barrier: Int32Array;
  /** The change of the next sweep, where the other iterate holds its result already: a residual computes it. */
  ahead: number | undefined;
  /** Whether images across periodic edges must be renewed. */
  stale: boolean;
}

/** What differs between the backends that share a team. */
export interface Engines<S> {
  /** How the sweeps of a grid are blocked in time; undefined: not at all. Absent if the engine cannot. */
  block?(layout: Layout): BlockSize | undefined;
  /** Allocates the arrays of a grid, all zero, and what each of so many threads needs besides to block like that. */
  allocate(layout: Layout, parties: number, block: BlockSize | undefined): Store<S>;
}

/**
 * Local. The kernels that run on a team.
 *
 * @param start makes the team; it calls `release` before it ends threads that may wait for each other
 */
export async function teamKernels<S>(
  start: (release: () => void) => Team<S> | Promise<Team<S>>,
  engines: Engines<S>,
): Promise<Kernels<Grid<S>>> {
  const grids = new Set<Grid<S>>();
  let created = 0;
  const team = await start(() => {
    for (const { barrier } of grids) breakBarrier(barrier);
  });

  /** So many sweeps row by row, the first one perhaps done already. @returns the change of the last one. */
  const rows = async (grid: Grid<S>, count: number): Promise<number> => {
    const { ahead } = grid;
    grid.ahead = undefined;
    if (ahead !== undefined) {
      swap(grid, 1);
      if (--count === 0) return ahead;
    }
    const { id, current, parties } = grid;
    const { change } = await team.ask(parties, () => ({ do: "sweep", grid: id, current, count }));
    swap(grid, count);
    return change;
  };
  /** The same several sweeps at a time. */
  const blocked = async (grid: Grid<S>, { sweeps, width }: BlockSize, count: number, norms: 1 | 2): Promise<Both> => {
    if (grid.ahead !== undefined) {
      swap(grid, 1);
      count--;
    }
    grid.ahead = undefined;
    const { id, current, parties, barrier } = grid;
    const all = passes(count, sweeps);
    clearDealt(barrier);
    const found = await team.ask(parties, () => ({ do: "advance", grid: id, current, passes: all, width, norms }));
    swap(grid, all.length);
    return found;
  };
  const residual = async (grid: Grid<S>): Promise<number> => {
    const { id, current, parties } = grid;
    return grid.ahead ??= (await team.ask(parties, () => ({ do: "sweep", grid: id, current, count: 1 }))).change;
  };

  return {
    threads: team.threads,
    ...(engines.block && { pass: ({ block }: Grid<S>) => block }),
    async create(layout) {
      // More threads than rows: the rest has nothing to do.
      const parties = Math.min(team.threads, layout.shape[0] - 2);
      const block = layout.wrap[0] || layout.wrap[1] ? undefined : engines.block?.(layout);
      const store = engines.allocate(layout, parties, block);
      const grid: Grid<S> = {
        id: created++,
        layout,
        store,
        current: 0,
        block,
        parties,
        barrier: createBarrier(team.shared),
        ahead: undefined,
        stale: false,
      };
      grids.add(grid);
      await team.ask(parties, (index) => {
        const [from, to] = share(layout.shape[0] - 2, parties, index);
        const { barrier } = grid;
        return {
          do: "create",
          grid: grid.id,
          share: { layout, store: store.shared, index, parties, barrier, rows: [from + 1, to + 1] },
        };
      });
      return grid;
    },
    write(grid, field, region, data) {
      const { stride, iterates, fields } = grid.store;
      grid.ahead = undefined;
      if (field !== "u") return copyRegion(fields[field], stride, region, data, "in");
      // The ring is never updated, so both iterates must hold it.
      for (const u of iterates) copyRegion(u, stride, region, data, "in");
      grid.stale = true;
    },
    read({ layout, store, current }, region) {
      const { rows, cols } = region;
      const dense: GridData = allocate(layout.dtype, (rows[1] - rows[0]) * (cols[1] - cols[0]));
      copyRegion(store.iterates[current], store.stride, region, dense, "out");
      return dense;
    },
    async sweep(grid, count) {
      refresh(grid);
      const { block } = grid;
      return block && count >= FEW ? (await blocked(grid, block, count, 1)).change : await rows(grid, count);
    },
    async advance(grid, count) {
      refresh(grid);
      const { block } = grid;
      if (block && count >= FEW) return await blocked(grid, block, count, 2);
      return { change: await rows(grid, count), residual: await residual(grid) };
    },
    async relax(grid, omega, colour, count) {
      refresh(grid);
      grid.ahead = undefined;
      const { id, current, parties } = grid;
      const factor = grid.layout.dtype === "f32" ? Math.fround(omega) : omega;
      return (await team.ask(parties, () => ({ do: "relax", grid: id, current, count, omega: factor, colour }))).change;
    },
    residual(grid) {
      refresh(grid);
      return residual(grid);
    },
    async free(grid) {
      if (!grids.delete(grid)) return;
      try {
        await team.ask(grid.parties, () => ({ do: "free", grid: grid.id }));
      } catch {
        // A team that failed has let go of its memory already.
      }
      grid.store.free();
    },
    close: () => team.stop(),
  };
}

function swap<S>(grid: Grid<S>, times: number): void {
  if (times % 2 === 1) grid.current = grid.current === 0 ? 1 : 0;
}

/** Renews the images of an iterate that was written from outside. */
function refresh<S>(grid: Grid<S>): void {
  if (grid.stale) renewAllImages(grid.layout, grid.store.iterates[grid.current], grid.store.stride);
  grid.stale = false;
}
