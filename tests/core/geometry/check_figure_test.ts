/**
 * Figures that cannot be, and the key at fault.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ProblemError } from "../../../core/errors.ts";
import { checkFigure } from "../../../core/geometry/check_figure.ts";
import type { Figure, Point } from "../../../core/geometry/region.ts";

test("checkFigure names the key at fault", () => {
  const refuses = (figure: Figure, message: string) =>
    assert.throws(() => checkFigure(figure, "parts[2]"), new ProblemError(`parts[2].${message}`));
  const center = [0, 0] as const;
  refuses({ kind: "circle", center, radius: -1 }, "radius must be greater than 0: it is -1");
  refuses({ kind: "circle", center, radius: Infinity }, "radius must be a finite number: it is Infinity");
  refuses({ kind: "circle", center: [0, NaN], radius: 1 }, "center[1] must be a finite number: it is NaN");
  refuses(
    { kind: "ellipse", center: [NaN, 0], radii: [1, 1], angle: 0 },
    "center[0] must be a finite number: it is NaN",
  );
  refuses({ kind: "ellipse", center, radii: [1, 0], angle: 0 }, "radii[1] must be greater than 0: it is 0");
  refuses({ kind: "ellipse", center, radii: [1, 2], angle: NaN }, "angle must be a finite number: it is NaN");
  refuses(
    { kind: "ring", center: [0, -Infinity], radii: [1, 2] },
    "center[1] must be a finite number: it is -Infinity",
  );
  refuses({ kind: "ring", center, radii: [0, 2] }, "radii[0] must be greater than 0: it is 0");
  refuses({ kind: "ring", center, radii: [2, 2] }, "radii[0] must be less than the outer radius, 2: it is 2");
  refuses({ kind: "rect", from: [0, NaN], to: [1, 1], angle: 0 }, "from[1] must be a finite number: it is NaN");
  refuses({ kind: "rect", from: [0, 0], to: [NaN, 1], angle: 0 }, "to[0] must be a finite number: it is NaN");
  refuses({ kind: "rect", from: [0, 0], to: [1, 1], angle: NaN }, "angle must be a finite number: it is NaN");
  refuses({ kind: "rect", from: [0, 2], to: [1, 1], angle: 0 }, 'from must not lie beyond "to"');
  refuses({ kind: "rect", from: [2, 0], to: [1, 1], angle: 0 }, 'from must not lie beyond "to"');
  refuses({ kind: "polygon", points: [[0, 0], [0, 1]] }, "points must have at least 3 points: it has 2");
  refuses({ kind: "polygon", points: [[0, 0], [0, 1], [1, NaN]] }, "points[2][1] must be a finite number: it is NaN");
  refuses({ kind: "polygon", points: [[0, 0], [0.3, 0.1], [0.9, 0.3]] }, "points must not all lie in a line");
  refuses({ kind: "polygon", points: [[1, 1], [1, 1], [1, 1]] }, "points must not all lie in a line");
  const crossing = (points: readonly Point[], one: number, other: number) =>
    refuses(
      { kind: "polygon", points },
      `points must not cross themselves: side ${one} crosses or touches side ${other}`,
    );
  crossing([[0, 0], [1, 1], [1, 0], [0, 1]], 1, 3);
  crossing([[0, 0], [0, 2], [2, 2], [0, 1], [2, 0]], 1, 3); // a vertex on a side
  crossing([[0, 0], [0, 4], [1, 4], [1, 2], [1, 3], [2, 0]], 3, 4); // a spike
  crossing([[0, 0], [0, 0], [1, 1], [1, 0], [0, 1]], 2, 4); // points named twice count
  crossing([[0, 0], [0.9, 0.3], [0.9, 1], [0.3, 0.1], [0, 1]], 1, 3); // to rounding
  refuses({ kind: "polyline", points: [[0, 0]], width: 1 }, "points must have at least 2 points: it has 1");
  refuses(
    { kind: "polyline", points: [[0, NaN], [1, 1]], width: 1 },
    "points[0][1] must be a finite number: it is NaN",
  );
  refuses(
    { kind: "polyline", points: [[1, 2], [1, 2]], width: 1 },
    "points must make a line of a length greater than 0: all are at [1, 2]",
  );
  refuses({ kind: "polyline", points: [[0, 0], [1, 1]], width: 0 }, "width must be greater than 0: it is 0");
  checkFigure({ kind: "polygon", points: [[0, 0], [0, 1], [0, 1], [1, 1], [0, 0]] }, "parts[2]");
  checkFigure({ kind: "polygon", points: [[0, 0], [0, 1], [0, 2], [1, 1]] }, "parts[2]");
  checkFigure({ kind: "formula", where: () => NaN }, "parts[2]");
});
