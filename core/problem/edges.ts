/**
 * Reads the boundary conditions of a problem: Dirichlet ("fixed"), Neumann and Robin ("free"), or periodic, with their
 * quantities point by point.
 *
 * @module
 */

import { largestValue } from "../dtype.ts";
import { ProblemError } from "../errors.ts";
import { type FieldInput, isField, type Sampler, sampler } from "./field.ts";
import type { EdgeInput, EdgeName, Problem } from "./problem.ts";

/**
 * A fixed edge is held at values (Dirichlet). A free edge has k du/dn = flux + h (ambient − u): Neumann where h is 0, else
 * Robin, which is convection.
 */
export type Edge =
  | { readonly kind: "fixed"; readonly value: Sampler }
  | { readonly kind: "free"; readonly flux: Sampler; readonly h: Sampler; readonly ambient: Sampler }
  | { readonly kind: "periodic" };

/** The edges of a problem, ready to be read. */
export type Edges = { readonly [E in EdgeName]: Edge };

/** Local. Whether an edge convects (Robin) at any of its points. */
export function convects(edge: Edge): boolean {
  return edge.kind === "free" && edge.h.uniform !== 0;
}

/**
 * Local. Reads the edges of a validated problem.
 *
 * @throws ProblemError for a field of the wrong length, a value that is not finite, or a negative coefficient of
 * convection.
 */
export function readEdges(problem: Problem): Edges {
  const [ny, nx] = problem.shape;
  const most = largestValue(problem.dtype ?? "f64");
  const read = (name: EdgeName): Edge => {
    const path = `edges.${name}`;
    const shape = name === "north" || name === "south" ? [1, nx] as const : [ny, 1] as const;
    const field = (key: string, input: FieldInput, most?: number) =>
      sampler(`${path}${key}`, along(name, input), shape, most);
    const input: EdgeInput = problem.edges?.[name] ?? 0;
    if (input === "periodic") return { kind: "periodic" };
    if (isField(input)) return { kind: "fixed", value: field("", input, most) };
    const none = field("", 0);
    if ("flux" in input) return { kind: "free", flux: field(".flux", input.flux), h: none, ambient: none };
    let h = field(".convection.h", input.convection.h);
    let insulated = true;
    for (let n = 0; n < (h.uniform === undefined ? shape[0] * shape[1] : 1); n++) {
      const value = shape[0] === 1 ? h.at(0, n) : h.at(n, 0);
      if (value < 0) throw new ProblemError(`${path}.convection.h must not be negative: it is ${value}`);
      if (value > 0) insulated = false;
    }
    // Zero all along, given as an array: insulated (homogeneous Neumann), which leaves the problem singular.
    if (insulated) h = none;
    return { kind: "free", flux: none, h, ambient: field(".convection.ambient", input.convection.ambient, most) };
  };
  /** A function of (row, column) is called with the numbers of the grid, not of the edge. */
  const along = (name: EdgeName, input: FieldInput): FieldInput => {
    if (typeof input !== "function") return input;
    if (name === "south") return (_, col) => input(ny - 1, col);
    if (name === "east") return (row) => input(row, nx - 1);
    return input;
  };
  return { north: read("north"), south: read("south"), west: read("west"), east: read("east") };
}
