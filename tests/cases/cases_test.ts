/**
 * The study's cases, and others of their kinds: solved tightly by every backend that can, each must agree with the
 * exact discrete solution from a sparse direct solver to 1e-9 of its range.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { probeAll } from "../../backends/registry.ts";
import type { Backend } from "../../core/contract.ts";
import { lower } from "../../core/discretize/lower.ts";
import { decodeNpy } from "../../io/npy.ts";
import { readProblem } from "../../io/problem_file.ts";
import { solve, type SolveOptions } from "../../solve/solve.ts";

const folder = fileURLToPath(new URL("./", import.meta.url));
const cases = readdirSync(folder).filter((file) => file.endsWith(".toml")).map((file) => file.slice(0, -5)).sort();

test("the folder of cases has all nine", () => assert.ok(cases.length >= 9));

for (const { backend, probe } of await probeAll()) {
  // MPI ends with the first file of a run of tests; tests/backends/mpi_test.ts solves the cases on ranks.
  if (backend.distributed) continue;
  // To 1e-9 of a range f32 cannot agree.
  if (!backend.dtypes.includes("f64")) continue;
  for (const name of cases) {
    const title = `solve with ${backend.name} gives the exact discrete solution of ${name}`;
    if (!probe.available) test(`${title}: skipped, ${probe.reason}`, { skip: true }, () => {});
    else test(title, async () => void await agrees(backend, name));
    if (!probe.available || !backend.methods.includes("multigrid")) continue;
    test(`${title} in 15 cycles of multigrid`, async () => {
      const sweeps = await agrees(backend, name, { method: "multigrid", stop: "residual", tol: 1e-12 });
      assert.ok(sweeps !== undefined && sweeps <= 15, `it took ${sweeps} cycles`);
    });
  }
}

/** @returns the sweeps that it took; undefined if the backend does not offer such a problem. */
async function agrees(backend: Backend, name: string, options: SolveOptions = { tol: 1e-12 }) {
  const problem = await readProblem(`${folder}${name}.toml`);
  const { kind } = lower(problem);
  if (!backend.stencils.includes(kind)) return undefined;
  const { data: expected, shape } = decodeNpy(readFileSync(`${folder}${name}.expected.npy`), `${name}.expected.npy`);
  const { u, status, sweeps, shape: solved } = await solve(problem, { plugin: backend.name, ...options });
  assert.equal(status, "converged");
  assert.deepEqual([...solved], [...shape]);
  let [low, high, most] = [Infinity, -Infinity, 0];
  for (let k = 0; k < expected.length; k++) {
    low = Math.min(low, expected[k]!);
    high = Math.max(high, expected[k]!);
    const off = Math.abs(u[k]! - expected[k]!);
    if (!(off <= most)) most = off;
  }
  assert.ok(most <= 1e-9 * (high - low), `${most / (high - low)} of the range away from the exact solution`);
  return sweeps;
}

test("solve gives Chapra & Canale's plate to the digits that the book prints", async () => {
  const { u } = await solve(await readProblem(`${folder}chapra-plate.toml`), { tol: 1e-9 });
  const inside = [3, 2, 1].map((i) => [1, 2, 3].map((j) => u[i * 5 + j]!.toFixed(5)));
  assert.deepEqual(inside, [
    ["42.85714", "33.25893", "33.92857"],
    ["63.16964", "56.25000", "52.45536"],
    ["78.57143", "76.11607", "69.64286"],
  ]);
});
