/**
 * Results of any field, right or not: against their definitions, on ranks, at probes.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { scatter } from "../../conformance/problems.ts";
import { lower } from "../../core/discretize/lower.ts";
import type { GridData } from "../../core/contract.ts";
import type { ProbeInput } from "../../core/problem/parts.ts";
import type { Problem } from "../../core/problem/problem.ts";
import type { LineResult, PointResult, Results } from "../../core/results.ts";
import { distribute } from "../support/in_process_ranks.ts";
import { naiveResults } from "../support/naive_results.ts";
import { randomProblems } from "../support/random_problems.ts";
import { refuses } from "../support/refuses.ts";
import "../support/same_cases.ts";

/** A scattered field that has the values of held points. */
function scattered(problem: Problem, seed: number): GridData {
  const [ny, nx] = problem.shape;
  return lower({ ...problem, initial: scatter(seed, -9, 9) }).evaluate({ rows: [0, ny], cols: [0, nx] }).u;
}

const onOne = (problem: Problem, u: GridData): Promise<Results> =>
  lower(problem).results(u, {
    rank: 0,
    ranks: 1,
    owned: { rows: [0, problem.shape[0]], cols: [0, problem.shape[1]] },
  });

/** The results of all ranks, which need not be equal in size. */
async function onRanks(problem: Problem, u: GridData, grid: readonly [number, number]): Promise<Results[]> {
  const [, nx] = problem.shape;
  const { domains } = distribute(problem.shape, grid, [false, false], 1);
  return await Promise.all(domains.map(({ rank, ranks, owned, max }) => {
    const { rows: [r0, r1], cols: [c0, c1] } = owned;
    const mine = new Float64Array((r1 - r0) * (c1 - c0));
    for (let i = r0; i < r1; i++) mine.set(u.subarray(i * nx + c0, i * nx + c1), (i - r0) * (c1 - c0));
    return lower(problem).results(mine, { rank, ranks, owned, collective: { agree: max } });
  }));
}

const GRIDS = [[1, 1], [2, 1], [1, 3], [2, 2], [5, 1], [1, 4]] as const;

/** All numbers of an object, by path. */
function* numbers(value: unknown, path = ""): Generator<[string, number]> {
  if (typeof value === "number") yield [path, value];
  else if (typeof value === "object" && value !== null) {
    for (const [key, part] of Object.entries(value)) yield* numbers(part, `${path}.${key}`);
  }
}

const probesIn = ({ shape: [ny, nx], spacing: [dy, dx] = [1, 1] }: Problem, parts: readonly number[]): ProbeInput[] => {
  const at = (a: number, b: number) => [a * (ny - 1) * dy, b * (nx - 1) * dx] as const;
  return [
    { name: "point", at: at(parts[0]!, parts[1]!) },
    { name: "line", from: at(parts[1]!, parts[2]!), to: at(parts[3]!, parts[0]!), points: 7 },
    { name: "corners", from: at(0, 1), to: at(1, 0), points: 2 },
  ];
};

test("results are what their definitions say, and sum to the residual, for any field", async () => {
  await fc.assert(
    fc.asyncProperty(randomProblems(9), fc.nat(), async (problem, seed) => {
      const u = scattered(problem, seed);
      const { edges, parts, source, imbalance, energy, integral } = await onOne(problem, u);
      const expected = naiveResults(problem, u);
      const near = (found: number, wanted: number, size: number, what: string) =>
        assert.ok(Math.abs(found - wanted) <= 1e-12 * size, `${what}: ${found}, expected ${wanted}`);
      const found = { ...edges, ...parts };
      assert.deepEqual(Object.keys(found).sort(), Object.keys(expected.flux).sort());
      for (const [name, { flux }] of Object.entries(found)) near(flux, expected.flux[name]!, expected.size, name);
      near(source, expected.source, expected.size + 4 * expected.area, "source");
      near(imbalance, expected.residual, expected.size + 4 * expected.area, "imbalance");
      near(energy, expected.energy, expected.energy, "energy");
      near(integral, expected.integral, 9 * expected.area, "integral");
    }),
    { numRuns: 300 },
  );
});

