/**
 * Lowers a problem to a stencil, so that no kernel knows about boundary conditions, and adds what the core must know of it.
 *
 * @module
 */

import { balance, constantGap, diagonalSum, radiiOf } from "./finite_volumes.ts";
import { layeredConductivity, overlaysCells, withHeldParts } from "./layered_fields.ts";
import { layeredSource } from "./layered_source.ts";
import { type Excitation, layersOf, plateOf } from "./layers.ts";
import { connectedRegions } from "./connected_regions.ts";
import { discretizeSection, withoutNodes } from "./discretize_section.ts";
import type { Plate } from "./section.ts";
import { checkSeen } from "./unseen_parts.ts";
import { coarsenProblem } from "./coarsen_problem.ts";
import { type Floating, type Lowered, scaleOf } from "../analysis.ts";
import type { Block, Dtype, GridData } from "../contract.ts";
import { rounder } from "../dtype.ts";
import { convects, type Edge, type Edges } from "../problem/edges.ts";
import { ProblemError } from "../errors.ts";
import { affine, type Sampler, sampler } from "../problem/field.ts";
import { rangeOf } from "../grid_data.ts";
import { type FixedPoints, fixedPoints } from "../problem/fixed.ts";
import { cellShape } from "../problem/frame.ts";
import { readProbes } from "./probes.ts";
import { grossInflow, residualOf } from "./residual.ts";
import { resultsOf, sectionParts } from "./results.ts";
import { spectralGap } from "./spectral_gap.ts";
import { assemble, type Parts, plainChunks, weightedChunks } from "./assemble.ts";
import { EDGES, type Problem } from "../problem/problem.ts";
import { type ResolvedProblem, resolveProblem } from "../problem/resolve.ts";

export type { Analysis, Lowered } from "../analysis.ts";

/** Points on a side of the smallest grid that is halved: cubic interpolation takes four of the halved one. */
const SMALLEST_HALVED = 9;

/**
 * Local. Lowers a validated problem.
 *
 * @throws ProblemError for a field of the wrong size, a value that is not finite, a conductivity that is not positive,
 * sources and fluxes that do not balance where nothing else holds the solution, or a probe outside of the domain.
 */
export function lower(problem: Problem, excitation: Excitation = {}): Lowered {
  const { alone = false } = excitation;
  const { shape, spacing = [1, 1], dtype = "f64" } = problem;
  const [ny, nx] = shape;
  const [dy, dx] = spacing;
  const resolved = resolveProblem(problem);
  const given = alone ? unexcited(resolved) : resolved;
  const { periodic, initial: guess } = given;
  const factor = conductivityFactor(given, dtype);
  const edges = scaleEdges(given.edges, factor);
  const radii = given.coordinates === "axisymmetric" ? radiiOf(given.grid.origin[1], dx, nx) : undefined;
  const drawn = layersOf(given, factor, excitation);
  const { layers, cells } = drawn;
  const medium = affine(given.conductivity, factor);
  const plate = plateOf(shape, spacing, periodic, medium, cells, radii);
  const cut = layers.length > 0
    ? discretizeSection(plate, layers, drawn.sources.flatMap(({ region }) => region.levels ?? []))
    : undefined;
  if (cut) checkSeen(layers, cut, given);
  const k = cut && !cells ? layeredConductivity(medium, shape, cut, layers) : medium;
  const overlay = cut && cells && overlaysCells(layers)
    ? layeredConductivity(NOT_GIVEN, shape, cut, layers)
    : undefined;
  const held = alone ? atZero(fixedPoints(problem, edges)) : fixedPoints(problem, edges);
  const geometry = {
    shape,
    spacing,
    edges,
    k,
    ...(radii && { radii }),
    ...(cells && { cells }),
    ...(overlay && { overlay }),
  };
  const floats = layers.some(({ role }) => role === "floating");
  const regions = cut && (cut.voids || floats)
    ? connectedRegions({ ...geometry, section: cut }, held, layers, given)
    : undefined;
  const section = cut && regions?.excluded ? withoutNodes(cut, regions.excluded, shape) : cut;
  const fixed = section ? withHeldParts(held, shape, section, layers) : held;

  const plain = k.uniform !== undefined && !section && !radii && !cells && !fixed.inside &&
    EDGES.every((name) => edges[name].kind === "fixed");
  // Parts that float hold their neighbours, but at values that are not known.
  const isHeld = held.any || layers.some(({ role }) => role === "held") ||
    EDGES.some((name) => convects(edges[name]));
  const singular = !(regions?.held ?? isHeld) && !floats;
  const [sx, sy] = [dy * dy, dx * dx];
  const cx = dx === dy ? 0.25 : sx / (2 * (sx + sy));
  const cy = dx === dy ? 0.25 : sy / (2 * (sx + sy));
  const round = rounder(dtype);
  // A constant changes nothing where nothing is held, but takes digits.
  const initial = singular ? affine(guess, 1, -meanOf(guess, shape)) : guess;
  const fluxes = EDGES.some((name) => {
    const edge = edges[name];
    return edge.kind === "free" && edge.flux.uniform !== 0;
  });
  const side = Math.min((ny - 1) * dy, (nx - 1) * dx);

  const source = layeredSource(affine(given.source, factor), plate, section, drawn, given, factor);
  const region = { ...geometry, f: source.f, ...(section && { section }) };
  const surplus = singular ? balance(region) : 0;
  const f = affine(region.f, 1, -surplus);
  const parts: Parts = { ...region, f, dtype, initial, fixed };
  const map = sectionParts(parts, drawn, held.inside, source.addCoverage);
  const asked = { given, medium: parts, factor, singular, parts: map, probes: readProbes(given, map.names) };
  const sourced = f.uniform !== 0;
  const supplied = sourced || fluxes;
  const data = dataRange(fixed, edges, shape);
  // Where all is zero but the guess, it alone has a size.
  const range = supplied || scaleOf(data, singular).spread > 0 ? data : widened(data, initial, shape);
  const edgeGap = spectralGap(edges, shape, spacing);
  const gap = fixed.any || singular ? edgeGap : Math.min(edgeGap, constantGap(parts));
  // Plain: f enters as f / (k (2/dx² + 2/dy²)).
  const scale = plain && sourced ? (dx === dy ? 0.25 * sx : sx * sy / (2 * (sx + sy))) / k.uniform! : undefined;
  const chunks = (block: Block) => plain ? plainChunks(parts, block, scale) : weightedChunks(parts, block);
  const fields = !plain ? WEIGHTED_FIELDS : sourced ? ["u", "g"] as const : ["u"] as const;
  const half = plain && initial.uniform === 0 && !problem.fixed && Math.min(ny, nx) >= SMALLEST_HALVED
    ? coarsenProblem(problem)
    : undefined;

  const lowered: Lowered = {
    kind: plain ? "plain" : "weighted",
    dtype,
    shape,
    spacing,
    periodic,
    cx: round(cx),
    cy: round(cy),
    source: sourced,
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
    inDouble: () => dtype === "f64" ? lowered : lower({ ...problem, dtype: "f64" }, excitation),
    residual: (u) => residualOf(parts, u),
    results: (u, ranks) => resultsOf(asked, u, ranks),
    removeMean: (u) => removeMean(u, plate, section?.voids),
    floating: floatingOf(given, !(regions?.held ?? isHeld)),
    diagonalSum: () => diagonalSum(parts) * given.depth / factor,
    excluded: section?.excluded,
    ...(typeof half === "object" && { coarsen: () => lower(half) }),
  };
  return lowered;
}

