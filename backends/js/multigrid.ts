/**
 * The multigrid kernels of the reference: plain loops, a pass for each operation. The smoother of the finest grid is
 * its own red-black sweep; levels are f64, whatever the grid is.
 *
 * @module
 */

import type { Kernels, LevelKernels, Multigrid } from "../../core/kernels/kernels.ts";
import { coarsenOperator, gridOperator, levelFromOperator } from "./coarsen.ts";
import { type Grid, readInside, writeInside } from "./grid.ts";
import { markWritten } from "./next_sweep.ts";
import { prolongSolution } from "./prolong_solution.ts";
import { type CoarseLevel, coefficientsOf, fillLevelGhosts, type Level, residualRows, smooth } from "./level.ts";
import { addCorrection, changeOfRows, restrictRow, scaledResidualRows } from "./transfer.ts";

/** The sweeps of grids: the smoother of the finest one. */
type Sweeps = Pick<Required<Kernels<Grid>>, "relax" | "residual">;

/** @returns the operations of multigrid, for grids of the kernels that `relax` and `residual` are from */
export function multigridKernels({ relax, residual }: Sweeps): Multigrid<Grid, Level> {
  const smoothAndRestrict = (fine: Grid, coarse: CoarseLevel, sweeps: number): void => {
    if (sweeps > 0) relax(fine, 1, 0, 2 * sweeps);
    residual(fine); // leaves the next sweep in v
    const { u, v, fields: { d }, layout } = fine;
    const r = new Float64Array(u.length);
    scaledResidualRows(layout, u, v, d, r, 0, layout.shape[0]);
    restrict(r, coarse);
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
      const change = changeOfRows(fine.layout, fine.u, before, 1, fine.layout.shape[0] - 1);
      return { change, residual: fine.nextSweepChange! };
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

/** f of the coarse level becomes Pᵀ r, its correction zero. */
function restrict(r: Float64Array, coarse: CoarseLevel): void {
  for (let row = 1; row < coarse.operator.shape[0] - 1; row++) restrictRow(r, coarse, row);
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
    const all = coefficientsOf(operator).map((array) => readInside(array!, operator.shape));
    return Float64Array.from({ length: 9 * all[0]!.length }, (_, at) => {
      const value = all[at % 9]![Math.floor(at / 9)]!;
      return at % 9 === 4 ? value : -value;
    });
  },
  readRhs: ({ operator, f }, block): Float64Array => readInside(f, operator.shape, block),
  writeRhs: ({ operator, f }, block, values) => writeInside(f, operator.shape, values, block),
  writeCorrection({ operator, correction }, values) {
    writeInside(correction, operator.shape, values);
    fillLevelGhosts(operator, correction);
  },
  readCorrection: ({ operator, correction }) => readInside(correction, operator.shape),
  free() {},
} satisfies LevelKernels<Level>;
