/**
 * A grid of the reference backend: its arrays, and copies of points into and out of them.
 *
 * @module
 */

import type { Block, GridData } from "../../core/contract.ts";
import { allocate } from "../../core/dtype.ts";
import type { FieldName, Layout } from "../../core/kernels/kernels.ts";
import type { Iterates } from "./next_sweep.ts";

/** The arrays of a stencil, all of the stored shape; those that the layout does not use are empty. */
export type Fields<A = GridData> = Readonly<Record<Exclude<FieldName, "u">, A>>;

/** An iterate `u` with room for the next, and its stencil. */
export interface Grid extends Iterates<GridData> {
  readonly layout: Layout;
  readonly fields: Fields;
  readonly scratch: GridData;
  /** Of conjugate gradients, once they have begun. */
  vectors: Vectors | undefined;
  /** The grid whose preconditioned residual this is. */
  readonly residualOf?: Grid;
}

/** The vectors of conjugate gradients. */
export interface Vectors {
  readonly r: GridData;
  readonly p: GridData;
  /** B p, where there is a preconditioner. */
  q?: GridData;
  /** The grid whose iterate is z, where there is a preconditioner. */
  preconditionedResidual?: Grid | undefined;
}

/** Makes the arrays of a stencil: `array` returns one of the stored shape if it is used, else an empty one. */
export function createFields<A>({ kind, source, diagonal }: Layout, array: (used: boolean) => A): Fields<A> {
  const weighted = kind === "weighted";
  return {
    g: array(weighted || source),
    an: array(weighted),
    as: array(weighted),
    aw: array(weighted),
    ae: array(weighted),
    d: array(diagonal),
  };
}

/** Allocates a grid, all zero. */
export function createGrid(layout: Layout): Grid {
  const size = layout.shape[0] * layout.shape[1];
  const array = (used: boolean) => allocate(layout.dtype, used ? size : 0);
  return {
    layout,
    u: array(true),
    v: array(true),
    fields: createFields(layout, array),
    scratch: allocate(layout.dtype, layout.shape[1]),
    nextSweepChange: undefined,
    ghostsStale: false,
    vectors: undefined,
  };
}

/** Copies the points of `region` between a stored array and a dense one. */
export function copyRegion(
  stored: GridData,
  stride: number,
  { rows, cols }: Block,
  dense: GridData,
  direction: "in" | "out",
): void {
  const width = cols[1] - cols[0];
  for (let i = rows[0], k = 0; i < rows[1]; i++, k += width) {
    const at = i * stride + cols[0];
    if (direction === "in") stored.set(dense.subarray(k, k + width), at);
    else dense.set(stored.subarray(at, at + width), k);
  }
}

/** A copy of the points inside the ghost layer, or of a block of them, numbered from 0. */
export function readInside(stored: GridData, shape: Shape, block?: Block, stride: number = shape[1]): Float64Array {
  const { rows, cols } = inside(shape, block);
  const dense = new Float64Array((rows[1] - rows[0]) * (cols[1] - cols[0]));
  copyRegion(stored, stride, { rows, cols }, dense, "out");
  return dense;
}

/** Sets those points. */
export function writeInside(
  stored: GridData,
  shape: Shape,
  values: Float64Array,
  block?: Block,
  stride: number = shape[1],
): void {
  copyRegion(stored, stride, inside(shape, block), values, "in");
}

type Shape = readonly [rows: number, cols: number];

/** A block of the points inside the ghost layer, as a stored array numbers it. */
function inside([ny, nx]: Shape, { rows, cols }: Block = { rows: [0, ny - 2], cols: [0, nx - 2] }): Block {
  return { rows: [rows[0] + 1, rows[1] + 1], cols: [cols[0] + 1, cols[1] + 1] };
}