test("results on ranks are those on one, whatever the blocks", async () => {
  await fc.assert(
    fc.asyncProperty(
      randomProblems(11),
      fc.nat(),
      fc.constantFrom(...GRIDS),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
      async (shaped, seed, grid, places) => {
        fc.pre(shaped.shape[0] >= grid[0] && shaped.shape[1] >= grid[1]);
        const problem = { ...shaped, probes: probesIn(shaped, places) };
        const u = scattered(problem, seed);
        const expected = new Map(numbers(await onOne(problem, u)));
        const { size, area, energy } = naiveResults(problem, u);
        for (const results of await onRanks(problem, u, grid)) {
          const found = [...numbers(results)];
          assert.equal(found.length, expected.size);
          for (const [path, value] of found) {
            const slack = path.endsWith("at.0") || path.endsWith("at.1") ? 0 : 1e-13 * (size + 9 * area + energy);
            assert.ok(Math.abs(value - expected.get(path)!) <= slack, `${path}: ${value}, ${expected.get(path)}`);
          }
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("a rank that owns nothing has the results of the others", async () => {
  const problem: Problem = { shape: [4, 5], edges: { north: 3 } };
  const u = scattered(problem, 1);
  const { domains } = distribute([4, 5], [3, 1], [false, false], 1, [
    { rows: [0, 3], cols: [0, 5] },
    { rows: [3, 4], cols: [0, 5] },
    { rows: [0, 0], cols: [0, 0] },
  ]);
  const all = await Promise.all(domains.map(({ rank, ranks, owned, max }) => {
    const mine = u.slice(5 * owned.rows[0], 5 * owned.rows[1]);
    return lower(problem).results(mine, { rank, ranks, owned, collective: { agree: max } });
  }));
  for (const results of all) assert.deepEqual(results, all[0]);
  assert.deepEqual(all[0], await onOne(problem, u));
});

test("edges and parts have mean, range, area and nodes", async () => {
  const problem: Problem = {
    shape: [5, 9],
    spacing: [0.5, 0.25],
    edges: { north: { flux: 0 }, west: { flux: 0 }, east: { flux: 0 }, south: 0 },
    // Two nodes on the north edge and the two below them.
    fixed: { shapes: [{ kind: "rect", from: [0, 0.5], to: [0.5, 0.75], value: 7 }] },
  };
  const field = (i: number, j: number) => i < 2 && (j === 2 || j === 3) ? 7 : i === 4 ? 0 : j;
  const u = Float64Array.from({ length: 45 }, (_, p) => field(Math.floor(p / 9), p % 9));
  const { edges, parts, min, max } = await onOne(problem, u);
  const { flux: _, ...north } = edges.north!;
  // 0, 1, 7, 7, 4 … 8, the ends by half.
  assert.deepEqual(north, { mean: (0 / 2 + 1 + 7 + 7 + 4 + 5 + 6 + 7 + 8 / 2) / 8, min: 0, max: 8 });
  const { flux, ...fixed } = parts.fixed!;
  assert.deepEqual(fixed, { role: "held", mean: 7, min: 7, max: 7, area: 2 * 0.25 * 0.25 + 2 * 0.25 * 0.5, nodes: 4 });
  assert.ok(flux > 0);
  assert.deepEqual([min, max], [{ value: 0, at: [2, 0] }, { value: 8, at: [2, 2] }]);
});

test("origin moves places and nothing else; depth multiplies totals", async () => {
  const problem: Problem = { shape: [6, 7], spacing: [0.5, 2], edges: { north: 1, east: { flux: 2 } }, source: 3 };
  const u = scattered(problem, 2);
  const plain = await onOne({ ...problem, probes: [{ name: "p", at: [1, 3] }] }, u);
  const moved = await onOne({
    ...problem,
    origin: [-10, 4],
    depth: 8,
    probes: [{ name: "p", at: [-9, 7] }],
  }, u);
  assert.deepEqual(moved.min.at, [plain.min.at[0] - 10, plain.min.at[1] + 4]);
  assert.deepEqual(moved.probes, plain.probes);
  for (const key of ["source", "imbalance", "energy", "integral"] as const) assert.equal(moved[key], 8 * plain[key]);
  for (const [name, { flux, mean }] of Object.entries(moved.edges)) {
    const { [name as "north"]: edge } = plain.edges;
    assert.deepEqual([flux, mean], [8 * edge!.flux, edge!.mean]);
  }
});

test("conductivities of any unit give fluxes in that unit", async () => {
  const problem: Problem = { shape: [6, 7], edges: { north: 1, east: { flux: 2 }, west: { flux: 0 } }, source: 3 };
  const u = scattered(problem, 2);
  const unit = 2 ** -600;
  const probes = [{ name: "p", at: [1.25, 3.5] }] as const;
  const small = await onOne(
    { ...problem, conductivity: unit, source: 3 * unit, edges: { ...problem.edges, east: { flux: 2 * unit } }, probes },
    u,
  );
  const plain = await onOne({ ...problem, probes }, u);
  const [point, expected] = [small, plain].map(({ probes: { p } }) => p as PointResult) as [PointResult, PointResult];
  assert.equal(small.energy, unit * plain.energy);
  assert.equal(small.source, unit * plain.source);
  assert.equal(small.edges.north!.flux, unit * plain.edges.north!.flux);
  assert.deepEqual(point.flux, expected.flux.map((value) => unit * value));
});

test("functions that have no number at held points count as 0 there", async () => {
  const source = (i: number, j: number) => {
    if (i === 0 || i === 4 || j === 0 || j === 4) throw new RangeError("there is none");
    return 2;
  };
  const fixed = { shapes: [{ kind: "rect", from: [0, 0], to: [0, 0], value: 1 }] } as const;
  const problem: Problem = { shape: [5, 5], edges: { north: 1 }, source, fixed };
  const { source: total, imbalance } = await onOne(problem, scattered(problem, 3));
  assert.equal(total, 2 * 9);
  assert.ok(Number.isFinite(imbalance));
});

// ---- probes ----

const point = async (problem: Problem, u: GridData, at: readonly [number, number]): Promise<PointResult> =>
  (await onOne({ ...problem, probes: [{ name: "p", at }] }, u)).probes.p as PointResult;

test("probes are exact for x, y, xy, x² and y², up to the edges and beyond the origin", async () => {
  const [ny, nx, dy, dx, k] = [6, 9, 0.5, 0.25, 3];
  const problem: Problem = { shape: [ny, nx], spacing: [dy, dx], origin: [1, -1], conductivity: k };
  const on = (f: (y: number, x: number) => number) =>
    Float64Array.from({ length: ny * nx }, (_, p) => f(1 + (ny - 1 - Math.floor(p / nx)) * dy, -1 + p % nx * dx));
  const near = (found: number, wanted: number) =>
    assert.ok(Math.abs(found - wanted) < 1e-13 * 60, `${found} ${wanted}`);
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 1, max: 3.5, noNaN: true }),
      fc.double({ min: -1, max: 1, noNaN: true }),
      async (y, x) => {
        const bilinear = await point(problem, on((y, x) => 2 + 3 * x - y + 4 * x * y), [y, x]);
        near(bilinear.value, 2 + 3 * x - y + 4 * x * y);
        near(bilinear.flux[0], -k * (-1 + 4 * x));
        near(bilinear.flux[1], -k * (3 + 4 * y));
        const squares = await point(problem, on((y, x) => x * x - 2 * y * y), [y, x]);
        near(squares.flux[0], 4 * k * y);
        near(squares.flux[1], -2 * k * x);
      },
    ),
  );
});

test("a probe's flux passes an interface undiminished, and its value at a node is that of the node", async () => {
  const rods: Problem = {
    shape: [3, 11],
    edges: { west: 100, east: 0, north: { flux: 0 }, south: { flux: 0 } },
    conductivity: (_, j) => j < 5 ? 1 : 4,
  };
  const ends = 4.5 + 0.125 + 5 / 4;
  const u = Float64Array.from({ length: 33 }, (_, p) => {
    const j = p % 11;
    return 100 * (1 - (j < 5 ? j : 4.5 + 0.125 + (j - 5) / 4) / ends);
  });
  for (const x of [0, 2.3, 4, 4.5, 4.9, 5.5, 10]) {
    const { flux: [fy, fx] } = await point(rods, u, [1, x]);
    assert.ok(Math.abs(fx - 100 / ends) < 1e-12 && Math.abs(fy) < 1e-12, `at ${x}: ${fx}`);
  }
  for (const j of [0, 4, 10]) assert.equal((await point(rods, u, [2, j])).value, u[j]);
  // 3 × 0.1 is no multiple of 0.1 in binary: still it is a node.
  const fine = { ...rods, spacing: [1, 0.1] as const };
  assert.equal((await point(fine, u, [1, 0.1 * 3])).value, u[3]);
});

test("probes go around a period, one spacing beyond the last node", async () => {
  const wraps = "periodic" as const;
  const problem: Problem = { shape: [6, 8], edges: { north: wraps, south: wraps, west: wraps, east: wraps } };
  const u = Float64Array.from({ length: 48 }, (_, p) => scatter(4, -1, 1)(Math.floor(p / 8), p % 8));
  const at = (y: number, x: number) => point(problem, u, [y, x]);
  assert.equal((await at(2, 8)).value, (await at(2, 0)).value);
  assert.equal((await at(6, 3)).value, (await at(0, 3)).value);
  assert.ok(Math.abs((await at(6, 3)).flux[0] - (await at(0, 3)).flux[0]) < 1e-14);
  assert.equal((await at(5.5, 7.5)).value, (u[0]! + u[7]! + u[40]! + u[47]!) / 4);
  assert.equal((await at(1, 7.5)).flux[1], u[4 * 8 + 7]! - u[4 * 8]!);
});

test("a line has its ends, equal steps, and at each what a point there has", async () => {
  const problem: Problem = { shape: [9, 9], edges: { north: 1 } };
  const u = scattered(problem, 5);
  const probes = [{ name: "l", from: [0, 8], to: [6, 0], points: 5 }] as const;
  const { distance, at, value, flux } = (await onOne({ ...problem, probes }, u)).probes.l as LineResult;
  assert.deepEqual(distance, [0, 2.5, 5, 7.5, 10]);
  assert.deepEqual(at, [[0, 8], [1.5, 6], [3, 4], [4.5, 2], [6, 0]]);
  for (const [n, place] of at.entries()) {
    assert.deepEqual(await point(problem, u, place), { value: value[n], flux: flux[n] });
  }
});

test("the average of a part is a probe; one that is not there is refused, and a place outside", async () => {
  const problem: Problem = {
    shape: [9, 9],
    fixed: { shapes: [{ kind: "rect", from: [3, 3], to: [5, 5], value: 7 }] },
  };
  const u = scattered(problem, 6);
  const { probes } = await onOne({ ...problem, probes: [{ name: "a", part: "fixed" }] }, u);
  assert.deepEqual(probes, { a: { value: 7 } });
  const at = (probe: ProbeInput) => () => void lower({ ...problem, probes: [{ name: "ok", at: [1, 1] }, probe] });
  refuses(at({ name: "b", part: "fixd" }), 'probes[1].part is no part: it is "fixd"; did you mean "fixed"?');
  refuses(
    at({ name: "b", at: [8.1, 0] }),
    "probes[1].at must lie on the grid, y from 0 to 8 and x from 0 to 8: it is [8.1, 0]",
  );
  refuses(at({ name: "b", from: [0, 0], to: [0, -1], points: 3 }), "probes[1].to must lie on the grid");
  // A spacing of ten digits puts the edge a little short of 1.
  lower({ shape: [4, 4], spacing: [0.3333333333, 0.3333333333], probes: [{ name: "c", at: [1, 1] }] });
});
