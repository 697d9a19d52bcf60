/**
 * A problem's stencil evaluated one point after the other, straight from the formulas: what `core/finite_volumes/assemble.ts` must give bit
 * for bit. It shares no code with it; not a test itself.
 *
 * @module
 */

import type { GridData, StencilBlock } from "../../core/contract.ts";
import { allocate } from "../../core/dtype.ts";
import type { EdgeName, Problem } from "../../core/problem/problem.ts";
import { paint, read, section } from "./dense_solver.ts";

/** The whole stencil of a problem, plain or weighted; a plain one has `g` if it has a source. */
export function naiveStencil(problem: Problem, kind: "plain" | "weighted"): StencilBlock {
  const { shape, spacing: [dy, dx] = [1, 1], edges = {}, dtype = "f64" } = problem;
  const [ny, nx] = shape;
  const k = section(problem, problem.conductivity, 1);
  const f = section(problem, problem.source, 0);
  const initial = section(problem, problem.initial, 0);
  const held = paint(problem);
  const array = (value: (i: number, j: number, p: number) => number): GridData => {
    const data = allocate(dtype, ny * nx);
    for (let i = 0, p = 0; i < ny; i++) for (let j = 0; j < nx; j++, p++) data[p] = value(i, j, p);
    return data;
  };
  const u = array((i, j, p) => held[p] ?? initial(i, j));
  if (kind === "plain") {
    const { source } = problem;
    if (
      source === undefined || source === 0 || (typeof source === "object" && "value" in source && source.value === 0)
    ) {
      return { u };
    }
    const [sx, sy] = [dy * dy, dx * dx];
    const scale = (dx === dy ? 0.25 * sx : sx * sy / (2 * (sx + sy))) / k(0, 0);
    return { u, g: array((i, j) => f(i, j) * scale) };
  }

  const mean = (a: number, b: number) => 2 * Math.min(a, b) / (1 + Math.min(a, b) / Math.max(a, b));
  const [rowsWrap, colsWrap] = [edges.north === "periodic", edges.west === "periodic"];
  const cell = (i: number, j: number) => {
    const [atNorth, atSouth] = [i === 0 && !rowsWrap, i === ny - 1 && !rowsWrap];
    const [atWest, atEast] = [j === 0 && !colsWrap, j === nx - 1 && !colsWrap];
    const height = atNorth || atSouth ? dy / 2 : dy;
    const width = atWest || atEast ? dx / 2 : dx;
    const face = (at: boolean, row: number, col: number, length: number, distance: number) =>
      at ? 0 : mean(k(i, j), k((row + ny) % ny, (col + nx) % nx)) * length / distance;
    const north = face(atNorth, i - 1, j, width, dy);
    const south = face(atSouth, i + 1, j, width, dy);
    const west = face(atWest, i, j - 1, height, dx);
    const east = face(atEast, i, j + 1, height, dx);
    let [loss, gain] = [0, 0];
    const border = (at: boolean, name: EdgeName, along: number, length: number) => {
      const edge = edges[name];
      if (!at || typeof edge !== "object") return;
      if ("flux" in edge) gain += read(edge.flux, shape, i, j, along) * length;
      if (!("convection" in edge)) return;
      const h = read(edge.convection.h, shape, i, j, along);
      loss += h * length;
      gain += h * read(edge.convection.ambient, shape, i, j, along) * length;
    };
    border(atNorth, "north", j, width);
    border(atSouth, "south", j, width);
    border(atWest, "west", i, height);
    border(atEast, "east", i, height);
    const diagonal = (north + south) + (west + east) + loss;
    return { north, south, west, east, diagonal, constant: f(i, j) * (height * width) + gain };
  };
  const cells = held.map((value, p) => value === undefined ? cell(Math.floor(p / nx), p % nx) : undefined);
  /** A number of every cell; the points that are held have another. */
  const weight = (of: (c: ReturnType<typeof cell>) => number, fixed: (value: number) => number = () => 0) =>
    array((_i, _j, p) => cells[p] ? of(cells[p]) : fixed(held[p]!));
  return {
    u,
    an: weight((c) => c.north / c.diagonal),
    as: weight((c) => c.south / c.diagonal),
    aw: weight((c) => c.west / c.diagonal),
    ae: weight((c) => c.east / c.diagonal),
    g: weight((c) => c.constant / c.diagonal, (value) => value),
    d: weight((c) => c.diagonal),
  };
}
