/**
 * The relaxation factor that `sor` starts with, against others tried.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { scatter } from "../../../conformance/problems.ts";
import { lower } from "../../../core/discretize/lower.ts";
import { optimalOmega } from "../../../core/methods/sor.ts";
import type { Problem } from "../../../core/problem/problem.ts";
import { solve, type SolveOptions } from "../../../solve/solve.ts";
import { plate } from "../../support/problems.ts";

const solveJs = (problem: Problem, options: SolveOptions) => solve(problem, { plugin: "js", ...options });

test("optimalOmega is near the best: five percent less or more take more sweeps on a plate", async () => {
  for (const problem of [plate(33), plate(21, { shape: [21, 41] }), plate(21, { spacing: [0.5, 0.2] })]) {
    const omega = optimalOmega(lower(problem).analysis);
    const sweeps = async (omega: number) =>
      (await solveJs(problem, { method: "sor", settings: { omega }, checkEvery: 1, stop: "residual", tol: 1e-10 }))
        .sweeps;
    const best = await sweeps(omega);
    assert.ok(best < await sweeps(omega * 0.95), `less than ${omega}`);
    assert.ok(best < await sweeps(omega * 1.05), `more than ${omega}`);
  }
});

test("optimalOmega is at most half as slow again as the best factor for free and periodic edges", async () => {
  const free = { flux: 0 };
  const problems: Readonly<Record<string, Problem>> = {
    insulated: { shape: [25, 25], edges: { north: 1, south: free, west: free, east: free } },
    periodic: { shape: [21, 30], edges: { north: scatter(1, 0, 9), west: "periodic", east: "periodic" } },
    convection: { shape: [25, 31], edges: { north: 1, east: { convection: { h: 0.3, ambient: 20 } }, west: free } },
  };
  for (const [name, problem] of Object.entries(problems)) {
    const sweeps = async (settings: { omega?: number }) =>
      (await solveJs(problem, { method: "sor", settings, checkEvery: 1, stop: "residual", tol: 1e-9 })).sweeps;
    const ours = await sweeps({});
    let best = Infinity;
    for (let omega = 1.7; omega < 1.98; omega += 0.02) best = Math.min(best, await sweeps({ omega }));
    assert.ok(ours <= 1.5 * best, `${name}: ${ours} sweeps, the best factor takes ${best}`);
  }
});
