/**
 * The kernels on a team of threads, seen from the main thread, which writes and reads arrays itself between commands.
 * A residual is the next sweep, kept for later (`ahead`), unless a pass blocked in time takes it on the way.
 *
 * @module
 */

import type { GridData } from "../../core/contract.ts";
import { allocate, rounder } from "../../core/dtype.ts";
import { partRange } from "../../core/kernels/distributed.ts";
import type { Kernels } from "../../core/kernels/kernels.ts";
import type { BlockSize } from "../../core/block_setting.ts";
import { copyRegion } from "../js/grid.ts";
import { breakBarrier, clearDealt, createBarrier } from "./barrier.ts";
import { conjugateKernels } from "./cg.ts";
import type { Both } from "./engine.ts";
import { type Engines, type Grid, type Hands, refresh } from "./grid.ts";
import { type Level, multigridKernels } from "./multigrid.ts";
import { type Command, obedient } from "./worker_loop.ts";
import { passes } from "./wavefront.ts";
import type { Team } from "./pool.ts";

/**
 * Fewer sweeps than this go row by row, and the residual is kept as the next sweep. Large grids get batches of a few
 * sweeps: in longer ones than one, a pass is faster.
 */
const FEW = 2;

/** With fewer points a team is not asked, where the calling thread can do it: to wake others would take longer. */
const WORTH_WAKING = 1 << 14;

/**
 * Local. The kernels that run on a team.
 *
 * @param start makes the team; it calls `release` before it ends threads that may wait for each other
 */
export async function teamKernels<S, L>(
  start: (release: () => void) => Team<S> | Promise<Team<S>>,
  engines: Engines<S, L>,
): Promise<Kernels<Grid<S>, Level<S, L>>> {
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

  const obey = obedient<S, L>((share) => engines.open(share));
  const here = (command: Command<S, L>): Both => {
    const reply = obey(command);
    if ("error" in reply) throw new Error(`Cannot go on: ${reply.error}`);
    return reply;
  };
  const knownHere = ({ id, layout, store, barrier }: Grid<S>): void => {
    const rows = [1, layout.shape[0] - 1] as const;
    here({ do: "create", grid: id, share: { layout, store: store.shared, index: 0, parties: 1, barrier, rows } });
  };
  const hands: Hands<S, L> = {
    share(grid, points, most, command) {
      const parties = Math.min(grid.parties, most);
      if (!team.shared || points >= WORTH_WAKING) return team.ask(parties, () => command(parties));
      if (!grid.home) knownHere(grid);
      grid.home = true;
      return here(command(1));
    },
    tell(grid, points, command) {
      if (!team.shared) return team.ask(1, () => command);
      here(command);
      if (points >= WORTH_WAKING) return team.ask(grid.parties, () => command);
    },
    async open(layout, store, block) {
      // More threads than rows: the rest has nothing to do.
      const parties = Math.min(team.threads, layout.shape[0] - 2);
      const barrier = createBarrier(team.shared);
      const grid: Grid<S> = {
        id: created++,
        layout,
        store,
        current: 0,
        block,
        parties,
        barrier,
        ahead: undefined,
        stale: false,
        home: false,
        correction: undefined,
      };
      grids.add(grid);
      await team.ask(parties, (index) => {
        const [from, to] = partRange(layout.shape[0] - 2, parties, index);
        const rows = [from + 1, to + 1] as const;
        return { do: "create", grid: grid.id, share: { layout, store: store.shared, index, parties, barrier, rows } };
      });
      return grid;
    },
  };
  const free = async (grid: Grid<S>): Promise<void> => {
    if (!grids.delete(grid)) return;
    for (const other of grids) if (other.correction === grid) other.correction = undefined;
    if (grid.correction) await free(grid.correction);
    const command = { do: "free", grid: grid.id } as const;
    if (grid.home) here(command);
    try {
      await team.ask(grid.parties, () => command);
    } catch {
      // A team that failed has let go of its memory already.
    }
    grid.store.free();
  };

  return {
    threads: team.threads,
    ...(engines.block && { pass: ({ block }: Grid<S>) => block }),
    create(layout) {
      const parties = Math.min(team.threads, layout.shape[0] - 2);
      const block = layout.periodic[0] || layout.periodic[1] ? undefined : engines.block?.(layout);
      return hands.open(layout, engines.allocate(layout, parties, block), block);
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
      const factor = rounder(grid.layout.dtype)(omega);
      return (await team.ask(parties, () => ({ do: "relax", grid: id, current, count, omega: factor, colour }))).change;
    },
    residual(grid) {
      refresh(grid);
      return residual(grid);
    },
    multigrid: multigridKernels(hands, engines),
    cg: conjugateKernels(hands, engines),
    free,
    close: () => team.stop(),
  };
}

function swap<S>(grid: Grid<S>, times: number): void {
  if (times % 2 === 1) grid.current = grid.current === 0 ? 1 : 0;
}
