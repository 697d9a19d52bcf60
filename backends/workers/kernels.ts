/**
 * The kernels on a team of threads: those of `js`, with the rows dealt out. Arrays are shared; the main thread writes
 * and reads them itself, between commands.
 *
 * @module
 */

import type { GridData } from "../../core/contract.ts";
import { share } from "../../core/domain.ts";
import type { FieldName, Kernels, Layout } from "../../core/kernels.ts";
import { allocate, copyRegion } from "../js/kernels.ts";
import { renewAllImages } from "../js/sweep.ts";
import { breakBarrier, createBarrier } from "./barrier.ts";
import { startTeam } from "./team.ts";

interface Grid {
  readonly id: number;
  readonly layout: Layout;
  readonly iterates: readonly [GridData, GridData];
  /** Which iterate is u. */
  current: 0 | 1;
  readonly fields: Readonly<Record<Exclude<FieldName, "u">, GridData>>;
  /** Threads that have rows of it. */
  readonly parties: number;
  readonly barrier: Int32Array;
  /** The change of the next sweep, where the other iterate holds its result already: a residual computes it. */
  ahead: number | undefined;
  /** Whether images across periodic edges must be renewed. */
  stale: boolean;
}

/** Starts threads. @returns the kernels that run on them. */
export async function workersKernels(threads: number): Promise<Kernels<Grid>> {
  const grids = new Set<Grid>();
  let created = 0;
  const team = await startTeam(threads, () => {
    for (const { barrier } of grids) breakBarrier(barrier);
  });

  return {
    threads,
    async create(layout) {
      const grid = allocateGrid(created++, layout, threads);
      const { id, iterates, fields, parties, barrier } = grid;
      grids.add(grid);
      await team.ask(parties, (index) => {
        const [from, to] = share(layout.shape[0] - 2, parties, index);
        const scratch = allocate(layout.dtype, layout.shape[1]);
        const slab = { layout, iterates, fields, scratch, barrier, parties, rows: [from + 1, to + 1] as const };
        return { do: "create", grid: id, slab };
      });
      return grid;
    },
    write(grid, field, region, data) {
      const stride = grid.layout.shape[1];
      grid.ahead = undefined;
      if (field !== "u") return copyRegion(grid.fields[field], stride, region, data, "in");
      // The ring is never updated, so both iterates must hold it.
      for (const u of grid.iterates) copyRegion(u, stride, region, data, "in");
      grid.stale = true;
    },
    read({ layout, iterates, current }, region) {
      const { rows, cols } = region;
      const dense = allocate(layout.dtype, (rows[1] - rows[0]) * (cols[1] - cols[0]));
      copyRegion(iterates[current], layout.shape[1], region, dense, "out");
      return dense;
    },
    async sweep(grid, count) {
      refresh(grid);
      const { ahead } = grid;
      grid.ahead = undefined;
      if (ahead !== undefined) {
        swap(grid);
        if (--count === 0) return ahead;
      }
      const { id, current, parties } = grid;
      const change = await team.ask(parties, () => ({ do: "sweep", grid: id, current, count }));
      if (count % 2 === 1) swap(grid);
      return change;
    },
    relax(grid, omega, colour, count) {
      refresh(grid);
      grid.ahead = undefined;
      const { id, current, parties } = grid;
      const factor = grid.layout.dtype === "f32" ? Math.fround(omega) : omega;
      return team.ask(parties, () => ({ do: "relax", grid: id, current, count, omega: factor, colour }));
    },
    async residual(grid) {
      refresh(grid);
      const { id, current, parties } = grid;
      return grid.ahead ??= await team.ask(parties, () => ({ do: "sweep", grid: id, current, count: 1 }));
    },
    async free(grid) {
      // A team that failed has let go of its memory already.
      if (grids.delete(grid)) await team.ask(grid.parties, () => ({ do: "free", grid: grid.id })).catch(() => {});
    },
    close: () => team.stop(),
  };
}

function allocateGrid(id: number, layout: Layout, threads: number): Grid {
  const size = layout.shape[0] * layout.shape[1];
  const array = (used: boolean): GridData => {
    const length = used ? size : 0;
    return layout.dtype === "f32"
      ? new Float32Array(new SharedArrayBuffer(4 * length))
      : new Float64Array(new SharedArrayBuffer(8 * length));
  };
  const weighted = layout.kind === "weighted";
  return {
    id,
    layout,
    iterates: [array(true), array(true)],
    current: 0,
    fields: {
      g: array(weighted || layout.source),
      an: array(weighted),
      as: array(weighted),
      aw: array(weighted),
      ae: array(weighted),
    },
    // More threads than rows: the rest has nothing to do.
    parties: Math.min(threads, layout.shape[0] - 2),
    barrier: createBarrier(),
    ahead: undefined,
    stale: false,
  };
}

function swap(grid: Grid): void {
  grid.current = grid.current === 0 ? 1 : 0;
}

/** Renews the images of an iterate that was written from outside. */
function refresh(grid: Grid): void {
  if (grid.stale) renewAllImages(grid.layout, grid.iterates[grid.current]);
  grid.stale = false;
}
