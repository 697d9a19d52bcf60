/**
 * From what was written to numbers: a validated problem whose parameters are evaluated, whose numbers are numbers, and whose
 * formulas and functions are fields or quantities of the position. What is computed from it is no business of this file.
 *
 * @module
 */

import { compilePoint } from "../formula/compile.ts";
import { parseFormula } from "../formula/parse.ts";
import { checkFigure } from "../geometry/check_figure.ts";
import type { Figure, Point } from "../geometry/region.ts";
import { largestValue } from "../dtype.ts";
import { ProblemError } from "../errors.ts";
import { type Drawing, readDrawing } from "./drawing.ts";
import { type Edges, readEdges } from "./edges.ts";
import { type Sampler, sampler } from "./field.ts";
import { type Frame, frameOf, numberOf, pairOf } from "./frame.ts";
import type { FigureInput, NumberInput, PartInput, PointInput, ProbeInput } from "./parts.ts";
import type { Problem } from "./problem.ts";
import { type Role, roleOf } from "./roles.ts";
import { readCells, readSection } from "./sections.ts";

/** Points of a line whose author does not say. */
const POINTS = 101;

/** Beside the grid by this part of a spacing is on its edge: a spacing has only so many digits. */
const NEAR = 1e-6;

/** A part of a problem: where it is and what it is. */
export type Part = Place & Role & {
  readonly name: string;
  /** The key that messages name, such as `parts[1]`. */
  readonly path: string;
  /** Whether it is everything but the place. */
  readonly outside: boolean;
  /** Whether links are cut at its outline, instead of whole nodes belonging to it; never those of a mask. */
  readonly exact: boolean;
};

/** A shape, or the nodes where a mask is not 0. */
export type Place =
  | { readonly figure: Figure; readonly mask: undefined }
  | { readonly figure: undefined; readonly mask: Sampler };

/** What is asked about the field: at a point, along a line, or about a part. */
export type Probe =
  | { readonly name: string; readonly kind: "point"; readonly at: Point }
  | { readonly name: string; readonly kind: "line"; readonly from: Point; readonly to: Point; readonly points: number }
  | { readonly name: string; readonly kind: "part"; readonly part: string };

/** A problem in numbers. */
export interface ResolvedProblem extends Frame {
  /** By which totals are multiplied; axisymmetric, the full turn, 2π. */
  readonly depth: number;
  readonly edges: Edges;
  readonly source: Sampler;
  /** At the nodes; 1 where it is given by cells. */
  readonly conductivity: Sampler;
  /** In rows from the top, as `cellShape` says. */
  readonly cells: Sampler | undefined;
  readonly initial: Sampler;
  /** Lies under the parts. */
  readonly drawing: Drawing | undefined;
  /** Later ones win. */
  readonly parts: readonly Part[];
  readonly probes: readonly Probe[];
}

/**
 * Local. Makes numbers of a validated problem.
 *
 * @throws ProblemError, one line that starts with the key at fault: a formula that cannot be evaluated, a figure of impossible
 * sizes, a field or drawing of another size than the grid, a probe outside.
 */
export function resolveProblem(problem: Problem): ResolvedProblem {
  const frame = frameOf(problem);
  const most = largestValue(problem.dtype ?? "f64");
  return {
    ...frame,
    depth: frame.coordinates === "axisymmetric" ? 2 * Math.PI : problem.depth ?? 1,
    edges: readEdges(problem, frame),
    source: readSection(problem, "source", frame),
    conductivity: readSection(problem, "conductivity", frame),
    cells: readCells(problem, frame),
    initial: readSection(problem, "initial", frame),
    drawing: problem.image && readDrawing(problem.image, frame, most),
    parts: (problem.parts ?? []).map((part, n) => partOf(part, `parts[${n}]`, frame, most)),
    probes: (problem.probes ?? []).map((probe, n) => probeOf(probe, `probes[${n}]`, frame)),
  };
}

