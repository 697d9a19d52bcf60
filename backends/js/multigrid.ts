/**
 * The multigrid kernels of the reference: plain loops, everything in passes of its own. The finest grid is smoothed by its
 * own red-black sweeps; levels are f64 whatever the grid is.
 *
 * @module
 */

import type { Block } from "../../core/contract.ts";
import { type Kernels, larger, type LevelKernels, type Multigrid } from "../../core/kernels/kernels.ts";
import { equationsOf, levelBelow, systemOf } from "./coarsen.ts";
import type { Grid } from "./grid.ts";
import { refine } from "./refine.ts";
import { type Level, renewRing, smooth, subtractImage, type System } from "./level.ts";
import { addInterpolated, restrictRow, subtractSwept } from "./transfer.ts";

/** The sweeps of grids, which the finest level is smoothed with. */
type Sweeps = Pick<Required<Kernels<Grid>>, "relax" | "residual">;

/** @returns the operations of multigrid, for grids of the kernels that `relax` and `residual` are from */
export function multigridKernels({ relax, residual }: Sweeps): Multigrid<Grid, System> {
  const smoothAndRestrict = (fine: Grid, coarse: Level, sweeps: number): void => {
    if (sweeps > 0) relax(fine, 1, 0, 2 * sweeps);
    residual(fine); // leaves the next sweep in v
    restrict(scaledResidual(fine), coarse);
  };
  const prolongAndSmooth = (fine: Grid, coarse: Level, sweeps: number): void => {
    addInterpolated(fine.u, coarse, 1, fine.layout.shape[0] - 1);
    fine.stale = true;
    fine.ahead = undefined;
    if (sweeps > 0) relax(fine, 1, 0, 2 * sweeps);
  };
  return {
    coarsen: (fine, axes): Level => levelBelow(equationsOf(fine), fine.layout.kind === "weighted", axes),
    smoothAndRestrict,
    prolongAndSmooth,
    prolongSmoothRestrict(fine, coarse: Level, post, pre) {
      const before = fine.u.slice();
      prolongAndSmooth(fine, coarse, post);
      smoothAndRestrict(fine, coarse, pre);
      return { change: change(fine, before), residual: fine.ahead! };
    },
    prolongSolution(fine, coarse) {
      refine(fine, coarse);
      fine.stale = true;
      fine.ahead = undefined;
    },
    createLevel: (_grid, coefficients, shape, periodic, firstIsCoarse) =>
      systemOf(coefficients, shape, periodic, firstIsCoarse),
    levels: levelKernels,
  };
}

/** The residual of a grid, in conductances. */
function scaledResidual({ u, v, fields: { d }, layout }: Grid): Float64Array {
  const r = new Float64Array(u.length);
  subtractSwept(layout, u, v, d, r, 0, layout.shape[0]);
  return r;
}

/** f of the coarse level becomes Pᵀ r, its iterate zero. */
function restrict(r: Float64Array, coarse: Level): void {
  for (let row = 1; row < coarse.equations.shape[0] - 1; row++) restrictRow(r, coarse, row);
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

/** The operations on levels; they keep no state. */
export const levelKernels = {
  coarsen: ({ equations, outside }, axes): Level => levelBelow(equations, outside, axes),
  smoothAndRestrict(fine, coarse: Level, sweeps) {
    for (let n = 0; n < sweeps; n++) smooth(fine);
    const r = new Float64Array(fine.f.length);
    subtractImage(fine, r, 1, fine.equations.shape[0] - 1);
    restrict(r, coarse);
  },
  prolongAndSmooth(fine, coarse: Level, sweeps) {
    addInterpolated(fine.iterate, coarse, 1, fine.equations.shape[0] - 1);
    renewRing(fine.equations, fine.iterate);
    for (let n = 0; n < sweeps; n++) smooth(fine);
  },
  readOperator({ equations }): Float64Array {
    const { corners: { nw, ne, sw, se }, c, n, s, w, e } = equations;
    const all = [nw, n, ne, w, c, e, sw, s, se].map((array) => inside(equations.shape, array));
    return Float64Array.from({ length: 9 * all[0]!.length }, (_, at) => {
      const value = all[at % 9]![Math.floor(at / 9)]!;
      return at % 9 === 4 ? value : -value;
    });
  },
  readRhs: ({ equations, f }, block): Float64Array => inside(equations.shape, f, block),
  writeRhs: ({ equations, f }, block, values) => setInside(equations.shape, f, values, block),
  writeCorrection({ equations, iterate }, values) {
    setInside(equations.shape, iterate, values);
    renewRing(equations, iterate);
  },
  readCorrection: ({ equations, iterate }) => inside(equations.shape, iterate),
  free() {},
} satisfies LevelKernels<System>;

/** Local. Sets what is inside the ring of a stored array of `shape`, or a block of that, numbered from 0. */
export function setInside(
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

/** Local. A copy of what is inside the ring, or a block of that. */
export function inside(
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
