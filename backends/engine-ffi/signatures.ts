/**
 * The functions of native/include/laplace_plugin.h, as both runtimes need them to call a library.
 *
 * @module
 */

import type { FieldName, Layout } from "../../core/kernels/kernels.ts";
import type { Library, Pointer } from "../../host/ffi.ts";

/** The version of the interface. */
export const apiVersion = 2;

/** What a layout is a sum of. */
export const flags = {
  weighted: 1,
  source: 2,
  periodicRows: 4,
  periodicCols: 8,
  odd: 16,
  diagonal: 32,
  levels: 64,
} as const;

/** What `laplace_features` returns a sum of. */
export const features = { f32: 1, f64: 2, plain: 4, weighted: 8, sor: 16, bitwise: 32 } as const;

/** Numbers of fields. */
export const fields: Readonly<Record<FieldName, number>> = { u: 0, an: 1, as: 2, aw: 3, ae: 4, g: 5, d: 6 };

/** laplace_plugin.h, function by function: what sweeps need. */
export const sweeping = {
  laplace_api_version: { args: [], returns: "i32" },
  laplace_features: { args: [], returns: "i32" },
  laplace_describe: { args: ["buffer", "i32"], returns: "void" },
  laplace_probe: { args: ["buffer", "i32"], returns: "i32" },
  laplace_error: { args: ["buffer", "i32"], returns: "void" },
  laplace_threads: { args: ["buffer"], returns: "i32", optional: true },
  laplace_create: {
    args: ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "f64", "f64", "buffer"],
    returns: "ptr",
  },
  laplace_write: { args: ["ptr", "i32", "i32", "i32", "i32", "i32", "buffer"], returns: "i32" },
  laplace_read: { args: ["ptr", "i32", "i32", "i32", "i32", "buffer"], returns: "i32" },
  laplace_sweep: { args: ["ptr", "i32", "buffer"], returns: "i32" },
  laplace_advance: { args: ["ptr", "i32", "buffer"], returns: "i32", optional: true },
  laplace_relax: { args: ["ptr", "f64", "i32", "i32", "buffer"], returns: "i32", optional: true },
  laplace_residual: { args: ["ptr", "buffer"], returns: "i32" },
  laplace_pass: { args: ["ptr", "buffer"], returns: "i32", optional: true },
  laplace_free: { args: ["ptr"], returns: "void" },
} as const;

/** What a method needs besides: a library has all of it or nothing. */
const groups = {
  multigrid: {
    laplace_coarsen: { args: ["ptr", "i32", "i32"], returns: "ptr", optional: true },
    laplace_smooth_and_restrict: { args: ["ptr", "ptr", "i32"], returns: "i32", optional: true },
    laplace_prolong_and_smooth: { args: ["ptr", "ptr", "i32"], returns: "i32", optional: true },
    laplace_prolong_smooth_restrict: { args: ["ptr", "ptr", "i32", "i32", "buffer"], returns: "i32", optional: true },
    laplace_level_coarsen: { args: ["ptr", "i32", "i32"], returns: "ptr", optional: true },
    laplace_level_smooth_and_restrict: { args: ["ptr", "ptr", "i32"], returns: "i32", optional: true },
    laplace_level_prolong_and_smooth: { args: ["ptr", "ptr", "i32"], returns: "i32", optional: true },
    laplace_level_read_operator: { args: ["ptr", "buffer"], returns: "i32", optional: true },
    laplace_level_read_rhs: { args: ["ptr", "i32", "i32", "i32", "i32", "buffer"], returns: "i32", optional: true },
    laplace_level_write_rhs: { args: ["ptr", "i32", "i32", "i32", "i32", "buffer"], returns: "i32", optional: true },
    laplace_level_write_correction: { args: ["ptr", "buffer"], returns: "i32", optional: true },
    laplace_level_free: { args: ["ptr"], returns: "void", optional: true },
  },
  cg: {
    laplace_compute_residual: { args: ["ptr", "buffer"], returns: "i32", optional: true },
    laplace_update_direction: { args: ["ptr", "f64", "buffer"], returns: "i32", optional: true },
    laplace_step: { args: ["ptr", "f64", "buffer"], returns: "i32", optional: true },
  },
} as const;

/** All of laplace_plugin.h: these, and what a library may leave out. */
export const signatures = {
  ...sweeping,
  ...groups.multigrid,
  ...groups.cg,
  laplace_prolong_solution: { args: ["ptr", "ptr"], returns: "i32", optional: true },
  laplace_create_level: { args: ["ptr", "i32", "i32", "i32", "i32", "buffer"], returns: "ptr", optional: true },
  laplace_level_read_correction: { args: ["ptr", "buffer"], returns: "i32", optional: true },
  laplace_preconditioned_residual: { args: ["ptr"], returns: "ptr", optional: true },
  laplace_dots: { args: ["ptr", "buffer"], returns: "i32", optional: true },
  laplace_aggregate: { args: ["ptr"], returns: "ptr", optional: true },
  laplace_aggregation_cycle: { args: ["ptr"], returns: "i32", optional: true },
  laplace_aggregation_free: { args: ["ptr"], returns: "void", optional: true },
  laplace_conduct: {
    args: ["ptr", "i32", "i32", "i32", "i32", "f64", "f64", "buffer"],
    returns: "i32",
    optional: true,
  },
  laplace_compare: { args: ["ptr", "f64", "f64", "buffer"], returns: "i32", optional: true },
  laplace_shortfall: { args: ["ptr", "f64", "buffer"], returns: "i32", optional: true },
} as const;

/** An open library. */
export type Plugin = Library<typeof signatures>;

/** Whether a library has all that a method needs. */
export function hasAll<M extends keyof typeof groups>(
  plugin: Plugin,
  method: M,
): plugin is Plugin & { readonly [N in keyof Plugin & keyof typeof groups[M]]: NonNullable<Plugin[N]> } {
  return Object.keys(groups[method]).every((name) => plugin[name as keyof Plugin] !== undefined);
}

/** An open library, and what its calls throw if they fail. */
export interface Calls {
  readonly plugin: Plugin;
  /** Throws if a call's status says so, with the action that failed. */
  check(status: number, action: string): void;
  /** What a call that gave no pointer throws. */
  failure(action: string): Error;
}

/** A grid of a library, and its layout, by which calls are checked. */
export interface NativeGrid {
  readonly pointer: Pointer;
  readonly layout: Layout;
}
