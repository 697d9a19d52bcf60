/**
 * The estimate of the discretisation error: against the true one on smooth solutions, and what it says of itself.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { GridData } from "../../core/contract.ts";
import { jumps, kinks, richardson, varies } from "../../core/discretize/richardson.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { solve } from "../../solve/solve.ts";

type Smooth = (y: number, x: number) => number;

/** A smooth solution on the unit square, its gradient, and what the equation with k = 1 + x y / 2 takes to have it. */
const { exp, sin, cos, PI } = Math;
const u: Smooth = (y, x) => exp(x) * cos(2 * y) + sin(3 * x * y);
const ux: Smooth = (y, x) => exp(x) * cos(2 * y) + 3 * y * cos(3 * x * y);
const uy: Smooth = (y, x) => -2 * exp(x) * sin(2 * y) + 3 * x * cos(3 * x * y);
const laplacian: Smooth = (y, x) => -3 * exp(x) * cos(2 * y) - 9 * (x * x + y * y) * sin(3 * x * y);
const k: Smooth = (y, x) => 1 + x * y / 2;

/** Kinds of edges, with what keeps `u` the solution. */
const edges: Readonly<Record<string, (at: (f: Smooth) => (i: number, j: number) => number) => Problem["edges"]>> = {
  fixed: (at) => ({ north: at(u), south: at(u), west: at(u), east: at(u) }),
  flux: (at) => ({ north: at(u), south: { flux: at(uy) }, west: { flux: at((y, x) => -ux(y, x)) }, east: at(u) }),
  convection: (at) => {
    const out = (h: number, slope: Smooth) => ({ convection: { h, ambient: at((y, x) => u(y, x) + slope(y, x) / h) } });
    return { north: out(2, (y, x) => -uy(y, x)), south: out(0.5, uy), west: at(u), east: out(3, ux) };
  },
};

function distance(found: GridData, exact: (i: number, j: number) => number, nx: number): number {
  let most = 0;
  found.forEach((value, p) => {
    most = Math.max(most, Math.abs(value - exact(Math.floor(p / nx), p % nx)));
  });
  return most;
}

const exactly = { plugin: "js", method: "multigrid", stop: "residual", tol: 1e-12, estimate: true } as const;

/** Solves, and compares the estimate with the truth. What it says of a conductivity that varies is said of any. */
async function judge(problem: Problem, exact: (i: number, j: number) => number): Promise<void> {
  const { u, discretisationError, discretisationNote, shape } = await solve(problem, exactly);
  const truth = distance(u, exact, shape[1]);
  assert.ok(discretisationError !== undefined, discretisationNote);
  const ratio = discretisationError / truth;
  assert.ok(ratio > 1 / 1.5 && ratio < 1.5, `${shape.join(" x ")}: estimate ${discretisationError}, truth ${truth}`);
  const note = problem.conductivity === undefined ? "" : "; where the conductivity jumps, .* 3 times that";
  assert.match(discretisationNote!, new RegExp(`^Richardson, from \\d+ x \\d+ points${note}$`));
}

for (const [what, make] of Object.entries(edges)) {
  for (const [ny, nx] of [[17, 17], [33, 49], [65, 65], [129, 129]] as const) {
    test(`estimate is within a factor of 1.5 of the truth: ${what}, ${ny} x ${nx}`, async () => {
      const [dy, dx] = [1 / (ny - 1), 1 / (nx - 1)];
      const at = (f: Smooth) => (i: number, j: number) => f(i * dy, j * dx);
      await judge({
        shape: [ny, nx],
        spacing: [dy, dx],
        edges: make(at)!,
        source: at((y, x) => -laplacian(y, x)),
      }, at(u));
    });
  }
}

for (const n of [17, 33, 65, 129]) {
  test(`estimate is within a factor of 1.5 of the truth: insulated, ${n} x ${n}`, async () => {
    const h = 1 / (n - 1);
    const wave = (i: number, j: number) => cos(PI * i * h) * exp(j * h);
    await judge({
      shape: [n, n],
      spacing: [h, h],
      edges: { north: { flux: 0 }, south: { flux: 0 }, west: wave, east: wave },
      source: (i, j) => (PI * PI - 1) * wave(i, j),
    }, wave);
  });

  test(`estimate is within a factor of 1.5 of the truth: periodic, ${n - 1} x ${n}`, async () => {
    const [dy, dx] = [2 * PI / (n - 1), 1 / (n - 1)];
    const wave = (i: number, j: number) => sin(i * dy) * cos(2 * j * dx) + cos(2 * i * dy) * exp(j * dx);
    await judge({
      shape: [n - 1, n],
      spacing: [dy, dx],
      edges: { north: "periodic", south: "periodic", west: wave, east: wave },
      source: (i, j) => 5 * sin(i * dy) * cos(2 * j * dx) + 3 * cos(2 * i * dy) * exp(j * dx),
    }, wave);
  });

  test(`estimate is within a factor of 1.5 of the truth: smooth conductivity, ${n} x ${n}`, async () => {
    const h = 1 / (n - 1);
    const at = (f: Smooth) => (i: number, j: number) => f(i * h, j * h);
    await judge({
      shape: [n, n],
      spacing: [h, h],
      edges: edges.fixed!(at)!,
      conductivity: at(k),
      source: at((y, x) => -(k(y, x) * laplacian(y, x) + (x / 2) * uy(y, x) + (y / 2) * ux(y, x))),
    }, at(u));
  });
}

