/**
 * Kernels: the small operations between a backend and the methods. A backend that supplies them gets every
 * method, periodic edges and distributed runs from code that is written once (`core/session.ts`).
 *
 * A kernel works on a **stored array** of `shape` points, C order, whose outer ring is read and never updated:
 * it holds the fixed edges of a plain stencil, the halo of a rank, the image of a periodic edge, or padding.
 *
 * @module
 */

import type { Block, Dtype, GridData, MaybePromise, Pass, StencilKind } from "../contract.ts";

/** All that a kernel must know of a stored array. Rows and columns here are local: (0, 0) is the first stored point. */
export interface Layout {
  /** Which formula a sweep evaluates. */
  readonly kind: StencilKind;
  /** Precision of the arrays and of the arithmetic. */
  readonly dtype: Dtype;
  /** Stored rows and columns, ring included; each >= 3. */
  readonly shape: readonly [rows: number, cols: number];
  /** Whether the ring rows, and the ring columns, are images of the opposite side, renewed after every sweep. */
  readonly periodic: readonly [rows: boolean, cols: boolean];
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
  /** Weighted: whether the field `d` is kept, which multigrid and conjugate gradients need. */
  readonly diagonal: boolean;
  /** Whether levels will follow below: a kernel may put off what only sweeps need. */
  readonly levels?: boolean;
}

/**
 * The arrays of a grid: the iterate, the weights of the four neighbours, the constant term; and `d`, by which weights and
 * constant were divided: what a cell conducts to its neighbours and loses by convection. It is 0 at fixed points.
 */
export type FieldName = "u" | "an" | "as" | "aw" | "ae" | "g" | "d";

/** What is known after some sweeps. */
export interface Norms {
  /** max |u_new − u_old| of the last sweep. */
  readonly change: number;
  /** max |sweep(u) − u|, where it came for free; else absent. */
  readonly residual?: number;
}

/**
 * Operations on opaque grids of type G: an iterate with its stencil; L are the levels of multigrid below one. Local, all of
 * them.
 *
 * A sweep evaluates, in this association and in the grid's own precision,
 * - square (dx = dy): `0.25 * ((n + s) + (w + e))`, then `+ g` if the layout has a source;
 * - stretched: `cx * (w + e) + cy * (n + s)`, then `+ g` likewise;
 * - weighted: `((an * n + as * s) + (aw * w + ae * e)) + g`.
 *
 * Norms are NaN if any point they see is NaN.
 */
export interface Kernels<G = unknown, L = unknown> {
  /** Threads that sweep. */
  readonly threads: number;
  /** Why there are no more, where something holds them back: for reports. */
  readonly whyThreads?: string;
  /** Allocates a grid, all zero. */
  create(layout: Layout): MaybePromise<G>;
  /** Copies `data`, the points of `region` in C order, into a field. */
  write(grid: G, field: FieldName, region: Block, data: GridData): MaybePromise<void>;
  /**
   * Makes the weights and `d` of the points of `region`, of a weighted grid in f64, from the conductivity there and one point
   * further on each side, C order: to each neighbour the harmonic mean of both, times the face between their cells, over their
   * distance, all divided by the sum of the four, which is `d`. The bits are those of core/finite_volumes/.
   *
   * @returns whether all sums are finite and more than zero
   */
  conduct?(grid: G, region: Block, k: Float64Array, spacing: readonly [dy: number, dx: number]): MaybePromise<boolean>;
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
  /** What the method multigrid needs besides, where a backend has it. */
  readonly multigrid?: Multigrid<G, L>;
  /** What conjugate gradients need besides, where a backend has it. */
  readonly cg?: ConjugateGradients<G>;
  /** What a bound on the error of a weighted stencil in f64 needs besides, where a backend has it. */
  readonly comparison?: Comparison<G>;
  /** Releases a grid; no kernel is called with it again. */
  free(grid: G): MaybePromise<void>;
  /** Releases what all grids share, such as threads. */
  close?(): MaybePromise<void>;
}

