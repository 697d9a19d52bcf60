/**
 * What each kernel is passed, by name, and in which order: the one place that knows it. A test compares it with native/gpu/;
 * the kernels in WGSL are declared by it.
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

/** A part of a buffer that a kernel sees: its pointer leads to `offset`. In bytes. */
export interface Window<B> {
  /** The buffer. */
  readonly buffer: B;
  /** The row of its array that it begins with; 0 if it has no rows. */
  readonly first: number;
  /** A multiple of the device's `align`. */
  readonly offset: number;
  /** At most the device's `largest`. */
  readonly bytes: number;
}

/** One launch of a kernel: what it passes has the names of signatures.ts, which knows their order. */
export type Launch<B> = { readonly [K in KernelName]: LaunchOf<B, K> }[KernelName];

/** One launch of a certain kernel. */
export interface LaunchOf<B, K extends KernelName> {
  /** Its name in native/gpu/. */
  readonly kernel: K;
  /** Its buffers. What one launch writes to never overlaps another of its buffers. */
  readonly buffers: Readonly<Record<(typeof signatures)[K]["windows" | "buffers"][number], Window<B>>>;
  /** Its numbers. */
  readonly scalars: Readonly<Record<(typeof signatures)[K]["ints" | "reals"][number], number>>;
  /** Threads: columns, rows. The device rounds up to whole groups; surplus threads return at once. */
  readonly threads: readonly [cols: number, rows: number];
  /** Macros with values that are the same for every launch on this grid: a device may compile them in, or ignore them. */
  readonly constants?: Readonly<Record<string, number>>;
}

/** What a launch passes, in the order in which its kernel declares it. */
export interface Ordered<B> {
  readonly buffers: Window<B>[];
  readonly ints: number[];
  readonly reals: number[];
}

/** Local. Puts what a launch passes in order. @throws Error if it lacks something: a bug */
export function inOrder<B>({ kernel, buffers, scalars }: Launch<B>): Ordered<B> {
  const signature: Signature | undefined = signatures[kernel];
  if (!signature) throw new Error(`Cannot launch "${kernel}": there is no such kernel`);
  const [windows, values]: [Readonly<Record<string, Window<B>>>, Readonly<Record<string, number>>] = [buffers, scalars];
  const passed: Ordered<B> = { buffers: [], ints: [], reals: [] };
  for (const name of signature.windows) {
    const window = given(windows[name], kernel, name);
    passed.buffers.push(window);
    passed.ints.push(window.first);
  }
  for (const name of signature.buffers) passed.buffers.push(given(windows[name], kernel, name));
  for (const name of signature.ints) passed.ints.push(given(values[name], kernel, name));
  for (const name of signature.reals) passed.reals.push(given(values[name], kernel, name));
  return passed;
}

function given<T>(value: T | undefined, kernel: string, name: string): T {
  if (value === undefined) throw new Error(`Cannot launch "${kernel}": "${name}" is missing`);
  return value;
}
