/**
 * Solves with parts: closed forms and the order at which they are approached, layers and walls that must be exact, balance,
 * methods, plugins and ranks that agree.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import fc from "fast-check";
import { jsKernels } from "../../backends/js/kernels.ts";
import { loadPlugin } from "../../backends/registry.ts";
import { required } from "../../conformance/required.ts";
import type { GridData, Method } from "../../core/contract.ts";
import { lower } from "../../core/discretize/lower.ts";
import { ConfigError, ProblemError } from "../../core/errors.ts";
import type { PartInput } from "../../core/problem/parts.ts";
import { type Problem, validateProblem } from "../../core/problem/problem.ts";
import type { Results } from "../../core/results.ts";
import { openSession } from "../../core/session.ts";
import { solve, type SolveOptions } from "../../solve/solve.ts";
import { distribute } from "../support/in_process_ranks.ts";
import { randomSections } from "../support/random_parts.ts";

// The same cases everywhere: what fails in one place fails in all.
fc.configureGlobal({ seed: Number(process.env.LAPLACE_SEED ?? 20261128) });

const exactly = { plugin: "js", method: "multigrid", stop: "residual", tol: 1e-14 } as const;
const free = { flux: 0 } as const;
const insulated = { north: free, south: free, west: free, east: free } as const;

const solved = (problem: Problem, options: SolveOptions = {}) => solve(problem, { ...exactly, ...options });

async function resultsOf(problem: Problem, options: SolveOptions = {}): Promise<Results> {
  return (await solved(problem, options)).results!;
}

const near = (found: number, wanted: number, slack: number, what: string) =>
  assert.ok(Math.abs(found - wanted) <= slack, `${what}: ${found}, expected ${wanted}`);

/** Refuses a problem with this message. */
async function refuses(problem: Problem, message: RegExp): Promise<void> {
  await assert.rejects(solved(problem), (error) => error instanceof ProblemError && message.test(error.message));
}

// ---- closed forms ----

const { log, hypot, PI } = Math;

/** A grid of n x n nodes around the origin, off it by a part of a spacing. */
function around(n: number, half: number, [up, right] = [0, 0]) {
  const h = 2 * half / (n - 1);
  return { shape: [n, n], spacing: [h, h], origin: [-half + up * h, -half + right * h] } as const;
}

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

const center = [0.0137, 0.0071] as const;
const shield = (radius: number): PartInput => ({
  name: "shield",
  kind: "circle",
  center,
  radius,
  outside: true,
  value: 0,
});
const core = (radius: number): PartInput => ({ name: "core", kind: "circle", center, radius, value: 1 });

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

// ---- layers, strips and walls ----

const unit = { shape: [17, 17], spacing: [1 / 16, 1 / 16] } as const;
const acrossX = { ...insulated, west: 1, east: 0 } as const;
const acrossY = { ...insulated, south: 1, north: 0 } as const;

/** A rect from one place along x to another, as tall as the plate, or the same along y. */
const bar = (axis: "x" | "y", from: number, to: number, role: object, name = "bar"): PartInput => ({
  name,
  kind: "rect",
  ...(axis === "x" ? { from: [-1, from], to: [2, to] } : { from: [from, -1], to: [to, 2] }),
  ...role,
} as PartInput);

/** Flux from an edge to the opposite one. */
async function current(axis: "x" | "y", parts: readonly PartInput[]): Promise<number> {
  const { edges, imbalance } = await resultsOf({ ...unit, edges: axis === "x" ? acrossX : acrossY, parts });
  near(imbalance, 0, 1e-11, "imbalance");
  return (axis === "x" ? edges.west : edges.south)!.flux;
}

/** Places of an outline: on nodes, beside one, between, near edges; and how far they are moved onto nodes. */
const PLACES = [0.5, 0.53, 0.03, 0.97, 0.5 + 1e-7 / 16, 0.5 - 1e-12, 0.5 + 1e-4 / 16] as const;