for (const n of [17, 33, 65]) {
  test(`estimate is within a factor of 1.5 of the truth: nothing held, ${n} x ${n}`, async () => {
    const h = 1 / (n - 1);
    const half = (i: number) => i === 0 || i === n - 1 ? 0.5 : 1;
    const mean = (f: (i: number, j: number) => number) => {
      let sum = 0;
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) sum += half(i) * half(j) * f(i, j);
      return sum * h * h;
    };
    // Zero slope at all edges; neither it nor its source has zero mean by the trapezoidal rule.
    const bump = (t: number) => (t * t * (1 - t) * (1 - t)) * exp(t);
    const second = (t: number) => (t ** 4 + 6 * t ** 3 + t ** 2 - 8 * t + 2) * exp(t);
    const at = (f: Smooth) => (i: number, j: number) => f(i * h, j * h);
    const wave = at((y, x) => bump(y) * bump(x) + bump(x));
    const source = at((y, x) => -(second(y) * bump(x) + bump(y) * second(x) + second(x)));
    const [offset, imbalance] = [mean(wave), mean(source)];
    const free = { flux: 0 };
    await judge({
      shape: [n, n],
      spacing: [h, h],
      edges: { north: free, south: free, west: free, east: free },
      source: (i, j) => source(i, j) - imbalance,
    }, (i, j) => wave(i, j) - offset);
  });
}

test("estimate is absent unless asked for, and says why there is none", async () => {
  const plain = await solve({ shape: [9, 9] }, { plugin: "js" });
  assert.deepEqual([plain.discretisationError, plain.discretisationNote], [undefined, undefined]);
  const why = async (problem: Problem, options = {}) => {
    const { discretisationError, discretisationNote } = await solve(problem, {
      plugin: "js",
      estimate: true,
      ...options,
    });
    assert.equal(discretisationError, undefined);
    return discretisationNote!;
  };
  assert.match(await why({ shape: [9, 10] }), /^nx is 10, and must be odd/);
  assert.match(await why({ shape: [33, 33], edges: { north: 1 } }, { method: "jacobi", maxSweeps: 3 }), /has not conv/);
  const far = {
    shape: [9, 9],
    fixed: { shapes: [{ kind: "circle", center: [3, 3], radius: 0.5, value: 1 }] },
  } as const;
  assert.match(await why(far), /^fixed\.shapes\[0\] covers none/);
});

test("estimate names the corners where edges of different values meet, and says what else it does not cover", async () => {
  const note = async (problem: Problem, options = {}) =>
    (await solve(problem, { plugin: "js", estimate: true, tol: 1e-10, ...options })).discretisationNote!;
  const shape = [17, 17] as const;
  assert.match(await note({ shape, edges: { north: 1 } }), /meet, in corners \(north-west, north-east\), /);
  assert.match(await note({ shape, edges: { north: 1, south: 2, west: 3 } }), /meet, in all corners, /);
  const ramp = (_: number, j: number) => j / 16;
  assert.doesNotMatch(await note({ shape, edges: { north: ramp, south: ramp, east: 1 } }), /meet/);
  assert.doesNotMatch(await note({ shape, edges: { north: 1, west: { flux: 0 }, east: { flux: 0 } } }), /meet/);
  const shapes = [{ kind: "circle", center: [8, 8], radius: 3, value: 1 }] as const;
  assert.match(await note({ shape, fixed: { shapes } }), /held inside/);
  const bump = (i: number, j: number) => sin(i / 5) * sin(j / 5);
  assert.doesNotMatch(await note({ shape, source: bump }), /tol/);
  const arch = (_: number, j: number) => sin(PI * j / 64);
  const loose = { tol: 1e-3, method: "multigrid" };
  assert.match(await note({ shape: [65, 65], edges: { north: arch } }, loose), /; .* smaller tol would tell$/);
});

test("jumps compares fixed edges where they meet, and takes no notice of roundings", () => {
  const shape = [5, 7] as const;
  assert.deepEqual(jumps({ shape, edges: { north: 2, west: 2, east: (i) => 2 + i } }, 6), ["south-west", "south-east"]);
  assert.deepEqual(jumps({ shape, edges: { north: (_, j) => sin(PI * j) } }, 1), []);
  assert.deepEqual(jumps({ shape, edges: { north: 1e-30 } }, 1e-30), ["north-west", "north-east"]);
  assert.deepEqual(jumps({ shape, edges: { north: 1, west: { flux: 1 }, east: { flux: 1 } } }, 1), []);
});

