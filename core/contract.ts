/**
 * The contract between the core, which owns policy, and a backend, which owns arithmetic and memory.
 * Types only: nothing here runs.
 *
 * **Collective** calls are made by all ranks of a distributed run, in the same order; **Local** ones concern one rank
 * alone. A run without ranks has one.
 *
 * @module
 */

import type { SettingSpecs } from "./settings.ts";

/** A value now, or a promise of it: synchronous backends pay nothing for asynchronous ones. */
export type MaybePromise<T> = T | Promise<T>;

/** A grid's numbers in C order: row 0 is north, column 0 is west. */
export type GridData = Float32Array | Float64Array;

/** The floating-point types that a field can have. */
export type Dtype = "f32" | "f64";

/** The methods: docs/methods.md tells of each. */
export type Method = "jacobi" | "sor" | "multigrid" | "cg" | "direct" | "spectral";

/** The two forms that a problem can be lowered to; see {@linkcode Stencil}. */
export type StencilKind = "plain" | "weighted";

/** Half-open ranges of global rows and columns. */
export interface Block {
  /** First row, and the one after the last. */
  readonly rows: readonly [number, number];
  /** First column, and the one after the last. */
  readonly cols: readonly [number, number];
}

/**
 * A problem without boundary conditions: what is left of it once `core/discretize/lower.ts` has turned them into weights.
 *
 * - plain: all four edges fixed, no other fixed point, constant weights. Points inside the edges are updated.
 * - weighted: weights for each neighbour and a constant term at each point; a fixed point has weights zero and its
 *   value as constant, and a neighbour that does not exist has weight zero. All points are updated.
 */
export interface Stencil {
  /** Which form it has. */
  readonly kind: StencilKind;
  /** Precision of the field and of the arithmetic. */
  readonly dtype: Dtype;
  /** ny, nx: edges included. */
  readonly shape: readonly [number, number];
  /** dy, dx. */
  readonly spacing: readonly [number, number];
  /** Whether row 0 and row ny-1 are neighbours, and column 0 and column nx-1. */
  readonly periodic: readonly [rows: boolean, cols: boolean];
  /** Plain: weight of west + east, rounded to `dtype`; it and `cy` are 1/4 if and only if dx = dy. */
  readonly cx: number;
  /** Plain: weight of north + south. */
  readonly cy: number;
  /** Plain: whether there is a constant term `g`. */
  readonly source: boolean;
  /** Range of the fixed values, in units of u; 1 where there is none. */
  readonly spread: number;
  /** Largest absolute fixed value, and at least the spread: what rounding errors are relative to. */
  readonly magnitude: number;
  /** No point is fixed and nothing convects: the solution is known up to a constant. */
  readonly singular: boolean;
  /** |u − u_discrete| <= errorPerResidual * residual; a guide only, unless it is `boundProven`. 0 if no point is free. */
  readonly errorPerResidual: number;
  /** Whether the factor is proven: for plain stencils, and where no point is free. For others a session may find one, see `Session.errorFactor`. */
  readonly boundProven: boolean;
  /** 1 less the spectral radius of Jacobi; an estimate for weighted stencils. */
  readonly spectralGap: number;
  /** Local. The iterate and the stencil inside a block, C order. Asked only for the blocks that a rank keeps. */
  evaluate(block: Block): StencilBlock;
  /**
   * Local. The same a piece at a time, for memory that is zero where no piece lies. Much faster on large grids: whole
   * arrays are never made. A later piece replaces an earlier one; its numbers last until the next is taken.
   */
  chunks(block: Block): Iterable<FieldChunk>;
  /**
   * Local. The same problem on every other row and column, edges included, for a first guess. Absent if a plain stencil
   * cannot be halved, or the problem has a first guess; and for weighted ones.
   */
  coarsen?(): Stencil;
}

/** A part of a field of a stencil: the points of `block` in C order. */
export interface FieldChunk {
  /** Which field. */
  readonly field: keyof StencilBlock;
  /** Which of its points. */
  readonly block: Block;
  /** Their values; to be copied before the next piece is taken. */
  readonly data: GridData;
}

