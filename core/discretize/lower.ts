/**
 * Lowers a problem to a stencil, so that no kernel knows about boundary conditions, and adds what the core must know of it.
 *
 * @module
 */

import { coarsenProblem } from "./coarsen_problem.ts";
import { dataRange, meanOf, type Range, rangeOfField, union } from "./data_range.ts";
import { discretizeRegion } from "./discretize_region.ts";
import { spectralGap } from "./spectral_gap.ts";
import { atZero, unexcited } from "./unexcited.ts";
import { conductivityFactor, excessOf, scaleEdges } from "./units.ts";
import { type Analysis, type Floating, type Lowered, scaleOf } from "../analysis.ts";
import type { Block, GridData } from "../contract.ts";
import { rounder } from "../dtype.ts";
import {
  assemble,
  conductivityChunks,
  type Equations,
  isConductivityAlone,
  plainChunks,
  weightedChunks,
} from "../finite_volumes/assemble.ts";
import { balance, constantGap, diagonalSum } from "../finite_volumes/balance.ts";
import { grossInflow, residualOf } from "../finite_volumes/residual.ts";
import type { Plate } from "../finite_volumes/section.ts";
import { affine } from "../problem/field.ts";
import { fixedPoints } from "../problem/fixed.ts";
import { EDGES, type Problem } from "../problem/problem.ts";
import { type ResolvedProblem, resolveProblem } from "../problem/resolve.ts";
import { readProbes } from "../results/probes.ts";
import { resultsOf } from "../results/field_results.ts";
import { sectionParts } from "../results/section_parts.ts";
import { layeredSource } from "../section/layered_source.ts";
import type { Excitation } from "../section/layers.ts";

export type { Analysis, Lowered } from "../analysis.ts";

/** Points on a side of the smallest grid that is halved: cubic interpolation takes four of the halved one. */
const SMALLEST_HALVED = 9;

const WEIGHTED_FIELDS = ["u", "an", "as", "aw", "ae", "g", "d"] as const;

/**
 * Local. Lowers a validated problem.
 *
 * @throws ProblemError for a field of the wrong size, a value that is not finite, a conductivity that is not positive,
 * sources and fluxes that do not balance where nothing else holds the solution, or a probe outside of the domain.
 */
export function lower(problem: Problem, excitation: Excitation = {}): Lowered {
  const { shape, spacing = [1, 1], dtype = "f64" } = problem;
  const resolved = resolveProblem(problem);
  const given = excitation.alone ? unexcited(resolved) : resolved;
  const factor = conductivityFactor(given, dtype);
  const edges = scaleEdges(given.edges, factor);
  const points = excitation.alone ? atZero(fixedPoints(problem, edges)) : fixedPoints(problem, edges);
  const { medium, fixed, held, floats, plate, drawn } = discretizeRegion(given, edges, points, factor, excitation);
  const { section } = medium;

  const singular = !held && !floats;
  const source = layeredSource(affine(given.source, factor), plate, section, drawn, given, factor);
  const surplus = singular ? balance({ ...medium, f: source.f }) : 0;
  const f = affine(source.f, 1, -surplus);
  // A constant changes nothing where nothing is held, but takes digits.
  const initial = singular ? affine(given.initial, 1, -meanOf(given.initial, shape)) : given.initial;
  const equations: Equations = { ...medium, f, dtype, initial, fixed };
  const plain = isPlain(equations);
  const sourced = f.uniform !== 0;
  const { cx, cy, scale } = plainWeights(spacing);
  const chunks = (block: Block) =>
    plain
      ? plainChunks(equations, block, sourced ? scale / medium.k.uniform! : undefined)
      : weightedChunks(equations, block);
  const fields = !plain ? WEIGHTED_FIELDS : sourced ? ["u", "g"] as const : ["u"] as const;
  const round = rounder(dtype);
  const range = rangeOfProblem(equations, singular);
  const map = sectionParts(equations, drawn, points.inside, source.addCoverage);
  const asked = { given, equations, factor, singular, parts: map, probes: readProbes(given, map.names) };
  const half = plain && initial.uniform === 0 && !problem.fixed && Math.min(...shape) >= SMALLEST_HALVED
    ? coarsenProblem(problem)
    : undefined;

  const lowered: Lowered = {
    kind: plain ? "plain" : "weighted",
    dtype,
    shape,
    spacing,
    periodic: given.periodic,
    cx: round(cx),
    cy: round(cy),
    source: sourced,
    singular,
    magnitude: scaleOf(range, singular).size,
    analysis: analyse(equations, plain, singular, range, surplus / factor),
    evaluate: (block) => assemble(chunks(block), fields, block, dtype),
    chunks,
    ...(!plain && isConductivityAlone(equations) && {
      conductivityChunks: (block: Block) => conductivityChunks(equations, block),
    }),
    inDouble: () => dtype === "f64" ? lowered : lower({ ...problem, dtype: "f64" }, excitation),
    residual: (u) => residualOf(equations, u),
    results: (u, ranks) => resultsOf(asked, u, ranks),
    removeMean: (u) => removeMean(u, plate, section?.voids),
    floating: floatingOf(given, !held),
    diagonalSum: () => diagonalSum(equations) * given.depth / factor,
    excess: () => excessOf(given, dtype),
    excluded: section?.excluded,
    ...(typeof half === "object" && { coarsen: () => lower(half) }),
  };
  return lowered;
}

