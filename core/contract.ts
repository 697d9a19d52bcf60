/**
 * The contract between the core, which owns policy, and a backend, which owns arithmetic and memory.
 *
 * **Collective** calls are made by all ranks of a distributed run, in the same order; **Local** ones concern one rank
 * alone. A run without ranks has one.
 *
 * @module
 */

import type { Block, Dtype, GridData, MaybePromise } from "./grid_data.ts";
import type { Domain } from "./kernels/distributed.ts";
import type { SettingSpecs } from "./settings.ts";

export type { Block, Dtype, GridData, MaybePromise } from "./grid_data.ts";

/** The methods: docs/methods.md explains each. */
export const METHODS = ["jacobi", "sor", "multigrid", "cg", "direct", "spectral"] as const;
/** One of them. */
export type Method = typeof METHODS[number];

/** The two forms that a problem can be lowered to; see {@linkcode Stencil}. */
export type StencilKind = "plain" | "weighted";

/**
 * A problem without boundary conditions: `core/discretize/lower.ts` turns them into weights.
 *
 * - plain (constant coefficients): Dirichlet edges all around, no other fixed point. Points inside the edges are updated.
 * - weighted (variable coefficients): weights for each neighbour and a constant term at each point; a fixed point has
 *   weights zero and its value as constant, and a neighbour that does not exist has weight zero. All points are updated.
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
  /** Pure Neumann or periodic: the solution is known up to a constant. */
  readonly singular: boolean;
  /** 1 where a node has no equation, being inside of a hole: it is held, and files have NaN there. C order; absent: none. */
  readonly excluded?: Uint8Array | undefined;
  /** Largest absolute fixed value, and at least the range of them: rounding errors are relative to it. */
  readonly magnitude: number;
  /** Local. The iterate and the stencil inside a block, C order. The core asks for the blocks that a rank keeps. */
  evaluate(block: Block): StencilBlock;
  /**
   * Local. The same in chunks, for memory that is zero where no chunk lies. Much faster on large grids: whole arrays are
   * never made. A later chunk replaces an earlier one; its numbers last until the next chunk.
   */
  chunks(block: Block): Iterable<FieldChunk>;
  /**
   * Local. The same, but where all of a part's weights follow from the conductivity alone it has that, for backends that make
   * weights themselves. Absent: nowhere.
   */
  conductivityChunks?(block: Block): Iterable<FieldChunk | ConductivityChunk>;
  /**
   * Local. The same problem on every other row and column, edges included, for full multigrid. Absent if a plain stencil
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
  /** Their values, valid until the next chunk. */
  readonly data: GridData;
}

/**
 * The conductivity at the points of `block` and one more on each side, C order: their conductances are the harmonic means of
 * neighbours, times the face between their cells, over their distance; nothing else flows in.
 */
export interface ConductivityChunk {
  /** Not a field of a stencil. */
  readonly field: "k";
  /** Which points. */
  readonly block: Block;
  /** Two rows and two columns more than these; valid until the next chunk. */
  readonly data: Float64Array;
}

/** The fields of {@linkcode Stencil.evaluate}: `g` is absent without a source, the weights and `d` in a plain stencil. */
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
  /** The diagonal, by which all of these were divided: conductances to the neighbours, and convection; 0 at fixed points. */
  readonly d?: GridData;
}

/** How to solve a stencil: what `open` needs besides the stencil itself. */
export interface Plan {
  /** The method to step with. */
  readonly method: Method;
  /** The plugin's own settings, as given after `--set`. */
  readonly settings: Readonly<Record<string, string>>;
}

/** How the sweeps of one batch are done. The core changes it where a solve has stalled. */
export interface SweepOptions {
  /** Relaxation factor of `sor`, 0 < omega < 2; 1 if absent. Other methods ignore it. */
  readonly omega?: number;
  /**
   * Sweeps are those of red-black Gauss-Seidel, whatever the method is: they let a solve settle once rounding is all that
   * is left of the residual. A session that ignores it stalls there.
   */
  readonly gaussSeidel?: boolean;
}

/** Whether a backend can run here; `score` 0 to 100, and `auto` takes the highest. */
export type Probe =
  | { readonly available: true; readonly device: string; readonly score: number }
  /** `broken`: it is here and should run. `auto` says so where it takes one of a lower score. */
  | { readonly available: false; readonly reason: string; readonly fix?: string; readonly broken?: true };

/** What `--plugin auto` and `--method auto` go by, besides the score. */
export interface Preferences {
  /** Points from which `auto` probes it at all: below, opening a device takes longer than to solve elsewhere. Absent: always. */
  readonly fromPoints?: number;
  /**
   * Points up to which `direct`, which is TypeScript everywhere, is faster than this backend's multigrid where a problem
   * separates. Absent: it always is, as where multigrid is TypeScript, too.
   */
  readonly directUpTo?: number;
}

/** What is known of a solve before it is opened. */
export interface Estimate {
  /**
   * Bytes of this machine's memory that the solve takes while it runs, all its processes here together: grid, levels,
   * vectors. The answer is counted by the core. 0 where a device keeps it all. Absent: what the reference takes.
   */
  readonly hostBytes?: number;
  /** Why the backend cannot solve it, or not on the device that the settings name; absent if it can. */
  readonly rejects?: string | undefined;
}

