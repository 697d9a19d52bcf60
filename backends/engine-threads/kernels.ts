/**
 * The kernels on a pool of threads, seen from the main thread, which writes and reads arrays itself between commands.
 * A residual computes the next sweep, which is kept (`nextSweepChange`), unless a pass over temporal tiles yields it on
 * the way.
 *
 * @module
 */

import type { GridData, Pass } from "../../core/contract.ts";
import { allocate, rounder } from "../../core/dtype.ts";
import { partRange } from "../../core/kernels/distributed.ts";
import type { Kernels } from "../../core/kernels/kernels.ts";
import { copyRegion } from "../js/grid.ts";
import { breakBarrier, createBarrier, resetTasks } from "./barrier.ts";
import { conjugateKernels } from "./cg.ts";
import type { BothNorms } from "./engine.ts";
import { type Dispatcher, type EngineFactory, type Grid, refreshGhosts } from "./grid.ts";
import { type Level, multigridKernels } from "./multigrid.ts";
import type { ThreadPool } from "./pool.ts";
import { splitSweeps } from "./tiling.ts";
import { type Command, workerLoop } from "./worker_loop.ts";

/**
 * Fewer sweeps than this go row by row, and the residual is kept as the next sweep. Large grids get batches of a few
 * sweeps: with more than one, a pass over tiles is faster.
 */
const MIN_TILED_SWEEPS = 2;

/** With fewer points the calling thread does without the pool, where it can: waking threads would take longer. */
const MIN_POOL_POINTS = 1 << 14;

/**
 * Local. The kernels that run on a pool.
 *
 * @param start makes the pool; it calls `release` before it ends threads that may wait for each other
 */