test("layers across and along a field are exact at any offset, in both directions", async () => {
  for (const at of PLACES) {
    for (const k of [5, 1e-3]) {
      for (const axis of ["x", "y"] as const) {
        const [series, parallel] = [1 / (at + (1 - at) / k), at + (1 - at) * k];
        near(
          await current(axis, [bar(axis, at, 3, { conductivity: k })]),
          series,
          1e-7 * series * series * Math.abs(1 - 1 / k) / 16 + 1e-12,
          `${at}, across`,
        );
        const across = axis === "x" ? "y" : "x";
        near(
          await current(axis, [bar(across, at, 3, { conductivity: k })]),
          parallel,
          1e-7 * Math.abs(1 - k) / 16 + 1e-12,
          `${at}, along`,
        );
      }
    }
  }
});

test("layers thinner than a cell are exact", async () => {
  for (const [from, to] of [[0.51, 0.53], [0.5, 0.52], [0.49, 0.51]] as const) {
    const rest = 1 - (to - from);
    const series = await current("x", [bar("x", from, to, { conductivity: 0.01 })]);
    near(series, 1 / (rest + (to - from) / 0.01), 1e-12, "across");
    near(await current("y", [bar("x", from, to, { conductivity: 100 })]), rest + (to - from) * 100, 1e-11, "along");
  }
});

test("layers along conductors whose ends lie anywhere are exact", async () => {
  for (const at of [0.5, 0.53]) {
    for (const w of [0.1, 0.125]) {
      const { parts } = await resultsOf({
        ...unit,
        edges: insulated,
        parts: [
          bar("y", at, 3, { conductivity: 5 }),
          bar("x", -1, w, { value: 1 }, "one"),
          bar("x", 1 - w, 2, { value: 0 }, "other"),
        ],
      });
      near(parts.one!.flux, (at + 5 * (1 - at)) / (1 - 2 * w), 1e-11, `${at}, ${w}`);
    }
  }
});

test("strips that are held between two nodes, alone or in pairs, have all their flux", async () => {
  const { edges, parts } = await resultsOf({ ...unit, edges: acrossX, parts: [bar("x", 0.51, 0.53, { value: 2 })] });
  near(parts.bar!.flux, 1 / 0.51 + 2 / 0.47, 1e-11, "strip");
  near(edges.west!.flux, -1 / 0.51, 1e-11, "west");
  assert.equal(parts.bar!.nodes, 0);
  const two = [bar("x", 0.51, 0.52, { value: 2 }, "one"), bar("x", 0.53, 0.54, { value: 3 }, "other")];
  const pair = await resultsOf({ ...unit, edges: acrossX, parts: two });
  near(pair.parts.one!.flux, 1 / 0.51, 1e-11, "one");
  near(pair.parts.other!.flux, 3 / 0.46, 1e-11, "other");
});

test("segments without a thickness hold what they lie on, also on edges", async () => {
  for (const at of [0, 0.5, 0.52, 1]) {
    for (const axis of ["x", "y"] as const) {
      const edges = axis === "x"
        ? { ...insulated, ...(at > 0 && { west: 1 }), ...(at < 1 && { east: 0 }) }
        : { ...insulated, ...(at > 0 && { south: 1 }), ...(at < 1 && { north: 0 }) };
      const { parts } = await resultsOf({ ...unit, edges, parts: [bar(axis, at, at, { value: 2 })] });
      near(parts.bar!.flux, (at > 0 ? 1 / at : 0) + (at < 1 ? 2 / (1 - at) : 0), 1e-11, `${axis} = ${at}`);
    }
  }
});

test("outlines that graze nodes are on them, or cut links next to them", async () => {
  for (const off of [0, 1e-5, 2e-6, 1e-7, 1e-12, -1e-5, -2e-6, -1e-7, -1e-12]) {
    const at = 0.5 + off / 16;
    const { parts, imbalance } = await resultsOf({ ...unit, edges: acrossX, parts: [bar("x", at, 0.7, { value: 2 })] });
    near(parts.bar!.flux, 1 / at + 2 / 0.3, 3e-7, `off by ${off}`);
    near(imbalance, 0, 1e-9, `off by ${off}`);
  }
});

