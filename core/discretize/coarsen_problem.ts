/**
 * The same problem on every other row and column, for the first guess of full multigrid and for Richardson's estimate of the
 * discretisation error. Problems, not equations: all fields are sampled again, and none is copied.
 *
 * @module
 */

import { inflow } from "../finite_volumes/balance.ts";
import { convects, readEdges } from "../problem/edges.ts";
import { type FieldInput, isField, isNdArray, sampler } from "../problem/field.ts";
import { covers } from "../problem/fixed.ts";
import type { PartInput } from "../problem/parts.ts";
import type { EdgeInput, EdgeName, Problem, QuantityInput, SectionInput } from "../problem/problem.ts";
import { EDGES } from "../problem/problem.ts";
import { readSection } from "../problem/sections.ts";

/**
 * Local. A problem on every other row and column; edges stay where they are, and shapes, parts and formulas.
 *
 * @param problem one that `lower` accepts
 * @returns the coarser problem, which has no point but some of the finer one; or why there is none
 */
export function coarsenProblem(problem: Problem): Problem | string {
  const { shape, spacing: [dy, dx] = [1, 1], origin: [y, x] = [0, 0], edges = {}, fixed } = problem;
  const { source, conductivity, initial, parts } = problem;
  const periodic = [edges.north === "periodic", edges.west === "periodic"] as const;
  for (const axis of [0, 1] as const) {
    const n = shape[axis];
    const what = `${axis === 0 ? "ny" : "nx"} is ${n}`;
    const least = periodic[axis] ? 6 : 5;
    if (n % 2 !== least % 2) {
      const near = n - 1 < least ? `${Math.max(n + 1, least)}` : `${n - 1} or ${n + 1}`;
      return periodic[axis]
        ? `${what}, and must be even around a periodic direction, such as ${near}`
        : `${what}, and must be odd, such as ${near}: every other point then ends on both edges`;
    }
    if (n < least) return `${what}: every other point leaves less than three`;
  }
  if (problem.image) return "image has a colour for every pixel of this grid, and cannot be halved";
  if (hasCells(conductivity)) {
    return "conductivity.cells has a number for every cell of this grid, and cannot be halved";
  }
  const [ny, nx] = shape.map((n) => Math.ceil(n / 2)) as [number, number];
  const halved: Problem = {
    ...problem,
    shape: [ny, nx],
    spacing: [2 * dy, 2 * dx],
    // Around a periodic direction the last of every other row is the one above the last.
    ...(periodic[0] && { origin: [y + dy, x] }),
    edges: Object.fromEntries(
      Object.entries(edges).map(([name, edge]) => [name, edge && everyOtherOfEdge(name as EdgeName, edge, shape)]),
    ),
    ...(source !== undefined && { source: ofSection(source, shape) }),
    ...(conductivity !== undefined && { conductivity: ofSection(conductivity, shape) }),
    ...(initial !== undefined && { initial: ofSection(initial, shape) }),
    ...(fixed && {
      fixed: {
        ...fixed,
        ...(fixed.mask !== undefined && { mask: everyOther(fixed.mask, shape) }),
        ...(fixed.values !== undefined && { values: everyOther(fixed.values, shape) }),
      },
    }),
    ...(parts && { parts: parts.map((part) => part.kind === "file" ? halfMask(part, shape) : part) }),
  };
  const lost = fixed?.shapes?.findIndex((item) => !covers(item, halved.shape, halved.spacing!)) ?? -1;
  if (lost !== -1) return `fixed.shapes[${lost}] covers none of every other row and column`;
  if (fixed?.mask !== undefined && !marks(halved.fixed!.mask!, halved.shape) && marks(fixed.mask, shape)) {
    return "fixed.mask marks none of every other row and column";
  }
  const vanished = halved.parts?.findIndex((part) => part.kind === "file" && !marks(part.mask, halved.shape)) ?? -1;
  if (vanished !== -1) return `parts[${vanished}].mask marks none of every other row and column`;
  return balanced(halved);
}

// ---- helpers ----

type Size = readonly [ny: number, nx: number];

/** Every other row and column of a field; of one along an edge, which has a single row or column, every other point. */
function everyOther(input: FieldInput, [ny, nx]: Size): FieldInput {
  if (typeof input === "number") return input;
  if (typeof input === "function") return (row, col) => input(2 * row, 2 * col);
  const whole = isNdArray(input) ? input : { data: input, shape: [ny, nx], stride: [nx, 1], offset: 0 };
  const { data, shape, stride, offset } = whole;
  return { data, shape: shape.map((n) => Math.ceil(n / 2)), stride: stride.map((step) => 2 * step), offset };
}

function everyOtherOfEdge(name: EdgeName, edge: EdgeInput, [ny, nx]: Size): EdgeInput {
  if (edge === "periodic") return edge;
  const half = (input: QuantityInput) =>
    isField(input) ? everyOther(input, name === "north" || name === "south" ? [1, nx] : [ny, 1]) : input;
  if (isField(edge) || typeof edge === "string" || "formula" in edge) return half(edge);
  if ("flux" in edge) return { flux: half(edge.flux) };
  return { convection: { h: half(edge.convection.h), ambient: half(edge.convection.ambient) } };
}

function ofSection(section: SectionInput, shape: Size): SectionInput {
  if (isField(section)) return everyOther(section, shape);
  return "formula" in section ? section : { value: everyOther(section.value, shape) };
}

function hasCells(section: Problem["conductivity"]): section is { readonly cells: FieldInput } {
  return section !== undefined && !isField(section) && "cells" in section;
}

function halfMask(part: Extract<PartInput, { kind: "file" }>, shape: Size): PartInput {
  return { ...part, mask: everyOther(part.mask, shape) };
}

/**
 * A singular problem (pure Neumann, periodic) needs a source and fluxes that balance, and sampled again they do so only
 * nearly: a constant is subtracted from the source.
 */
function balanced(problem: Problem): Problem {
  const { shape, spacing = [1, 1], fixed, parts } = problem;
  const edges = readEdges(problem);
  const holds = EDGES.some((name) => edges[name].kind === "fixed" || convects(edges[name]));
  // What parts hold and supply is the same on any grid.
  const supplied = parts?.some(({ conductivity, source }) => conductivity === undefined || source !== undefined);
  if (holds || fixed?.mask !== undefined || fixed?.shapes?.length || supplied) return problem;
  const f = readSection(problem, "source");
  const k = sampler("conductivity", 1, shape);
  const { sum } = inflow({ shape, spacing, edges, k, f });
  const [height, width] = ([["north", 0], ["west", 1]] as const).map(([name, axis]) =>
    spacing[axis] * (edges[name].kind === "periodic" ? shape[axis] : shape[axis] - 1)
  );
  const imbalance = sum / (height! * width!);
  return imbalance === 0 ? problem : { ...problem, source: (row, col) => f.at(row, col) - imbalance };
}

/** Whether a mask marks any point. */
function marks(input: FieldInput, [ny, nx]: Size): boolean {
  const mask = sampler("mask", input, [ny, nx]);
  const row = new Float64Array(nx);
  for (let i = 0; i < ny; i++) {
    mask.read(i, 0, nx, row);
    if (row.some((value) => value !== 0)) return true;
  }
  return false;
}