/** What {@linkcode Stencil.evaluate} gives: `g` is absent without a source, the weights and `d` in a plain stencil. */
export interface StencilBlock {
  /** First guess, and the values of fixed points. */
  readonly u: GridData;
  /** Constant term. */
  readonly g?: GridData;
  /** Weight of the northern neighbour. */
  readonly an?: GridData;
  /** Weight of the southern neighbour. */
  readonly as?: GridData;
  /** Weight of the western neighbour. */
  readonly aw?: GridData;
  /** Weight of the eastern neighbour. */
  readonly ae?: GridData;
  /** What all of these were divided by: conductances to the neighbours, and convection; 0 at fixed points. */
  readonly d?: GridData;
}

/** How a stencil is to be solved: what `open` needs besides the stencil itself. */
export interface Plan {
  /** The method to step with. */
  readonly method: Method;
  /**
   * Relaxation factor of `sor`, 0 < omega < 2; Jacobi ignores it. Read it anew for each batch: once rounding is all
   * that over-relaxation stirs up, the core sets it to 1, and plain Gauss-Seidel settles the rest.
   */
  omega: number;
  /**
   * Set by the core once rounding is all that a method other than `sor` leaves of the residual: from then on a sweep is one
   * of Gauss-Seidel, red-black, which lets it settle. Look at it before each batch; who never does, stalls there.
   */
  gaussSeidel?: boolean | undefined;
  /** The plugin's own settings, as given after `--set`. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Whether a backend can run here; `score` 0 to 100, and `auto` takes the highest. */
export type Probe =
  | { readonly available: true; readonly device: string; readonly score: number }
  | { readonly available: false; readonly reason: string; readonly fix?: string };

/** One way to solve: a programming model on a device. */
export interface Backend {
  /** Version of this contract. */
  readonly apiVersion: 1;
  /** As typed after `--plugin`. */
  readonly name: string;
  /** What it is, in a line. */
  readonly summary: string;
  /** The methods that it offers. */
  readonly methods: readonly Method[];
  /** The precisions that it offers. */
  readonly dtypes: readonly Dtype[];
  /** The stencils that it offers. */
  readonly stencils: readonly StencilKind[];
  /** True if f64 results equal those of the reference `js` bit for bit. */
  readonly bitwise: boolean;
  /** The settings that `--set` accepts; none if absent. */
  readonly settings?: SettingSpecs;
  /**
   * Points up to which `direct`, which is TypeScript everywhere, is faster than this backend's multigrid where a problem
   * separates: `auto` goes by it. Absent: it always is, as where multigrid is TypeScript, too.
   */
  readonly directUpTo?: number;
  /**
   * Local. Bytes that multigrid keeps for each point of a stencil besides its grid, at the most: levels, vectors. Absent: as
   * many as the reference does.
   */
  levelBytes?(stencil: Stencil): number;
  /**
   * Local. The part of a grid that processes on this machine keep in its memory between them, at most 1; 0: a device keeps it.
   * Absent: all of it.
   */
  keeps?(stencil: Stencil, plan: Plan): number;
  /**
   * Points from which `auto` asks it at all: to look for a device, and to open it, takes longer than to solve less elsewhere.
   * Absent: always.
   */
  readonly worthFrom?: number;
  /** Local. Says whether the backend can run here. Cheap; never throws, never prints. */
  probe(): MaybePromise<Probe>;
  /** Local. Why this problem cannot run here (size, memory), or undefined if it can. */
  rejects?(stencil: Stencil, plan: Plan): string | undefined;
  /**
   * Collective. Allocates, uploads, starts threads: all that is not a sweep.
   *
   * @param domain which part this rank owns; the whole grid if absent. Who does not look at it cannot be a kernel of `mpi`.
   * @throws ConfigError if a setting is unknown or out of range.
   */
  open(stencil: Stencil, plan: Plan, domain?: Domain): MaybePromise<Session>;
}

/** How ranks share a grid. */
export interface Sharing {
  /** The plugin that each computes with. */
  readonly kernel: string;
  /** Process rows and columns; fewer than there are ranks where some have nothing to do. */
  readonly grid: readonly [rows: number, cols: number];
  /** Layers of halo; 0 where one rank has all of the grid. */
  readonly halo: number;
}

/** An open solve: one stencil on one device, or on one rank's part of it. */
export interface Session extends AsyncDisposable {
  /** This rank, from 0. */
  readonly rank: number;
  /** How many ranks take part. */
  readonly ranks: number;
  /** How they share the grid; absent where there are none. */
  readonly sharing?: Sharing;
  /** What it runs on, where a setting may name another device than `probe` tells. */
  readonly device?: string;
  /** Threads that this rank sweeps with. */
  readonly threads: number;
  /** The rows and columns that this rank keeps. */
  readonly owned: Block;
  /**
   * Local. How its sweeps pass over memory at present; undefined: one at a time. Absent if there is no choice. Batches that
   * fill passes are the fastest, where the residual takes the place of a sweep.
   */
  pass?(): Pass | undefined;
  /**
   * Collective. Does `sweeps` sweeps.
   *
   * @throws RangeError unless `sweeps` is a whole number from 1 to 2^30.
   */
  advance(sweeps: number): MaybePromise<Batch>;
  /**
   * Collective. A proven factor c, |u − u_discrete| <= c · residual, which takes about as long as two or three sweeps of
   * multigrid; undefined if none is found. Absent where it cannot be found.
   */
  errorFactor?(): MaybePromise<number | undefined>;
  /** Collective. A copy of the owned part, or of the whole field: that on rank 0 only, elsewhere undefined. */
  read(scope: "owned" | "global"): MaybePromise<GridData | undefined>;
  /**
   * Collective. Replaces the iterate inside `block` by `data`, its points in C order.
   *
   * @throws RangeError if the block reaches beyond `owned`, or `data` has another number of points.
   */
  write?(block: Block, data: GridData): MaybePromise<void>;
  /**
   * Collective. Writes the whole field into a file, in C order from byte `offset` on, all ranks at once: none ever holds it
   * all. Absent where there is one rank.
   *
   * @param file what rank 0 says counts; the empty name: there is none to write to
   */
  store?(file: string | undefined, offset: number): MaybePromise<void>;
  /** Collective. The largest of what each rank says: how they agree on what one of them sees, such as a signal or a clock. */
  agree?(values: readonly number[]): MaybePromise<readonly number[]>;
  /** Local. This rank failed: release its peers. */
  abort?(cause: Error): void;
}

/** Several sweeps in one pass over memory, while a part of the grid is in cache. */
export interface Pass {
  /** Sweeps in a pass. */
  readonly sweeps: number;
  /** Columns of a strip, the part that is swept at a time. */
  readonly width: number;
}

/** The whole domain after a batch; the same numbers on every rank. */
export interface Batch {
  /** Since the session was opened. */
  readonly sweeps: number;
  /** max |u_new − u_old| of the last sweep, in units of u; NaN if any point is NaN. */
  readonly change: number;
  /** max |r / diagonal|: how far one Jacobi update would move any point; NaN if any point is NaN. */
  readonly residual: number;
}

/**
 * What ranks exchange: one rank's part of an array that all of them have together, the iterate or, for multigrid, the right
 * side of the level below it. Rows and columns are those of the whole array; across a periodic edge they run on past it.
 */
export interface Halo {
  /** Precision of what is read and written. */
  readonly dtype: Dtype;
  /** Rows and columns of the whole array. */
  readonly shape: readonly [rows: number, cols: number];
  /** What this rank keeps. */
  readonly owned: Block;
  /** All that it stores: besides, its halo. */
  readonly stored: Block;
  /** Rows of halo towards each neighbouring rank, and columns. */
  readonly layers: readonly [rows: number, cols: number];
  /** Copies points out, in C order. */
  read(block: Block): MaybePromise<GridData>;
  /** Copies points in C order in. */
  write(block: Block, data: GridData): MaybePromise<void>;
}

/**
 * One rank's part of the grid, and how ranks exchange halos, agree on norms and gather. A distributed backend opens a local
 * one with it.
 */
export interface Domain {
  /** This rank, from 0. */
  readonly rank: number;
  /** How many ranks take part. */
  readonly ranks: number;
  /** The rows and columns that this rank keeps: at least two of each, so that kernels store at least three. */
  readonly owned: Block;
  /** Layers of halo towards each neighbouring rank: as many half-sweeps as may pass between exchanges. */
  readonly depth: number;
  /** Whether a direction is split between ranks: then a periodic edge is an exchange, not a local image. */
  readonly split: readonly [rows: boolean, cols: boolean];
  /** Collective. Fills a halo from the neighbours' owned points. The same object every time: messages may be kept for it. */
  exchange(halo: Halo): MaybePromise<void>;
  /** Collective. The largest of each value over all ranks; NaN wins. */
  max(values: readonly number[]): MaybePromise<readonly number[]>;
  /** Collective. The whole field on rank 0, undefined elsewhere. */
  gather(owned: GridData): MaybePromise<GridData | undefined>;
  /** Collective. Writes the whole field into a file, each rank what it owns; see `Session.store`. */
  store?(owned: GridData, file: string | undefined, offset: number): MaybePromise<void>;
  /**
   * How many levels of multigrid a rank makes of its own part alone, where a direction is split: blocks begin at multiples of
   * 2^levels, and so does what is stored. Absent: the domain is not made for multigrid.
   */
  readonly levels?: number;
  /** Collective. Puts a level of all ranks together, to solve on it what is left below those levels. */
  agglomerate?(level: SharedLevel): MaybePromise<CoarseSolver>;
  /** Local. This rank failed: release its peers. */
  abort?(cause: Error): void;
  /** Collective. Leaves the domain. */
  close?(): MaybePromise<void>;
}

/**
 * A level of multigrid that each rank has made of its own part, and what there is to know of all of it. Rows and columns are
 * those of its unknowns, from 0; across a periodic edge they run on past the level.
 */
export interface SharedLevel {
  /** Unknowns of all ranks together. */
  readonly shape: readonly [rows: number, cols: number];
  /** Whether the first row and the last are neighbours, and the first column and the last. */
  readonly periodic: readonly [rows: boolean, cols: boolean];
  /** Whether its equations leave a constant open. */
  readonly singular: boolean;
  /** Whether even rows and columns are the coarse ones, of which the level below consists; else odd ones are. */
  readonly firstIsCoarse: boolean;
  /** The unknowns that this rank has. */
  readonly stored: Block;
  /** Those of them that no other owns. */
  readonly owned: Block;
  /** Nine coefficients of A at each stored unknown, C order: nw n ne w c e sw s se. Those at the border may be wrong. */
  readonly operator: Float64Array;
  /** The levels below: how many unknowns, and which axes are coarsened on the way there. */
  readonly below: readonly LevelSize[];
  /**
   * Local. Makes what solves on all of the level with the kernels of this rank; absent where these do not take equations.
   *
   * @param equations nine coefficients at each unknown of all ranks
   */
  readonly solver?: (equations: Float64Array) => MaybePromise<CoarseSolver>;
}

/** What is known of a level without asking the kernels. */
export interface LevelSize {
  /** Rows and columns of unknowns. */
  readonly shape: readonly [rows: number, cols: number];
  /** Which axes were coarsened on the way to it. */
  readonly axes: readonly [rows: boolean, cols: boolean];
}

/** What ends a cycle of multigrid: where there are no more levels below. */
export interface CoarseSolver {
  /**
   * Collective. Solves A e = f, exactly or nearly so.
   *
   * @param f at the unknowns of a level, C order; of those that this rank stores, if ranks share it
   * @returns e, likewise
   */
  solve(f: Float64Array): MaybePromise<Float64Array>;
  /** Local. Releases what it keeps, before the levels above are. */
  free?(): MaybePromise<void>;
}