test("nothing leaks through walls of any thickness, place and direction", async () => {
  const walls: PartInput[] = [
    ...[[0.51, 0.53], [0.49, 0.51], [0.5, 0.5], [0.52, 0.52], [7.5 / 16, 7.5 / 16], [0.47, 0.53], [0.5, 0.52], [
      0.4,
      0.6,
    ]]
      .map(([from, to]) => bar("x", from!, to!, { hole: true })),
    // From the south edge to the north one.
    ...[0, 10, -20, 40, -44].flatMap((angle) =>
      [0.001, 0.02, 0.06, 0.09, 0.2].flatMap((width) =>
        [0, 0.0131].map((off): PartInput => {
          const slope = Math.tan(angle * PI / 180);
          const points = [[-1, 0.5 + off - 1.5 * slope], [2, 0.5 + off + 1.5 * slope]] as const;
          return { name: "bar", kind: "polyline", points, width, hole: true };
        })
      )
    ),
    { name: "bar", kind: "formula", where: "abs(x - 0.5 - 0.1*sin(6*y)) < 0.03", hole: true },
    { name: "bar", kind: "polygon", points: [[-0.1, 0.4], [1.1, 0.6], [1.1, 0.61], [-0.1, 0.42]], hole: true },
  ];
  for (const wall of walls) {
    const { edges } = await resultsOf({ ...unit, edges: acrossX, parts: [wall] });
    near(edges.west!.flux, 0, 1e-10, JSON.stringify(wall));
    near(edges.east!.flux, 0, 1e-10, JSON.stringify(wall));
  }
});

test("a wall with a gap lets through what fits, and a wall along the field lets all of it", async () => {
  const gap = await current("x", [
    { name: "south", kind: "rect", from: [-1, 0.49], to: [0.25, 0.51], hole: true },
    { name: "north", kind: "rect", from: [0.75, 0.49], to: [2, 0.51], hole: true },
  ]);
  // Of half the plate's height: more than the strip behind the gap alone, less than without the wall.
  assert.ok(gap > 0.6 && gap < 0.95, `${gap}`);
  for (const [from, to] of [[0.51, 0.53], [0.47, 0.53], [0.4, 0.6]] as const) {
    near(await current("y", [bar("x", from, to, { hole: true })]), 1 - (to - from), 0.07, `${from} to ${to}`);
    near(await current("y", [bar("x", from + 0.005, to + 0.005, { hole: true })]), 1 - (to - from), 0.07, "moved");
  }
  // Outlines of a hole that is thicker than a cell are exact.
  for (const at of PLACES.slice(0, 4)) near(await current("y", [bar("x", at, 3, { hole: true })]), at, 1e-11, `${at}`);
});

// ---- regions that are held nowhere ----

const ring: PartInput = { name: "ring", kind: "ring", center: [0.5, 0.5], radii: [0.2, 0.22], hole: true };
const kernel = (role: object): PartInput =>
  ({ name: "kernel", kind: "circle", center: [0.5, 0.5], radius: 0.05, ...role }) as PartInput;

test("a region that holes cut off must be held", async () => {
  const message =
    /^parts cut off a region that is held nowhere, with the node at x = [\d.]+, y = [\d.]+: hold a part of it/;
  await refuses({ ...unit, edges: acrossX, parts: [ring] }, message);
  await refuses({ ...unit, edges: acrossX, parts: [ring, kernel({ charge: 0 })] }, message);
  await refuses({ ...unit, edges: acrossX, parts: [ring, kernel({ conductivity: 3 })] }, message);
  await refuses({ ...unit, edges: insulated, parts: [bar("x", 0.51, 0.53, { hole: true })] }, message);
  await refuses({ ...unit, edges: { ...insulated, west: 1 }, parts: [bar("x", 0.51, 0.53, { hole: true })] }, message);
  await refuses({ ...unit, parts: [bar("x", -1, 3, { hole: true })] }, /^parts\[0\]: holes leave no node of the plate/);
  const held = await resultsOf({ ...unit, edges: acrossX, parts: [ring, kernel({ value: 5 })] });
  near(held.parts.kernel!.flux, 0, 1e-11, "flux");
  near(held.max.value, 5, 1e-12, "max");
  const convects = { ...insulated, west: 1, east: { convection: { h: 2, ambient: 3 } } };
  const { edges } = await resultsOf({ ...unit, edges: convects, parts: [bar("x", 0.51, 0.53, { hole: true })] });
  near(edges.east!.mean, 3, 1e-12, "east");
});

