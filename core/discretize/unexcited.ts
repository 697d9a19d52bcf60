/**
 * A problem with nothing given but what floats: edges and parts are held at 0, and nothing flows in.
 *
 * @module
 */

import type { Edge } from "../problem/edges.ts";
import { sampler } from "../problem/field.ts";
import type { FixedPoints } from "../problem/fixed.ts";
import type { ResolvedProblem } from "../problem/resolve.ts";

/** Local. The problem with edges at 0, without source and fluxes. */
export function unexcited(given: ResolvedProblem): ResolvedProblem {
  const zero = sampler("", 0, given.grid.shape);
  const quiet = (edge: Edge): Edge => {
    if (edge.kind === "fixed") return { ...edge, value: zero };
    return edge.kind === "free" ? { ...edge, flux: zero, ambient: zero } : edge;
  };
  const { north, south, west, east } = given.edges;
  const edges = { north: quiet(north), south: quiet(south), west: quiet(west), east: quiet(east) };
  return { ...given, edges, source: zero, initial: zero };
}

/** Local. The same points, held at 0. */
export function atZero(fixed: FixedPoints): FixedPoints {
  const zero = (read: FixedPoints["read"]): FixedPoints["read"] => (row, from, to, held) => {
    const any = read(row, from, to, held);
    for (let j = 0; j < to - from; j++) held[j]! *= 0;
    return any;
  };
  const some = fixed.any ? { low: 0, high: 0 } : {};
  return { ...fixed, ...some, read: zero(fixed.read), readInside: zero(fixed.readInside) };
}
