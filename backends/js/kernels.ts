/**
 * The reference kernels: typed arrays and plain loops, one thread.
 *
 * @module
 */

import { allocate, rounder } from "../../core/dtype.ts";
import { type Kernels, larger } from "../../core/kernels/kernels.ts";
import { conjugateKernels } from "./cg.ts";
import { compare, type Compared, shortfall } from "./comparison.ts";
import { copyRegion, createGrid, type Grid } from "./grid.ts";
import type { Level } from "./level.ts";
import { multigridKernels } from "./multigrid.ts";
import { jacobiKernels, markWritten } from "./next_sweep.ts";
import { fillGhosts, relaxRows, sweepRows } from "./sweep.ts";

const { refreshGhosts, sweep, residual } = jacobiKernels<Grid>(
  ({ layout, u }) => fillGhosts(layout, u),
  ({ layout, fields, u, v }, norm) => sweepRows(layout, fields, u, v, 1, layout.shape[0] - 1, norm),
);

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
    sweep,
    relax,
    residual,
    cg: conjugateKernels(residual),
    comparison: {
      compare(grid, share, rounding) {
        residual(grid);
        const margin = compare(compared(grid), share, rounding);
        markWritten(grid);
        return margin;
      },
      shortfall(grid, rounding) {
        residual(grid);
        return shortfall(compared(grid), rounding);
      },
    },
    multigrid: multigridKernels({ relax, residual }),
    free(grid) {
      if (grid.residualOf?.vectors) grid.residualOf.vectors.preconditionedResidual = undefined;
      grid.u = grid.v = new Float64Array(0);
      grid.vectors = undefined;
    },
  };
}

function compared({ layout: { shape }, u, v, fields: { d, g } }: Grid): Compared {
  return { shape, stride: shape[1], u, v, d, g };
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
