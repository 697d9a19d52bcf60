/** What `lower` makes of a problem: which condition wins where several meet, and which kind of stencil. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { everything } from "../../conformance/compare.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { lower } from "../../core/discretize/lower.ts";

test("lower takes west and east at corners of fixed edges, and a fixed edge before a free one", () => {
  const at = (problem: Problem) => {
    const { u } = lower(problem).evaluate(everything([3, 4]));
    return [u[0], u[3], u[8], u[11]];
  };
  const shape = [3, 4] as const;
  assert.deepEqual(at({ shape, edges: { north: 1, south: 2, west: 3, east: 4 } }), [3, 4, 3, 4]);
  assert.deepEqual(at({ shape, edges: { north: 1, south: 2, west: { flux: 0 }, east: 4 } }), [1, 4, 2, 4]);
  assert.deepEqual(at({ shape, edges: { north: { flux: 0 }, south: 2, west: 3, east: { flux: 1 } } }), [3, 0, 3, 2]);
  assert.deepEqual(at({ shape, edges: { north: 1, south: 2, west: "periodic", east: "periodic" } }), [1, 1, 2, 2]);
});

test("lower lets shapes win over masks, masks over edges, and later shapes over earlier", () => {
  const { u } = lower({
    shape: [3, 5],
    edges: { north: 1 },
    fixed: {
      mask: (i, j) => i === 0 && j > 0 ? 1 : 0,
      values: 2,
      shapes: [
        { kind: "rect", from: [0, 2], to: [0, 4], value: 3 },
        { kind: "circle", center: [0, 4], radius: 0.5, value: 4 },
      ],
    },
  }).evaluate(everything([3, 5]));
  // The first corner is west's, which is missing and so 0.
  assert.deepEqual([...u.subarray(0, 5)], [0, 2, 3, 3, 4]);
});

test("lower includes the points on the rim of a shape, in spite of rounding", () => {
  // 0.3 / 0.1 is less than 3, and 3 * 0.1 more than 0.3.
  const { u } = lower({
    shape: [9, 9],
    spacing: [0.1, 0.1],
    fixed: {
      shapes: [
        { kind: "rect", from: [0.1, 0.1], to: [0.3, 0.3], value: 1 },
        { kind: "circle", center: [0.6, 0.6], radius: 0.1, value: 2 },
      ],
    },
  }).evaluate(everything([9, 9]));
  const ones = [...u].flatMap((value, k) => value === 1 ? [k] : []);
  const twos = [...u].flatMap((value, k) => value === 2 ? [k] : []);
  assert.deepEqual(ones, [10, 11, 12, 19, 20, 21, 28, 29, 30]);
  assert.deepEqual(twos, [51, 59, 60, 61, 69]);
});

test("lower keeps a uniform conductivity plain, and divides the source by it", () => {
  const stencil = lower({ shape: [5, 5], spacing: [2, 2], conductivity: 4, source: 3 });
  assert.equal(stencil.kind, "plain");
  // f dx² / (4 k)
  assert.equal(stencil.evaluate(everything([5, 5])).g![12], 3 * 4 / 16);
});

test("lower gives quarter weights if and only if dx equals dy", () => {
  const of = (dy: number, dx: number) => {
    const { cx, cy } = lower({ shape: [3, 3], spacing: [dy, dx] });
    return [cx, cy];
  };
  assert.deepEqual(of(0.1, 0.1), [0.25, 0.25]);
  const [cx, cy] = of(2, 1);
  assert.deepEqual([cx, cy], [0.4, 0.1]);
});
