/**
 * Agglomeration: a level of multigrid that ranks share is assembled on each of them, and each solves all of it, with its own
 * kernels or, where these cannot make a level of coefficients, with those of the reference.
 *
 * @module
 */

import type { Block, MaybePromise } from "../../core/contract.ts";
import type { CoarseSolver, SharedLevel } from "../../core/kernels/distributed.ts";
import { Cholesky } from "../../core/methods/cholesky.ts";
import { cycleSolver } from "../../core/methods/hierarchy.ts";
import { levelFromOperator } from "../js/coarsen.ts";
import { levelKernels } from "../js/multigrid.ts";

/** Collective. Returns the arrays of all ranks, in order of rank. */
export type Collect = (mine: Float64Array) => MaybePromise<readonly Float64Array[]>;

/** Coefficients at a point. */
const NINE = 9;

/** Collective. Makes the solver of a shared level: one cycle of multigrid for each call. */
export async function agglomerate(level: SharedLevel, collect: Collect): Promise<CoarseSolver> {
  const { shape, periodic, singular, stored, owned, below } = level;
  const given = await collect(Float64Array.of(...owned.rows, ...owned.cols));
  const blocks = given.map(([r0, r1, c0, c1]): Block => ({ rows: [r0!, r1!], cols: [c0!, c1!] }));
  const points = shape[0] * shape[1];
  const assembled = async (mine: Float64Array, each: number, all: Float64Array) => {
    (await collect(extract(mine, stored, owned, each))).forEach((part, rank) =>
      insert(part, blocks[rank]!, all, shape[1], each)
    );
    return all;
  };
  const operator = await assembled(level.operator, NINE, new Float64Array(NINE * points));
  const solver: CoarseSolver = below.length === 0
    ? new Cholesky(operator, shape, periodic, singular)
    : await (level.solver ?? referenceSolver(level))(operator);
  // Reused: touching the pages of a new array takes longer than filling it.
  const all = new Float64Array(points);
  return {
    solve: async (f) => extractPeriodic(await solver.solve(await assembled(f, 1, all)), shape, stored),
    free: () => solver.free?.(),
  };
}

/** Makes a solver of the kernels of the reference. */
function referenceSolver(level: SharedLevel) {
  const { shape, periodic, firstIsCoarse } = level;
  return (operator: Float64Array) =>
    cycleSolver(levelKernels, levelFromOperator(operator, shape, periodic, firstIsCoarse), level);
}

/** Copies the points of a block out of an array of those in `of`, both in C order, with `each` numbers a point. */
function extract(data: Float64Array, of: Block, { rows, cols }: Block, each: number): Float64Array {
  const width = of.cols[1] - of.cols[0], wanted = (cols[1] - cols[0]) * each;
  const part = new Float64Array((rows[1] - rows[0]) * wanted);
  for (let i = rows[0], to = 0; i < rows[1]; i++, to += wanted) {
    const at = ((i - of.rows[0]) * width + (cols[0] - of.cols[0])) * each;
    part.set(data.subarray(at, at + wanted), to);
  }
  return part;
}

function insert(part: Float64Array, { rows, cols }: Block, all: Float64Array, nx: number, each: number): void {
  const width = (cols[1] - cols[0]) * each;
  for (let i = rows[0], at = 0; i < rows[1]; i++, at += width) {
    all.set(part.subarray(at, at + width), (i * nx + cols[0]) * each);
  }
}

/** Copies the points of a block that runs on past the periodic edges of `all`. */
function extractPeriodic(
  all: Float64Array,
  [ny, nx]: readonly [number, number],
  { rows: [r0, r1], cols: [c0, c1] }: Block,
): Float64Array {
  const part = new Float64Array((r1 - r0) * (c1 - c0));
  for (let i = r0, to = 0; i < r1; i++) {
    const row = modulo(i, ny) * nx;
    for (let j = c0, run; j < c1; j += run, to += run) {
      const from = modulo(j, nx);
      run = Math.min(nx - from, c1 - j);
      part.set(all.subarray(row + from, row + from + run), to);
    }
  }
  return part;
}

function modulo(a: number, n: number): number {
  return ((a % n) + n) % n;
}
