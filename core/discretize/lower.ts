/**
 * Lowers a problem to a stencil, so that no kernel knows about boundary conditions, and adds what the core must know of it.
 *
 * @module
 */

import { balance, constantGap } from "./finite_volumes.ts";
import { coarsenProblem } from "./coarsen_problem.ts";
import { type Lowered, scaleOf } from "../analysis.ts";
import type { Block, Dtype } from "../contract.ts";
import { rounder } from "../dtype.ts";
import { convects, type Edge, type Edges, readEdges } from "../problem/edges.ts";
import { ProblemError } from "../errors.ts";
import { affine, type Sampler } from "../problem/field.ts";
import { rangeOf } from "../grid_data.ts";
import { type FixedPoints, fixedPoints } from "../problem/fixed.ts";
import { grossInflow, residualOf } from "./residual.ts";
import { spectralGap } from "./spectral_gap.ts";
import { assemble, type Parts, plainChunks, weightedChunks } from "./assemble.ts";
import { EDGES, type Problem, readSection } from "../problem/problem.ts";

export type { Analysis, Lowered } from "../analysis.ts";

/** Points on a side of the smallest grid that is halved: cubic interpolation takes four of the halved one. */
const SMALLEST_HALVED = 9;

/**
 * Local. Lowers a validated problem.
 *
 * @throws ProblemError for a field of the wrong size, a value that is not finite, a conductivity that is not positive,
 * or sources and fluxes that do not balance where nothing else holds the solution.
 */
export function lower(problem: Problem): Lowered {
  const { shape, spacing = [1, 1], dtype = "f64" } = problem;
  const [ny, nx] = shape;
  const [dy, dx] = spacing;
  const given = readSection(problem, "conductivity");
  const factor = conductivityFactor(given, shape, dtype);
  const k = affine(given, factor);
  const edges = scaleEdges(readEdges(problem), factor);
  const fixed = fixedPoints(problem, edges);
  const periodic = [edges.north.kind === "periodic", edges.west.kind === "periodic"] as const;

  const plain = k.uniform !== undefined && !fixed.inside && EDGES.every((name) => edges[name].kind === "fixed");
  const singular = !fixed.any && !EDGES.some((name) => convects(edges[name]));
  const [sx, sy] = [dy * dy, dx * dx];
  const cx = dx === dy ? 0.25 : sx / (2 * (sx + sy));
  const cy = dx === dy ? 0.25 : sy / (2 * (sx + sy));
  const round = rounder(dtype);
  const guess = readSection(problem, "initial");
  // A constant changes nothing where nothing is held, but takes digits.
  const initial = singular ? affine(guess, 1, -meanOf(guess, shape)) : guess;
  const fluxes = EDGES.some((name) => {
    const edge = edges[name];
    return edge.kind === "free" && edge.flux.uniform !== 0;
  });
  const side = Math.min((ny - 1) * dy, (nx - 1) * dx);

  const medium = { shape, spacing, edges, k, f: affine(readSection(problem, "source"), factor) };
  const surplus = singular ? balance(medium) : 0;
  const f = affine(medium.f, 1, -surplus);
  const parts: Parts = { ...medium, f, dtype, initial, fixed };
  const source = f.uniform !== 0;
  const supplied = source || fluxes;
  const data = dataRange(fixed, edges, shape);
  // Where all is zero but the guess, it alone has a size.
  const range = supplied || scaleOf(data, singular).spread > 0 ? data : widened(data, initial, shape);
  const edgeGap = spectralGap(edges, shape, spacing);
  const gap = fixed.any || singular ? edgeGap : Math.min(edgeGap, constantGap(parts));
  // Plain: f enters as f / (k (2/dx² + 2/dy²)).
  const scale = plain && source ? (dx === dy ? 0.25 * sx : sx * sy / (2 * (sx + sy))) / k.uniform! : undefined;
  const chunks = (block: Block) => plain ? plainChunks(parts, block, scale) : weightedChunks(parts, block);
  const fields = !plain ? WEIGHTED_FIELDS : source ? ["u", "g"] as const : ["u"] as const;
  const half = plain && initial.uniform === 0 && !problem.fixed && Math.min(ny, nx) >= SMALLEST_HALVED
    ? coarsenProblem(problem)
    : undefined;

  return {
    kind: plain ? "plain" : "weighted",
    dtype,
    shape,
    spacing,
    periodic,
    cx: round(cx),
    cy: round(cy),
    source,
    singular,
    magnitude: scaleOf(range, singular).size,
    analysis: {
      ...range,
      surplus: surplus / factor,
      supplied,
      gross: supplied && !plain ? grossInflow(parts) : 0,
      // Plain: the comparison function x (L − x) / 2. Weighted, unproven: the same factor, written by the spectral gap.
      errorPerResidual: fixed.all
        ? 0
        : plain
        ? (side * side / 8) * 2 * (1 / (dx * dx) + 1 / (dy * dy))
        : Math.PI * Math.PI / 4 / gap,
      boundProven: plain || fixed.all,
      spectralGap: gap,
    },
    evaluate: (block) => assemble(chunks(block), fields, block, dtype),
    chunks,
    residual: (u) => residualOf(parts, u),
    ...(typeof half === "object" && { coarsen: () => lower(half) }),
  };
}

