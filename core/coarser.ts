/**
 * The same plate on fewer points: what full multigrid takes its first guess from. Problems, not equations: every other
 * row and column is sampled again.
 *
 * @module
 */

import type { Edges } from "./edges.ts";
import type { Sampler } from "./field.ts";
import type { EdgeInput, EdgeName, Problem } from "./problem.ts";

/** Points on a side of the smallest grid that is halved: cubic interpolation takes four of the halved one. */
const LEAST = 9;

/** Local. Whether both sides can be halved: the edges stay where they are. */
export function halves([ny, nx]: readonly [number, number]): boolean {
  return ny % 2 === 1 && nx % 2 === 1 && Math.min(ny, nx) >= LEAST;
}

/**
 * Local. A plate with fixed edges, on every other row and column.
 *
 * @param edges all fixed
 * @param f the source
 */
export function everyOther(problem: Problem, edges: Edges, f: Sampler): Problem {
  const { shape: [ny, nx], spacing: [dy, dx] = [1, 1] } = problem;
  const half = (of: Sampler, row: number, col: number) =>
    of.uniform ?? ((i: number, j: number) => of.at(row * i, col * j));
  const edge = (name: EdgeName, row: number, col: number): EdgeInput => {
    const { [name]: it } = edges;
    if (it.kind !== "fixed") throw new Error(`Cannot halve a plate: its edge in the ${name} is not fixed`);
    return half(it.value, row, col);
  };
  return {
    ...problem,
    shape: [(ny + 1) / 2, (nx + 1) / 2],
    spacing: [2 * dy, 2 * dx],
    // Samplers of edges number the points along the edge, across it there is only one.
    edges: {
      north: edge("north", 0, 2),
      south: edge("south", 0, 2),
      west: edge("west", 2, 0),
      east: edge("east", 2, 0),
    },
    source: half(f, 2, 2),
  };
}
