/**
 * The reference kernels: typed arrays and plain loops, one thread. A residual computes the next sweep, which is kept
 * (`nextSweepChange`): ARCHITECTURE.md, "Decisions about no single file".
 *
 * @module
 */

import { type Kernels, larger } from "../../core/kernels/kernels.ts";
import { allocate, rounder } from "../../core/dtype.ts";
import { conjugateKernels } from "./cg.ts";
import { copyRegion, type Grid } from "./grid.ts";
import type { Level } from "./level.ts";
import { multigridKernels } from "./multigrid.ts";
import { fillGhosts, relaxRows, sweepRows } from "./sweep.ts";

/** @returns the kernels of the reference backend. */
export function jsKernels(): Kernels<Grid, Level> {
  const refreshGhosts = (grid: Grid) => {
    if (grid.ghostsStale) fillGhosts(grid.layout, grid.u);
    grid.ghostsStale = false;
  };
  /** One sweep from u to v. */
  const sweepOnce = ({ layout, fields, u, v }: Grid, norm: boolean) =>
    sweepRows(layout, fields, u, v, 1, layout.shape[0] - 1, norm);
  const swap = (grid: Grid) => [grid.u, grid.v] = [grid.v, grid.u];
  const relax = (grid: Grid, omega: number, colour: 0 | 1, count: number) => {
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
  };
  const residual = (grid: Grid) => {
    refreshGhosts(grid);
    return grid.nextSweepChange ??= sweepOnce(grid, true);
  };

  return {
    threads: 1,
    create(layout) {
      const size = layout.shape[0] * layout.shape[1];
      const array = (used: boolean) => allocate(layout.dtype, used ? size : 0);
      const weighted = layout.kind === "weighted";
      return {
        layout,
        u: array(true),
        v: array(true),
        fields: {
          g: array(weighted || layout.source),
          an: array(weighted),
          as: array(weighted),
          aw: array(weighted),
          ae: array(weighted),
          d: array(layout.diagonal),
        },
        scratch: allocate(layout.dtype, layout.shape[1]),
        nextSweepChange: undefined,
        ghostsStale: false,
        vectors: undefined,
      };
    },
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
