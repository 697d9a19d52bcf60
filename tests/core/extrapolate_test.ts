/** Limits of numbers from grids of half the spacing each: sums of powers, numbers without an order, and measured ones. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { limitOf } from "../../core/discretize/extrapolate.ts";
import "../support/same_cases.ts";

/** limit + Σ factor h^order on `count` grids of spacing 1/8, 1/16, … */
function sequence(
  limit: number,
  terms: readonly (readonly [factor: number, order: number])[],
  count: number,
): number[] {
  return Array.from({ length: count }, (_, n) => {
    const h = 2 ** -(3 + n);
    return terms.reduce((sum, [factor, order]) => sum + factor * h ** order, limit);
  });
}

const factor = fc.double({ min: 0.5, max: 1, noNaN: true });

test("limitOf removes one power exactly, whatever its order and sign", () => {
  const limit = fc.double({ min: -10, max: 10, noNaN: true });
  fc.assert(fc.property(limit, factor, fc.boolean(), fc.constantFrom(1, 4 / 3, 2), (limit, factor, up, order) => {
    const found = limitOf(sequence(limit, [[up ? factor : -factor, order]], 4));
    assert.ok(Math.abs(found.value - limit) <= 1e-12 * (1 + Math.abs(limit)), `${found.value}, ${limit}`);
    assert.ok(found.uncertainty <= 1e-12 * (1 + Math.abs(limit)), `${found.uncertainty}`);
    assert.ok(Math.abs(found.order! - order) < 1e-6);
    assert.deepEqual(found.removed, [order]);
  }));
});

test("an order that is not known is fitted: Aitken's process", () => {
  const values = sequence(3, [[0.7, 1.55]], 4);
  const { value, removed } = limitOf(values);
  assert.ok(Math.abs(value - 3) < 1e-12);
  assert.ok(Math.abs(removed[0]! - 1.55) < 1e-9);
  // A corner between materials of 1 and 10: near to 1, and steady.
  const corner = limitOf(sequence(3, [[0.7, 1.058], [0.1, 2]], 6));
  assert.ok(Math.abs(corner.removed[0]! - 1.058) < 0.01, `${corner.removed}`);
  assert.ok(Math.abs(corner.value - 3) < Math.min(1e-4, corner.uncertainty), `${corner.value} ± ${corner.uncertainty}`);
});

test("after the first order the next one is removed, and the limit is as near as its uncertainty says", () => {
  for (const orders of [[1, 2, 3], [4 / 3, 2, 8 / 3], [2, 4]]) {
    fc.assert(fc.property(fc.array(factor, { minLength: 3, maxLength: 3 }), (factors) => {
      const terms = orders.map((order, n) => [factors[n]!, order] as const);
      const [three, six] = [3, 6].map((count) => limitOf(sequence(1, terms, count))) as [
        ReturnType<typeof limitOf>,
        ReturnType<typeof limitOf>,
      ];
      for (const { value, uncertainty } of [three, six]) assert.ok(Math.abs(value - 1) <= uncertainty + 1e-13);
      assert.ok(six.removed.length >= 2, `${six.removed}`);
      assert.ok(Math.abs(six.value - 1) < 1e-2 * Math.abs(three.value - 1), `${six.value}, ${three.value}`);
    }));
  }
});

test("fluxes of a square coaxial line on 33² to 257² nodes give four more digits", () => {
  const exact = 10.2340925694;
  const values = [10.268371439099656, 10.247561763499528, 10.239405868115275, 10.236193406663778];
  const { value, uncertainty, order, removed } = limitOf(values);
  assert.ok(Math.abs(values.at(-1)! - exact) > 2e-3);
  assert.ok(Math.abs(value - exact) < 2e-6 && Math.abs(value - exact) < uncertainty, `${value} ± ${uncertainty}`);
  assert.ok(Math.abs(order! - 4 / 3) < 0.02);
  assert.equal(removed[0], 4 / 3);
});

test("numbers without an order are left as they are, and as uncertain as they move", () => {
  for (
    const [values, uncertainty] of [
      [[1, 2, 1.5, 2], 0.5], // signs differ
      [[1, 2, 3, 4], 2], // they grow
      [[0, 8, 9, 9.03125], 1.03125], // faster than a scheme of second order
      [[5, 5, 5], 0],
    ] as const
  ) {
    assert.deepEqual(limitOf(values), { value: values.at(-1), uncertainty, order: undefined, removed: [] });
  }
  assert.deepEqual(limitOf([1, 2]), { value: 2, uncertainty: Infinity, order: undefined, removed: [] });
  assert.equal(limitOf([NaN, 1, 2, 2.5]).order, 1);
});

test("an order that differs from triple to triple narrows nothing", () => {
  const { value, uncertainty, removed } = limitOf([0, 8, 12, 13]); // 1, then 2
  assert.deepEqual([value, uncertainty, removed], [13 + 1 / 3, 2, [2]]);
});
