/**
 * The region of a figure, and its area.
 *
 * @module
 */

import { rangeOf } from "../grid_data.ts";
import { capsuleLimits } from "./capsules.ts";
import { type Limits, regionWithin } from "./chords.ts";
import { direction, ellipseLimits, reach, ringLimits } from "./conics.ts";
import { levelSetLimits } from "./level_set.ts";
import { polygonArea, polygonLimits } from "./polygon.ts";
import type { Box, Figure, NodeGrid, Point, Region } from "./region.ts";

/** Positions that differ by this share of the largest coordinate are the same to rounding. */
const ROUNDING = 2 ** -48;

/**
 * Local. The region of a figure that `checkFigure` accepts. Chords are exact to rounding; they cost the same on every
 * line for circles, ellipses, rings and rects, as much as there are sides for polygons and polylines, and a call for
 * each node of the line for formulas.
 *
 * @param grid the nodes at which formulas are looked at; a formula's region ends with the grid
 *
 * @example
 * ```ts
 * import { regionOf } from "./figures.ts";
 *
 * const grid = { shape: [5, 5], spacing: [1, 1], origin: [0, 0] } as const;
 * const disc = regionOf({ kind: "circle", center: [2, 2], radius: 1 }, grid);
 * disc.alongX(2); // [[1, 3]]
 * disc.alongY(3); // [[2, 2]]: it touches
 * disc.outside.alongX(2); // [[-Infinity, 1], [3, Infinity]]
 * ```
 */
export function regionOf(figure: Figure, grid: NodeGrid): Region {
  const whole = boxOfGrid(grid);
  const box = figure.kind === "formula" ? whole : boxOf(figure);
  const slackY = ROUNDING * Math.max(...[...box.y, ...whole.y].map(Math.abs));
  const slackX = ROUNDING * Math.max(...[...box.x, ...whole.x].map(Math.abs));
  const padded: Box = {
    y: [box.y[0] - slackY, box.y[1] + slackY],
    x: [box.x[0] - slackX, box.x[1] + slackX],
  };
  if (figure.kind === "formula") {
    return regionWithin(padded, ...levelSetLimits(figure.where, figure.closed ?? false, grid));
  }
  return regionWithin(padded, limitsOf(figure, 0, slackY), limitsOf(figure, 1, slackX));
}

function limitsOf(figure: Exclude<Figure, { kind: "formula" }>, across: 0 | 1, slack: number): Limits {
  switch (figure.kind) {
    case "circle":
      return ellipseLimits(figure.center, [figure.radius, figure.radius], 0, across, slack);
    case "ellipse":
      return ellipseLimits(figure.center, figure.radii, figure.angle, across, slack);
    case "ring":
      return ringLimits(figure.center, figure.radii, across, slack);
    case "rect": {
      const corners = cornersOf(figure);
      // A rect without a thickness is the segment between two opposite corners.
      return Math.min(figure.to[0] - figure.from[0], figure.to[1] - figure.from[1]) <= 4 * slack
        ? capsuleLimits([corners[0]!, corners[2]!], 0, across, slack)
        : polygonLimits(corners, across, slack);
    }
    case "polygon":
      return polygonLimits(figure.points, across, slack);
    case "polyline":
      return capsuleLimits(figure.points, figure.width / 2, across, slack);
  }
}

type FigureOf<Kind extends Figure["kind"]> = Extract<Figure, { readonly kind: Kind }>;

/** South-west, south-east, north-east and north-west, turned about the middle. */
function cornersOf({ from, to, angle }: FigureOf<"rect">): Point[] {
  if (angle % 180 === 0) return [from, [from[0], to[1]], to, [to[0], from[1]]];
  const [cos, sin] = direction(angle);
  const [y, x] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  const [dy, dx] = [(to[0] - from[0]) / 2, (to[1] - from[1]) / 2];
  return [[-dy, -dx], [-dy, dx], [dy, dx], [dy, -dx]].map((
    [v, u],
  ) => [y + u! * sin + v! * cos, x + u! * cos - v! * sin]);
}

function boxOfGrid({ shape: [ny, nx], spacing: [dy, dx], origin: [y, x] }: NodeGrid): Box {
  return { y: [y, y + (ny - 1) * dy], x: [x, x + (nx - 1) * dx] };
}

function boxOf(figure: Exclude<Figure, { kind: "formula" }>): Box {
  switch (figure.kind) {
    case "circle":
      return boxAround([figure.center], [figure.radius, figure.radius]);
    case "ring":
      return boxAround([figure.center], [figure.radii[1], figure.radii[1]]);
    case "ellipse":
      return boxAround([figure.center], reach(figure.radii, figure.angle));
    case "rect":
      return boxAround(cornersOf(figure), [0, 0]);
    case "polygon":
      return boxAround(figure.points, [0, 0]);
    case "polyline":
      return boxAround(figure.points, [figure.width / 2, figure.width / 2]);
  }
}

/** The least box with all that is as far from some points as this. */
function boxAround(points: readonly Point[], [dy, dx]: Point): Box {
  const [ys, xs] = [points.map(([y]) => y), points.map(([, x]) => x)];
  const [south, north] = rangeOf(ys);
  const [west, east] = rangeOf(xs);
  return { y: [south - dy, north + dy], x: [west - dx, east + dx] };
}

/** Local. The area of a figure; undefined for polylines, which may overlap themselves, and for formulas. */
export function areaOf(figure: Figure): number | undefined {
  switch (figure.kind) {
    case "circle":
      return Math.PI * figure.radius ** 2;
    case "ellipse":
      return Math.PI * figure.radii[0] * figure.radii[1];
    case "ring": {
      const [inner, outer] = figure.radii;
      return Math.PI * (outer - inner) * (outer + inner);
    }
    case "rect":
      return (figure.to[0] - figure.from[0]) * (figure.to[1] - figure.from[1]);
    case "polygon":
      return polygonArea(figure.points);
    default:
      return undefined;
  }
}