/** The same problem with nothing given but what floats: edges and parts are held at 0, and nothing flows in. */
function unexcited(given: ResolvedProblem): ResolvedProblem {
  const zero = sampler("", 0, given.grid.shape);
  const quiet = (edge: Edge): Edge => {
    if (edge.kind === "fixed") return { ...edge, value: zero };
    return edge.kind === "free" ? { ...edge, flux: zero, ambient: zero } : edge;
  };
  const { north, south, west, east } = given.edges;
  const edges = { north: quiet(north), south: quiet(south), west: quiet(west), east: quiet(east) };
  return { ...given, edges, source: zero, initial: zero };
}

function atZero(fixed: FixedPoints): FixedPoints {
  const zero = (read: FixedPoints["read"]): FixedPoints["read"] => (row, from, to, held) => {
    const any = read(row, from, to, held);
    for (let j = 0; j < to - from; j++) held[j]! *= 0;
    return any;
  };
  const some = fixed.any ? { low: 0, high: 0 } : {};
  return { ...fixed, ...some, read: zero(fixed.read), readInside: zero(fixed.readInside) };
}

/** The parts that float, colours of a drawing first. @param free whether nothing is held but by them */
function floatingOf({ parts, drawing }: ResolvedProblem, free: boolean): Floating | undefined {
  const conductors = [...drawing?.parts ?? [], ...parts].flatMap((part) => part.role === "floating" ? [part] : []);
  const [names, charges] = [conductors.map(({ name }) => name), conductors.map(({ charge }) => charge)];
  return names.length > 0 ? { names, charges, singular: free } : undefined;
}

/** Subtracts the mean by cells. */
function removeMean(u: GridData, { shape: [ny, nx], share }: Plate, voids: Float64Array | undefined): void {
  let sum = 0;
  let area = 0;
  for (let i = 0, n = 0; i < ny; i++) {
    for (let j = 0; j < nx; j++, n++) {
      const cell = share(i, j) * (1 - (voids ? voids[n]! : 0));
      sum += cell * u[n]!;
      area += cell;
    }
  }
  const mean = sum / area;
  for (let n = 0; n < u.length; n++) u[n]! -= mean;
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

/** The conductivity at nodes where that of cells counts. */
const NOT_GIVEN: Sampler = {
  uniform: undefined,
  single: false,
  at: () => NaN,
  read: (_row, from, to, out) => void out.fill(NaN, 0, to - from),
};

const WEIGHTED_FIELDS = ["u", "an", "as", "aw", "ae", "g", "d"] as const;

/** Conductivities between these need no other unit, and the widest range that they can have. */
const EVERYDAY = { f32: 1e15, f64: 1e100 }, WIDEST = { f32: 1e60, f64: 1e300 };

/**
 * A power of two by which conductivities, and all that is relative to them, are multiplied: where they are far from 1, their
 * products would leave the range of the precision. Mostly 1, and it changes no weight.
 */
function conductivityFactor(given: ResolvedProblem, dtype: Dtype): number {
  const { conductivity: k, cells, grid: { shape: [ny, nx] }, periodic, parts, drawing } = given;
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
  if (cells) ({ low, high } = widened({ low: Infinity, high: 0 }, cells, cellShape([ny, nx], periodic)));
  for (const part of [...parts, ...drawing?.parts ?? []]) {
    const own = part.role === "material" ? part.conductivity.uniform : undefined;
    if (own !== undefined) [low, high] = [Math.min(low, own), Math.max(high, own)];
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
