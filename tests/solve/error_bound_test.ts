/**
 * The bound on the error, against exact solutions of problems of all kinds: it holds after every cycle, and is not too wide.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import js from "../../backends/js/mod.ts";
import { maxDifference } from "../../conformance/compare.ts";
import { traits } from "../../core/methods/traits.ts";
import { boundOf, criterionFor } from "../../core/criterion.ts";
import { lower, type Lowered } from "../../core/discretize/lower.ts";
import { solve } from "../../solve/solve.ts";
import { randomProblems, size } from "../support/random_problems.ts";
import { solveDense } from "../support/dense_solver.ts";

const seed = 20261123;

/** The stencil with a bound that was found. */
const withFactor = (stencil: Lowered, errorPerResidual: number): Lowered => ({
  ...stencil,
  analysis: { ...stencil.analysis, errorPerResidual, boundProven: true },
});

// Few of the random problems separate; one sweep of direct leaves nothing of the error that a bound could be compared with.
for (const [method, least, swept] of [["multigrid", 700, "multigrid"], ["direct", 100, "jacobi"]] as const) {
  test(`the bound that ${method} finds holds after every sweep of ${swept} on a thousand random problems (seed ${seed})`, async () => {
    let [proven, widest] = [0, 0];
    const property = fc.asyncProperty(randomProblems(9), async (problem) => {
      const stencil = lower(problem);
      if (traits[method].fails?.(stencil) !== undefined) return;
      const { u: exact } = solveDense(problem, stencil.singular);
      await using finder = await js.open(stencil, { method, settings: {} });
      const errorFactor = stencil.analysis.boundProven
        ? stencil.analysis.errorPerResidual
        : await finder.errorFactor?.();
      if (errorFactor === undefined) return;
      proven++;
      await using session = await js.open(stencil, { method: swept, settings: {} });
      const rounding = 1e-12 * size(exact);
      for (let n = 0; n < 3; n++) {
        const batch = await session.advance(1);
        const u = (await session.read("global"))!;
        const error = maxDifference(u, exact, (x) => x);
        const bound = boundOf(withFactor(stencil, errorFactor), batch)!;
        assert.ok(error <= bound + rounding, `after ${n + 1} sweeps the error is ${error}, the bound ${bound}`);
        if (error > 1e3 * rounding) widest = Math.max(widest, bound / error);
      }
    });
    await fc.assert(property, { seed, numRuns: 1000 });
    // Singular problems have none, and a single unknown needs none.
    assert.ok(proven > least, `only ${proven} of 1000 had a bound`);
    console.log(`# ${method}: ${proven} of 1000 have a bound, at most ${widest.toFixed(0)} times the error`);
  });
}

test("the bound is no wider than 1000 times the error on the plate, plain and insulated", async () => {
  for (const south of [0, { flux: 0 }]) {
    const problem = { shape: [33, 33], edges: { north: 100, west: 75, east: 50, south } } as const;
    const exact = solveDense(problem).u;
    for (const method of ["sor", "multigrid"] as const) {
      if (method === "sor" && south !== 0) continue;
      const { u, errorBound, status } = await solve(problem, { plugin: "js", method, tol: 1e-4 });
      const error = maxDifference(u, exact, (x) => x);
      assert.equal(status, "converged");
      assert.ok(error <= errorBound! && errorBound! <= 1e-4 * 100, `${error}, ${errorBound}`);
      assert.ok(errorBound! <= 1000 * error, `${errorBound} is too wide for ${error}`);
    }
  }
});

test("solve gives a bound for weighted stencils, whatever it stops by, singular ones too", async () => {
  const problem = { shape: [17, 21], edges: { north: 100, south: { flux: 0 } } } as const;
  const methods = ["multigrid", "direct"] as const;
  for (const method of methods) {
    for (const stop of ["error", "residual", "change"] as const) {
      const { errorBound, status } = await solve(problem, { plugin: "js", method, stop });
      assert.equal(status, "converged");
      assert.ok(errorBound! > 0 && errorBound! < 1, `${method}, ${stop}: ${errorBound}`);
    }
  }
  const free = { flux: 0 };
  const source = (i: number, j: number) => i === 2 && j === 2 ? 1 : i === 6 && j === 5 ? -1 : 0;
  const singular = { shape: [9, 9], edges: { north: free, south: free, west: free, east: free }, source } as const;
  const { u: exact } = solveDense(singular, true);
  for (const method of [...methods, "sor", "cg"] as const) {
    const { u, errorBound, asked, status } = await solve(singular, { plugin: "js", method });
    const error = maxDifference(u, exact, (x) => x);
    assert.equal(status, "converged");
    assert.ok(error <= errorBound! && errorBound! <= asked, `${method}: ${error}, ${errorBound}, ${asked}`);
  }
});

test("criterionFor asks of the residual what the proven factor makes of tol", () => {
  const stencil = lower({ shape: [9, 9], edges: { north: 100, south: { flux: 0 } } });
  const { target } = criterionFor(withFactor(stencil, 50), "multigrid", { tol: 1e-3 });
  assert.ok(Math.abs(target / (1e-3 * 100 / 50) - 1) < 1e-9);
});

test("solve gives a bound for weighted stencils by methods that find none themselves, and by plugins without multigrid", async () => {
  const problem = { shape: [17, 21], edges: { north: 100, south: { flux: 0 } } } as const;
  const { u: exact } = solveDense(problem);
  for (const plugin of ["js", "ndarray"]) {
    for (const method of ["jacobi", "sor"] as const) {
      const { u, errorBound } = await solve(problem, { plugin, method });
      const error = maxDifference(u, exact, (x) => x);
      assert.ok(error <= errorBound! && errorBound! <= 1e-4, `${plugin}, ${method}: ${error}, ${errorBound}`);
    }
  }
});

test("solve does not call converged what f32 cannot tell: squares that conduct a million times as well", async () => {
  const squares = (i: number, j: number) => (Math.floor(i / 12) + Math.floor(j / 12)) & 1 ? 1e6 : 1;
  const free = { flux: 0 };
  const edges = { north: 100, west: free, east: free } as const;
  const { status, errorBound, asked } = await solve(
    { shape: [101, 97], edges, conductivity: squares, dtype: "f32" },
    { plugin: "js", method: "multigrid" },
  );
  assert.equal(status, "stalled");
  assert.ok(errorBound! > asked, `${errorBound}`);
});

test("the bound counts the roundings of the field, where it is larger than all fixed values", async () => {
  const problem = { shape: [65, 65], source: 1e10 } as const;
  const exact = solveDense(problem).u;
  for (const method of ["sor", "direct", "multigrid"] as const) {
    const { u, errorBound } = await solve(problem, { plugin: "js", method });
    const error = maxDifference(u, exact, (x) => x);
    assert.ok(error <= errorBound!, `${method}: the error is ${error}, the bound ${errorBound}`);
  }
});
