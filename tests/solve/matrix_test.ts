/** Maxwell matrices: closed forms, what each must be, and what is refused. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConfigError } from "../../core/errors.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { conductorsOf, type MaxwellMatrix, maxwellMatrix } from "../../solve/matrix.ts";
import { quarter } from "../support/sections.ts";

/** A wire in two tubes: radii 0.2, 0.5 to 0.6, and 1. */
const TUBES = quarter([
  { name: "outer", kind: "circle", center: [0, 0], radius: 1, outside: true, value: 7 },
  { name: "tube", kind: "ring", center: [0, 0], radii: [0.5, 0.6], charge: 3 },
  { name: "wire", kind: "circle", center: [0, 0], radius: 0.2, value: "x" },
]);
const [OUTSIDE, INSIDE] = [2 * Math.PI / Math.log(1 / 0.6), 2 * Math.PI / Math.log(0.5 / 0.2)];
const EXACT = [[OUTSIDE, -OUTSIDE, 0], [-OUTSIDE, OUTSIDE + INSIDE, -INSIDE], [0, -INSIDE, INSIDE]];

/** The largest difference of two matrices. */
function apart(one: MaxwellMatrix["matrix"], other: MaxwellMatrix["matrix"]): number {
  return Math.max(...one.flatMap((row, i) => row.map((value, j) => Math.abs(value - other[i]![j]!))));
}

for (const plugin of ["js", "wasm"]) {
  test(`three conductors in each other have the matrix of the two gaps: ${plugin}`, async () => {
    const found = await maxwellMatrix(TUBES, { plugin, tol: 1e-10 });
    assert.deepEqual(found.names, ["outer", "tube", "wire"]);
    assert.ok(apart(found.matrix, EXACT) < 5e-3 * INSIDE, `${found.matrix}`);
    // A tube shields: between wire and outer there is nothing.
    assert.ok(Math.abs(found.mutual[0]![2]!) < 1e-8);
    assert.deepEqual(found.mutual.map((row, i) => row[i]), [0, 0, 0]);
    assert.ok(found.self.every((flux) => Math.abs(flux) < 1e-7), `${found.self}`);
    assert.ok(found.asymmetry < 1e-7 && found.imbalance < 1e-7, `${found.asymmetry}, ${found.imbalance}`);
    assert.ok(found.asymmetry > 0 && found.uncertainty === undefined);
  });
}

test("with `to` it is that of the limit of fine grids", async () => {
  const { matrix, uncertainty, why } = await maxwellMatrix(TUBES, { plugin: "js", to: 1e-4 });
  assert.equal(why, undefined);
  assert.ok(uncertainty! <= 1e-4 * (OUTSIDE + INSIDE));
  assert.ok(apart(matrix, EXACT) <= uncertainty!, `${apart(matrix, EXACT)}, ${uncertainty}`);
  const { why: limit } = await maxwellMatrix(TUBES, { plugin: "js", to: 1e-5, maxPoints: 5000 });
  assert.equal(limit, "129 x 129 points are more than 5000");
});

test("values, charges, sources and fluxes of the problem do not count, and other held points are at 0", async () => {
  const quiet: Problem = {
    shape: [17, 25],
    edges: { north: { convection: { h: 2, ambient: 0 } }, south: { flux: 0 }, east: { flux: 0 } },
    parts: [
      { name: "a", kind: "rect", from: [4, 6], to: [8, 9], value: 1 },
      { name: "b", kind: "rect", from: [4, 15], to: [12, 16], charge: 0 },
    ],
    fixed: { shapes: [{ kind: "rect", from: [1, 20], to: [2, 22], value: 0 }] },
  };
  const loud: Problem = {
    ...quiet,
    edges: { north: { convection: { h: 2, ambient: 9 } }, south: { flux: 3 }, east: { flux: "y" }, west: 4 },
    source: 5,
    parts: [{ ...quiet.parts![0]!, value: "3 + x" }, { ...quiet.parts![1]!, charge: 8 }],
    fixed: { shapes: [{ kind: "rect", from: [1, 20], to: [2, 22], value: 6 }] },
  };
  const [one, other] = [await maxwellMatrix(quiet, { plugin: "js" }), await maxwellMatrix(loud, { plugin: "js" })];
  assert.deepEqual(one.matrix, other.matrix);
});

test("of any conductors it is symmetric, its rows sum to what edges take, and no coupling is negative", async () => {
  const place = fc.tuple(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 14 }));
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(place, { minLength: 1, maxLength: 3, selector: String }),
      fc.double({ min: 0.1, max: 10, noNaN: true }),
      async (
        corners,
        k,
      ) => {
        const parts = corners.map(([y, x], n) => (
          { name: `c${n}`, kind: "rect", from: [y - 0.3, x - 0.4], to: [y + 0.9, x + 1.3], value: n } as const
        ));
        const problem = { shape: [17, 17], conductivity: k, edges: { west: { flux: 0 } }, parts } as const;
        const { matrix, self, solutions, asymmetry, imbalance, names } = await maxwellMatrix(problem, {
          plugin: "js",
          tol: 1e-9,
        });
        const scale = Math.max(...matrix.map((row, i) => row[i]!));
        assert.ok(asymmetry < 1e-6 * scale && imbalance < 1e-6 * scale, `${asymmetry}, ${imbalance}, ${scale}`);
        matrix.forEach((row, i) => {
          const { edges } = solutions[i]!.results!;
          const taken = Object.values(edges).reduce((sum, { flux }) => sum - flux, 0);
          assert.ok(Math.abs(self[i]! - taken) < 1e-6 * scale, `${names[i]}: ${self[i]}, ${taken}`);
          row.forEach((flux, j) => assert.ok(i === j ? flux > -1e-9 * scale : flux < 1e-9 * scale));
        });
      },
    ),
    { numRuns: 20 },
  );
});

test("conductors of a drawing come first, by their names or colours", () => {
  const image = {
    data: new Uint8Array(0),
    width: 0,
    height: 0,
    legend: {
      "#FF0000": { value: 1 },
      "#00ff00": { name: "pad", charge: 0 },
      "#00ee00": { name: "pad", charge: 0 },
      "#0000ff": { conductivity: 3 },
      "#ffffff": {},
    },
  };
  const parts = [{ name: "w", kind: "circle", center: [0, 0], radius: 1, value: 0 }, {
    name: "d",
    kind: "circle",
    center: [0, 0],
    radius: 1,
    conductivity: 2,
  }] as const;
  assert.deepEqual(conductorsOf({ shape: [3, 3], image, parts }), [
    { name: "#ff0000", floats: false },
    { name: "pad", floats: true },
    { name: "w", floats: false },
  ]);
});

test("what is wrong is refused, and a solve that does not end well leaves no numbers", async () => {
  await assert.rejects(maxwellMatrix({ shape: [9, 9] }), (cause) => {
    assert.ok(cause instanceof ConfigError);
    assert.equal(cause.message, "parts has no conductor: give one a value or a charge");
    return true;
  });
  await assert.rejects(
    maxwellMatrix(TUBES, { names: ["wir"] }),
    /^ConfigError: There is no conductor "wir"; did you mean "wire"\?$/,
  );
  const { solutions } = await maxwellMatrix(TUBES, { plugin: "js", method: "jacobi", maxSweeps: 3 });
  assert.deepEqual(solutions.map(({ status }) => status), ["limit", "limit", "limit"]);
});
