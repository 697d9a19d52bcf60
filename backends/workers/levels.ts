/**
 * Levels of multigrid on shared arrays: those of `js`, made by the main thread, and its loops as steps of a pass.
 *
 * @module
 */

import type { GridData } from "../../core/contract.ts";
import { larger, type Layout } from "../../core/kernels/kernels.ts";
import { coarsenOperator, gridOperator } from "../js/coarsen.ts";
import type { Fields } from "../js/grid.ts";
import { type CoarseLevel, COLOURS, fillGhostColumns, fillGhostRows, residualRows, smoothRows } from "../js/level.ts";
import { levelKernels } from "../js/multigrid.ts";
import { relaxRows, sweepRows } from "../js/sweep.ts";
import { addCorrection, changeOfRows, restrictRow, scaledResidualRows } from "../js/transfer.ts";
import { type LevelStore, NO_NORMS, type PassSteps } from "../engine-threads/engine.ts";
import type { Axes } from "../engine-threads/grid.ts";
import { sharedArray } from "./arrays.ts";

/** A level, and room for the residual of the grid or level above it. */
export interface LevelArrays extends CoarseLevel {
  /** Of a grid above, until then: its iterate before the correction. */
  readonly fineResidual: Float64Array;
}

/** Local. Makes the level below a grid, or below a level of it. */
export function coarsen(
  { fields }: { readonly fields: Fields },
  layout: Layout,
  fine: LevelArrays | undefined,
  axes: Axes,
): LevelStore<LevelArrays> {
  const operator = fine?.operator ?? gridOperator({ layout, fields });
  const made = coarsenOperator(operator, fine?.firstIsCoarse ?? layout.kind === "weighted", axes, shared);
  const { operator: { shape, periodic }, correction, f } = made;
  return {
    shape,
    periodic,
    shared: { ...made, fineResidual: shared(operator.c.length) },
    stride: shape[1],
    correction,
    f,
    readOperator: () => levelKernels.readOperator(made),
  };
}

const shared = (length: number) => sharedArray("f64", length) as Float64Array;

/** Local. The steps of a pass through a grid, between u and v. */
export function gridSteps(
  layout: Layout,
  fields: Fields,
  u: GridData,
  v: GridData,
  scratch: GridData,
  coarse: LevelArrays,
): PassSteps {
  const nx = layout.shape[1];
  const { fineResidual: r } = coarse;
  let [change, residual] = [0, 0];
  return {
    colours: 2,
    addCorrection(from, to) {
      r.set(u.subarray(from * nx, to * nx), from * nx);
      addCorrection(u, coarse, from, to);
      fillGhostColumns(layout, u, from, to);
    },
    smooth(colour, from, to) {
      relaxRows(layout, fields, u, 1, colour, from, to, scratch, false);
    },
    computeResidual(from, to) {
      change = larger(change, changeOfRows(layout, u, r, from, to));
      residual = larger(residual, sweepRows(layout, fields, u, v, from, to, true));
      scaledResidualRows(layout, u, v, fields.d, r, from, to);
    },
    restrict: (from, to) => restrictRows(coarse, from, to),
    fillGhostRows: () => fillGhostRows(layout, u),
    norms: () => ({ change, residual }),
  };
}

/** Local. The steps of a pass through a level. */
export function levelSteps(fine: LevelArrays, coarse: LevelArrays): PassSteps {
  const { operator, correction } = fine;
  return {
    colours: COLOURS,
    addCorrection(from, to) {
      addCorrection(correction, coarse, from, to);
      fillGhostColumns(operator, correction, from, to);
    },
    smooth(colour, from, to) {
      smoothRows(fine, colour, from, to);
      fillGhostColumns(operator, correction, from, to);
    },
    computeResidual: (from, to) => residualRows(fine, coarse.fineResidual, from, to),
    restrict: (from, to) => restrictRows(coarse, from, to),
    fillGhostRows: () => fillGhostRows(operator, correction),
    norms: () => NO_NORMS,
  };
}

/** Of rows [from, to) those that are coarse. */
function restrictRows(coarse: LevelArrays, from: number, to: number): void {
  const { low, high } = coarse.prolongation.rows;
  for (let i = from; i < to; i++) if (low[i] === high[i]) restrictRow(coarse.fineResidual, coarse, low[i]!);
}
