/**
 * How far a discrete solution is from that of the differential equation, told from two grids. An estimate, no bound.
 *
 * @module
 */

import type { GridData } from "./contract.ts";
import { readEdges } from "./edges.ts";
import { larger } from "./kernels.ts";
import type { Problem } from "./problem.ts";

/**
 * Local. Richardson's estimate of the discretisation error on the finer of two grids: the equations are of second order, so
 * that halving the spacing leaves a quarter of it, and a third of the difference is what is left.
 *
 * L. F. Richardson, Phil. Trans. R. Soc. Lond. A 210 (1911) 307.
 *
 * @param u on ny × nx points
 * @param coarse on every other row and column of these
 * @returns max |u − coarse| / 3 over the points of both, in units of u; NaN if any is NaN
 */
export function richardson(
  u: GridData,
  coarse: GridData,
  nx: number,
  [rows, cols]: readonly [number, number],
): number {
  let most = 0;
  for (let i = 0, p = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++, p++) most = larger(most, Math.abs(u[2 * i * nx + 2 * j]! - coarse[p]!));
  }
  return most / 3;
}

/**
 * Local. The corners where fixed edges of different values meet. There the solution jumps, and the error next to it is
 * the same on every grid.
 *
 * @param spread range of the fixed values; functions that mean the same value may differ by roundings of it
 */
export function jumps(problem: Problem, spread: number): string[] {
  const [ny, nx] = problem.shape;
  const edges = readEdges(problem);
  const found: string[] = [];
  for (const [lengthwise, i] of [["north", 0], ["south", ny - 1]] as const) {
    for (const [crosswise, j] of [["west", 0], ["east", nx - 1]] as const) {
      const [a, b] = [edges[lengthwise], edges[crosswise]];
      if (a.kind !== "fixed" || b.kind !== "fixed") continue;
      const [one, other] = [a.value.at(0, j), b.value.at(i, 0)];
      if (Math.abs(one - other) > 1e-9 * spread) found.push(`${lengthwise}-${crosswise}`);
    }
  }
  return found;
}