test("a single region that is held nowhere has the mean 0, and must balance", async () => {
  const hole: PartInput = { name: "hole", kind: "circle", center: [0.5, 0.5], radius: 0.21, hole: true };
  const edges = { ...insulated, west: { flux: -1 }, east: { flux: 1 } };
  const { edges: found, integral, energy } = await resultsOf({ ...unit, edges, parts: [hole] });
  near(found.west!.flux, -1, 1e-12, "west");
  near(integral, 0, 1e-12, "integral");
  near(found.east!.mean, -found.west!.mean, 1e-12, "mean");
  near(energy, found.east!.mean, 1e-12, "energy");
  await refuses(
    { ...unit, edges: { ...insulated, east: { flux: 1 } }, parts: [hole] },
    /^source and fluxes do not balance/,
  );
  await refuses(
    { ...unit, edges: insulated, parts: [kernel({ charge: 1 })] },
    /^charges, sources and fluxes do not balance/,
  );
  // A conductor that floats among what is held.
  const { parts } = await resultsOf({
    ...unit,
    edges: insulated,
    parts: [kernel({ charge: 0 }), bar("x", -1, 0.1, { value: 7 })],
  });
  near(parts.kernel!.value!, 7, 1e-11, "value");
});

test("holes take their piece of edges: nothing flows in there", async () => {
  const hole: PartInput = { name: "hole", kind: "circle", center: [0.5, 0], radius: 0.2, hole: true };
  const flux = await resultsOf({ ...unit, edges: { ...insulated, west: { flux: 1 }, east: 0 }, parts: [hole] });
  near(flux.edges.west!.flux, 0.6, 1e-11, "flux");
  const h = await resultsOf({
    ...unit,
    edges: { ...insulated, west: { convection: { h: 1e-6, ambient: 1 } }, east: 0 },
    parts: [hole],
  });
  near(h.edges.west!.flux, 0.6e-6, 1e-11, "convection");
});

// ---- fields ----

test("u is NaN inside of holes, and results ignore them", async () => {
  const parts = [{ name: "hole", kind: "circle", center: [0.5, 0.5], radius: 0.25, hole: true }] as const;
  const problem: Problem = { ...unit, edges: { ...acrossX, west: 101, east: 100 }, parts };
  const { u, results, spread } = await solved({ ...problem, probes: [{ name: "inside", at: [0.5, 0.5] }] });
  assert.ok(Number.isNaN(u[8 * 17 + 8]!));
  const missing = u.filter((value) => value !== value).length;
  assert.ok(missing > 20 && missing < 60, `${missing} nodes`);
  assert.deepEqual([results!.min.value, results!.max.value, spread], [100, 101, 1]);
  near(results!.integral, 100.5 * (1 - PI * 0.0625), 0.2, "integral");
  assert.ok(Number.isNaN((results!.probes.inside as { value: number }).value));
  const { discretisationError, estimates } = await solved({ ...problem }, { estimate: true });
  assert.ok(discretisationError! > 0 && discretisationError! < 0.01, `${discretisationError}`);
  assert.ok(estimates!.edges.west!.flux < 0.02);
});

// ---- properties ----

const runs = (most: number) => ({ numRuns: Number(process.env.LAPLACE_RUNS ?? most) });

/** Solves a random section; undefined where it is refused by a message. */
async function attempt(problem: Problem, options: SolveOptions = {}) {
  try {
    return await solved(problem, options);
  } catch (error) {
    if (error instanceof ProblemError) return undefined;
    throw error;
  }
}

test("what flows in balances, whatever the parts are", async () => {
  await fc.assert(
    fc.asyncProperty(randomSections(10), async (problem) => {
      const found = await attempt(problem);
      if (!found) return;
      const { results, status } = found;
      assert.ok(["converged", "stalled"].includes(status), status);
      const fluxes = [...Object.values(results!.edges), ...Object.values(results!.parts)].map(({ flux }) =>
        Math.abs(flux)
      );
      const size = fluxes.reduce((sum, flux) => sum + flux, Math.abs(results!.source));
      near(results!.imbalance, 0, 1e-9 * Math.max(1, size), "imbalance");
      for (const [name, { total }] of problem.parts!.map((part) => [part.name, part] as const)) {
        if (total === undefined) continue;
        assert.ok(results!.parts[name]!.area > 0, name);
      }
    }),
    runs(150),
  );
});

