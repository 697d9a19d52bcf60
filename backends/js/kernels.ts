/**
 * The reference kernels: typed arrays and plain loops, one thread. A residual computes the next sweep, which is kept
 * (`nextSweepChange`): ARCHITECTURE.md, "Decisions about no single file".
 *
 * @module
 */

import { allocate, rounder } from "../../core/dtype.ts";
import { type Kernels, larger } from "../../core/kernels/kernels.ts";
import { conjugateKernels } from "./cg.ts";
import { copyRegion, createGrid, type Grid } from "./grid.ts";
import type { Level } from "./level.ts";
import { multigridKernels } from "./multigrid.ts";
import { fillGhosts, relaxRows, sweepRows } from "./sweep.ts";

/** @returns the kernels of the reference backend. */
export function jsKernels(): Kernels<Grid, Level> {
  return {
    threads: 1,
    create: createGrid,
    write(grid, field, region, data) {
      const stride = grid.layout.shape[1];
      grid.nextSweepChange = undefined;
      if (field !== "u") return copyRegion(grid.fields[field], stride, region, data, "in");
      // The ghost layer is never updated, so both iterates must hold it.
      copyRegion(grid.u, stride, region, data, "in");
      copyRegion(grid.v, stride, region, data, "in");
      grid.ghostsStale = true;
    },
    read({ layout, u }, region) {
      const { rows, cols } = region;
      const dense = allocate(layout.dtype, (rows[1] - rows[0]) * (cols[1] - cols[0]));
      copyRegion(u, layout.shape[1], region, dense, "out");
      return dense;
    },
    sweep(grid, count) {
      refreshGhosts(grid);
      let change = grid.nextSweepChange;
      grid.nextSweepChange = undefined;
      let done = 0;
      if (change !== undefined) {
        swap(grid);
        done = 1;
      }
      for (; done < count; done++) {
        change = sweepOnce(grid, done === count - 1);
        swap(grid);
      }
      return change!;
    },
    relax,
    residual,
    cg: conjugateKernels(residual),
    multigrid: multigridKernels({ relax, residual }),
    free(grid) {
      if (grid.residualOf?.vectors) grid.residualOf.vectors.preconditionedResidual = undefined;
      grid.u = grid.v = new Float64Array(0);
      grid.vectors = undefined;
    },
  };
}

function relax(grid: Grid, omega: number, colour: 0 | 1, count: number): number {
  refreshGhosts(grid);
  grid.nextSweepChange = undefined;
  const { layout, fields, u, scratch } = grid;
  const factor = rounder(layout.dtype)(omega);
  let before = 0;
  let change = 0;
  for (let n = 0; n < count; n++) {
    before = change;
    const norm = n >= count - 2;
    change = relaxRows(layout, fields, u, factor, (colour + n) & 1, 1, layout.shape[0] - 1, scratch, norm);
  }
  return larger(before, change);
}

function residual(grid: Grid): number {
  refreshGhosts(grid);
  return grid.nextSweepChange ??= sweepOnce(grid, true);
}

/** One sweep from u to v. @returns max |v − u| if `norm`. */
function sweepOnce({ layout, fields, u, v }: Grid, norm: boolean): number {
  return sweepRows(layout, fields, u, v, 1, layout.shape[0] - 1, norm);
}

function swap(grid: Grid): void {
  [grid.u, grid.v] = [grid.v, grid.u];
}

/** Fills the periodic ghosts of an iterate that was written from outside. */
function refreshGhosts(grid: Grid): void {
  if (grid.ghostsStale) fillGhosts(grid.layout, grid.u);
  grid.ghostsStale = false;
}
