/**
 * A bound on the error of weighted stencils. B = I − W is an M-matrix: B⁻¹ >= 0. So any w with B w >= c > 0 at all points
 * compares: |u − u_discrete| <= max w / c · max |B (u − u_discrete)|, and the last factor is the residual. The best w has
 * B w = 1; a few V-cycles approximate it, and their residual determines c. A direct solve finds it up to rounding.
 * R. S. Varga, Matrix Iterative Analysis (1962), ch. 3; W. Hackbusch, Elliptic Differential Equations (1992), section 4.3.
 *
 * @module
 */

import type { Block, GridData, Stencil, StencilBlock } from "../contract.ts";
import { allocate, roundoff } from "../dtype.ts";
import { type Kernels, larger } from "../kernels/kernels.ts";
import type { Hierarchy } from "./hierarchy.ts";

/** B w >= 1 − SLACK is near enough to 1; cycles reach it soon or not at all. */
const SLACK = 0.2, CYCLES = 12;

/** Points that are written and read at a time. */
const BAND = 1 << 16;

/**
 * Local. A factor c such that |u − u_discrete| <= c · residual, from w on the grid of the preconditioned residual: the iterate
 * of `grid` stays as it is.
 *
 * @returns undefined if there is none, the problem being singular, or none was found: too slow, or hidden by rounding
 */
export async function comparisonFactor<G, L>(
  kernels: Kernels<G, L>,
  grid: G,
  levels: Hierarchy<L>,
  stencil: Pick<Stencil, "singular" | "dtype" | "shape">,
): Promise<number | undefined> {
  const { multigrid, cg } = kernels;
  if (stencil.singular || !multigrid || !cg?.preconditionedResidual) return undefined;
  const w = await cg.preconditionedResidual(grid);
  try {
    return await factorBySteps(kernels, w, stencil, () => levels.cycle(multigrid, w), CYCLES);
  } finally {
    await kernels.free(w);
  }
}

/**
 * Local. The same factor: B w = 1 is solved on a grid, whose iterate and constant term are lost.
 *
 * @param step of its method
 * @param most steps at most
 */
export async function factorBySteps<G, L>(
  kernels: Kernels<G, L>,
  grid: G,
  { shape: [ny, nx], dtype }: Pick<Stencil, "dtype" | "shape">,
  step: () => unknown,
  most: number,
): Promise<number | undefined> {
  const rows = Math.max(1, Math.floor(BAND / nx));
  const band = (from: number) => ({ rows: [from, Math.min(from + rows, ny + 1)], cols: [1, nx + 1] }) as const;
  const ones = allocate(dtype, rows * nx).fill(1);
  for (let i = 1; i <= ny; i += rows) {
    const block = band(i);
    // At fixed points w is 1 as well: no method moves them.
    for (const field of ["g", "u"] as const) {
      await kernels.write(grid, field, block, ones.subarray(0, (block.rows[1] - block.rows[0]) * nx));
    }
  }
  let left = Infinity;
  for (let n = 0; n < most && left > SLACK; n++) {
    await step();
    // max |sweep(w) − w| = max |1 − B w|
    left = await kernels.residual(grid);
  }
  let largest = 0;
  for (let i = 1; i <= ny; i += rows) {
    for (const value of await kernels.read(grid, band(i))) largest = larger(largest, Math.abs(value));
  }
  return factorOf(largest, 1 - left, roundoff(dtype));
}

/**
 * Local. The same factor from a given w, of a weighted stencil.
 *
 * @param w `shape` points in C order, zero at fixed ones, whose error is zero
 */