/** The range of the fixed values, widened by the ambients of edges that convect. */
function dataRange(
  fixed: FixedPoints,
  edges: Edges,
  [ny, nx]: readonly [number, number],
): { low: number; high: number } {
  let { low, high } = fixed;
  for (const name of EDGES) {
    const edge = edges[name];
    if (edge.kind !== "free" || edge.h.uniform === 0) continue;
    const lengthwise = name === "north" || name === "south";
    const uniform = edge.h.uniform !== undefined && edge.ambient.uniform !== undefined;
    for (let n = 0; n < (uniform ? 1 : lengthwise ? nx : ny); n++) {
      const [i, j] = lengthwise ? [0, n] : [n, 0];
      if (!(edge.h.at(i, j) > 0)) continue;
      const ambient = edge.ambient.at(i, j);
      [low, high] = [Math.min(low, ambient), Math.max(high, ambient)];
    }
  }
  return { low, high };
}

/** A range that contains the values of a field. */
function widened(
  { low, high }: { low: number; high: number },
  field: Sampler,
  [ny, nx]: readonly [number, number],
): { low: number; high: number } {
  const row = new Float64Array(nx);
  for (let i = 0; i < (field.uniform === undefined ? ny : 1); i++) {
    field.read(i, 0, nx, row);
    const [least, most] = rangeOf(row);
    [low, high] = [Math.min(low, least), Math.max(high, most)];
  }
  return { low, high };
}

function meanOf(field: Sampler, [ny, nx]: readonly [number, number]): number {
  if (field.uniform !== undefined) return field.uniform;
  const row = new Float64Array(nx);
  let sum = 0;
  for (let i = 0; i < ny; i++) {
    field.read(i, 0, nx, row);
    for (const value of row) sum += value / (ny * nx);
  }
  return sum;
}

const WEIGHTED_FIELDS = ["u", "an", "as", "aw", "ae", "g", "d"] as const;

/** Conductivities between these need no other unit, and the widest range that they can have. */
const EVERYDAY = { f32: 1e15, f64: 1e100 }, WIDEST = { f32: 1e60, f64: 1e300 };

/**
 * A power of two by which conductivities, and all that is relative to them, are multiplied: where they are far from 1, their
 * products would leave the range of the precision. Mostly 1, and it changes no weight.
 */
function conductivityFactor(k: Sampler, [ny, nx]: readonly [number, number], dtype: Dtype): number {
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
  if (low >= 1 / EVERYDAY[dtype] && high <= EVERYDAY[dtype]) return 1;
  if (high / WIDEST[dtype] > low) {
    throw new ProblemError(`conductivity from ${low} to ${high} is a wider range than ${dtype} can hold`);
  }
  let factor = 1;
  for (let middle = Math.sqrt(low) * Math.sqrt(high); middle > 2 && factor > 2 ** -1000; middle /= 2) factor /= 2;
  for (let middle = Math.sqrt(low) * Math.sqrt(high); middle < 1 && factor < 2 ** 1000; middle *= 2) factor *= 2;
  return factor;
}

function scaleEdges(edges: Edges, factor: number): Edges {
  if (factor === 1) return edges;
  const scaled = (edge: Edge): Edge =>
    edge.kind !== "free" ? edge : { ...edge, flux: affine(edge.flux, factor), h: affine(edge.h, factor) };
  const { north, south, west, east } = edges;
  return { north: scaled(north), south: scaled(south), west: scaled(west), east: scaled(east) };
}
