/**
 * The kernels on a pool of threads, seen from the main thread, which writes and reads arrays itself between commands.
 * A residual computes the next sweep, which is kept (`nextSweepChange`), unless a pass over temporal tiles yields it on
 * the way.
 *
 * @module
 */

import type { GridData, MaybePromise, Pass } from "../../core/contract.ts";
import { allocate, rounder } from "../../core/dtype.ts";
import type { Kernels, Layout } from "../../core/kernels/kernels.ts";
import { compare, type Compared, shortfall } from "../js/comparison.ts";
import { copyRegion } from "../js/grid.ts";
import { markWritten } from "../js/next_sweep.ts";
import { breakBarrier, createBarrier, resetTasks } from "./barrier.ts";
import { conjugateKernels } from "./cg.ts";
import type { BothNorms } from "./engine.ts";
import { type Dispatcher, type EngineFactory, type Grid, refreshGhosts } from "./grid.ts";
import { type Level, multigridKernels } from "./multigrid.ts";
import type { ThreadPool } from "./pool.ts";
import { splitSweeps } from "./tiling.ts";
import { type Operation, workerLoop } from "./worker_loop.ts";

/**
 * Fewer sweeps than this go row by row, and the residual is kept as the next sweep. Large grids get batches of a few
 * sweeps: with more than one, a pass over tiles is faster.
 */
const MIN_TILED_SWEEPS = 2;

/** With fewer points the calling thread does without the pool, where it can: waking threads would take longer. */
const MIN_POOL_POINTS = 1 << 14;

/**
 * Local. The kernels that run on a pool, or in the calling thread alone.
 *
 * @param start makes the pool, if there is to be one; it calls `release` before it ends threads that may wait for each
 * other
 */
