/**
 * Solves with parts whose solution is known in closed form, and the order at which it is approached.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { GridData } from "../../core/contract.ts";
import type { PartInput } from "../../core/problem/parts.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { free } from "../support/problems.ts";
import { around, center, core, shield } from "../support/sections.ts";
import { near, resultsOf, solved } from "../support/solved.ts";

const { log, hypot, PI } = Math;

type At = (x: number, y: number) => number;
type Placed = Required<Pick<Problem, "shape" | "spacing">> & { readonly origin: readonly [number, number] };

/** A function of the position on all four edges. */
function edgesAt({ shape: [ny], spacing: [dy, dx], origin: [south, west] }: Placed, f: At) {
  const edge = (i: number, j: number) => f(west + j * dx, south + (ny - 1 - i) * dy);
  return { north: edge, south: edge, west: edge, east: edge };
}

/** The largest error at nodes where the exact solution is a number. */
function errorOf(
  u: GridData,
  { shape: [ny, nx], spacing: [dy, dx], origin: [south, west] }: Placed,
  exact: At,
): number {
  let most = 0;
  for (let i = 0; i < ny; i++) {
    for (let j = 0; j < nx; j++) {
      const wanted = exact(west + j * dx, south + (ny - 1 - i) * dy);
      if (wanted === wanted) most = Math.max(most, Math.abs(u[i * nx + j]! - wanted));
    }
  }
  return most;
}

/** Errors of problems whose solution is known, relative to it. */
const CLOSED_FORMS: Readonly<Record<string, (n: number) => Promise<readonly number[]>>> = {
  async "round coax"(n) {
    const grid = around(n, 1.1);
    const { u, results } = await solved({ ...grid, parts: [core(0.5), shield(1)] });
    const exact: At = (x, y) => Math.min(1, Math.max(0, -log(hypot(x - center[1], y - center[0])) / log(2)));
    const C = 2 * PI / log(2);
    return [results!.parts.core!.flux / C - 1, results!.parts.shield!.flux / C + 1, errorOf(u, grid, exact)];
  },
  async "coated coax"(n) {
    const coat: PartInput = { name: "coat", kind: "circle", center, radius: 1.5, conductivity: 2 };
    const { parts } = await resultsOf({ ...around(n, 2.1), parts: [coat, core(1), shield(2)] });
    const C = 2 * PI / (log(1.5) / 2 + log(2 / 1.5));
    return [parts.core!.flux / C - 1, parts.shield!.flux / C + 1];
  },
  async "a cylinder that floats in a uniform field"(n) {
    const grid = around(n, 2, [0.29, -0.17]);
    const exact: At = (x, y) => hypot(x, y) > 0.5 ? x * (1 - 0.25 / (x * x + y * y)) : NaN;
    const rod: PartInput = { name: "rod", kind: "circle", center: [0, 0], radius: 0.5, charge: 0 };
    const { u, results } = await solved({ ...grid, edges: edgesAt(grid, exact), parts: [rod] });
    near(results!.parts.rod!.flux, 0, 1e-10, "charge");
    return [errorOf(u, grid, exact)];
  },
  async "a hole in a uniform field"(n) {
    const grid = around(n, 2, [0.29, -0.17]);
    const exact: At = (x, y) => hypot(x, y) > 0.5 ? x * (1 + 0.25 / (x * x + y * y)) : NaN;
    const rod: PartInput = { name: "rod", kind: "circle", center: [0, 0], radius: 0.5, hole: true };
    const { u } = await solved({ ...grid, edges: edgesAt(grid, exact), parts: [rod] });
    return [errorOf(u, grid, exact)];
  },
  async "ln r around an axis"(n) {
    const h = 1 / (n - 1);
    const grid = { shape: [n, n], spacing: [h, h], origin: [-0.5, 0.5] } as const;
    const { u } = await solved({ ...grid, coordinates: "axisymmetric", edges: edgesAt(grid, log) });
    return [errorOf(u, grid, log)];
  },
};

