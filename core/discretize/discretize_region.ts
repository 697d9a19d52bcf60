/**
 * The region of a problem on its grid: conductivity, edges, parts and what is held; without its source.
 *
 * @module
 */

import type { Medium } from "../finite_volumes/coefficient_rows.ts";
import { radiiOf } from "../finite_volumes/radii.ts";
import type { Plate } from "../finite_volumes/section.ts";
import { convects, type Edges } from "../problem/edges.ts";
import { affine, type Sampler } from "../problem/field.ts";
import type { FixedPoints } from "../problem/fixed.ts";
import { EDGES } from "../problem/problem.ts";
import type { ResolvedProblem } from "../problem/resolve.ts";
import { connectedRegions } from "../section/connected_regions.ts";
import { discretizeSection, withoutNodes } from "../section/discretize_section.ts";
import { layeredConductivity, overlaysCells, withHeldParts } from "../section/layered_fields.ts";
import { type Excitation, type Layers, layersOf, plateOf } from "../section/layers.ts";
import { checkSeen } from "../section/unseen_parts.ts";

/** A region on its grid. */
export interface Region {
  /** What its equations are made of, but for the source. */
  readonly medium: Omit<Medium, "f">;
  /** The held nodes: those of edges and `fixed`, and those of parts. */
  readonly fixed: FixedPoints;
  /** Whether something holds it. What floats does not: its value is not known. */
  readonly held: boolean;
  /** Whether parts float. */
  readonly floats: boolean;
  readonly plate: Plate;
  readonly drawn: Layers;
}

/**
 * Local. Puts the region of a problem on its grid.
 *
 * @param edges with conductivities multiplied by `factor`
 * @param points those that edges and `fixed` hold
 * @throws ProblemError for a part that no node sees, and for a connected piece of the domain that is singular while others are held.
 */
export function discretizeRegion(
  given: ResolvedProblem,
  edges: Edges,
  points: FixedPoints,
  factor: number,
  excitation: Excitation,
): Region {
  const { grid: { shape, spacing, origin }, periodic } = given;
  const radii = given.coordinates === "axisymmetric" ? radiiOf(origin[1], spacing[1], shape[1]) : undefined;
  const drawn = layersOf(given, factor, excitation);
  const { layers, cells } = drawn;
  const conductivity = affine(given.conductivity, factor);
  const plate = plateOf(shape, spacing, periodic, conductivity, cells, radii);
  const cut = layers.length > 0
    ? discretizeSection(plate, layers, drawn.sources.flatMap(({ region }) => region.levels ?? []))
    : undefined;
  if (cut) checkSeen(layers, cut, given);
  const medium = {
    shape,
    spacing,
    edges,
    k: cut && !cells ? layeredConductivity(conductivity, shape, cut, layers) : conductivity,
    ...(radii && { radii }),
    ...(cells && { cells }),
    ...(cut && cells && overlaysCells(layers) && { overlay: layeredConductivity(NOT_GIVEN, shape, cut, layers) }),
  };
  const floats = layers.some(({ role }) => role === "floating");
  const isHeld = points.any || layers.some(({ role }) => role === "held") ||
    EDGES.some((name) => convects(edges[name]));
  if (!cut) return { medium, fixed: points, held: isHeld, floats, plate, drawn };
  const connected = cut.voids || floats
    ? connectedRegions({ ...medium, section: cut }, points, layers, given)
    : undefined;
  const section = connected?.excluded ? withoutNodes(cut, connected.excluded, shape) : cut;
  return {
    medium: { ...medium, section },
    fixed: withHeldParts(points, shape, section, layers),
    held: connected?.held ?? isHeld,
    floats,
    plate,
    drawn,
  };
}

/** The conductivity at nodes where that of cells counts. */
const NOT_GIVEN: Sampler = {
  uniform: undefined,
  single: false,
  at: () => NaN,
  read: (_row, from, to, out) => void out.fill(NaN, 0, to - from),
};
