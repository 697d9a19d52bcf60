/**
 * The discretisation error, estimated from the solutions on two grids. An estimate, no bound.
 *
 * @module
 */

import type { GridData } from "../contract.ts";
import { type Edge, readEdges } from "../problem/edges.ts";
import type { Sampler } from "../problem/field.ts";
import { larger } from "../kernels/kernels.ts";
import type { Problem } from "../problem/problem.ts";
import { readSection } from "../problem/sections.ts";

/**
 * Local. Richardson's estimate of the discretisation error on the finer of two grids: the equations are of second order, so
 * that halving the spacing leaves a quarter of it, and a third of the difference is what is left.
 *
 * L. F. Richardson, Phil. Trans. R. Soc. Lond. A 210 (1911) 307.
 *
 * @param u on ny × nx points
 * @param coarse on every other row and column of these
 * @returns max |u − coarse| / 3 over the points of both where both are numbers, in units of u
 */
export function richardson(
  u: GridData,
  coarse: GridData,
  nx: number,
  [rows, cols]: readonly [number, number],
): number {
  let most = 0;
  for (let i = 0, p = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++, p++) {
      const difference = Math.abs(u[2 * i * nx + 2 * j]! - coarse[p]!);
      if (difference === difference) most = larger(most, difference);
    }
  }
  return most / 3;
}

/**
 * Local. What the estimate does not cover of a problem, in words.
 *
 * @param spread range of the fixed values
 * @param estimate of the error, in units of u
 */
export function caveats(problem: Problem, spread: number, estimate: number): string[] {
  const at = (corners: string[]) => corners.length === 4 ? "all corners" : `corners (${corners.join(", ")})`;
  const [jumping, kinked] = [jumps(problem, spread), kinks(problem, spread, estimate)];
  const notes: string[] = [];
  if (jumping.length > 0) {
    const where = `where fixed edges of different values meet, in ${at(jumping)}`;
    notes.push(`${where}, it is the same for any spacing, up to 5 times that`);
  }
  if (kinked.length > 0) {
    const where = `where convection or a flux meets a held edge, in ${at(kinked)}`;
    notes.push(`${where}, it falls only with the spacing and may be 2 to 4 times that`);
  }
  if (problem.fixed?.mask !== undefined || problem.fixed?.shapes?.length) {
    notes.push("next to points held inside, whose outline depends on the grid, it may be 3 times that");
  }
  const inside = [...problem.parts ?? [], ...Object.values(problem.image?.legend ?? {})];
  if (inside.some(({ value, charge, hole }) => value !== undefined || charge !== undefined || hole)) {
    notes.push("at corners and ends of parts it falls more slowly and may be 3 times that");
  }
  if (varies(problem) || inside.some(({ conductivity }) => conductivity !== undefined)) {
    notes.push("where the conductivity jumps, which is not looked for, it may be 3 times that");
  }
  return notes;
}

/**
 * Local. The corners where fixed edges of different values meet. There the solution jumps, and the error next to it is
 * the same on every grid.
 *
 * @param spread range of the fixed values; functions that mean the same value may differ by roundings of it
 */
export function jumps(problem: Problem, spread: number): string[] {
  return corners(problem).filter(({ lengthwise, crosswise }) => {
    if (lengthwise.edge.kind !== "fixed" || crosswise.edge.kind !== "fixed") return false;
    return Math.abs(lengthwise.edge.value.at(0, lengthwise.at) - crosswise.edge.value.at(crosswise.at, 0)) >
      1e-9 * spread;
  }).map(({ name }) => name);
}

/**
 * Local. The corners where a free edge meets a fixed one, and its condition asks for another slope than the fixed values
 * have there: the solution is like r log r, and the error next to it a tenth of the difference in slope times the spacing
 * (measured, square cells), of which the estimate sees half. Those are left out whose error the estimate covers.
 *
 * @param spread range of the fixed values
 * @param estimate of the error, in units of u
 */
export function kinks(problem: Problem, spread: number, estimate: number): string[] {
  const [dy, dx] = problem.spacing ?? [1, 1];
  return corners(problem).filter(({ lengthwise, crosswise }) => {
    const [free, fixed] = lengthwise.edge.kind === "free" ? [lengthwise, crosswise] : [crosswise, lengthwise];
    if (free.edge.kind !== "free" || fixed.edge.kind !== "fixed") return false;
    const read = (values: Sampler, end: End, n = end.at) => end === lengthwise ? values.at(0, n) : values.at(n, 0);
    // Along the fixed edge outwards is the free edge's normal.
    const { value } = fixed.edge;
    const held = (n: number) => read(value, fixed, fixed.at === 0 ? n : fixed.at - n);
    const slope = (3 * held(0) - 4 * held(1) + held(2)) / (2 * (free === crosswise ? dx : dy));
    const { flux, h, ambient } = free.edge;
    const wanted = (read(flux, free) + read(h, free) * (read(ambient, free) - held(0))) /
      readSection(problem, "conductivity").at(crosswise.at, lengthwise.at);
    return 0.1 * Math.abs(wanted - slope) * Math.max(dy, dx) > Math.max(estimate / 4, 1e-9 * spread);
  }).map(({ name }) => name);
}

/** Local. Whether the conductivity is given point by point: then it may jump, too. */
export function varies(problem: Problem): boolean {
  return readSection(problem, "conductivity").uniform === undefined;
}

/** An edge, and the number of its point at a corner. */
interface End {
  readonly edge: Edge;
  readonly at: number;
}

/** The four corners, each with the edge that ends there along a row, and the one along a column. */
function corners(problem: Problem): { readonly name: string; readonly lengthwise: End; readonly crosswise: End }[] {
  const [ny, nx] = problem.shape;
  const edges = readEdges(problem);
  return ([["north", 0], ["south", ny - 1]] as const).flatMap(([lengthwise, i]) =>
    ([["west", 0], ["east", nx - 1]] as const).map(([crosswise, j]) => ({
      name: `${lengthwise}-${crosswise}`,
      lengthwise: { edge: edges[lengthwise], at: j },
      crosswise: { edge: edges[crosswise], at: i },
    }))
  );
}