for (const [what, errorsOf] of Object.entries(CLOSED_FORMS)) {
  test(`of second order: ${what}`, async () => {
    // Over three halvings: where outlines lie between nodes makes each of them uneven.
    const [coarse, fine] = [await errorsOf(33), await errorsOf(257)];
    coarse.forEach((error, n) => {
      const order = Math.log2(Math.abs(error / fine[n]!)) / 3;
      assert.ok(order > 1.65 && order < 2.5, `number ${n} is of order ${order}: ${error}, ${fine[n]}`);
      assert.ok(Math.abs(fine[n]!) < 2e-4, `number ${n} is off by ${fine[n]}`);
    });
  });
}

test("a sphere in a sphere has 8 pi, to 2e-6 of it at 321 x 161", async () => {
  const h = 4.4 / 320;
  const grid = { shape: [321, 161], spacing: [h, h], origin: [-2.2, 0], coordinates: "axisymmetric" } as const;
  const parts = [core(1), shield(2)].map((part): PartInput => ({ ...part, center: [0.03, 0] } as PartInput));
  const { parts: found, imbalance } = await resultsOf({ ...grid, edges: { west: free }, parts }, { tol: 1e-13 });
  near(found.core!.flux, 8 * PI, 2e-6 * 8 * PI, "core");
  near(found.shield!.flux, -8 * PI, 2e-6 * 8 * PI, "shield");
  near(imbalance, 0, 1e-9, "imbalance");
});

for (
  const [what, exact] of Object.entries<At>({
    "r² - 2 z²": (r, z) => r * r - 2 * z * z,
    "z": (_, z) => z,
    "1": () => 1,
  })
) {
  test(`${what} is exact around an axis`, async () => {
    const grid = { shape: [17, 12], spacing: [0.0625, 0.125], origin: [-0.5, 0] } as const;
    const edges = { ...edgesAt(grid, exact), west: free };
    const { u } = await solved({ ...grid, coordinates: "axisymmetric", edges });
    near(errorOf(u, grid, exact), 0, 1e-11, what);
  });
}

test("edges that fall like the field of a far charge leave capacitances as in the open", async () => {
  const convection = (h: string) => ({ convection: { h, ambient: 0 } });
  const [n, far] = [257, 8];
  const wire = (x: number, value: number) =>
    ({ name: `${x}`, kind: "circle", center: [0, x], radius: 1, value }) as const;
  const pair: Problem = {
    shape: [n, n],
    spacing: [2 * far / (n - 1), 2 * far / (n - 1)],
    origin: [-far, -far],
    edges: {
      north: convection("y/(x^2+y^2)"),
      south: convection("-y/(x^2+y^2)"),
      east: convection("x/(x^2+y^2)"),
      west: convection("-x/(x^2+y^2)"),
    },
    parts: [wire(3, 0.5), wire(-3, -0.5)],
  };
  const wires = PI / Math.acosh(3);
  near((await resultsOf(pair)).parts["3"]!.flux / wires, 1 - 6.4e-4, 1e-5, "two wires");
  near((await resultsOf({ ...pair, edges: {} })).parts["3"]!.flux / wires, 1.148, 1e-3, "two wires, edges at 0");
  const sphere: Problem = {
    shape: [257, 129],
    spacing: [1 / 32, 1 / 32],
    origin: [-4, 0],
    coordinates: "axisymmetric",
    edges: {
      north: convection("z/(r^2+z^2)"),
      south: convection("-z/(r^2+z^2)"),
      east: convection("r/(r^2+z^2)"),
    },
    parts: [{ name: "sphere", kind: "circle", center: [0, 0], radius: 1, value: 1 }],
  };
  near((await resultsOf(sphere)).parts.sphere!.flux / (4 * PI), 1 - 6.1e-7, 2e-7, "a sphere");
});
