/**
 * Reads the boundary conditions of a problem: Dirichlet ("fixed"), Neumann and Robin ("free"), or periodic, with their
 * quantities point by point.
 *
 * @module
 */

import { largestValue } from "../dtype.ts";
import { ProblemError } from "../errors.ts";
import type { NodeGrid } from "../geometry/region.ts";
import { type FieldInput, isField, type Sampler, sampler } from "./field.ts";
import { type Frame, frameOf } from "./frame.ts";
import type { EdgeInput, EdgeName, Problem, QuantityInput } from "./problem.ts";
import { quantityOf, samplerOf } from "./quantity.ts";

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
 * @throws ProblemError for a field of the wrong length, a value that is not finite, a negative coefficient of convection, or
 * an axis that is not insulated.
 */
export function readEdges(problem: Problem, frame: Frame = frameOf(problem)): Edges {
  const most = largestValue(problem.dtype ?? "f64");
  const onAxis = frame.coordinates === "axisymmetric" && frame.grid.origin[1] === 0;
  const read = (name: EdgeName): Edge => {
    const path = `edges.${name}`;
    const grid = edgeGrid(frame.grid, name);
    const field = (key: string, input: QuantityInput, most?: number) => {
      if (isField(input)) return sampler(`${path}${key}`, along(name, input, problem.shape), grid.shape, most);
      const [formula, at] = typeof input === "string" ? [input, key] : [input.formula, `${key}.formula`];
      return samplerOf(quantityOf(frame, formula, `${path}${at}`, { ...(most !== undefined && { most }) }), grid);
    };
    const input: EdgeInput = problem.edges?.[name] ?? (onAxis && name === "west" ? { flux: 0 } : 0);
    if (input === "periodic") return { kind: "periodic" };
    if (isQuantity(input)) return { kind: "fixed", value: field("", input, most) };
    const none = sampler(path, 0, grid.shape);
    if ("flux" in input) return { kind: "free", flux: field(".flux", input.flux), h: none, ambient: none };
    let h = field(".convection.h", input.convection.h);
    let insulated = true;
    for (let n = 0; n < (h.uniform === undefined ? grid.shape[0] * grid.shape[1] : 1); n++) {
      const value = grid.shape[0] === 1 ? h.at(0, n) : h.at(n, 0);
      if (value < 0) throw new ProblemError(`${path}.convection.h must not be negative: it is ${value}`);
      if (value > 0) insulated = false;
    }
    // Zero all along, given as an array: insulated (homogeneous Neumann), which leaves the problem singular.
    if (insulated) h = none;
    return { kind: "free", flux: none, h, ambient: field(".convection.ambient", input.convection.ambient, most) };
  };
  const edges = { north: read("north"), south: read("south"), west: read("west"), east: read("east") };
  if (onAxis && !(edges.west.kind === "free" && edges.west.flux.uniform === 0 && edges.west.h.uniform === 0)) {
    throw new ProblemError("edges.west must be absent, or { flux = 0 }: it is the axis, r = 0, where nothing flows");
  }
  return edges;
}

/** Whether an edge is held at a quantity. */
function isQuantity(input: EdgeInput): input is QuantityInput {
  return isField(input) || typeof input === "string" || "formula" in input;
}

/** A function of (row, column) is called with the numbers of the grid, not of the edge. */
function along(name: EdgeName, input: FieldInput, [ny, nx]: readonly [number, number]): FieldInput {
  if (typeof input !== "function") return input;
  if (name === "south") return (_, col) => input(ny - 1, col);
  if (name === "east") return (row) => input(row, nx - 1);
  return input;
}

/** The nodes of an edge. */
function edgeGrid({ shape: [ny, nx], spacing, origin: [y, x] }: NodeGrid, name: EdgeName): NodeGrid {
  const [north, east] = [y + (ny - 1) * spacing[0], x + (nx - 1) * spacing[1]];
  if (name === "north" || name === "south") {
    return { shape: [1, nx], spacing, origin: [name === "north" ? north : y, x] };
  }
  return { shape: [ny, 1], spacing, origin: [y, name === "east" ? east : x] };
}
