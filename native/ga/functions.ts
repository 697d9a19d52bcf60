/**
 * The C functions of Global Arrays that `ga` calls, as ga.h declares them: native/ga/build.ts exports these and no others.
 *
 * Indices are those of the first and the last point, and the leading dimension is that of the buffer.
 *
 * @module
 */

const b = "buffer", i = "i32";

/** Every function that is called. Collective, but for NGA_Put and the two NGA_…get. */
export const functions = {
  /** Ours, in native/ga/streams.c. */
  laplace_ga_ready: { args: [], returns: i },
  GA_Initialize: { args: [], returns: "void" },
  GA_Terminate: { args: [], returns: "void" },
  /** Of which processes. */
  GA_Pgroup_create: { args: [b, i], returns: i },
  GA_Pgroup_destroy: { args: [i], returns: i },
  GA_Pgroup_sync: { args: [i], returns: "void" },
  /** Type, dimensions, shape, name, blocks in each dimension, where each begins, group. */
  NGA_Create_irreg_config: { args: [i, i, b, b, b, b, i], returns: i },
  GA_Destroy: { args: [i], returns: "void" },
  /** Array, first point, last point, data, leading dimension. */
  NGA_Put: { args: [i, b, b, b, b], returns: "void" },
  NGA_Get: { args: [i, b, b, b, b], returns: "void" },
  /** The same, around the ends of the array. */
  NGA_Periodic_get: { args: [i, b, b, b, b], returns: "void" },
} as const;
