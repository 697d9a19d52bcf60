/**
 * The loops of `js` as a thread's engine, on shared arrays.
 *
 * @module
 */

import type { GridData } from "../../core/contract.ts";
import type { Layout } from "../../core/kernels/kernels.ts";
import { allocate } from "../../core/dtype.ts";
import { createFields, type Fields } from "../js/grid.ts";
import { relaxRows, sweepRows } from "../js/sweep.ts";
import type { Engine, Store } from "../engine-threads/engine.ts";
import type { ThreadContext } from "../engine-threads/worker_loop.ts";
import { sharedArray } from "./arrays.ts";
import { gridSteps, type LevelArrays, levelSteps } from "./levels.ts";
import { createVectorEngine, type Vectors } from "./vectors.ts";

/** The arrays of a grid, in shared memory. */
export interface GridArrays {
  readonly iterates: readonly [GridData, GridData];
  readonly fields: Fields;
  /** Of conjugate gradients: empty where these are not used. */
  readonly vectors: Vectors;
}

/**
 * Local. Allocates the shared arrays of a grid, all zero.
 *
 * @param vectors which arrays of conjugate gradients are needed: none, their own, or those of a preconditioner too
 */
export function allocateGrid(layout: Layout, vectors: "none" | "own" | "all"): Store<GridArrays> {
  const { dtype, shape: [ny, nx] } = layout;
  const array = (used: boolean): GridData => sharedArray(dtype, used ? ny * nx : 0);
  const [own, all] = [vectors !== "none", vectors === "all"];
  const rowDots = () => sharedArray("f64", own ? ny : 0) as Float64Array;
  return storeOf(nx, {
    iterates: [array(true), array(true)],
    fields: createFields(layout, array),
    vectors: { r: array(own), p: array(own), q: array(own), z: array(all), rowDots: [rowDots(), rowDots()] },
  });
}

/** Local. The grid of the same weights whose constant term is r, and whose iterate is z. */
export function preconditionedResidual({ fields, vectors }: GridArrays, { dtype, shape }: Layout): Store<GridArrays> {
  const { r, z } = vectors;
  return storeOf(shape[1], { iterates: [z, sharedArray(dtype, z.length)], fields: { ...fields, g: r }, vectors });
}

function storeOf(stride: number, shared: GridArrays): Store<GridArrays> {
  const { iterates, fields, vectors: { rowDots } } = shared;
  return { stride, iterates, fields, rowDots, shared };
}

/** Local. The engine of one thread. */
export function createEngine(
  { layout, store: { iterates, fields, vectors } }: ThreadContext<GridArrays>,
): Engine<LevelArrays> {
  const scratch = allocate(layout.dtype, layout.shape[1]);
  const pair = (current: 0 | 1) => [iterates[current], iterates[current === 0 ? 1 : 0]] as const;
  return {
    sweep: (current, from, to, norm) => sweepRows(layout, fields, ...pair(current), from, to, norm),
    relax: (current, omega, colour, from, to, norm) =>
      relaxRows(layout, fields, iterates[current], omega, colour, from, to, scratch, norm),
    passSteps: (current, fine, coarse) =>
      fine ? levelSteps(fine, coarse) : gridSteps(layout, fields, ...pair(current), scratch, coarse),
    vectors: createVectorEngine(layout, fields, pair, vectors),
  };
}