/**
 * The way between two adjacent levels of a V-cycle: from F, a grid or a level, to the level right below it. Local, all of
 * them.
 */
export interface Coarsening<F, L> {
  /** Allocates the level below, which keeps every other row, column, or both, as `axes` says. */
  coarsen(fine: F, axes: readonly [rows: boolean, cols: boolean]): MaybePromise<L>;
  /** Smooths `sweeps` times; then the right-hand side of `coarse` is the restricted residual, and its correction zero. */
  smoothAndRestrict(fine: F, coarse: L, sweeps: number): MaybePromise<void>;
  /** Adds the correction of `coarse`, prolonged; then smooths `sweeps` times. */
  prolongAndSmooth(fine: F, coarse: L, sweeps: number): MaybePromise<void>;
}

/**
 * Operations of multigrid on a grid G, the finest, and on the **levels** L below it, opaque as well. Local, all of them.
 *
 * Unknowns are the points inside the ghost layer that are not fixed. A level keeps every other row or column of what is
 * above it, or both: those whose global numbers are even. It holds a correction e, zero at first, of `A e = f`. Restriction
 * is Pᵀ, P the prolongation. Which A and which P an implementation has is its own choice: A is Galerkin, Pᵀ A P of the level
 * above, or rediscretised; P is operator-induced, or bilinear where the coefficients are constant. docs/multigrid.md lists
 * them. Smoothing is Gauss-Seidel, red-black on grids, in four colours on levels, whose points have nine couplings. Levels
 * may be of any precision: cycles need not agree from backend to backend, what they converge to must.
 *
 * The core calls `smoothAndRestrict` on a grid, then in turn solves the level below it and calls `prolongSmoothRestrict`. It
 * frees levels before the grid, the last one first. The iterate of a grid may be read after each call; after it was written,
 * the core starts the cycle anew.
 */
export interface Multigrid<G, L> extends Coarsening<G, L> {
  /**
   * `prolongAndSmooth` with `post` sweeps, then `smoothAndRestrict` with `pre`, perhaps in one pass over memory.
   *
   * @returns max |sweep(u) − u| of the iterate, and how far it moved, at the points that count in norms
   */
  prolongSmoothRestrict(fine: G, coarse: L, post: number, pre: number): MaybePromise<Required<Norms>>;
  /**
   * The iterate of `fine` inside its ghost layer becomes that of `coarse`, a grid with every other row and column, by cubic
   * interpolation. May be deferred until the next `smoothAndRestrict`. Absent: full multigrid is not offered.
   */
  prolongSolution?(fine: G, coarse: G): MaybePromise<void>;
  /**
   * Allocates a level that is below no other, with a given operator. It is freed before `grid`. Absent, as `readCorrection`
   * is then: levels shared by ranks are solved by the reference.
   *
   * @param grid a finest grid that has levels already: the level takes its settings
   * @param operator coefficients as `readOperator` returns them
   * @param shape rows and columns of unknowns
   * @param firstIsCoarse whether the level below keeps unknowns 0, 2, …, as those of weighted stencils do; else 1, 3, …
   */
  createLevel?(
    grid: G,
    operator: Float64Array,
    shape: readonly [rows: number, cols: number],
    periodic: readonly [rows: boolean, cols: boolean],
    firstIsCoarse: boolean,
  ): MaybePromise<L>;
  /** Operations on the levels. */
  readonly levels: LevelKernels<L>;
}

