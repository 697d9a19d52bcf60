/**
 * The multigrid kernels of the reference: plain loops, a pass for each operation. The smoother of the finest grid is
 * its own red-black sweep; levels are f64, whatever the grid is.
 *
 * @module
 */

import type { Block } from "../../core/contract.ts";
import { type Kernels, larger, type LevelKernels, type Multigrid } from "../../core/kernels/kernels.ts";
import { coarsenOperator, gridOperator, levelFromOperator } from "./coarsen.ts";
import type { Grid } from "./grid.ts";
import { markWritten } from "./next_sweep.ts";
import { prolongSolution } from "./prolong_solution.ts";
import { type CoarseLevel, fillLevelGhosts, type Level, residualRows, smooth } from "./level.ts";
import { addCorrection, restrictRow, scaledResidualRows } from "./transfer.ts";

/** The sweeps of grids: the smoother of the finest one. */
type Sweeps = Pick<Required<Kernels<Grid>>, "relax" | "residual">;

/** @returns the operations of multigrid, for grids of the kernels that `relax` and `residual` are from */
export function multigridKernels({ relax, residual }: Sweeps): Multigrid<Grid, Level> {
  const smoothAndRestrict = (fine: Grid, coarse: CoarseLevel, sweeps: number): void => {
    if (sweeps > 0) relax(fine, 1, 0, 2 * sweeps);
    residual(fine); // leaves the next sweep in v
    restrict(scaledResidual(fine), coarse);
  };
  const prolongAndSmooth = (fine: Grid, coarse: CoarseLevel, sweeps: number): void => {
    addCorrection(fine.u, coarse, 1, fine.layout.shape[0] - 1);
    markWritten(fine);
    if (sweeps > 0) relax(fine, 1, 0, 2 * sweeps);
  };
  return {
    coarsen: (fine, axes): CoarseLevel => coarsenOperator(gridOperator(fine), fine.layout.kind === "weighted", axes),
    smoothAndRestrict,
    prolongAndSmooth,
    prolongSmoothRestrict(fine, coarse: CoarseLevel, post, pre) {
      const before = fine.u.slice();
      prolongAndSmooth(fine, coarse, post);
      smoothAndRestrict(fine, coarse, pre);
      return { change: change(fine, before), residual: fine.nextSweepChange! };
    },
    prolongSolution(fine, coarse) {
      prolongSolution(fine, coarse);
      markWritten(fine);
    },
    createLevel: (_grid, coefficients, shape, periodic, firstIsCoarse) =>
      levelFromOperator(coefficients, shape, periodic, firstIsCoarse),
    levels: levelKernels,
  };
}

/** The residual of a grid, in conductances. */
function scaledResidual({ u, v, fields: { d }, layout }: Grid): Float64Array {
  const r = new Float64Array(u.length);
  scaledResidualRows(layout, u, v, d, r, 0, layout.shape[0]);
  return r;
}

/** f of the coarse level becomes Pᵀ r, its correction zero. */
function restrict(r: Float64Array, coarse: CoarseLevel): void {
  for (let row = 1; row < coarse.operator.shape[0] - 1; row++) restrictRow(r, coarse, row);
}

/** max |u − before| over the points that count in norms. */
function change({ layout, u }: Grid, before: Grid["u"]): number {
  const { shape: [, nx], inner: { rows, cols } } = layout;
  let most = 0;
  for (let i = rows[0]; i < rows[1]; i++) {
    for (let k = i * nx + cols[0]; k < i * nx + cols[1]; k++) most = larger(most, Math.abs(u[k]! - before[k]!));
  }
  return most;
}

/** The operations on levels, without state. */
export const levelKernels = {
  coarsen: ({ operator, firstIsCoarse }, axes): CoarseLevel => coarsenOperator(operator, firstIsCoarse, axes),
  smoothAndRestrict(fine, coarse: CoarseLevel, sweeps) {
    for (let n = 0; n < sweeps; n++) smooth(fine);
    const r = new Float64Array(fine.f.length);
    residualRows(fine, r, 1, fine.operator.shape[0] - 1);
    restrict(r, coarse);
  },
  prolongAndSmooth(fine, coarse: CoarseLevel, sweeps) {
    addCorrection(fine.correction, coarse, 1, fine.operator.shape[0] - 1);
    fillLevelGhosts(fine.operator, fine.correction);
    for (let n = 0; n < sweeps; n++) smooth(fine);
  },
  readOperator({ operator }): Float64Array {
    const { corners: { nw, ne, sw, se }, c, n, s, w, e } = operator;
    const all = [nw, n, ne, w, c, e, sw, s, se].map((array) => readInside(operator.shape, array));
    return Float64Array.from({ length: 9 * all[0]!.length }, (_, at) => {
      const value = all[at % 9]![Math.floor(at / 9)]!;
      return at % 9 === 4 ? value : -value;
    });
  },
  readRhs: ({ operator, f }, block): Float64Array => readInside(operator.shape, f, block),
  writeRhs: ({ operator, f }, block, values) => writeInside(operator.shape, f, values, block),
  writeCorrection({ operator, correction }, values) {
    writeInside(operator.shape, correction, values);
    fillLevelGhosts(operator, correction);
  },
  readCorrection: ({ operator, correction }) => readInside(operator.shape, correction),
  free() {},
} satisfies LevelKernels<Level>;

/** Local. Sets the points inside the ghost layer of a stored array of `shape`, or a block of them, numbered from 0. */
export function writeInside(
  shape: readonly [number, number],
  a: Float64Array,
  values: Float64Array,
  { rows: [r0, r1], cols: [c0, c1] }: Block = all(shape),
): void {
  const width = c1 - c0;
  for (let i = r0, at = 0; i < r1; i++, at += width) {
    a.set(values.subarray(at, at + width), (i + 1) * shape[1] + c0 + 1);
  }
}

/** Local. A copy of the points inside the ghost layer, or of a block of them. */
export function readInside(
  shape: readonly [number, number],
  a: Float64Array,
  { rows: [r0, r1], cols: [c0, c1] }: Block = all(shape),
): Float64Array {
  const width = c1 - c0;
  const dense = new Float64Array((r1 - r0) * width);
  for (let i = r0, at = 0; i < r1; i++, at += width) {
    const from = (i + 1) * shape[1] + c0 + 1;
    dense.set(a.subarray(from, from + width), at);
  }
  return dense;
}

function all([ny, nx]: readonly [number, number]): Block {
  return { rows: [0, ny - 2], cols: [0, nx - 2] };
}
