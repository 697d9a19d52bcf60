/**
 * The levels of multigrid below a grid, on a device: their arrays, and how they are made. The formulas are those of `js`
 * (backends/js/prolongation.ts, coarsen.ts), the kernels in native/gpu/weights.cl and galerkin.cl; levels have the precision of
 * the grid. multigrid.ts has the cycles.
 *
 * @module
 */

import type { Layout } from "../../core/kernels/kernels.ts";
import { allocateAll, around, type DeviceArray, type Reach, same } from "./array.ts";
import type { Grid, Launches } from "./grid.ts";

/** Numbers for each point of an operator, and of a prolongation, as native/gpu/levels.cl has them. */
export const OPERATOR_PLANES = 10, WEIGHT_PLANES = 4;

/** Kinds of an operator: native/gpu/weights.cl. */
const OF_PLAIN = 0, OF_WEIGHTED = 1, OF_LEVEL = 2;

/** Bits of `flags`: native/gpu/levels.cl. */
const PERIODIC_ROWS = 1, PERIODIC_COLS = 2, COARSEN_ROWS = 4, COARSEN_COLS = 8, FIRST_IS_COARSE = 16;

/** A level: A e = f, and the prolongation from it to the grid or level above. */
export interface Level<B> {
  readonly layout: Pick<Layout, "periodic" | "cx" | "cy">;
  readonly shape: readonly [rows: number, cols: number];
  /** The coefficients of A. */
  readonly operator: DeviceArray<B>;
  readonly e: DeviceArray<B>;
  readonly f: DeviceArray<B>;
  /** f - A e. */
  readonly r: DeviceArray<B>;
  /** Prolongation to the points above. */
  readonly weights: DeviceArray<B>;
  /** How it was coarsened from what is above. */
  readonly flags: number;
  /** Whether the first unknown is coarse, not the second. */
  readonly firstIsCoarse: boolean;
}

/** What a level is made of: an operator, and how its points are coarsened. */
type Finer<B> = Pick<Level<B>, "layout" | "shape" | "operator" | "firstIsCoarse">;

/** Local. The level below a grid, which keeps every other row, column, or both. */
export function coarsenGrid<B>(launches: Launches<B>, { layout, fields }: Grid<B>, axes: readonly [boolean, boolean]) {
  const isWeighted = layout.kind === "weighted";
  const finer = { layout, shape: layout.shape, operator: fields, firstIsCoarse: isWeighted };
  return coarsen(launches, finer, isWeighted ? OF_WEIGHTED : OF_PLAIN, axes);
}

/** Local. The level below a level. */
export function coarsenLevel<B>(launches: Launches<B>, fine: Level<B>, axes: readonly [boolean, boolean]): Level<B> {
  return coarsen(launches, fine, OF_LEVEL, axes);
}

/** Computes the weights of prolongation, then the Galerkin operator. @param kind of the operator of `fine` */
function coarsen<B>(
  launches: Launches<B>,
  fine: Finer<B>,
  kind: number,
  axes: readonly [rows: boolean, cols: boolean],
): Level<B> {
  const { device } = launches;
  const { layout: { periodic, cx, cy }, shape: [ny, nx], firstIsCoarse } = fine;
  const shift = firstIsCoarse ? 1 : 0;
  const coarsened = (stored: number, is: boolean) => is ? Math.floor((stored - 2 + shift) / 2) + 2 : stored;
  const shape = [coarsened(ny, axes[0]), coarsened(nx, axes[1])] as const;
  const flags = (periodic[0] ? PERIODIC_ROWS : 0) | (periodic[1] ? PERIODIC_COLS : 0) | (axes[0] ? COARSEN_ROWS : 0) |
    (axes[1] ? COARSEN_COLS : 0) | (firstIsCoarse ? FIRST_IS_COARSE : 0);
  return allocateAll(device, (array) => {
    const level: Level<B> = {
      // A single point that would be its own neighbour has no neighbours.
      layout: { periodic: [periodic[0] && shape[0] > 3, periodic[1] && shape[1] > 3], cx, cy },
      shape,
      flags,
      firstIsCoarse,
      weights: array([ny, nx], WEIGHT_PLANES),
      operator: array(shape, OPERATOR_PLANES),
      e: array(shape, 1),
      f: array(shape, 1),
      r: array(shape, 1),
    };
    const { weights, operator } = level;
    const [my, mx] = shape;
    const common = { kind, planes: fine.operator.planes, ny, nx, pitch: weights.pitch, my, mx, flags, cx, cy };
    for (const centres of [0, 1]) {
      const operands = { coefficients: [fine.operator, around(1)], weights: [weights, around(1)] } as const;
      launches.onRows("interpolation_weights", operands, [1, ny - 1], { ...common, centres }, nx);
      launches.fillGhosts(fine, weights);
    }
    // The neighbours of a periodic edge are at the other end: all of it must be in the window.
    const seen: Reach = periodic[0] ? () => [0, ny] : (from, to) => {
      const [lo, hi] = finerRows(level)(from, to);
      return [lo - 1, hi + 1];
    };
    const operands = {
      coefficients: [fine.operator, seen],
      weights: [weights, seen],
      coarse: [operator, same],
    } as const;
    launches.onRows("galerkin_product", operands, [1, my - 1], { ...common, coarse_pitch: operator.pitch }, mx);
    return level;
  });
}

/** The rows above that depend on some coarse rows. */
export function finerRows<B>({ flags, firstIsCoarse }: Level<B>): Reach {
  const shift = firstIsCoarse ? 1 : 0;
  if (!(flags & COARSEN_ROWS)) return same;
  return (from, to) => [2 * from - shift - 1, 2 * (to - 1) - shift + 2];
}

/** The coarse rows that some rows above depend on. */
export function coarserRows<B>({ flags, firstIsCoarse, layout: { periodic }, shape: [my] }: Level<B>): Reach {
  const shift = firstIsCoarse ? 1 : 0;
  // A single coarse row of a periodic axis is the neighbour of all.
  if ((flags & PERIODIC_ROWS) && !periodic[0]) return () => [0, my];
  if (!(flags & COARSEN_ROWS)) return same;
  return (from, to) => [(from + shift) >> 1, ((to - 1 + shift + 1) >> 1) + 1];
}
