/**
 * Results link by link and node by node, straight from their definitions: what `core/results/field_results.ts` must give up to
 * rounding. It shares nothing with it but the problem; not a test itself.
 *
 * @module
 */

import type { EdgeName, Problem } from "../../core/problem/problem.ts";
import { paint, read, section } from "./dense_solver.ts";

/** The numbers of results that are sums, and the size of the largest terms: roundings are relative to it. */
export interface NaiveResults {
  readonly flux: Readonly<Record<string, number>>;
  readonly source: number;
  readonly energy: number;
  readonly integral: number;
  readonly area: number;
  readonly size: number;
  /** The sum of the residuals of all free nodes. */
  readonly residual: number;
}

const EDGES = ["north", "south", "west", "east"] as const;
const insulated = { flux: 0 } as const;

/** The results of any field. */
export function naiveResults(problem: Problem, u: ArrayLike<number>): NaiveResults {
  const { shape, spacing: [dy, dx] = [1, 1] } = problem;
  const [ny, nx] = shape;
  const edges = { north: 0, south: 0, west: 0, east: 0, ...problem.edges };
  const k = section(problem, problem.conductivity, 1);
  const f = section(problem, problem.source, 0);
  const held = paint(problem);
  const free = (name: EdgeName) => edges[name] === "periodic" ? "periodic" as const : insulated;
  const inside = paint({
    ...problem,
    edges: { north: free("north"), south: free("south"), west: free("west"), east: free("east") },
  });
  const [rowsWrap, colsWrap] = [edges.north === "periodic", edges.west === "periodic"];
  const height = (i: number) => rowsWrap || (i > 0 && i < ny - 1) ? dy : dy / 2;
  const width = (j: number) => colsWrap || (j > 0 && j < nx - 1) ? dx : dx / 2;
  const isHeld = (name: EdgeName) => {
    const edge = edges[name]!;
    return edge !== "periodic" && !(typeof edge === "object" && ("flux" in edge || "convection" in edge));
  };
  /** The edges that a node lies on. */
  const edgesAt = (i: number, j: number) =>
    EDGES.filter((name) =>
      edges[name] !== "periodic" &&
      { north: i === 0, south: i === ny - 1, west: j === 0, east: j === nx - 1 }[name]
    );
  const conductance = (i: number, j: number, down: boolean) => {
    const [other, last] = [[(i + 1) % ny, j], [i, (j + 1) % nx]] as const;
    const [a, b] = [k(i, j), k(...(down ? other : last))];
    return 2 * Math.min(a, b) / (1 + Math.min(a, b) / Math.max(a, b)) * (down ? width(j) / dy : height(i) / dx);
  };
  const flux: Record<string, number> = {};
  for (const name of EDGES) if (edges[name] !== "periodic") flux[name] = 0;
  if (inside.some((value) => value !== undefined)) flux.fixed = 0;
  const leaving = new Float64Array(ny * nx);
  let [source, energy, integral, area, size, residual] = [0, 0, 0, 0, 0, 0];
  const link = (p: number, q: number, g: number) => {
    const flow = g * (u[p]! - u[q]!);
    leaving[p]! += flow;
    leaving[q]! -= flow;
    energy += flow * (u[p]! - u[q]!) / 2;
    size = Math.max(size, Math.abs(flow));
  };
  for (let i = 0; i < ny; i++) {
    for (let j = 0; j < nx; j++) {
      const p = i * nx + j;
      if (i + 1 < ny || rowsWrap) link(p, (i + 1) % ny * nx + j, conductance(i, j, true));
      if (j + 1 < nx || colsWrap) link(p, i * nx + (j + 1) % nx, conductance(i, j, false));
    }
  }
  for (let i = 0; i < ny; i++) {
    for (let j = 0; j < nx; j++) {
      const p = i * nx + j;
      const cell = height(i) * width(j);
      let supply = f(i, j) * cell;
      source += supply;
      integral += u[p]! * cell;
      area += cell;
      for (const name of edgesAt(i, j)) {
        const edge = edges[name]!;
        const [along, length] = name === "north" || name === "south" ? [j, width(j)] : [i, height(i)];
        let part = 0;
        if (typeof edge === "object" && "flux" in edge) part = read(edge.flux, shape, i, j, along) * length;
        else if (typeof edge === "object" && "convection" in edge) {
          const { h, ambient } = edge.convection;
          part = read(h, shape, i, j, along) * (read(ambient, shape, i, j, along) - u[p]!) * length;
        }
        flux[name]! += part;
        supply += part;
        size = Math.max(size, Math.abs(part));
      }
      const defect = leaving[p]! - supply;
      size = Math.max(size, Math.abs(defect));
      if (inside[p] !== undefined) flux.fixed! += defect;
      else if (held[p] === undefined) residual -= defect;
      else {
        const holders = edgesAt(i, j).filter(isHeld);
        for (const name of holders) flux[name]! += defect / holders.length;
        if (holders.length === 2) {
          // What flows along the two edges, at the middle of the first link and of the second, extrapolated to the corner.
          const [r, c] = [i === 0 ? 1 : -1, j === 0 ? 1 : -1];
          const flow = (row: number, col: number, down: number, along: number) => {
            const [from, to] = [[row, col], [row + down, col + along]] as const;
            const g = conductance(Math.min(from[0], to[0]), Math.min(from[1], to[1]), down !== 0);
            return g * (held[from[0] * nx + from[1]]! - held[to[0] * nx + to[1]]!);
          };
          const across = 1.5 * flow(i, j, 0, c) - 0.5 * flow(i, j + c, 0, c);
          const along = 1.5 * flow(i, j, r, 0) - 0.5 * flow(i + r, j, r, 0);
          flux[holders[1]!]! += (across - along) / 2;
          flux[holders[0]!]! -= (across - along) / 2;
        }
      }
    }
  }
  return { flux, source, energy, integral, area, size, residual };
}
