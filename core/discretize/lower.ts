/**
 * Lowers a problem to a stencil, so that no kernel knows about boundary conditions. Vertex-centred finite volumes:
 * a node on a free edge owns half a cell, at a free corner a quarter (Patankar 1980, practice A; the harmonic mean
 * of k at faces is his eq. 4.9).
 *
 * @module
 */

import { constantGap, requireBalance } from "./finite_volumes.ts";
import { coarsenProblem } from "./coarsen_problem.ts";
import type { Lowered } from "../analysis.ts";
import type { Block } from "../contract.ts";
import { rounder } from "../dtype.ts";
import { convects, readEdges } from "../problem/edges.ts";
import { ProblemError } from "../errors.ts";
import type { Sampler } from "../problem/field.ts";
import { fixedPoints } from "../problem/fixed.ts";
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
  const k = readSection(problem, "conductivity");
  requirePositive(k, shape);
  const f = readSection(problem, "source");
  const initial = readSection(problem, "initial");
  const edges = readEdges(problem);
  const fixed = fixedPoints(problem, edges);
  const periodic = [edges.north.kind === "periodic", edges.west.kind === "periodic"] as const;

  const plain = k.uniform !== undefined && !fixed.inside && EDGES.every((name) => edges[name].kind === "fixed");
  const singular = !fixed.any && !EDGES.some((name) => convects(edges[name]));
  const [sx, sy] = [dy * dy, dx * dx];
  const cx = dx === dy ? 0.25 : sx / (2 * (sx + sy));
  const cy = dx === dy ? 0.25 : sy / (2 * (sx + sy));
  const round = rounder(dtype);
  const side = Math.min((ny - 1) * dy, (nx - 1) * dx);

  const parts: Parts = { shape, spacing, dtype, edges, k, f, initial, fixed };
  if (singular) requireBalance(parts);
  const edgeGap = spectralGap(edges, shape, spacing);
  const gap = fixed.any || singular ? edgeGap : Math.min(edgeGap, constantGap(parts));
  // Plain: f enters as f / (k (2/dx² + 2/dy²)).
  const source = f.uniform !== 0;
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
    magnitude: Math.max(fixed.spread, fixed.largest),
    analysis: {
      spread: fixed.spread,
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
    ...(typeof half === "object" && { coarsen: () => lower(half) }),
  };
}

const WEIGHTED_FIELDS = ["u", "an", "as", "aw", "ae", "g", "d"] as const;

function requirePositive(k: Sampler, [ny, nx]: readonly [number, number]): void {
  const row = new Float64Array(nx);
  for (let i = 0; i < (k.uniform === undefined ? ny : 1); i++) {
    k.read(i, 0, nx, row);
    if (allPositive(row)) continue;
    const j = row.findIndex((value) => !(value > 0));
    throw new ProblemError(`conductivity must be greater than 0: at row ${i}, column ${j} it is ${row[j]}`);
  }
}

function allPositive(row: Float64Array): boolean {
  for (let j = 0; j < row.length; j++) if (!(row[j]! > 0)) return false;
  return true;
}