/** One way to solve: a programming model on a device. */
export interface Backend {
  /** Version of this contract. In version 1 the relaxation factor was part of the plan; now it comes with each batch. */
  readonly apiVersion: 2;
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
  /** Ranks share its grid: launched processes open it together. */
  readonly distributed?: true;
  /** What `auto` goes by, besides the score. */
  readonly auto?: Preferences;
  /** Local. Reports whether the backend can run here. Cheap; never throws, never prints. */
  probe(): MaybePromise<Probe>;
  /** Local. Memory and limits, asked after `probe` and before `open`. Absent: as the reference, no limits. */
  estimate?(stencil: Stencil, plan: Plan): Estimate;
  /**
   * Collective. Allocates, uploads, starts threads: all that is not a sweep.
   *
   * @param domain which part this rank owns; the whole grid if absent. A backend that ignores it cannot be a kernel of `mpi`.
   * @throws ConfigError if a setting is unknown or out of range.
   */
  open(stencil: Stencil, plan: Plan, domain?: Domain): MaybePromise<Session>;
}

/** An open solve: one stencil on one device, or on one rank's part of it. */
export interface Session extends AsyncDisposable {
  /** This rank, from 0. */
  readonly rank: number;
  /** How many ranks take part. */
  readonly ranks: number;
  /** Threads that this rank sweeps with. */
  readonly threads: number;
  /** The rows and columns that this rank keeps. */
  readonly owned: Block;
  /** For reports: no number depends on it. `threads`: why there are no more of them. */
  readonly about?: { readonly device?: string; readonly threads?: string; readonly sharing?: Sharing };
  /**
   * Collective. Does `sweeps` sweeps.
   *
   * @throws RangeError unless `sweeps` is a whole number from 1 to 2^30.
   */
  advance(sweeps: number, options?: SweepOptions): MaybePromise<Batch>;
  /** Collective. A copy of the owned part, or of the whole field: that on rank 0 only, elsewhere undefined. */
  read(scope: "owned" | "global"): MaybePromise<GridData | undefined>;
  /**
   * Collective. Replaces the iterate inside `block` by `data`, its points in C order.
   *
   * @throws RangeError if the block reaches beyond `owned`, or `data` has another number of points.
   */
  write?(block: Block, data: GridData): MaybePromise<void>;
  /**
   * Collective. Begins again with the first guess, the held values and the constant term of another stencil, whose weights and
   * held nodes are the same: what was set up for these remains. Sweeps count from 0. Absent where nothing would remain.
   */
  restart?(stencil: Stencil): MaybePromise<void>;
  /** Collective. Makes what the first sweep would make otherwise, such as the levels of multigrid. */
  prepare?(): MaybePromise<void>;
  /**
   * Collective, before the first sweep. A proven factor c, |u − u_discrete| <= c · residual; undefined if none is found. Absent
   * where it cannot be found.
   */
  errorFactor?(): MaybePromise<number | undefined>;
  /**
   * Local, the last call: it takes the place of the iterate. |u − u_discrete| is at most this, in units of u: a narrow bound,
   * found by further sweeps; undefined if none is found. Absent where it cannot be found.
   *
   * @param rounding what roundings hide of a residual, in units of u
   * @param most sweeps that it may take
   * @param ofSweep what a sweep has left of the residual, as a rule
   */
  errorBound?(rounding: number, most: number, ofSweep: number): MaybePromise<number | undefined>;
  /**
   * Local. How its sweeps pass over memory at present; undefined: one at a time. Absent if there is no choice. Batches that
   * fill passes are the fastest, where the residual takes the place of a sweep.
   */
  pass?(): Pass | undefined;
  /** What several ranks do together; absent where there is one. */
  readonly collective?: Collective;
}

/** What the ranks of a session do together, besides sweeping. */
export interface Collective {
  /** Collective. The largest of each value over all ranks: so they agree on what one of them sees, such as a signal or a clock. */
  agree(values: readonly number[]): MaybePromise<readonly number[]>;
  /**
   * Collective. Writes the whole field into a file, in C order from byte `offset` on, all ranks at once: none ever holds it
   * all.
   *
   * @param file that of rank 0 counts; the empty name: there is none to write to
   */
  store?(file: string | undefined, offset: number): MaybePromise<void>;
  /** Local. This rank failed: release its peers. */
  abort?(cause: Error): void;
}

/** How ranks share a grid. */
export interface Sharing {
  /** The plugin that each computes with. */
  readonly kernel: string;
  /** Why it is not a faster one that should run: `not ffi-omp: …`. Absent where there is none, or it was named. */
  readonly whyKernel?: string;
  /** Process rows and columns; fewer than there are ranks where some have nothing to do. */
  readonly grid: readonly [rows: number, cols: number];
  /** Layers of halo; 0 where one rank has all of the grid. */
  readonly halo: number;
}

/** Several sweeps in one pass over memory, while a part of the grid is in cache (temporal blocking). */
export interface Pass {
  /** Sweeps in a pass. */
  readonly sweeps: number;
  /** Columns of a tile, the part that is swept at a time. */
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
