/**
 * Levels of multigrid on shared arrays: those of `js`, made by the main thread, and its loops as steps of a thread.
 *
 * @module
 */

import type { GridData } from "../../core/contract.ts";
import { larger, type Layout } from "../../core/kernels/kernels.ts";
import { equationsOf, levelBelow } from "../js/coarsen.ts";
import type { Grid } from "../js/grid.ts";
import { COLOURS, type Level, renewColumns, renewRows, smoothRows, subtractImage } from "../js/level.ts";
import { levelKernels } from "../js/multigrid.ts";
import { relaxRows, sweepRows } from "../js/sweep.ts";
import { addInterpolated, restrictRow, subtractSwept } from "../js/transfer.ts";
import type { LevelStore, Steps } from "../engine-threads/engine.ts";
import { sharedArray } from "./arrays.ts";

/** A level, and what is left of the equations above it. */
export interface SharedLevel extends Level {
  /** Of a grid above, before: what its iterate was. */
  readonly above: Float64Array;
}

/** Local. Makes the level below a grid, or below a level of it. */
export function sharedLevel(
  grid: Pick<Grid, "layout" | "fields">,
  fine: LevelStore<SharedLevel> | undefined,
  axes: readonly [rows: boolean, cols: boolean],
): LevelStore<SharedLevel> {
  const above = fine?.shared;
  const made = above
    ? levelBelow(above.equations, above.outside, axes, shared)
    : levelBelow(equationsOf(grid), grid.layout.kind === "weighted", axes, shared);
  const [ny, nx] = fine?.shape ?? grid.layout.shape;
  const level: SharedLevel = { ...made, above: shared(ny * nx) };
  return {
    shape: made.equations.shape,
    periodic: made.equations.periodic,
    shared: level,
    equations: () => levelKernels.readOperator(level),
    rightSide: (block) => levelKernels.readRhs(level, block),
    setRightSide: (block, values) => levelKernels.writeRhs(level, block, values),
    correct: (values) => levelKernels.writeCorrection(level, values),
    free: () => {},
  };
}

const shared = (length: number) => sharedArray("f64", length) as Float64Array;

/** Local. The steps through a grid, between u and v. */
export function gridSteps(
  layout: Layout,
  fields: Grid["fields"],
  u: GridData,
  v: GridData,
  scratch: GridData,
  below: SharedLevel,
): Steps {
  const { shape: [, nx], inner: { rows: [r0, r1], cols: [c0, c1] } } = layout;
  const { above: r } = below;
  let [change, residual] = [0, 0];
  return {
    colours: 2,
    enter(from, to) {
      r.set(u.subarray(from * nx, to * nx), from * nx);
      addInterpolated(u, below, from, to);
      renewColumns(layout, u, from, to);
    },
    smooth(colour, from, to) {
      relaxRows(layout, fields, u, 1, colour, from, to, scratch, false);
    },
    leave(from, to) {
      for (let i = Math.max(from, r0); i < Math.min(to, r1); i++) {
        change = larger(change, difference(u, r, i * nx + c0, i * nx + c1));
      }
      residual = larger(residual, sweepRows(layout, fields, u, v, from, to, true));
      subtractSwept(layout, u, v, fields.d, r, from, to);
    },
    restrict: (from, to) => restrictRows(below, from, to),
    renew: () => renewRows(layout, u),
    norms: () => ({ change, residual }),
  };
}

/** Local. The steps through a level. */
export function levelSteps(fine: SharedLevel, below: SharedLevel): Steps {
  const { equations, iterate } = fine;
  return {
    colours: COLOURS,
    enter(from, to) {
      addInterpolated(iterate, below, from, to);
      renewColumns(equations, iterate, from, to);
    },
    smooth(colour, from, to) {
      smoothRows(fine, colour, from, to);
      renewColumns(equations, iterate, from, to);
    },
    leave: (from, to) => subtractImage(fine, below.above, from, to),
    restrict: (from, to) => restrictRows(below, from, to),
    renew: () => renewRows(equations, iterate),
    norms: () => ({ change: 0, residual: 0 }),
  };
}

/** Those of rows [from, to) that are coarse. */
function restrictRows(below: SharedLevel, from: number, to: number): void {
  const { low, high } = below.transfer.rows;
  for (let i = from; i < to; i++) if (low[i] === high[i]) restrictRow(below.above, below, low[i]!);
}

/** max |a − b| of the points [from, to). */
function difference(a: GridData, b: GridData, from: number, to: number): number {
  let most = 0;
  for (let k = from; k < to; k++) {
    const d = Math.abs(a[k]! - b[k]!);
    if (d > most || d !== d) most = d;
  }
  return most;
}
