/**
 * Regions on a grid: outlines near nodes, whole nodes, masks and cells, what is repeated around a period; and lines that layers
 * are painted on.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { regionOf } from "../../../core/geometry/figures.ts";
import {
  cellRegion,
  maskRegion,
  onGrid,
  PaintedLine,
  repeated,
  wholeNodes,
} from "../../../core/geometry/grid_region.ts";
import "../../support/same_cases.ts";

const grid = { shape: [6, 8], spacing: [1, 1], origin: [0, 0] } as const;
/** Rows go down from the top: y = 5 is row 0. */
const rect = regionOf({ kind: "rect", from: [1.25, 2], to: [3.5, 4.4], angle: 0 }, grid);
const circle = regionOf({ kind: "circle", center: [0.5, 7.5], radius: 1 }, grid);

test("a region on a grid has rows from the top, and is on nodes that it comes near to", () => {
  const region = onGrid(rect, grid);
  assert.deepEqual(region.alongRow(2), [[2, 4.4]]);
  assert.deepEqual(region.alongColumn(3), [[1.5, 3.75]]);
  assert.deepEqual(region.levels!.map((level) => Math.round(level * 1e9) / 1e9), [1.5, 3.75]);
  const near = regionOf({ kind: "rect", from: [1, 2 + 9e-7], to: [3, 4 - 9e-7], angle: 0 }, grid);
  assert.deepEqual(onGrid(near, grid).alongRow(3), [[2, 4]]);
  const far = regionOf({ kind: "rect", from: [1, 2 + 1.1e-6], to: [3, 4], angle: 0 }, grid);
  assert.deepEqual(onGrid(far, grid).alongRow(3), [[2 + 1.1e-6, 4]]);
});

test("whole nodes have half a link around each of them, or none", () => {
  const [cells, nodes] = [wholeNodes(onGrid(rect, grid), true), wholeNodes(onGrid(rect, grid), false)];
  assert.deepEqual(cells.alongRow(2), [[1.5, 4.5]]);
  assert.deepEqual(cells.alongRow(1.6), [[1.5, 4.5]]);
  assert.deepEqual(cells.alongRow(1.4), []);
  // Halfway between two rows those of both.
  assert.deepEqual(cells.alongRow(1.5), [[1.5, 4.5]]);
  assert.deepEqual(cells.alongColumn(4.5), [[1.5, 3.5]]);
  assert.deepEqual(nodes.alongRow(2), [[2, 4]]);
  assert.deepEqual(nodes.alongRow(2.2), []);
  assert.deepEqual(nodes.alongColumn(2), [[2, 3]]);
});

test("a mask has nodes, cells have what lies between", () => {
  const mask = maskRegion(Uint8Array.of(0, 1, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0), [3, 4]);
  assert.deepEqual([mask.alongRow(0), mask.alongRow(1), mask.alongRow(0.5)], [[[1, 2]], [[0, 0], [3, 3]], []]);
  assert.deepEqual(mask.alongColumn(0), [[1, 1]]);
  const cells = cellRegion(Uint16Array.of(2, 2, 0, 0, 2, 1), 2, [2, 3]);
  assert.deepEqual([cells.alongRow(0.3), cells.alongRow(1.9), cells.alongRow(2)], [[[0, 2]], [[1, 2]], [[1, 2]]]);
  // A line between two rows of cells belongs to both.
  assert.deepEqual(cells.alongRow(1), [[0, 2]]);
  assert.deepEqual([cells.alongColumn(0.5), cells.alongColumn(1), cells.alongColumn(2)], [[[0, 1]], [[0, 2]], [[
    0,
    2,
  ]]]);
});

test("around a period a region goes on at the opposite side", () => {
  const half = Math.sqrt(0.75);
  const around = repeated(onGrid(circle, grid), grid.shape, [true, true]);
  // Rows 3.5 to 5.5, columns 6.5 to 8.5.
  const wanted = [[-1.5, 0.5], [6.5, 8.5]].map((chord) => chord.map((x) => Math.max(-1, Math.min(9, x))));
  assert.deepEqual(around.alongRow(4.5), wanted);
  assert.deepEqual(around.alongRow(-1.5), wanted);
  const [[from, to]] = around.alongColumn(0) as [[number, number]];
  assert.ok(
    Math.abs(from - Math.max(-1, -1.5 - half)) < 1e-12 && Math.abs(to - (-1.5 + half)) < 1e-12,
    `${from}, ${to}`,
  );
  const outer = repeated(onGrid(circle.outside, grid), grid.shape, [true, true], true, onGrid(circle, grid));
  assert.deepEqual(outer.alongRow(4.5), [[0.5, 6.5], [8.5, 9]]);
  assert.deepEqual(outer.alongRow(1), [[-1, 9]]);
  assert.deepEqual(repeated(onGrid(circle, grid), grid.shape, [false, false]).alongRow(4.5), [[6.5, 8.5]]);
});

test("of what is painted on a line the last is on top, at each place", () => {
  const place = fc.oneof(fc.integer({ min: -3, max: 12 }), fc.constantFrom(-Infinity, Infinity, 0.5, 3.25));
  const chord = fc.tuple(place, place).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
    .filter(([a, b]) => !(a === b && Math.abs(a) === Infinity));
  fc.assert(fc.property(fc.array(chord, { maxLength: 8 }), (chords) => {
    const line = new PaintedLine();
    chords.forEach(([from, to], layer) => line.paint(from, to, layer));
    const { ends, layers } = line;
    assert.equal(ends.at(-1), Infinity);
    ends.forEach((end, k) => assert.ok(k === 0 || end >= ends[k - 1]!, ends.join()));
    for (let at = -3.9; at < 13; at += 0.2) {
      const top = chords.findLastIndex(([from, to]) => from <= at && at <= to);
      assert.equal(layers[ends.findIndex((end) => end > at)], top, `at ${at} of ${JSON.stringify(chords)}`);
    }
  }));
});
