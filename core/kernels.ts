/**
 * Kernels: the small operations between a backend and the methods. A backend that supplies them gets every
 * method, periodic edges and distributed runs from code that is written once (`core/session.ts`).
 *
 * A kernel works on a **stored array** of `shape` points, C order, whose outer ring is read and never updated:
 * it holds the fixed edges of a plain stencil, the halo of a rank, the image of a periodic edge, or padding.
 *
 * @module
 */

import type { Block, Dtype, GridData, MaybePromise, Pass, StencilKind } from "./contract.ts";

/** All that a kernel must know of a stored array. Rows and columns here are local: (0, 0) is the first stored point. */
export interface Layout {
  /** Which formula a sweep evaluates. */
  readonly kind: StencilKind;
  /** Precision of the arrays and of the arithmetic. */
  readonly dtype: Dtype;
  /** Stored rows and columns, ring included; each >= 3. */
  readonly shape: readonly [rows: number, cols: number];
  /** Whether the ring rows, and the ring columns, are images of the opposite side, renewed after every sweep. */
  readonly wrap: readonly [rows: boolean, cols: boolean];
  /** The points that count in norms: inside the ring, and owned. */
  readonly inner: Block;
  /** Colour of stored point (0, 0): (row + column) mod 2 in global numbers. 0 is red. */
  readonly parity: 0 | 1;
  /** Plain: weight of west + east; it and `cy` are 1/4 if and only if dx = dy. */
  readonly cx: number;
  /** Plain: weight of north + south. */
  readonly cy: number;
  /** Plain: whether `g` is added. A weighted stencil always adds it. */
  readonly source: boolean;
}

/** The arrays of a grid: the iterate, the weights of the four neighbours, and the constant term. */
export type FieldName = "u" | "an" | "as" | "aw" | "ae" | "g";

/** What is known after some sweeps. */
export interface Norms {
  /** max |u_new − u_old| of the last sweep. */
  readonly change: number;
  /** max |sweep(u) − u|, where it came for free; else absent. */
  readonly residual?: number;
}

/**
 * Operations on opaque grids of type G: an iterate with its stencil. Local, all of them.
 *
 * A sweep evaluates, in this association and in the grid's own precision,
 * - square (dx = dy): `0.25 * ((n + s) + (w + e))`, then `+ g` if the layout has a source;
 * - stretched: `cx * (w + e) + cy * (n + s)`, then `+ g` likewise;
 * - weighted: `((an * n + as * s) + (aw * w + ae * e)) + g`.
 *
 * Norms are NaN if any point they see is NaN.
 */
export interface Kernels<G = unknown> {
  /** Threads that sweep. */
  readonly threads: number;
  /** Allocates a grid, all zero. */
  create(layout: Layout): MaybePromise<G>;
  /** Copies `data`, the points of `region` in C order, into a field. */
  write(grid: G, field: FieldName, region: Block, data: GridData): MaybePromise<void>;
  /** Copies the iterate inside `region` out. */
  read(grid: G, region: Block): MaybePromise<GridData>;
  /** Does `count` Jacobi sweeps. @returns max |u_new − u_old| of the last one. */
  sweep(grid: G, count: number): MaybePromise<number>;
  /**
   * Does `count` Jacobi sweeps, and takes the residual of the result in the same pass over memory: what `sweep` and
   * `residual` give in two. For kernels that sweep several times while a part of the grid is in cache.
   */
  advance?(grid: G, count: number): MaybePromise<Required<Norms>>;
  /**
   * Does `count` half-sweeps `u += omega * (sweep(u) − u)`, each on the points of one colour, `colour` first, then in turn.
   *
   * @returns max |u_new − u_old| over the last two of them, or the only one.
   */
  relax?(grid: G, omega: number, colour: 0 | 1, count: number): MaybePromise<number>;
  /** Gives max |sweep(u) − u|; `u` stays as it is. */
  residual(grid: G): MaybePromise<number>;
  /** How a grid's sweeps pass over memory at present, where there is a choice; undefined: one at a time. */
  pass?(grid: G): Pass | undefined;
  /** Releases a grid; no kernel is called with it again. */
  free(grid: G): MaybePromise<void>;
  /** Releases what all grids share, such as threads. */
  close?(): MaybePromise<void>;
}

/** Gives the larger of two norms, NaN if either is: a plain comparison would drop it. */
export function larger(a: number, b: number): number {
  return b > a || b !== b ? b : a;
}
