/**
 * The functions of native/include/laplace_plugin.h, as both runtimes need them to call a library.
 *
 * @module
 */

import type { Layout } from "../../core/kernels/kernels.ts";
import type { Library, Pointer } from "../../host/ffi.ts";

/** What a layout is a sum of. */
export const flags = { weighted: 1, source: 2, wrapRows: 4, wrapCols: 8, odd: 16, diagonal: 32, levels: 64 } as const;

/** laplace_plugin.h, function by function: what sweeps need. */
export const sweeping = {
  laplace_api_version: { args: [], returns: "i32" },
  laplace_features: { args: [], returns: "i32" },
  laplace_describe: { args: ["buffer", "i32"], returns: "void" },
  laplace_probe: { args: ["buffer", "i32"], returns: "i32" },
  laplace_error: { args: ["buffer", "i32"], returns: "void" },
  laplace_set: { args: ["buffer", "buffer"], returns: "i32", optional: true },
  laplace_threads: { args: [], returns: "i32", optional: true },
  laplace_create: {
    args: ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "f64", "f64"],
    returns: "ptr",
  },
  laplace_write: { args: ["ptr", "i32", "i32", "i32", "i32", "i32", "buffer"], returns: "i32" },
  laplace_read: { args: ["ptr", "i32", "i32", "i32", "i32", "buffer"], returns: "i32" },
  laplace_sweep: { args: ["ptr", "i32", "buffer"], returns: "i32" },
  laplace_advance: { args: ["ptr", "i32", "buffer"], returns: "i32", optional: true },
  laplace_pass: { args: ["ptr", "buffer"], returns: "i32", optional: true },
  laplace_relax: { args: ["ptr", "f64", "i32", "i32", "buffer"], returns: "i32", optional: true },
  laplace_residual: { args: ["ptr", "buffer"], returns: "i32" },
  laplace_free: { args: ["ptr"], returns: "void" },
} as const;

/** The same, and what multigrid and conjugate gradients need besides. */
export const signatures = {
  ...sweeping,
  laplace_coarsen: { args: ["ptr", "i32", "i32"], returns: "ptr", optional: true },
  laplace_descend: { args: ["ptr", "ptr", "i32"], returns: "i32", optional: true },
  laplace_ascend: { args: ["ptr", "ptr", "i32"], returns: "i32", optional: true },
  laplace_turn: { args: ["ptr", "ptr", "i32", "i32", "buffer"], returns: "i32", optional: true },
  laplace_refine: { args: ["ptr", "ptr"], returns: "i32", optional: true },
  laplace_equations: { args: ["ptr", "buffer"], returns: "i32", optional: true },
  laplace_right_side: { args: ["ptr", "i32", "i32", "i32", "i32", "buffer"], returns: "i32", optional: true },
  laplace_set_right_side: { args: ["ptr", "i32", "i32", "i32", "i32", "buffer"], returns: "i32", optional: true },
  laplace_correct: { args: ["ptr", "buffer"], returns: "i32", optional: true },
  laplace_system: { args: ["ptr", "i32", "i32", "i32", "i32", "buffer"], returns: "ptr", optional: true },
  laplace_iterate: { args: ["ptr", "buffer"], returns: "i32", optional: true },
  laplace_remainder: { args: ["ptr", "buffer"], returns: "i32", optional: true },
  laplace_aim: { args: ["ptr", "f64", "buffer"], returns: "i32", optional: true },
  laplace_move: { args: ["ptr", "f64", "buffer"], returns: "i32", optional: true },
  laplace_correction: { args: ["ptr"], returns: "ptr", optional: true },
  laplace_products: { args: ["ptr", "buffer"], returns: "i32", optional: true },
} as const;

/** An open library. */
export type Plugin = Library<typeof signatures>;

/** A grid of a library, and what its layout lets us check before a call. */
export interface NativeGrid {
  readonly pointer: Pointer;
  readonly layout: Layout;
}
