/**
 * Regions of formulas: where their sign changes along lines, and where the grid ends.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { outsideOf } from "../../../core/geometry/chords.ts";
import { regionOf } from "../../../core/geometry/figures.ts";
import type { Chords } from "../../../core/geometry/region.ts";
import { along, contains, GRID } from "../../support/random_figures.ts";

const [MINUS, PLUS] = [-Infinity, Infinity];

test("a formula's chords end where its sign changes between two nodes, also on lines between nodes", () => {
  const where = (x: number, y: number) => 2.1 ** 2 - (x - 0.21) ** 2 - (y - 1.03) ** 2;
  const formula = regionOf({ kind: "formula", where }, GRID);
  const circle = regionOf({ kind: "circle", center: [1.03, 0.21], radius: 2.1 }, GRID);
  for (const at of [-1, -0.125, 0, 0.75, 1, 2.125]) {
    for (const across of [0, 1] as const) {
      const [[from, to], exact] = [along(formula, across, at)[0]!, along(circle, across, at)[0]!];
      // 1e-12 of a link, and the rounding of the function, 1e-15 of its terms, over its slope.
      [from, to].forEach((t, k) => assert.ok(Math.abs(t - exact[k]!) < 1e-12, `${t} is ${exact[k]}`));
      for (const t of [from, to]) assert.ok(across === 0 ? where(t, at) > 0 : where(at, t) > 0, `${t} is inside`);
      assert.deepEqual(along(outsideOf(formula), across, at), [[MINUS, from], [to, PLUS]]);
    }
  }
});

test("a formula's region ends with the grid, its complement does not, and NaN is outside", () => {
  const { origin: [y0, x0] } = GRID;
  const [y1, x1] = [y0 + 10, x0 + 16];
  const near = (found: Chords, wanted: Chords) => {
    assert.equal(found.length, wanted.length, `${found}`);
    found.flat().forEach((t, k) => assert.ok(t === wanted.flat()[k] || Math.abs(t - wanted.flat()[k]!) < 1e-12));
  };
  const half = regionOf({ kind: "formula", where: (x) => x - 1.3 }, GRID);
  near(half.alongX(0), [[1.3, x1]]);
  near(half.alongX(y1), [[1.3, x1]]);
  near(half.outside.alongX(0), [[MINUS, 1.3]]);
  near(half.alongY(2), [[y0, y1]]);
  near(half.alongY(0), []);
  near(half.outside.alongY(2), []);
  assert.deepEqual([half.alongX(y1 + 0.1), half.alongY(x1 + 0.1)], [[], []]);
  assert.deepEqual(half.outside.alongY(x1 + 0.1), [[MINUS, PLUS]]);

  near(regionOf({ kind: "formula", where: (x) => Math.sqrt(x) }, GRID).alongX(0), [[0, x1]]);
  near(regionOf({ kind: "formula", where: () => NaN }, GRID).alongX(0), []);
  near(regionOf({ kind: "formula", where: () => NaN }, GRID).outside.alongX(0), [[MINUS, PLUS]]);
  near(regionOf({ kind: "formula", where: (x) => x > 0.3 && x < 1.1 ? 1 : 0 }, GRID).alongX(0), [[0.3, 1.1]]);

  const touching = (closed: boolean) => regionOf({ kind: "formula", where: (x) => -(x * x), closed }, GRID);
  near(touching(false).alongX(0), []);
  assert.equal(touching(true).alongX(0).length, 1);
  assert.ok(contains(touching(true).alongX(0), 0));
});
