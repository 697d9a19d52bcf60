/**
 * What a solve is asked for, and what it answers. Types only.
 *
 * @module
 */

import type { Batch, Dtype, GridData, MaybePromise, Method, Pass, Session, Sharing } from "../core/contract.ts";
import type { Limits, StopRule } from "../core/criterion.ts";
import type { Status } from "../core/iterate.ts";
import type { Estimates, Results } from "../core/results.ts";

/** Whether a bound on the error is looked for after a solve that stops by something else. */
export const BOUNDS = ["auto", "full", "off"] as const;

/** How to solve. Names are those of the command line. */
export interface SolveOptions extends Limits {
  /** A plugin's name, or a path to one; default `auto`. */
  readonly plugin?: string | undefined;
  /** Settings of the plugin, and `omega` of sor. */
  readonly settings?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Default `auto`. */
  readonly method?: Method | "auto" | undefined;
  /**
   * Whether to look for a bound on the error after a solve that stops by something else; default `auto`: beyond 65536 points it
   * takes at most half of the sweeps of the solve, or is given up. `full` gives it as many as a narrow one needs. `off` goes
   * with the stop rules that do not end by a bound.
   */
  readonly bound?: typeof BOUNDS[number] | undefined;
  /** Whether to estimate the discretisation error, which takes a second solve, on every other row and column. */
  readonly estimate?: boolean | undefined;
  /** Whether rank 0 gets the whole field at the end; default yes. Without ranks it always does. */
  readonly gather?: boolean | undefined;
  /**
   * Collective. Called before a session of several ranks is closed: each can write its own part. Not called for singular
   * problems, whose mean is subtracted from the whole field.
   */
  readonly save?: ((session: Session, solution: Solution) => MaybePromise<void>) | undefined;
}

/** Where the time of a solve goes, in seconds. */
export interface Seconds {
  /** Until the session is open: the problem is lowered, a plugin chosen, its memory filled. */
  readonly open: number;
  /** What the first sweep needs, such as the levels of multigrid. */
  readonly setup: number;
  /** The bound on the error. */
  readonly bound: number;
  /** The sweeps. */
  readonly solve: number;
  /** All, with what is between these and the results. */
  readonly total: number;
}

/** The result of a solve; `sweeps`, `change` and `residual` are those of the last batch. */
export interface Solution extends Batch {
  /**
   * The field, `shape` points in C order, in units of the problem's values, NaN at nodes inside of holes; empty on ranks other
   * than the first.
   */
  readonly u: GridData;
  /** ny, nx: edges included. */
  readonly shape: readonly [ny: number, nx: number];
  /** dy, dx. */
  readonly spacing: readonly [number, number];
  /** How the solve ended. */
  readonly status: Status;
  /** The source that was subtracted everywhere, where roundings of f32 data kept source and fluxes from balancing; else 0. */
  readonly surplus: number;
  /** The plugin that solved it. */
  readonly plugin: string;
  /** What the plugin ran on. */
  readonly device: string;
  /** Why this plugin. */
  readonly why: string;
  /** The method that was used. */
  readonly method: Method;
  /** Why this method: `named`, or the reason of `auto`. */
  readonly whyMethod: string;
  /** Precision of the field. */
  readonly dtype: Dtype;
  /** The stop rule. */
  readonly stop: StopRule;
  /** Range of the held values, the ambients and the field, in units of u: what `tol` is relative to. */
  readonly spread: number;
  /** The error, residual or change that was asked for, in units of u. */
  readonly asked: number;
  /** The default, in units of u, where the precision is too low for it and `asked` is larger; else undefined. */
  readonly loosenedFrom: number | undefined;
  /** The change or residual that the rule waited for, in units of u. */
  readonly target: number;
  /** |u − u_discrete| is at most this, in units of u and up to rounding; undefined where no bound is known. */
  readonly errorBound: number | undefined;
  /** Why no bound is known. */
  readonly noBound: string | undefined;
  /**
   * About how far the discrete solution is from that of the differential equation, in units of u: max norm, by Richardson
   * extrapolation. Undefined unless asked for with `estimate`, and where there is no estimate.
   */
  readonly discretisationError: number | undefined;
  /** How it was estimated and what it does not cover, or why there is no estimate; undefined unless asked for. */
  readonly discretisationNote: string | undefined;
  /** Fluxes, balance, energy, extremes, probes, on all ranks; undefined where the field is not finite. */
  readonly results: Results | undefined;
  /** The discretisation error of each of them, estimated likewise; undefined where that of the field is. */
  readonly estimates: Estimates | undefined;
  /** Wall-clock time, in seconds. */
  readonly seconds: Seconds;
  /** Million point updates a second. */
  readonly mlups: number;
  /** Threads that swept, in each rank. */
  readonly threads: number;
  /** Which limit leaves no more, in words; undefined where none does. */
  readonly whyThreads: string | undefined;
  /** How the sweeps passed over memory, where the plugin has a choice; `off`: one at a time. */
  readonly block: Pass | "off" | undefined;
  /** Ranks that took part. */
  readonly ranks: number;
  /** How they shared the grid; undefined for a plugin without ranks. */
  readonly sharing: Sharing | undefined;
  /** One entry per check. */
  readonly history: readonly Batch[];
}