export function factorFrom(stencil: Stencil, w: Float64Array): number | undefined {
  const { shape: [ny, nx] } = stencil;
  let [most, least] = [0, Infinity];
  const rows = Math.max(1, Math.floor(BAND / nx));
  for (let from = 0; from < ny; from += rows) {
    const to = Math.min(from + rows, ny);
    const { an, as, aw, ae, d } = stencil.evaluate({ rows: [from, to], cols: [0, nx] });
    for (let i = from, k = 0; i < to; i++) {
      // Where a neighbour does not exist its weight is zero.
      const [here, north, south] = [i * nx, (i + ny - 1) % ny * nx, (i + 1) % ny * nx];
      for (let j = 0; j < nx; j++, k++) {
        if (d![k] === 0) continue;
        const [west, east] = [j === 0 ? nx - 1 : j - 1, j === nx - 1 ? 0 : j + 1];
        const around = an![k]! * w[north + j]! + as![k]! * w[south + j]! +
          (aw![k]! * w[here + west]! + ae![k]! * w[here + east]!);
        most = larger(most, Math.abs(w[here + j]!));
        least = -larger(-least, around - w[here + j]!);
      }
    }
  }
  // Weights are rounded to their own precision.
  return factorOf(most, least, roundoff(stencil.dtype));
}

/**
 * Local. The problem whose solution is w: B w = 1, and w = 0 at fixed points. In f64: rounding would hide it soonest. Where
 * nothing is fixed, the point in the middle is: errors are then relative to the one there.
 *
 * @param stencil weighted, f64
 */
export function comparisonStencil(stencil: Stencil): Stencil {
  const ones = (d: GridData) => d.map((value) => value > 0 ? 1 : 0);
  const { coarsen: _, conductivityChunks: _ofOthers, ...rest } = stencil;
  const middle = stencil.shape.map((n) => n >> 1) as [number, number];
  const pinned = (data: GridData, { rows: [r0, r1], cols: [c0, c1] }: Block) => {
    const [i, j] = middle;
    if (!stencil.singular || i < r0 || i >= r1 || j < c0 || j >= c1) return data;
    const copy = data.slice();
    copy[(i - r0) * (c1 - c0) + j - c0] = 0;
    return copy;
  };
  return {
    ...rest,
    singular: false,
    magnitude: 1,
    evaluate(block) {
      const found = stencil.evaluate(block);
      const weights = (["an", "as", "aw", "ae", "d"] as const).map((name) => [name, pinned(found[name]!, block)]);
      const held: StencilBlock = { ...found, ...Object.fromEntries(weights) };
      return { ...held, u: ones(held.d!), g: ones(held.d!) };
    },
    *chunks(block) {
      for (const chunk of stencil.chunks(block)) {
        if (chunk.field === "u" || chunk.field === "g") continue;
        const data = pinned(chunk.data, chunk.block);
        yield { ...chunk, data };
        if (chunk.field !== "d") continue;
        const one = ones(data);
        yield { ...chunk, field: "g", data: one };
        yield { ...chunk, field: "u", data: one };
      }
    },
  };
}

/**
 * Local. The problem whose solution is the error of a field: B e = r, and e = 0 at fixed points.
 *
 * @param stencil of the field, in f64
 * @param r its residual, `shape` points in C order
 * @param magnitude max |r|
 */
export function correctionStencil(stencil: Stencil, r: Float64Array, magnitude: number): Stencil {
  const { coarsen: _, conductivityChunks: _ofOthers, ...rest } = stencil;
  const nx = stencil.shape[1];
  const part = ({ rows, cols }: Block) => {
    const width = cols[1] - cols[0];
    const data = new Float64Array((rows[1] - rows[0]) * width);
    for (let i = rows[0], at = 0; i < rows[1]; i++, at += width) {
      data.set(r.subarray(i * nx + cols[0], i * nx + cols[1]), at);
    }
    return data;
  };
  return {
    ...rest,
    source: true,
    magnitude,
    evaluate: (block) => ({ ...stencil.evaluate(block), u: part(block).fill(0), g: part(block) }),
    *chunks(block) {
      for (const chunk of stencil.chunks(block)) if (chunk.field !== "u" && chunk.field !== "g") yield chunk;
      yield { field: "g", block, data: part(block) };
    },
  };
}

/**
 * Local. max w / c, or undefined where B w is nearly lost in rounding: a sum of four products of at most `most`, and a constant.
 * A w that is negative somewhere is rounding alone: B⁻¹ >= 0.
 *
 * @param most max |w|
 * @param least B w at least, without rounding
 * @param unit roundoff of its arithmetic
 */
export function factorOf(most: number, least: number, unit: number): number | undefined {
  const c = least - 8 * unit * (most + 1);
  return c >= 0.5 ? most / c : undefined;
}