test("every method has the same field, or refuses the problem", async () => {
  const methods: readonly Method[] = ["direct", "spectral", "cg", "sor"];
  await fc.assert(
    fc.asyncProperty(randomSections(9), fc.constantFrom(...methods), async (problem, method) => {
      const wanted = await attempt(problem);
      if (!wanted) return;
      let found;
      try {
        found = await attempt(problem, { method });
      } catch (error) {
        if (error instanceof ConfigError) return;
        throw error;
      }
      const size = Math.max(1, wanted.results!.max.value, -wanted.results!.min.value);
      found!.u.forEach((value, n) => {
        if (Number.isNaN(wanted.u[n]!)) assert.ok(Number.isNaN(value), `${n}`);
        else near(value, wanted.u[n]!, 1e-8 * size, `${method}, ${n}`);
      });
    }),
    runs(200),
  );
});

/** A problem whose conductivities, and all that is relative to them, are larger by a factor. */
function scaled(problem: Problem, factor: number): Problem {
  const times = (value: unknown) => Number(value) * factor;
  const edges = Object.entries(problem.edges!).map(([name, edge]) => {
    if (typeof edge !== "object") return [name, edge];
    if ("flux" in edge) return [name, { flux: times(edge.flux) }];
    return [name, "convection" in edge ? { convection: { ...edge.convection, h: times(edge.convection.h) } } : edge];
  });
  return {
    ...problem,
    conductivity: factor,
    source: times(problem.source),
    edges: Object.fromEntries(edges),
    parts: problem.parts!.map((part): PartInput => ({
      ...part,
      ...(part.conductivity !== undefined && { conductivity: times(part.conductivity) }),
      ...(part.source !== undefined && { source: times(part.source) }),
      ...(part.total !== undefined && { total: times(part.total) }),
      ...(part.charge !== undefined && { charge: times(part.charge) }),
    })),
  };
}

test("a factor of all conductivities, sources, fluxes and charges leaves the field, and is one of fluxes and energy", async () => {
  await fc.assert(
    fc.asyncProperty(randomSections(8), fc.constantFrom(7, 1e-3, 1e30), async (problem, factor) => {
      const found = await attempt(problem);
      if (!found) return;
      const other = await attempt(scaled(problem, factor));
      const size = Math.max(1, found.results!.max.value, -found.results!.min.value);
      other!.u.forEach((value, n) => value === value && near(value, found.u[n]!, 1e-8 * size, `${n}`));
      near(other!.results!.energy / factor, found.results!.energy, 1e-8 * Math.max(1, found.results!.energy), "energy");
    }),
    runs(60),
  );
});

test("half of what is symmetric has half of its flux behind an insulated edge, whatever lies on the edge", async () => {
  const h = 1 / 16;
  for (
    const role of [{ value: 2 }, { conductivity: 5 }, { conductivity: 5, source: 3 }, { hole: true }, { source: 3 }]
  ) {
    const part = { name: "part", kind: "circle", center: [0.53, 0], radius: 0.31, ...role } as PartInput;
    const common = { spacing: [h, h] as const, parts: [part] };
    const whole = await solved({
      ...common,
      shape: [17, 33],
      origin: [0, -1],
      edges: { ...insulated, north: 1, south: 0 },
    });
    const half = await solved({ ...common, shape: [17, 17], edges: { ...insulated, north: 1, south: 0 } });
    for (let i = 0; i < 17; i++) {
      for (let j = 0; j < 17; j++) {
        const [a, b] = [whole.u[i * 33 + 16 + j]!, half.u[i * 17 + j]!];
        assert.ok(Math.abs(a - b) < 1e-11 || (Number.isNaN(a) && Number.isNaN(b)), `${i}, ${j}: ${b}, expected ${a}`);
      }
    }
    const [all, one] = [whole.results!, half.results!];
    near(one.edges.north!.flux, all.edges.north!.flux / 2, 1e-11, "north");
    near(one.parts.part!.flux, all.parts.part!.flux / 2, 1e-10, "part");
    near(one.parts.part!.area, all.parts.part!.area / 2, 1e-12, "area");
    near(one.source, all.source / 2, 1e-12, "source");
  }
});

