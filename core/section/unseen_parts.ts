/**
 * Parts that change nothing: outside of the plate, below others, or between the lines of the grid. Each is refused, with the
 * reason.
 *
 * @module
 */

import { ProblemError } from "../errors.ts";
import type { ResolvedProblem } from "../problem/resolve.ts";
import type { GridRegion } from "../geometry/grid_region.ts";
import { PaintedLines } from "./painted_lines.ts";
import type { Section } from "../finite_volumes/section.ts";

type Place = Pick<ResolvedProblem, "grid" | "extent" | "axes" | "periodic">;

/** A layer that messages name. */
interface PartLayer {
  readonly path: string;
  readonly name: string;
  readonly role: string;
  readonly region: GridRegion;
  /** What it covers, where that is not its region. */
  readonly cells?: GridRegion;
}

/** Local. Checks that each layer is somewhere. @throws ProblemError for the first that is not */
export function checkSeen(layers: readonly PartLayer[], { seen }: Section, place: Place): void {
  layers.forEach((layer, n) => {
    if (!seen[n]) throw unseen(layer, layers.slice(n + 1), place);
  });
}

/** Local. The error of a layer that is nowhere. @param later what lies on it, and may cover it */
export function unseen({ path, region, role }: PartLayer, later: readonly PartLayer[], place: Place): ProblemError {
  const { grid: { shape, origin: [south, west] }, extent: [height, width], axes: [x, y], periodic } = place;
  const last = shape.map((n, axis) => periodic[axis] ? n : n - 1);
  const beyond = ([low, high]: readonly [number, number], end: number) => high < 0 || low > end;
  if (beyond(region.rows, last[0]!) || beyond(region.cols, last[1]!)) {
    const plate = `${x} from ${west} to ${west + width}, ${y} from ${south} to ${south + height}`;
    return new ProblemError(`${path} lies outside of the plate (${plate}); move it, or remove it`);
  }
  const isSeen = (...above: readonly PartLayer[]) => {
    const regions = above.map(({ region, cells }) => cells ?? region);
    const lines = new PaintedLines(shape, periodic, [region, ...regions]);
    return role === "source" ? hasArea(lines) : meetsNodes(lines);
  };
  if (isSeen()) {
    const cover = later.find((one) => !isSeen(one));
    const [by, them] = cover ? [JSON.stringify(cover.name), "that"] : ["later parts", "them"];
    return new ProblemError(`${path} is covered by ${by}; list it after ${them}, or remove it`);
  }
  if (region.rows[0] === -Infinity && region.cols[0] === -Infinity && !periodic[0] && !periodic[1]) {
    return new ProblemError(`${path} is everything outside of a shape that covers the plate; make the shape smaller`);
  }
  return new ProblemError(
    `${path} is too small for this grid: it lies between the nodes and crosses no link; make it larger, or the spacing smaller`,
  );
}

/** Whether the first layer of some lines meets a line of nodes on the plate. */
function meetsNodes(lines: PaintedLines): boolean {
  const { shape } = lines;
  return ([0, 1] as const).some((axis) =>
    Array.from({ length: shape[1 - axis]! }, (_, n) => lines.at(axis, n)).some(({ ends, layers }) =>
      layers.some((layer, k) => layer === 0 && ends[k]! >= 0 && (ends[k - 1] ?? -Infinity) <= shape[axis]! - 1)
    )
  );
}

/** Whether the first layer of some lines covers a part of a cell. */
function hasArea(lines: PaintedLines): boolean {
  const row = new Float64Array(lines.shape[1]);
  return Array.from({ length: lines.shape[0] }, (_, i) => lines.addCoverage(i, 0, row)).length > 0 &&
    row.some((part) => part > 0);
}
