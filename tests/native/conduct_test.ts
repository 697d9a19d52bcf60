/**
 * Weights that a library makes from a conductivity (`laplace_conduct`): the bits of the reference, whether rows are alike or
 * not.
 *
 * @module
 */

import assert from "node:assert/strict";
import js from "../../backends/js/mod.ts";
import ffiC from "../../backends/ffi-c/mod.ts";
import ffiFortran from "../../backends/ffi-fortran/mod.ts";
import ffiOmp from "../../backends/ffi-omp/mod.ts";
import { scatter } from "../../conformance/problems.ts";
import type { Backend } from "../../core/contract.ts";
import { lower } from "../../core/discretize/lower.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { natively } from "../support/natively.ts";

const noise = scatter(5, 0.1, 10);
/** Conductivities by name: rows that differ, rows that are alike, some of each, jumps. */
const conductivities: Readonly<Record<string, (i: number, j: number) => number>> = {
  "every point another": noise,
  "columns alike": (i) => noise(i, 0),
  "rows alike": (_i, j) => noise(0, j),
  "rows alike in bands": (i, j) => noise(i >> 3, j),
  "jumps": (i, j) => noise(i, j) > 5 ? 1e12 : 1e-9,
};
const edges: readonly Problem["edges"][] = [
  { west: 1, east: -2, north: 0.5, south: 0 },
  { west: 1, east: { flux: 0 }, north: { flux: 2 }, south: { convection: { h: 3, ambient: 1 } } },
];

const run = async (backend: Backend, problem: Problem, method: "jacobi" | "multigrid") => {
  await using session = await backend.open(lower(problem), { method, settings: {} });
  const { residual } = await session.advance(3);
  return { u: await session.read("global"), residual };
};

for (const backend of [ffiC, ffiOmp, ffiFortran]) {
  natively("makes the weights of a conductivity with the bits of the reference", backend, async () => {
    for (const shape of [[3, 3], [3, 90], [41, 5], [70, 131]] as const) {
      for (const [name, k] of Object.entries(conductivities)) {
        for (const sides of edges) {
          const conductivity = Float64Array.from(
            { length: shape[0] * shape[1] },
            (_, n) => k(Math.floor(n / shape[1]), n % shape[1]),
          );
          const problem: Problem = { shape, edges: sides!, conductivity, spacing: [0.5, 0.3] };
          const [found, expected] = [await run(backend, problem, "jacobi"), await run(js, problem, "jacobi")];
          assert.deepEqual(found, expected, `${shape}, ${name}`);
        }
      }
    }
  });
}