test("layers of parts separate, also where conductors end between rows", async () => {
  const roles = [{ value: 3 }, { conductivity: 3, source: 1 }, { hole: true }, { charge: 1 }] as const;
  for (const edges of [{ ...acrossY, west: "periodic", east: "periodic" }, acrossY, acrossX] as const) {
    for (const role of roles) {
      const problem: Problem = { ...unit, edges, parts: [bar("y", 0.51, 0.73, role)] };
      const [wanted, found] = [await solved(problem), await solved(problem, { method: "direct" })];
      found.u.forEach((value, n) => value === value && near(value, wanted.u[n]!, 1e-12, `${n}`));
      await assert.rejects(solved(problem, { method: "spectral" }), /Cannot use method "spectral"/);
    }
  }
});

// ---- plugins and ranks ----

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

/** All numbers, by path. */
function* values(results: unknown, path = ""): Generator<[string, number]> {
  if (typeof results === "number") yield [path, results];
  else if (typeof results === "object" && results !== null) {
    for (const [key, part] of Object.entries(results)) if (key !== "at") yield* values(part, `${path}.${key}`);
  }
}

function assertAlike(found: Results, wanted: Results, tolerance: number): void {
  const expected = new Map(values(wanted));
  const size = [...expected.values()].reduce(
    (most, value) => value === value ? Math.max(most, Math.abs(value)) : most,
    1,
  );
  assert.deepEqual([...values(found)].map(([path]) => path), [...expected.keys()]);
  for (const [path, value] of values(found)) {
    const other = expected.get(path)!;
    if (!Number.isNaN(other)) near(value, other, tolerance * size, path);
    else assert.ok(Number.isNaN(value), path);
  }
}

for (const plugin of ["ffi-c", "ffi-omp", "ffi-fortran", "wasm", "workers", "ndarray", "opencl"]) {
  const { methods, ...backend } = await loadPlugin(plugin);
  const probe = await backend.probe();
  const skip = !probe.available && !required(plugin);
  test(`${plugin} has the results of js${probe.available ? "" : ` (${probe.reason})`}`, { skip }, async () => {
    for (const problem of Object.values(SECTIONS)) {
      const method = methods.includes("multigrid") ? "multigrid" : "sor";
      if (method === "sor" && problem.edges?.west === "periodic") continue;
      assertAlike(await resultsOf(problem, { plugin, method }), await resultsOf(problem), 1e-12);
    }
  });
}

test("f32 has the results of f64 to a hundred roundings", async () => {
  for (const problem of Object.values(SECTIONS)) {
    const single = await resultsOf({ ...problem, dtype: "f32" }, { stop: "error", tol: undefined });
    assertAlike(single, await resultsOf(problem), 1e-5);
  }
});

for (const [what, problem] of Object.entries(SECTIONS)) {
  test(`results on 1 to 5 ranks are those on one, and the file has NaN in holes: ${what}`, async () => {
    const stencil = lower(validateProblem(problem));
    const plan = { method: "jacobi", settings: {} } as const;
    let wanted: { results: Results; field: readonly number[] } | undefined;
    for (const grid of [[1, 1], [2, 1], [1, 3], [2, 2], [5, 1]] as const) {
      const { domains } = distribute(stencil.shape, grid, stencil.periodic, 1);
      const field = new Array<number>(stencil.shape[0] * stencil.shape[1]).fill(Infinity);
      const all = await Promise.all(domains.map(async (domain) => {
        const store = (owned: GridData) => {
          const { rows: [r0, r1], cols: [c0, c1] } = domain.owned;
          for (let i = r0, n = 0; i < r1; i++) {
            for (let j = c0; j < c1; j++) field[i * stencil.shape[1] + j] = owned[n++]!;
          }
        };
        const session = await openSession(jsKernels(), stencil, plan, { ...domain, store });
        await session.advance(50);
        const results = await stencil.results((await session.read("owned"))!, session);
        if (session.collective) await session.collective.store!("", 0);
        else store((await session.read("global"))!.map((value, n) => stencil.excluded?.[n] ? NaN : value));
        await session[Symbol.asyncDispose]();
        return results;
      }));
      for (const results of all) assert.deepEqual(results, all[0]);
      wanted ??= { results: all[0]!, field };
      assertAlike(all[0]!, wanted.results, 1e-12);
      assert.deepEqual(field, wanted.field);
      assert.equal(field.includes(NaN), what.includes("hole"));
    }
  });
}
