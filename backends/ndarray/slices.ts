/**
 * Slices of a stored array, and the stencils as operations on whole slices. No loop over points: each line is one
 * pass, and its result is stored, so in f32 it is rounded like the reference's.
 *
 * @module
 */

// @ts-types="@types/ndarray"
import type ndarray from "ndarray";
// @ts-types="@types/ndarray-ops"
import ops from "ndarray-ops";
import type { GridData } from "../../core/contract.ts";
import type { Layout } from "../../core/kernels/kernels.ts";
import type { Fields } from "../js/grid.ts";

/** An array of numbers of the grid's precision, or a slice of one. */
export type Slice = ndarray.NdArray<GridData>;

/** The points (first + step * k) inside the ghost layer: all of them with step 1, every fourth with step 2. */
export interface Lattice {
  readonly first: readonly [row: number, col: number];
  readonly step: 1 | 2;
}

/** A stored array seen from the points of a lattice: the points, and their neighbours on each side. */
export type Slices = Readonly<Record<"here" | "north" | "south" | "west" | "east", Slice>>;

/** The weights and the constant term at the points of a lattice. */
export type Weights = Omit<Fields<Slice>, "d">;

/** Intermediate results, one number for each point of a lattice; only a weighted stencil uses `q`. */
export type Temporaries = Readonly<Record<"t" | "q", Slice>>;

/** Every point inside the ghost layer. */
export const all: Lattice = { first: [1, 1], step: 1 };

/** @returns the points of one colour: those in odd rows and those in even rows, as far as there are any. */
export function coloured({ shape, parity }: Layout, colour: 0 | 1): Lattice[] {
  const shift = (parity + colour) & 1;
  const both: Lattice[] = [{ first: [1, 1 + shift], step: 2 }, { first: [2, 2 - shift], step: 2 }];
  return both.filter(({ first }) => first[0] < shape[0] - 1 && first[1] < shape[1] - 1);
}

/** @returns the slice of a stored array on a lattice that is moved by so many rows and columns. */
export function slice(stored: Slice, { first, step }: Lattice, down = 0, right = 0): Slice {
  const [ny, nx] = stored.shape as [number, number];
  return stored.lo(first[0] + down, first[1] + right).hi(ny - 1 - first[0], nx - 1 - first[1]).step(step, step);
}

/** @returns the slices of a stored array that a stencil reads. */
export function slices(stored: Slice, lattice: Lattice): Slices {
  return {
    here: slice(stored, lattice),
    north: slice(stored, lattice, -1, 0),
    south: slice(stored, lattice, 1, 0),
    west: slice(stored, lattice, 0, -1),
    east: slice(stored, lattice, 0, 1),
  };
}

/** @returns the part of `dense`, one number for each point of the lattice, that counts in norms. */
export function inner(dense: Slice, { first, step }: Lattice, { inner: { rows, cols } }: Layout): Slice {
  const index = (bound: number, axis: 0 | 1) => Math.ceil((bound - first[axis]) / step);
  const [top, left] = [index(rows[0], 0), index(cols[0], 1)];
  return dense.lo(top, left).hi(Math.max(0, index(rows[1], 0) - top), Math.max(0, index(cols[1], 1) - left));
}

/** out = the stencil's formula, from the neighbours in u. */
export function evaluate(
  layout: Layout,
  { an, as, aw, ae, g }: Weights,
  u: Slices,
  out: Slice,
  { t, q }: Temporaries,
): void {
  if (layout.kind === "weighted") {
    // ((an * n + as * s) + (aw * w + ae * e)) + g
    ops.mul(out, an, u.north);
    ops.mul(t, as, u.south);
    ops.addeq(out, t);
    ops.mul(t, aw, u.west);
    ops.mul(q, ae, u.east);
    ops.addeq(t, q);
    ops.addeq(out, t);
    ops.addeq(out, g);
    return;
  }
  ops.add(out, u.north, u.south);
  ops.add(t, u.west, u.east);
  if (layout.cx === 0.25 && layout.cy === 0.25) {
    // 0.25 * ((n + s) + (w + e))
    ops.addeq(out, t);
    ops.mulseq(out, 0.25);
  } else {
    // cx * (w + e) + cy * (n + s), its terms swapped: their sum is the same
    ops.mulseq(out, layout.cy);
    ops.mulseq(t, layout.cx);
    ops.addeq(out, t);
  }
  if (layout.source) ops.addeq(out, g);
}

/** @returns max |d|, NaN if any is NaN. */
export function maxNorm(d: Slice): number {
  // Comparisons are false for NaN, so norminf skips it; but NaN is the one number that differs from itself.
  return ops.equals(d, d) ? ops.norminf(d) : NaN;
}
