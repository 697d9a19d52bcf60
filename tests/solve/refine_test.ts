/** Results in the limit of fine grids, against closed forms; how they end, and what is refused. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "../../core/errors.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { type Refinement, refineUntil, solveRefined } from "../../solve/refine.ts";

/** A quarter of a square conductor in a square tube of twice its side. */
const SQUARE: Problem = {
  shape: [65, 65],
  depth: 4,
  edges: { south: { flux: 0 }, west: { flux: 0 } },
  parts: [{ name: "inner", kind: "rect", from: [0, 0], to: [32, 32], value: 1 }],
};
const SQUARE_FLUX = 10.2340925694;

const js = { plugin: "js" } as const;

/** Fails unless a result is as near to the truth as it says, and as near as was asked. */
function isNear({ reached, results, to, why }: Refinement, name: string, exact: number): void {
  const { value, uncertainty, scale } = results[name]!;
  assert.ok(reached, why);
  assert.ok(uncertainty <= to * scale);
  assert.ok(Math.abs(value - exact) <= uncertainty, `${name}: ${value} ± ${uncertainty}, exact ${exact}`);
}

test("a square coaxial line is known to 1e-6 from grids that are each off by more than 1e-4", async () => {
  const found = await solveRefined(SQUARE, { ...js, to: 1e-6 });
  isNear(found, "parts.inner.flux", SQUARE_FLUX);
  const { values, order, removed, counts } = found.results["parts.inner.flux"]!;
  assert.ok(values.every((value) => Math.abs(value / SQUARE_FLUX - 1) > 5e-5), `${values}`);
  assert.ok(Math.abs(order! - 4 / 3) < 0.05 && removed.length >= 3 && counts);
  assert.deepEqual(found.grids.slice(0, 3).map(({ shape }) => shape), [[17, 17], [33, 33], [65, 65]]);
  assert.ok(found.grids.length <= 6);
  assert.deepEqual(found.finest.solutions[0]!.shape, found.grids.at(-1)!.shape);
  // Twice the energy is the flux for 1; edges are not asked for.
  const { energy } = found.results;
  assert.ok(Math.abs(2 * energy!.value - SQUARE_FLUX) < 2e-5 && !energy!.counts);
});

test("a singular point: Motz's problem", async () => {
  const found = await solveRefined({
    shape: [17, 33],
    spacing: [1 / 16, 1 / 16],
    origin: [0, -1],
    edges: { north: { flux: 0 }, south: { flux: 0 }, west: { flux: 0 }, east: 500 },
    parts: [{ name: "ground", kind: "rect", from: [0, -1], to: [0, 0], value: 0 }],
    probes: [{ name: "middle", at: [0.5, 0] }],
  }, { ...js, to: 1e-5 });
  isNear(found, "parts.ground.flux", -340.31708653);
  isNear(found, "probes.middle.value", 176.04545);
  assert.ok(Math.abs(found.results["parts.ground.flux"]!.order! - 1) < 0.02);
});

test("outlines between nodes, parts that float, and an axis", async () => {
  const found = await solveRefined({
    shape: [33, 33],
    spacing: [1 / 16, 1 / 16],
    coordinates: "axisymmetric",
    edges: { north: 0, east: 0, south: { flux: 0 } },
    parts: [
      { name: "shell", kind: "circle", center: [0, 0], radius: 1.9, outside: true, value: 0 },
      { name: "ball", kind: "circle", center: [0, 0], radius: 0.9, charge: 2 * Math.PI },
    ],
  }, { ...js, to: 1e-4 });
  // Half of a sphere in a sphere: C = 2π / (1/a − 1/b).
  isNear(found, "parts.ball.value", 1 / 0.9 - 1 / 1.9);
});

test("a periodic direction, formulas and a source; a result that is exact takes three grids", async () => {
  const problem: Problem = {
    shape: [33, 64],
    spacing: [1 / 32, 1 / 32],
    edges: { west: "periodic", east: "periodic", south: { flux: "1" } },
    source: { formula: "2" },
  };
  const flux = await solveRefined(problem, { ...js, to: 1e-9 }, ["edges.north.flux"]);
  isNear(flux, "edges.north.flux", -6);
  assert.deepEqual(flux.grids.map(({ shape }) => shape[0]), [17, 33, 65]);
  // u = 2 − y − y², twice as wide as high.
  isNear(await solveRefined(problem, { ...js, to: 1e-9 }, ["integral"]), "integral", 2 * (2 - 1 / 2 - 1 / 3));
});