/** Whether equations are those of a uniform plate whose edges are held: all weights are alike. */
function isPlain({ k, section, radii, cells, fixed, edges }: Equations): boolean {
  return k.uniform !== undefined && !section && !radii && !cells && !fixed.inside &&
    EDGES.every((name) => edges[name].kind === "fixed");
}

/** The weights of neighbours in a row and in a column, and 1 / (2/dx² + 2/dy²): what f / k is multiplied by. */
function plainWeights([dy, dx]: readonly [dy: number, dx: number]): { cx: number; cy: number; scale: number } {
  const [sx, sy] = [dy * dy, dx * dx];
  if (dx === dy) return { cx: 0.25, cy: 0.25, scale: 0.25 * sx };
  return { cx: sx / (2 * (sx + sy)), cy: sy / (2 * (sx + sy)), scale: sx * sy / (2 * (sx + sy)) };
}

/** Whether a source or a flux takes the field beyond what is held. */
function isSupplied({ f, edges }: Equations): boolean {
  return f.uniform !== 0 || EDGES.some((name) => {
    const edge = edges[name];
    return edge.kind === "free" && edge.flux.uniform !== 0;
  });
}

/** The range of what is given. Where all of that is zero but the guess, it alone has a size. */
function rangeOfProblem(equations: Equations, singular: boolean): Range {
  const data = dataRange(equations.fixed, equations.edges, equations.shape);
  return isSupplied(equations) || scaleOf(data, singular).spread > 0
    ? data
    : union(data, rangeOfField(equations.initial, equations.shape));
}

function analyse(equations: Equations, plain: boolean, singular: boolean, range: Range, surplus: number): Analysis {
  const { shape: [ny, nx], spacing: [dy, dx], edges, fixed } = equations;
  const supplied = isSupplied(equations);
  const edgeGap = spectralGap(edges, [ny, nx], [dy, dx]);
  const gap = fixed.any || singular ? edgeGap : Math.min(edgeGap, constantGap(equations));
  const side = Math.min((ny - 1) * dy, (nx - 1) * dx);
  // Plain: the comparison function x (L − x) / 2. Weighted, unproven: the same factor, written by the spectral gap.
  const errorPerResidual = plain
    ? (side * side / 8) * 2 * (1 / (dx * dx) + 1 / (dy * dy))
    : Math.PI * Math.PI / 4 / gap;
  return {
    ...range,
    surplus,
    supplied,
    gross: supplied && !plain ? grossInflow(equations) : 0,
    // Where no point is free, values are as given, but for their roundings to f32.
    errorPerResidual: !fixed.all ? errorPerResidual : equations.dtype === "f64" ? 0 : 1,
    boundProven: plain || fixed.all,
    spectralGap: gap,
  };
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
