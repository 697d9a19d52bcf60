/**
 * Sections with something of everything, on every plugin, in both precisions and on ranks: the results are those of `js`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { lower } from "../../core/discretize/lower.ts";
import { type Problem, validateProblem } from "../../core/problem/problem.ts";
import { insulated } from "../support/problems.ts";
import { assertAlike, overRanks, testPlugins } from "../support/same_results.ts";
import { acrossX, around, center, core, kernel, shield, unit } from "../support/sections.ts";
import { resultsOf } from "../support/solved.ts";

/** Sections with something of everything. */
const SECTIONS: Readonly<Record<string, Problem>> = {
  "a coax with a coat": {
    ...around(35, 2.1),
    parts: [core(1), shield(2)].toSpliced(0, 0, { name: "coat", kind: "circle", center, radius: 1.5, conductivity: 2 }),
  },
  "holes, sources and a wall": {
    ...unit,
    edges: { ...insulated, west: 1, east: { convection: { h: 2, ambient: 3 } } },
    parts: [
      { name: "hole", kind: "circle", center: [0.3, 0.31], radius: 0.2, hole: true },
      { name: "wall", kind: "polyline", points: [[0.5, 0.6], [1.1, 0.7]], width: 0.01, hole: true },
      { name: "heater", kind: "rect", from: [0.61, 0.1], to: [0.83, 0.4], total: 2 },
      { name: "block", kind: "ellipse", center: [0.5, 0.8], radii: [0.1, 0.15], angle: 30, conductivity: 7, source: 1 },
    ],
  },
  "a torus with a strip across its seam": {
    ...unit,
    edges: { north: "periodic", south: "periodic", west: "periodic", east: "periodic" },
    source: 1,
    parts: [{ name: "strip", kind: "polyline", points: [[0, 0], [0.3, 0.2]], width: 0.1, value: 2 }],
  },
  "insulated with a hole": {
    ...unit,
    edges: { ...insulated, west: { flux: -1 }, east: { flux: 1 } },
    parts: [{ name: "hole", kind: "circle", center: [0.5, 0.5], radius: 0.21, hole: true }],
  },
  "a conductor that floats": { ...unit, edges: acrossX, parts: [kernel({ charge: 1 })] },
};

await testPlugins(
  ["ffi-c", "ffi-omp", "ffi-fortran", "wasm", "workers", "ndarray", "opencl"],
  async (plugin, methods) => {
    const method = methods.includes("multigrid") ? "multigrid" : "sor";
    for (const problem of Object.values(SECTIONS)) {
      if (method === "sor" && problem.edges?.west === "periodic") continue;
      assertAlike(await resultsOf(problem, { plugin, method }), await resultsOf(problem), 1e-12);
    }
  },
);

test("f32 has the results of f64 to a hundred roundings", async () => {
  for (const problem of Object.values(SECTIONS)) {
    const single = await resultsOf({ ...problem, dtype: "f32" }, { stop: "error", tol: undefined });
    assertAlike(single, await resultsOf(problem), 1e-5);
  }
});

for (const [what, problem] of Object.entries(SECTIONS)) {
  test(`results on 1 to 5 ranks are those on one, and the file has NaN in holes: ${what}`, async () => {
    const field = await overRanks(lower(validateProblem(problem)));
    assert.equal(field.includes(NaN), what.includes("hole"));
  });
}
