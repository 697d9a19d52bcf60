/**
 * Whether the numbers of a figure make a shape.
 *
 * @module
 */

import { ProblemError } from "../errors.ts";
import type { Figure, Point } from "./region.ts";
import { areInLine, sidesThatMeet } from "./self_crossing.ts";

/**
 * Local. Checks the numbers of a figure.
 *
 * A rect may be as thin as a line. A polygon may name a point twice in a row, or its first point again at the end.
 *
 * @param path the key of the figure, as in `parts[2]`
 * @throws ProblemError, one line that starts with the key at fault: numbers that are not finite, sizes that are not
 * greater than 0, a polygon that crosses or touches itself
 */
export function checkFigure(figure: Figure, path: string): void {
  switch (figure.kind) {
    case "circle":
      checkPoint(figure.center, `${path}.center`);
      checkSize(figure.radius, `${path}.radius`);
      break;
    case "ellipse":
      checkPoint(figure.center, `${path}.center`);
      figure.radii.forEach((radius, k) => checkSize(radius, `${path}.radii[${k}]`));
      checkFinite(figure.angle, `${path}.angle`);
      break;
    case "ring": {
      const [inner, outer] = figure.radii;
      checkPoint(figure.center, `${path}.center`);
      figure.radii.forEach((radius, k) => checkSize(radius, `${path}.radii[${k}]`));
      if (inner >= outer) refuse(`${path}.radii[0]`, `be less than the outer radius, ${outer}: it is ${inner}`);
      break;
    }
    case "rect":
      checkPoint(figure.from, `${path}.from`);
      checkPoint(figure.to, `${path}.to`);
      checkFinite(figure.angle, `${path}.angle`);
      if (figure.from.some((from, k) => from > figure.to[k]!)) refuse(`${path}.from`, `not lie beyond "to"`);
      break;
    case "polygon":
      checkPoints(figure.points, 3, `${path}.points`);
      checkPolygon(figure.points, `${path}.points`);
      break;
    case "polyline":
      checkPoints(figure.points, 2, `${path}.points`);
      if (figure.points.every(([y, x]) => y === figure.points[0]![0] && x === figure.points[0]![1])) {
        refuse(
          `${path}.points`,
          `make a line of a length greater than 0: all are at [${figure.points[0]!.join(", ")}]`,
        );
      }
      checkSize(figure.width, `${path}.width`);
      break;
    case "formula":
      break;
  }
}

function refuse(key: string, rule: string): never {
  throw new ProblemError(`${key} must ${rule}`);
}

function checkFinite(value: number, key: string): void {
  if (!Number.isFinite(value)) refuse(key, `be a finite number: it is ${value}`);
}

function checkSize(value: number, key: string): void {
  checkFinite(value, key);
  if (value <= 0) refuse(key, `be greater than 0: it is ${value}`);
}

function checkPoint(point: Point, key: string): void {
  point.forEach((value, k) => checkFinite(value, `${key}[${k}]`));
}

function checkPoints(points: readonly Point[], least: number, key: string): void {
  if (points.length < least) refuse(key, `have at least ${least} points: it has ${points.length}`);
  points.forEach((point, k) => checkPoint(point, `${key}[${k}]`));
}

function checkPolygon(points: readonly Point[], key: string): void {
  if (areInLine(points)) refuse(key, "not all lie in a line");
  const sides = sidesThatMeet(points);
  if (sides !== undefined) refuse(key, `not cross themselves: side ${sides[0]} crosses or touches side ${sides[1]}`);
}