/** Operations on the levels of multigrid. Local, all of them. */
export interface LevelKernels<L> extends Coarsening<L, L> {
  /**
   * Of a small level: the nine coefficients of A at each point inside the ghost layer, C order: nw n ne w c e sw s se; all 0
   * at a fixed point. Where a neighbour is fixed, or beyond an edge, its coefficient may be left out: e is 0 there.
   */
  readOperator(level: L): MaybePromise<Float64Array>;
  /** Copies f at the points of a block of those inside the ghost layer, numbered from 0, in C order; default all of them. */
  readRhs(level: L, block?: Block): MaybePromise<Float64Array>;
  /** Sets f there. */
  writeRhs(level: L, block: Block, values: Float64Array): MaybePromise<void>;
  /** Of a small level: sets the correction inside the ghost layer, C order. */
  writeCorrection(level: L, values: Float64Array): MaybePromise<void>;
  /** Of a level that `createLevel` made: copies the correction inside the ghost layer, C order. */
  readCorrection?(level: L): MaybePromise<Float64Array>;
  /** Releases a level; no operation is called with it again. */
  free(level: L): MaybePromise<void>;
}

/**
 * Operations of conjugate gradients on a grid, which keeps two more vectors: r = sweep(u) − u, and a direction p. Local,
 * all of them.
 *
 * B = I − W is the equation of a point divided by its diagonal: W is a sweep without its constant term, and without fixed
 * values. It is symmetric in the product ⟨a, b⟩ = Σ d a b over the points inside the ghost layer; d = 1 in a plain
 * stencil, and 0 at fixed points. So r itself is the residual preconditioned by the diagonal. Sums are f64, whatever the
 * grid is.
 */
export interface ConjugateGradients<G = unknown> {
  /** r = sweep(u) − u, once fixed points of a weighted stencil have their values. p stays. */
  computeResidual(grid: G): MaybePromise<ResidualNorms>;
  /** p = z + beta p; z is r unless there is a preconditioned residual; p is not read if beta is 0. @returns ⟨p, Bp⟩ */
  updateDirection(grid: G, beta: number): MaybePromise<number>;
  /** Once after `updateDirection`: u += alpha p, r −= alpha B p. `change` is max |alpha p|. */
  step(grid: G, alpha: number): MaybePromise<ResidualNorms & Norms>;
  /**
   * For a preconditioner: a grid of the same weights whose constant term is r, in the same memory, its ghost layer zero. Any
   * kernel works on it, and its sweeps converge to the solution of B z = r. From now on its iterate is z, and `computeResidual`
   * and `step` set it to zero.
   */
  preconditionedResidual?(grid: G): MaybePromise<G>;
  /**
   * For a weighted grid that has levels: another preconditioner, of aggregates, where cycles are slow because the
   * conductivity varies from point to point. docs/multigrid.md describes it.
   *
   * @param correction of `preconditionedResidual`; freed after what this returns
   */
  aggregate?(correction: G): MaybePromise<Aggregation>;
  /** With a preconditioned residual: ⟨r, z⟩ and ⟨Bp, z⟩, p being the direction of the last `step`. */
  dots?(grid: G): MaybePromise<readonly [rz: number, qz: number]>;
}

/** How a bound on the error is found, of weighted grids in f64 with a diagonal: `core/methods/error_bound.ts`. Local. */
export interface Comparison<G = unknown> {
  /**
   * g = |sweep(u) − u| + rounding + margin / d, 0 at fixed points, and u = 0.
   *
   * @returns the margin: `share` times max d |sweep(u) − u|
   */
  compare(grid: G, share: number, rounding: number): MaybePromise<number>;
  /** max d (sweep(u) − u + rounding), and max u. */
  shortfall(grid: G, rounding: number): MaybePromise<{ readonly shortfall: number; readonly most: number }>;
}

/** An algebraic preconditioner, whose coarse unknowns follow the couplings and not the places of points. Local. */
export interface Aggregation {
  /** One K-cycle: the iterate of its grid becomes about the solution of B z = r, whatever it was. */
  cycle(): MaybePromise<void>;
  /** Releases it. */
  free(): MaybePromise<void>;
}

/** Norms of the residual. */
export interface ResidualNorms {
  /** ⟨r, r⟩. */
  readonly dot: number;
  /** max |r|. */
  readonly residual: number;
}

/** The larger of two norms, NaN if either is: a plain comparison would drop it. */
export function larger(a: number, b: number): number {
  return b > a || b !== b ? b : a;
}
