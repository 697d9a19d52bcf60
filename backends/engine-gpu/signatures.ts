/**
 * The parameters of each kernel by name, in order: the one place that knows them. A test compares it with native/gpu/; the
 * kernels in WGSL are declared by it.
 *
 * A kernel declares its windows and its other buffers, then the first row of each window (`<name>_first`), its 32-bit whole
 * numbers, and its numbers of the device's precision.
 *
 * @module
 */

/** The parameters of a kernel. */
export interface Signature {
  /** Windows of arrays: some rows of them. */
  readonly windows?: readonly string[];
  /** Buffers without rows. */
  readonly buffers?: readonly string[];
  /** Those of both that it writes to. */
  readonly writes: readonly string[];
  readonly ints: readonly string[];
  readonly reals?: readonly string[];
}

const rows = ["begin_row", "end_row"] as const, inner = ["r0", "r1", "c0", "c1"] as const;
/** What all kernels that sweep have. */
const sweeping = ["nx", "pitch", "planes", ...inner, "form"] as const;
/** A grid or level of ny x nx points, and the one below it. */
const fine = ["ny", "nx", "pitch", "my", "mx"] as const, both = [...fine, "coarse_pitch", "flags"] as const;
const norms = ["partials"] as const, weights = ["cx", "cy"] as const;

/** The kernels of native/gpu/, where their parameters are explained. */
export const signatures = {
  sweep: {
    windows: ["u", "v", "fields"],
    buffers: norms,
    writes: ["v", "partials"],
    ints: [...rows, ...sweeping, "write_residual", "partial"],
    reals: weights,
  },
  relax: {
    windows: ["u", "fields"],
    buffers: norms,
    writes: ["u", "partials"],
    ints: [...rows, ...sweeping, "odd", "partial"],
    reals: [...weights, "omega"],
  },
  blocked: {
    windows: ["u", "v", "fields"],
    buffers: norms,
    writes: ["v", "partials"],
    ints: [...rows, "ny", ...sweeping, "sweeps", "partial", "second"],
    reals: weights,
  },
  difference: { windows: ["u", "v"], buffers: norms, writes: norms, ints: [...rows, "pitch", ...inner, "partial"] },
  reduce: { buffers: [...norms, "norms"], writes: ["norms"], ints: ["begin", "end", "slot"] },
  copy: { buffers: ["origin", "copied"], writes: ["copied"], ints: ["rows", "width"] },
  fill_ghost_columns: { windows: ["a"], writes: ["a"], ints: [...rows, "nx", "pitch"] },
  smooth: {
    windows: ["e", "f", "coefficients"],
    writes: ["e"],
    ints: [...rows, "nx", "pitch", "odd_rows", "odd_cols"],
  },
  compute_residual: { windows: ["e", "f", "coefficients", "r"], writes: ["r"], ints: [...rows, "nx", "pitch"] },
  restrict_residual: { windows: ["r", "weights", "f", "e"], writes: ["f", "e"], ints: [...rows, ...both] },
  prolong_correction: { windows: ["u", "e", "weights"], writes: ["u"], ints: [...rows, ...both] },
  interpolation_weights: {
    windows: ["coefficients", "weights"],
    writes: ["weights"],
    ints: [...rows, "kind", "planes", ...fine, "flags", "centres"],
    reals: weights,
  },
  galerkin_product: {
    windows: ["coefficients", "weights", "coarse"],
    writes: ["coarse"],
    ints: [...rows, "kind", "planes", ...both],
    reals: weights,
  },
  prolong_solution_rows: {
    windows: ["coarse", "u"],
    writes: ["u"],
    ints: [...rows, "nx", "pitch", "mx", "coarse_pitch"],
  },
  prolong_solution_between: { windows: ["u"], writes: ["u"], ints: [...rows, "nx", "pitch", "my"] },
} as const satisfies Readonly<Record<string, Signature>>;

/** The name of a kernel. */
export type KernelName = keyof typeof signatures;

/** The names of some parameters of a kernel. */
export type Names<K extends KernelName, P extends keyof Signature> = (typeof signatures)[K] extends
  Readonly<Record<P, readonly (infer N extends string)[]>> ? N : never;
