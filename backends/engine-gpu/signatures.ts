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
  readonly windows: readonly string[];
  /** Buffers without rows. */
  readonly buffers: readonly string[];
  /** Those of both that it writes to. */
  readonly writes: readonly string[];
  readonly ints: readonly string[];
  readonly reals: readonly string[];
}

const rows = ["begin_row", "end_row"] as const;
const inner = ["r0", "r1", "c0", "c1"] as const;
/** A grid or level of ny x nx points, and the one below it. */
const transfer = ["ny", "nx", "pitch", "my", "mx"] as const;

/** The kernels of native/gpu/, where their parameters are explained. */
export const signatures = {
  sweep: {
    windows: ["u", "v", "fields"],
    buffers: ["partials"],
    writes: ["v", "partials"],
    ints: [...rows, "nx", "pitch", "planes", ...inner, "form", "write_residual", "partial"],
    reals: ["cx", "cy"],
  },
  relax: {
    windows: ["u", "fields"],
    buffers: ["partials"],
    writes: ["u", "partials"],
    ints: [...rows, "nx", "pitch", "planes", ...inner, "form", "odd", "partial"],
    reals: ["cx", "cy", "omega"],
  },
  blocked: {
    windows: ["u", "v", "fields"],
    buffers: ["partials"],
    writes: ["v", "partials"],
    ints: [...rows, "ny", "nx", "pitch", "planes", ...inner, "form", "sweeps", "partial", "second"],
    reals: ["cx", "cy"],
  },
  fill_ghost_columns: { windows: ["a"], buffers: [], writes: ["a"], ints: [...rows, "nx", "pitch"], reals: [] },
  copy: { windows: [], buffers: ["origin", "copied"], writes: ["copied"], ints: ["rows", "width"], reals: [] },
  difference: {
    windows: ["u", "v"],
    buffers: ["partials"],
    writes: ["partials"],
    ints: [...rows, "pitch", ...inner, "partial"],
    reals: [],
  },
  reduce: {
    windows: [],
    buffers: ["partials", "norms"],
    writes: ["norms"],
    ints: ["begin", "end", "slot"],
    reals: [],
  },
  smooth: {
    windows: ["e", "f", "coefficients"],
    buffers: [],
    writes: ["e"],
    ints: [...rows, "nx", "pitch", "odd_rows", "odd_cols"],
    reals: [],
  },
  compute_residual: {
    windows: ["e", "f", "coefficients", "r"],
    buffers: [],
    writes: ["r"],
    ints: [...rows, "nx", "pitch"],
    reals: [],
  },
  restrict_residual: {
    windows: ["r", "weights", "f", "e"],
    buffers: [],
    writes: ["f", "e"],
    ints: [...rows, ...transfer, "coarse_pitch", "flags"],
    reals: [],
  },
  prolong_correction: {
    windows: ["u", "e", "weights"],
    buffers: [],
    writes: ["u"],
    ints: [...rows, ...transfer, "coarse_pitch", "flags"],
    reals: [],
  },
  interpolation_weights: {
    windows: ["coefficients", "weights"],
    buffers: [],
    writes: ["weights"],
    ints: [...rows, "kind", "planes", ...transfer, "flags", "centres"],
    reals: ["cx", "cy"],
  },
  galerkin_product: {
    windows: ["coefficients", "weights", "coarse"],
    buffers: [],
    writes: ["coarse"],
    ints: [...rows, "kind", "planes", ...transfer, "coarse_pitch", "flags"],
    reals: ["cx", "cy"],
  },
  prolong_solution_rows: {
    windows: ["coarse", "u"],
    buffers: [],
    writes: ["u"],
    ints: [...rows, "nx", "pitch", "mx", "coarse_pitch"],
    reals: [],
  },
  prolong_solution_between: {
    windows: ["u"],
    buffers: [],
    writes: ["u"],
    ints: [...rows, "nx", "pitch", "my"],
    reals: [],
  },
} as const satisfies Readonly<Record<string, Signature>>;

/** The name of a kernel. */
export type KernelName = keyof typeof signatures;
