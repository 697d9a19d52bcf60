/**
 * The unit of conductivity in which equations are written: a power of two, mostly 1, that keeps their products within the
 * range of the precision.
 *
 * @module
 */

import { type Range, rangeOfField } from "./data_range.ts";
import type { Dtype } from "../contract.ts";
import { largestValue } from "../dtype.ts";
import { ProblemError } from "../errors.ts";
import { rangeOf } from "../grid_data.ts";
import type { Edge, Edges } from "../problem/edges.ts";
import { affine } from "../problem/field.ts";
import { cellShape } from "../problem/frame.ts";
import { EDGES } from "../problem/problem.ts";
import type { ResolvedProblem } from "../problem/resolve.ts";

/** Conductivities between these need no other unit, and the widest range that they can have. */
const EVERYDAY = { f32: 1e15, f64: 1e100 }, WIDEST = { f32: 1e60, f64: 1e300 };

/**
 * Local. The factor by which conductivities, and all that is relative to them, are multiplied. It changes no weight.
 *
 * @throws ProblemError for a conductivity that is not positive, or whose range is wider than the precision's.
 */
export function conductivityFactor(given: ResolvedProblem, dtype: Dtype): number {
  const { low, high } = conductivityRange(given);
  if (low >= 1 / EVERYDAY[dtype] && high <= EVERYDAY[dtype]) return 1;
  if (high / WIDEST[dtype] > low) {
    throw new ProblemError(`conductivity from ${low} to ${high} is a wider range than ${dtype} can hold`);
  }
  let factor = 1;
  for (let middle = Math.sqrt(low) * Math.sqrt(high); middle > 2 && factor > 2 ** -1000; middle /= 2) factor /= 2;
  for (let middle = Math.sqrt(low) * Math.sqrt(high); middle < 1 && factor < 2 ** 1000; middle *= 2) factor *= 2;
  return factor;
}

/**
 * Local. Which source or flux is so large that its effect, f L²/8k or q L/k, is more than a field may reach, in one line;
 * undefined if none is.
 */
export function excessOf(given: ResolvedProblem, dtype: Dtype): string | undefined {
  const { grid: { shape: [ny, nx], spacing: [dy, dx] }, edges, source } = given;
  const length = Math.max((ny - 1) * dy, (nx - 1) * dx);
  const { high: k } = conductivityRange(given);
  const most = ({ low, high }: Range) => Math.max(-low, high);
  const effects: [key: string, value: number, effect: number][] = [
    ["source", most(rangeOfField(source, [ny, nx])), length * length / 8 / k],
  ];
  for (const name of EDGES) {
    const edge = edges[name];
    if (edge.kind !== "free") continue;
    const along: readonly [number, number] = name === "north" || name === "south" ? [1, nx] : [ny, 1];
    effects.push([`edges.${name}.flux`, most(rangeOfField(edge.flux, along)), length / k]);
  }
  const largest = largestValue(dtype);
  const found = effects.find(([, value, effect]) => value * effect > largest);
  if (!found) return undefined;
  const [key, value, effect] = found;
  const decimal = Math.round(Math.log10(value) + Math.log10(effect));
  return `${key} is too large: it reaches ${value}, whose effect is about 1e${decimal}; a field of ${dtype} may reach ${largest}`;
}

function conductivityRange({ conductivity: k, cells, grid, periodic, parts, drawing }: ResolvedProblem) {
  const [ny, nx] = grid.shape;
  let [low, high] = [Infinity, 0];
  const row = new Float64Array(nx);
  for (let i = 0; i < (k.uniform === undefined ? ny : 1); i++) {
    k.read(i, 0, nx, row);
    const [least, most] = rangeOf(row);
    if (!(least > 0)) {
      const j = row.findIndex((value) => !(value > 0));
      throw new ProblemError(`conductivity must be greater than 0: at row ${i}, column ${j} it is ${row[j]}`);
    }
    [low, high] = [Math.min(low, least), Math.max(high, most)];
  }
  if (cells) ({ low, high } = rangeOfField(cells, cellShape([ny, nx], periodic)));
  for (const part of [...parts, ...drawing?.parts ?? []]) {
    const own = part.role === "material" ? part.conductivity.uniform : undefined;
    if (own !== undefined) [low, high] = [Math.min(low, own), Math.max(high, own)];
  }
  return { low, high };
}

/** Local. Edges whose fluxes and heat transfer coefficients are multiplied by a factor. */
export function scaleEdges(edges: Edges, factor: number): Edges {
  if (factor === 1) return edges;
  const scaled = (edge: Edge): Edge =>
    edge.kind !== "free" ? edge : { ...edge, flux: affine(edge.flux, factor), h: affine(edge.h, factor) };
  const { north, south, west, east } = edges;
  return { north: scaled(north), south: scaled(south), west: scaled(west), east: scaled(east) };
}
