/**
 * Conductors that float: their values and charges against closed forms, and the field with its bound against an exact solve of
 * the whole system, in which each of them is one unknown.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { solveDense } from "../../core/dense.ts";
import { lower } from "../../core/discretize/lower.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { validateProblem } from "../../core/problem/problem.ts";
import { solve, type SolveOptions } from "../../solve/solve.ts";

const charge = 1.5, value = 0.7, radius = 0.5;
const inside = (r2: number) => r2 < radius ** 2;

/** A charged cylinder in a uniform field, (x - x0) (1 - a²/r²) + value - q/2π ln r/a. */
function cylinder(n: number): Problem {
  const edge = "(x - 0.1)*(1 - 0.25/((x - 0.1)^2 + y^2)) + 0.7 - 1.5/(4*pi)*log(((x - 0.1)^2 + y^2)/0.25)";
  return {
    shape: [n, n],
    spacing: [4 / (n - 1), 4 / (n - 1)],
    origin: [-2, -2],
    edges: { north: edge, south: edge, west: edge, east: edge },
    parts: [{ name: "rod", kind: "circle", center: [0, 0.1], radius, charge }],
  };
}

test("a charged cylinder in a uniform field floats at its value, with an error of second order", async () => {
  const errors: number[] = [];
  for (const n of [65, 129, 257]) {
    const { u, status, results, spacing: [h] } = await solve(cylinder(n), { plugin: "js", tol: 1e-9 });
    const rod = results!.parts.rod!;
    assert.equal(status, "converged");
    assert.ok(Math.abs(rod.flux - charge) < 1e-7, `${rod.flux}`);
    let worst = Math.abs(rod.value! - value);
    u.forEach((found, k) => {
      const [x, y] = [-2 + k % n * h - 0.1, 2 - Math.floor(k / n) * h];
      const r2 = x * x + y * y;
      if (inside(r2)) return;
      const exact = x * (1 - 0.25 / r2) + value - charge / (4 * Math.PI) * Math.log(r2 / 0.25);
      worst = Math.max(worst, Math.abs(found - exact));
    });
    errors.push(worst);
  }
  const orders = errors.slice(1).map((error, n) => Math.log2(errors[n]! / error));
  assert.ok(orders.every((order) => order > 1.6), `${errors}, ${orders}`);
});

/** Three conductors between two that are held, in a material, with a source. */
const crowd: Problem = {
  shape: [17, 19],
  spacing: [0.1, 0.1],
  edges: { north: 1, south: { flux: 0.3 }, west: { convection: { h: 2, ambient: 0.5 } }, east: { flux: 0 } },
  source: 0.4,
  parts: [
    { name: "slab", kind: "rect", from: [0, 0.9], to: [1.6, 1.43], conductivity: 7 },
    { name: "a", kind: "circle", center: [0.5, 0.5], radius: 0.21, charge: 1 },
    { name: "b", kind: "rect", from: [0.9, 0.6], to: [1.13, 1.1], charge: -0.5 },
    { name: "c", kind: "circle", center: [0.4, 1.3], radius: 0.17, charge: 0 },
  ],
};

/** Solves the whole system: free nodes, and one unknown for each conductor. */
function exactly(problem: Problem): Float64Array {
  const stencil = lower(validateProblem(problem));
  const names = stencil.floating!.names;
  const [ny, nx] = stencil.shape;
  const block = { rows: [0, ny], cols: [0, nx] } as const;
  const base = stencil.evaluate(block);
  // Where a conductor is at 1, the constant term is larger by what its links bring.
  const units = names.map((name) => lower(validateProblem(problem), { potentials: { [name]: 1 } }).evaluate(block));
  const free = Array.from(base.d!.keys()).filter((k) => base.d![k]! > 0);
  const at = new Map(free.map((k, n) => [k, n]));
  const size = free.length + names.length;
  const matrix = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  const right = new Array<number>(size).fill(0);
  free.forEach((k, n) => {
    const d = base.d![k]!;
    matrix[n]![n] = d;
    right[n] = d * base.g![k]!;
    for (const [weight, other] of [[base.an, k - nx], [base.as, k + nx], [base.aw, k - 1], [base.ae, k + 1]] as const) {
      const column = at.get(other);
      if (column !== undefined) matrix[n]![column]! -= d * weight![k]!;
      else if (weight![k] !== 0) right[n]! += d * weight![k]! * base.g![other]!;
    }
    units.forEach((unit, i) => {
      const link = d * (unit.g![k]! - base.g![k]!);
      matrix[n]![free.length + i]! -= link;
      matrix[free.length + i]![n]! -= link;
      matrix[free.length + i]![free.length + i]! += link;
    });
  });
  stencil.floating!.charges.forEach((charge, i) => right[free.length + i] = charge);
  const x = solveDense(matrix, right);
  return Float64Array.from(base.u, (held, k) => {
    const n = at.get(k);
    if (n !== undefined) return x[n]!;
    const i = units.findIndex((unit) => unit.g![k] !== base.g![k]);
    return i < 0 ? held : x[free.length + i]!;
  });
}

for (const options of [{ method: "jacobi" }, { method: "multigrid" }, { method: "cg", tol: 1e-10 }] as SolveOptions[]) {
  test(`three conductors have the values of the whole system, within the bound: ${options.method}`, async () => {
    // The source in a conductor's own cells is none of the domain's.
    const problem = { ...crowd, source: 0 };
    const exact = exactly(problem);
    const { u, status, errorBound, asked, results } = await solve(problem, { plugin: "js", ...options });
    const error = Math.max(...Array.from(u, (found, k) => Math.abs(found - exact[k]!)));
    assert.equal(status, "converged");
    assert.ok(error <= errorBound! && errorBound! <= asked, `${error}, ${errorBound}, ${asked}`);
    for (const [name, charge] of [["a", 1], ["b", -0.5], ["c", 0]] as const) {
      assert.ok(Math.abs(results!.parts[name]!.flux - charge) < 1e-4, `${name}: ${results!.parts[name]!.flux}`);
    }
    assert.ok(Math.abs(results!.imbalance) < 1e-3);
  });
}

test("a source beside conductors leaves the balance", async () => {
  const { results } = await solve(crowd, { plugin: "js", tol: 1e-11 });
  assert.ok(Math.abs(results!.imbalance) < 1e-8, `${results!.imbalance}`);
});

test("where nothing else is held charges must balance, and the mean is zero", async () => {
  const free = { flux: 0 } as const;
  const pair = (other: number): Problem => ({
    shape: [33, 33],
    spacing: [0.125, 0.125],
    origin: [-2, -2],
    edges: { north: free, south: free, west: free, east: free },
    parts: [
      { name: "a", kind: "circle", center: [0, -1], radius, charge: 1 },
      { name: "b", kind: "circle", center: [0, 1], radius, charge: other },
    ],
  });
  const { status, results } = await solve(pair(-1), { plugin: "js", tol: 1e-8 });
  const { a, b } = results!.parts;
  assert.equal(status, "converged");
  assert.ok(Math.abs(a!.value! + b!.value!) < 1e-8 && a!.value! > 0.1);
  assert.ok(Math.abs(results!.integral) < 1e-8, `${results!.integral}`);
  await assert.rejects(
    solve(pair(-0.5), { plugin: "js" }),
    /^ConfigError: charges, sources and fluxes do not balance: 0\.5 /,
  );
});