test("a drawing is refined by dividing its pixels", async () => {
  const data = Uint8Array.from({ length: 4 * 64 }, (_, k) => {
    const [i, j] = [k >> 5, (k >> 2) & 7];
    return k % 4 === 3 || (k % 4 === 0 && i >= 4 && j < 4) ? 255 : 0;
  });
  const image = { data, width: 8, height: 8, legend: { "#ff0000": { name: "inner", value: 1 } } };
  const { parts: _, ...rest } = SQUARE;
  const found = await solveRefined({ ...rest, shape: [9, 9], image }, { ...js, to: 1e-4 });
  isNear(found, "parts.inner.flux", SQUARE_FLUX);
  assert.deepEqual(found.grids[0]!.shape, [9, 9]);
});

test("without a limit it ends at --max-points, or where the machine or rounding does, and says so", async () => {
  const plate = { shape: [17, 17], edges: { north: 100 } } as const;
  const jumping = await solveRefined(plate, { ...js, to: 1e-3, maxPoints: 4000 });
  assert.equal(jumping.reached, false);
  assert.equal(jumping.why, "65 x 65 points are more than 4000");
  assert.deepEqual(jumping.grids.map(({ shape }) => shape[0]), [17, 33]);
  const smooth = await solveRefined(plate, { ...js, to: 1e-3, maxPoints: 20000 }, ["integral"]);
  isNear(smooth, "integral", 100 * 16 * 16 / 4);

  const rounded = await solveRefined({ ...SQUARE, dtype: "f32" }, { ...js, to: 1e-6 });
  assert.equal(rounded.reached, false);
  assert.match(rounded.why!, /^the solve on 65 x 65 points has stalled; --dtype f64$/);
  assert.equal(rounded.results["parts.inner.flux"]!.values.length, 1);
  isNear(await solveRefined({ ...SQUARE, dtype: "f32" }, { ...js, to: 1e-3 }), "parts.inner.flux", SQUARE_FLUX);
});

test("grids too coarse for the problem are left out", async () => {
  const thin = { ...SQUARE, fixed: { shapes: [{ kind: "rect", from: [61, 61], to: [63, 63], value: 0 }] } } as const;
  const found = await solveRefined({ ...thin, spacing: [1, 1] }, { ...js, to: 0.5, maxPoints: 1 });
  assert.deepEqual(found.grids.map(({ shape }) => shape[0]), [33, 65]);
});

test("what is wrong is refused before a solve", async () => {
  const refuses = async (problem: Problem, to: number, message: RegExp, results?: string[]) => {
    await assert.rejects(solveRefined(problem, { ...js, to }, results), (cause) => {
      assert.ok(cause instanceof ConfigError, String(cause));
      assert.match(cause.message, message);
      return true;
    });
  };
  for (const to of [0, -1, NaN, 1, Infinity]) {
    await refuses(SQUARE, to, /^to must be greater than 0 and less than 1: it is /);
  }
  await refuses({ ...SQUARE, source: new Float64Array(65 * 65) }, 1e-3, /^source has a number for every node/);
  await refuses(SQUARE, 1e-3, /^There is no result "parts.inne.flux"; did you mean "parts.inner.flux"\?$/, [
    "parts.inne.flux",
  ]);
  await assert.rejects(solveRefined(SQUARE, { ...js, to: 1e-3, maxPoints: 0 }), /^ConfigError: max-points must be /);
  await assert.rejects(solveRefined(SQUARE, { to: 1e-3, plugin: "jss" }), ConfigError);
});

test("a formula that fails on a finer grid ends it with what was reached", async () => {
  // Only finer grids have nodes at odd sixteenths.
  const formula = "if(abs(x - 1/16) < 1e-9, 1/0, 1)";
  const found = await solveRefined({
    ...SQUARE,
    shape: [9, 9],
    spacing: [1 / 8, 1 / 8],
    source: { formula },
    parts: [],
  }, {
    ...js,
    to: 1e-3,
  });
  assert.match(found.why!, /^source.formula must give a finite number: at row \d+, column 1 /);
  assert.deepEqual(found.grids.map(({ shape }) => shape[0]), [9]);
});

test("refineUntil measures anything", async () => {
  const sizes: number[] = [];
  const found = await refineUntil({ shape: [33, 33] }, { to: 1e-9 }, ({ shape: [n] }) => {
    sizes.push(n);
    return Promise.resolve({
      measures: { area: { value: 3 + 1 / (n - 1) ** 2, scale: 3, counts: true } },
      solutions: [],
    });
  });
  assert.ok(Math.abs(found.results.area!.value - 3) < 1e-12);
  assert.deepEqual(sizes, [17, 33, 65, 129]);
});