test("estimate says where convection or a flux meets a held edge, and where a conductivity may jump", async () => {
  const grid = (n: number) => ({ shape: [n, n], spacing: [1 / (n - 1), 1 / (n - 1)] }) as const;
  const insulated = { flux: 0 };
  const exact = { plugin: "js", stop: "residual", tol: 1e-11 } as const;
  const cases: [edges: (n: number) => NonNullable<Problem["edges"]>, corners: string][] = [
    [() => ({ south: insulated, east: { convection: { h: 3, ambient: 1 } } }), "north-east"],
    [() => ({ south: { convection: { h: 30, ambient: 1 } } }), "south-west, south-east"],
    [() => ({ west: insulated, south: insulated, east: { flux: 1 } }), "north-east"],
    [(n) => ({ north: (_, j) => j / (n - 1), south: insulated, east: insulated }), "north-east"],
  ];
  for (const [edges, corners] of cases) {
    const problem = { ...grid(33), edges: edges(33) };
    const { u, discretisationError, discretisationNote } = await solve(problem, { ...exact, estimate: true });
    assert.ok(discretisationNote!.includes(`meets a held edge, in corners (${corners}), `), discretisationNote);
    // As the note has it: the truth is 2 to 4 times the estimate. With an eighth of the spacing little of it is left.
    const { u: truth } = await solve({ ...grid(257), edges: edges(257) }, exact);
    const ratio = distance(u, (i, j) => truth[8 * i * 257 + 8 * j]!, 33) / discretisationError!;
    assert.ok(ratio > 1.7 && ratio < 4, `${corners}: ${ratio}`);
  }
  const note = async (problem: Partial<Problem>) =>
    (await solve({ ...grid(33), ...problem }, { ...exact, estimate: true })).discretisationNote!;
  const halves = (_: number, j: number) => j < 12 ? 1 : 100;
  assert.match(await note({ source: 1, conductivity: halves }), /; where the conductivity jumps, .* 3 times that$/);
  assert.doesNotMatch(await note({ source: 1, conductivity: 100 }), /;/);
  const part = { name: "part", kind: "rect", from: [0.25, 0.25], to: [0.5, 0.5] } as const;
  assert.match(
    await note({ parts: [{ ...part, conductivity: 50 }] }),
    /; where the conductivity jumps, .* 3 times that$/,
  );
  assert.match(await note({ parts: [{ ...part, value: 1 }] }), /; at corners and ends of parts .* 3 times that$/);
  assert.doesNotMatch(await note({ parts: [{ ...part, source: 1 }] }), /parts|conductivity/);
});

test("kinks compares slopes at each corner, in units of length, and skips what the estimate covers", () => {
  const shape = [5, 7] as const;
  const spacing = [0.5, 0.25] as const;
  const all = ["north-west", "north-east", "south-west", "south-east"];
  const free = { flux: 1 };
  const level = { shape, spacing, edges: { west: free, east: free } };
  assert.deepEqual(kinks(level, 1, 0), all);
  assert.deepEqual(kinks(level, 1, 1), []);
  // u = x: what flows out in the east flows in in the west; k halves the slope.
  const ramp = (_: number, j: number) => j * 0.25;
  const edges = { north: ramp, south: ramp, east: free, west: { flux: -1 } };
  assert.deepEqual(kinks({ shape, spacing, edges }, 1, 0), []);
  assert.deepEqual(kinks({ shape, spacing, edges, conductivity: { value: 2 } }, 1, 0), all);
  // u = y³ along west and east, where a difference of three values is off by h² only.
  const wall = (i: number) => (i / 100) ** 3;
  const tall = { shape: [101, 7], spacing: [0.01, 0.01] } as const;
  const convection = (h: number, ambient: number) => ({ convection: { h, ambient } });
  const cubic = { west: wall, east: wall, north: { flux: 0 }, south: convection(2, 2.5) };
  assert.deepEqual(kinks({ ...tall, edges: cubic }, 1, 1e-5), []);
  assert.deepEqual(kinks({ ...tall, edges: { ...cubic, south: convection(2, 3) } }, 1, 1e-5), [
    "south-west",
    "south-east",
  ]);
  assert.deepEqual(kinks({ shape, edges: { north: 1 } }, 1, 0), [], "jumps are none");
});

test("varies distinguishes a conductivity by point from one for all", () => {
  const shape = [3, 3] as const;
  for (const conductivity of [2, { value: 2 }]) assert.ok(!varies({ shape, conductivity }));
  assert.ok(!varies({ shape }));
  for (const conductivity of [() => 2, { value: new Float64Array(9).fill(2) }]) {
    assert.ok(varies({ shape, conductivity }));
  }
});

test("richardson takes a third of the largest difference at common points, but for those in holes", () => {
  const fine = Float64Array.from({ length: 25 }, (_, p) => p);
  const coarse = Float64Array.of(0, 2, 4, 10, 12, 14, 20, 22, 30);
  assert.equal(richardson(fine, coarse, 5, [3, 3]), 2);
  [coarse[7], coarse[8]] = [25, NaN];
  assert.equal(richardson(fine, coarse, 5, [3, 3]), 1);
});