export async function threadedKernels<S, L>(
  start: (release: () => void) => ThreadPool<S> | Promise<ThreadPool<S>>,
  engines: EngineFactory<S, L>,
): Promise<Kernels<Grid<S>, Level<S, L>>> {
  const grids = new Set<Grid<S>>();
  let created = 0;
  const pool = await start(() => {
    for (const { barrier } of grids) breakBarrier(barrier);
  });

  /** So many sweeps row by row, the first one perhaps done already. @returns the change of the last one. */
  const sweepByRows = async (grid: Grid<S>, count: number): Promise<number> => {
    const { nextSweepChange } = grid;
    grid.nextSweepChange = undefined;
    if (nextSweepChange !== undefined) {
      swap(grid, 1);
      if (--count === 0) return nextSweepChange;
    }
    const { id, current, threads } = grid;
    const { change } = await pool.run(threads, () => ({ do: "sweep", grid: id, current, count }));
    swap(grid, count);
    return change;
  };
  /** The same several sweeps at a time. */
  const sweepByTiles = async (grid: Grid<S>, block: Pass, count: number, norms: 1 | 2): Promise<BothNorms> => {
    const { sweeps, width } = block;
    if (grid.nextSweepChange !== undefined) {
      swap(grid, 1);
      count--;
    }
    grid.nextSweepChange = undefined;
    const { id, current, threads, barrier } = grid;
    const passes = splitSweeps(count, sweeps);
    resetTasks(barrier);
    const found = await pool.run(threads, () => ({ do: "sweepTiles", grid: id, current, passes, width, norms }));
    swap(grid, passes.length);
    return found;
  };
  const residual = async (grid: Grid<S>): Promise<number> => {
    const { id, current, threads } = grid;
    return grid.nextSweepChange ??=
      (await pool.run(threads, () => ({ do: "sweep", grid: id, current, count: 1 }))).change;
  };

  const runCommand = workerLoop<S, L>((context) => engines.createEngine(context));
  const runLocally = (command: Command<S, L>): BothNorms => {
    const reply = runCommand(command);
    if ("error" in reply) throw new Error(`Cannot go on: ${reply.error}`);
    return reply;
  };
  const createLocalEngine = ({ id, layout, store, barrier }: Grid<S>): void => {
    const rows = [1, layout.shape[0] - 1] as const;
    runLocally({
      do: "create",
      grid: id,
      context: { layout, store: store.shared, index: 0, threads: 1, barrier, rows },
    });
  };
  const dispatcher: Dispatcher<S, L> = {
    run(grid, points, most, command) {
      const threads = Math.min(grid.threads, most);
      if (!pool.shared || points >= MIN_POOL_POINTS) return pool.run(threads, () => command(threads));
      if (!grid.hasLocalEngine) createLocalEngine(grid);
      grid.hasLocalEngine = true;
      return runLocally(command(1));
    },
    broadcast(grid, points, command) {
      if (!pool.shared) return pool.run(1, () => command);
      runLocally(command);
      if (points >= MIN_POOL_POINTS) return pool.run(grid.threads, () => command);
    },
    async createGrid(layout, store, block) {
      // With more threads than rows, the rest has nothing to do.
      const threads = Math.min(pool.threads, layout.shape[0] - 2);
      const barrier = createBarrier(pool.shared);
      const grid: Grid<S> = {
        id: created++,
        layout,
        store,
        current: 0,
        block,
        threads,
        barrier,
        nextSweepChange: undefined,
        ghostsStale: false,
        hasLocalEngine: false,
        preconditionedResidual: undefined,
      };
      grids.add(grid);
      await pool.run(threads, (index) => {
        const [from, to] = partRange(layout.shape[0] - 2, threads, index);
        const rows = [from + 1, to + 1] as const;
        return { do: "create", grid: grid.id, context: { layout, store: store.shared, index, threads, barrier, rows } };
      });
      return grid;
    },
  };
  const free = async (grid: Grid<S>): Promise<void> => {
    if (!grids.delete(grid)) return;
    for (const other of grids) if (other.preconditionedResidual === grid) other.preconditionedResidual = undefined;
    if (grid.preconditionedResidual) await free(grid.preconditionedResidual);
    const command = { do: "free", grid: grid.id } as const;
    if (grid.hasLocalEngine) runLocally(command);
    try {
      await pool.run(grid.threads, () => command);
    } catch {
      // A pool that failed has released its memory already.
    }
    grid.store.free();
  };

  return {
    threads: pool.threads,
    ...(engines.block && { pass: ({ block }: Grid<S>) => block }),
    create(layout) {
      const threads = Math.min(pool.threads, layout.shape[0] - 2);
      const block = layout.periodic[0] || layout.periodic[1] ? undefined : engines.block?.(layout);
      return dispatcher.createGrid(layout, engines.allocate(layout, threads, block), block);
    },
    write(grid, field, region, data) {
      const { stride, iterates, fields } = grid.store;
      grid.nextSweepChange = undefined;
      if (field !== "u") return copyRegion(fields[field], stride, region, data, "in");
      // The ghost layer is never updated, so both iterates must hold it.
      for (const u of iterates) copyRegion(u, stride, region, data, "in");
      grid.ghostsStale = true;
    },
    read({ layout, store, current }, region) {
      const { rows, cols } = region;
      const dense: GridData = allocate(layout.dtype, (rows[1] - rows[0]) * (cols[1] - cols[0]));
      copyRegion(store.iterates[current], store.stride, region, dense, "out");
      return dense;
    },
    async sweep(grid, count) {
      refreshGhosts(grid);
      const { block } = grid;
      return block && count >= MIN_TILED_SWEEPS
        ? (await sweepByTiles(grid, block, count, 1)).change
        : await sweepByRows(grid, count);
    },
    async advance(grid, count) {
      refreshGhosts(grid);
      const { block } = grid;
      if (block && count >= MIN_TILED_SWEEPS) return await sweepByTiles(grid, block, count, 2);
      return { change: await sweepByRows(grid, count), residual: await residual(grid) };
    },
    async relax(grid, omega, colour, count) {
      refreshGhosts(grid);
      grid.nextSweepChange = undefined;
      const { id, current, threads } = grid;
      const factor = rounder(grid.layout.dtype)(omega);
      return (await pool.run(threads, () => ({ do: "relax", grid: id, current, count, omega: factor, colour }))).change;
    },
    residual(grid) {
      refreshGhosts(grid);
      return residual(grid);
    },
    multigrid: multigridKernels(dispatcher, engines),
    cg: conjugateKernels(dispatcher, engines),
    free,
    close: () => pool.stop(),
  };
}

function swap<S>(grid: Grid<S>, times: number): void {
  if (times % 2 === 1) grid.current = grid.current === 0 ? 1 : 0;
}