function partOf(part: PartInput, path: string, frame: Frame, most: number): Part {
  const { name, outside = false, outline = "exact" } = part;
  const place: Place = part.kind === "file"
    ? { figure: undefined, mask: sampler(`${path}.mask`, part.mask, frame.grid.shape) }
    : { figure: checked(figureOf(part, path, frame), path), mask: undefined };
  const exact = outline === "exact" && part.kind !== "file";
  return { name, path, outside, exact, ...place, ...roleOf(part, path, frame, most) };
}

function checked(figure: Figure, path: string): Figure {
  checkFigure(figure, path);
  return figure;
}

type ShapeInput = Exclude<FigureInput, { kind: "file" }>;

function figureOf(input: ShapeInput, path: string, frame: Frame): Figure {
  const number = (key: string, value: NumberInput = 0) => numberOf(frame, value, `${path}.${key}`);
  const pair = (key: string, value: PointInput) => pairOf(frame, value, `${path}.${key}`);
  const points = (values: readonly PointInput[]) => values.map((value, n) => pair(`points[${n}]`, value));
  switch (input.kind) {
    case "circle":
      return { kind: input.kind, center: pair("center", input.center), radius: number("radius", input.radius) };
    case "ellipse": {
      const [center, radii] = [pair("center", input.center), pair("radii", input.radii)];
      return { kind: input.kind, center, radii, angle: number("angle", input.angle) };
    }
    case "ring":
      return { kind: input.kind, center: pair("center", input.center), radii: pair("radii", input.radii) };
    case "rect": {
      const [from, to] = [pair("from", input.from), pair("to", input.to)];
      return { kind: input.kind, from, to, angle: number("angle", input.angle) };
    }
    case "polygon":
      return { kind: input.kind, points: points(input.points) };
    case "polyline":
      return { kind: input.kind, points: points(input.points), width: number("width", input.width) };
    case "formula":
      return { kind: input.kind, where: inside(input.where, `${path}.where`, frame) };
  }
}

/** What is greater than 0 inside: a comparison gives 1 or 0. */
function inside(
  where: string | ((x: number, y: number) => number | boolean),
  path: string,
  { constants, axes }: Frame,
): (x: number, y: number) => number {
  if (typeof where === "string") return compilePoint(parseFormula(where, path), constants, axes);
  return (x, y) => Number(where(x, y));
}

function probeOf(probe: ProbeInput, path: string, frame: Frame): Probe {
  const { name } = probe;
  if ("part" in probe) return { name, kind: "part", part: probe.part };
  const place = (key: string, value: PointInput) =>
    onGrid(pairOf(frame, value, `${path}.${key}`), `${path}.${key}`, frame);
  if ("at" in probe) return { name, kind: "point", at: place("at", probe.at) };
  const [from, to] = [place("from", probe.from), place("to", probe.to)];
  if (from[0] === to[0] && from[1] === to[1]) {
    throw new ProblemError(`${path}.to must differ from "from": it is [${to.join(", ")}]`);
  }
  return { name, kind: "line", from, to, points: probe.points ?? POINTS };
}

/** A position on the grid; one that rounding has put beside it is moved onto it. */
function onGrid(at: Point, path: string, { grid: { origin, spacing }, extent, axes }: Frame): Point {
  const on = at.map((value, axis) => Math.min(Math.max(value, origin[axis]!), origin[axis]! + extent[axis]!));
  const [y, x] = [on[0]!, on[1]!];
  if (Math.abs(y - at[0]) <= NEAR * spacing[0] && Math.abs(x - at[1]) <= NEAR * spacing[1]) return [y, x];
  const [rows, cols] = [0, 1].map((axis) => `${origin[axis]} to ${origin[axis]! + extent[axis]!}`);
  throw new ProblemError(
    `${path} must lie on the grid, ${axes[1]} from ${rows} and ${axes[0]} from ${cols}: it is [${at.join(", ")}]`,
  );
}