export async function threadedKernels<S, L>(
  start: (release: () => void) => Promise<ThreadPool<S>> | undefined,
  engines: EngineFactory<S, L>,
): Promise<Kernels<Grid<S>, Level<S, L>>> {
  const grids = new Set<Grid<S>>();
  let created = 0;
  const pool = await start(() => {
    for (const { barrier } of grids) breakBarrier(barrier);
  });
  const poolSize = pool?.threads ?? 1;
  // With more threads than rows, the rest has nothing to do.
  const threadsFor = ({ shape }: Layout) => Math.min(poolSize, shape[0] - 2);

  const runCommand = workerLoop<S, L>((context) => engines.createEngine(context));
  const runLocally = ({ id, current }: Grid<S>, operation: Operation<S, L>): BothNorms => {
    const reply = runCommand({ ...operation, grid: id, current, threads: 1 });
    if ("error" in reply) throw new Error(`Cannot go on: ${reply.error}`);
    return reply;
  };
  /** By so many threads of the pool, or the calling one where there is none. */
  const run = (grid: Grid<S>, operation: Operation<S, L>, threads = grid.threads): MaybePromise<BothNorms> => {
    const { id, current } = grid;
    return pool ? pool.run(threads, () => ({ ...operation, grid: id, current, threads })) : runLocally(grid, operation);
  };
  const create = ({ layout, store: { shared: store }, barrier }: Grid<S>, index: number) =>
    ({ do: "create", context: { layout, store, index, barrier } }) as const;
  const createLocalEngine = (grid: Grid<S>): void => {
    if (!grid.hasLocalEngine) runLocally(grid, create(grid, 0));
    grid.hasLocalEngine = true;
  };
  const dispatcher: Dispatcher<S, L> = {
    run(grid, points, operation, most = Infinity) {
      if (pool && points >= MIN_POOL_POINTS) return run(grid, operation, Math.min(grid.threads, most));
      createLocalEngine(grid);
      return runLocally(grid, operation);
    },
    broadcast(grid, points, operation) {
      runLocally(grid, operation);
      if (pool && points >= MIN_POOL_POINTS) return run(grid, operation);
    },
    async createGrid(layout, store, block) {
      const grid: Grid<S> = {
        id: created++,
        layout,
        store,
        current: 0,
        block,
        threads: threadsFor(layout),
        barrier: createBarrier(pool !== undefined),
        nextSweepChange: undefined,
        ghostsStale: false,
        hasLocalEngine: false,
        preconditionedResidual: undefined,
      };
      grids.add(grid);
      const { id, current, threads } = grid;
      if (pool) await pool.run(threads, (index) => ({ ...create(grid, index), grid: id, current, threads }));
      else createLocalEngine(grid);
      return grid;
    },
  };
  const free = async (grid: Grid<S>): Promise<void> => {
    if (!grids.delete(grid)) return;
    for (const other of grids) if (other.preconditionedResidual === grid) other.preconditionedResidual = undefined;
    if (grid.preconditionedResidual) await free(grid.preconditionedResidual);
    try {
      await dispatcher.broadcast(grid, Infinity, { do: "free" });
    } catch {
      // A pool that failed has released its memory already.
    }
  };

  /** Takes the next sweep, where a residual has computed it. @returns its change */
  const takeNextSweep = (grid: Grid<S>): number | undefined => {
    const { nextSweepChange } = grid;
    grid.nextSweepChange = undefined;
    if (nextSweepChange !== undefined) swap(grid, 1);
    return nextSweepChange;
  };
  /** So many sweeps row by row, the first one perhaps done already. @returns the change of the last one. */
  const sweepByRows = async (grid: Grid<S>, count: number): Promise<number> => {
    const done = takeNextSweep(grid);
    if (done !== undefined && --count === 0) return done;
    const { change } = await run(grid, { do: "sweep", count });
    swap(grid, count);
    return change;
  };
  /** The same several sweeps at a time. */
  const sweepByTiles = async (grid: Grid<S>, block: Pass, count: number, norms: 1 | 2): Promise<BothNorms> => {
    if (takeNextSweep(grid) !== undefined) count--;
    const passes = splitSweeps(count, block.sweeps);
    resetTasks(grid.barrier);
    const found = await run(grid, { do: "sweepTiles", passes, width: block.width, norms });
    swap(grid, passes.length);
    return found;
  };
  const residual = async (grid: Grid<S>): Promise<number> =>
    grid.nextSweepChange ??= (await run(grid, { do: "sweep", count: 1 })).change;

  return {
    threads: poolSize,
    ...(engines.block && { pass: ({ block }: Grid<S>) => block }),
    create(layout) {
      const block = layout.periodic[0] || layout.periodic[1] ? undefined : engines.block?.(layout);
      return dispatcher.createGrid(layout, engines.allocate(layout, threadsFor(layout), block), block);
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
      const factor = rounder(grid.layout.dtype)(omega);
      return (await run(grid, { do: "relax", count, omega: factor, colour })).change;
    },
    residual(grid) {
      refreshGhosts(grid);
      return residual(grid);
    },
    multigrid: multigridKernels(dispatcher, engines),
    cg: conjugateKernels(dispatcher, engines),
    comparison: {
      async compare(grid, share, rounding) {
        refreshGhosts(grid);
        await residual(grid);
        const margin = compare(compared(grid), share, rounding);
        markWritten(grid);
        return margin;
      },
      async shortfall(grid, rounding) {
        refreshGhosts(grid);
        await residual(grid);
        return shortfall(compared(grid), rounding);
      },
    },
    free,
    close: () => pool?.stop(),
  };
}

/** A grid whose next sweep is known. */
function compared<S>({ layout: { shape }, store, current }: Grid<S>): Compared {
  const { iterates, stride, fields: { d, g } } = store;
  return { shape, stride, u: iterates[current], v: iterates[1 - current]!, d, g };
}

function swap<S>(grid: Grid<S>, times: number): void {
  if (times % 2 === 1) grid.current = grid.current === 0 ? 1 : 0;
}
