/**
 * Solves with layers, strips and walls, whose fluxes must be exact wherever their outlines lie.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { PartInput } from "../../core/problem/parts.ts";
import type { PointResult } from "../../core/results.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { insulated } from "../support/problems.ts";
import { acrossX, acrossY, bar, unit } from "../support/sections.ts";
import { near, resultsOf, solved } from "../support/solved.ts";

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
          const slope = Math.tan(angle * Math.PI / 180);
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

test("probes beside a wall do not see through it, however thin it is", async () => {
  for (const thickness of [1.2, 0.3, 0.02]) {
    const [from, to] = [7.4, 7.4 + thickness];
    const wall = { name: "wall", kind: "rect", from: [-1, from], to: [20, to], value: 0 } as const;
    const at = (x: number) => ({ name: `${x}`, at: [8, x] as const });
    const places = [6.6, 7.1, 7.39, to + 0.01, to + 0.1, 8.9, 9.8];
    const { probes } = await resultsOf({
      shape: [17, 17],
      spacing: [1, 1],
      edges: { west: 8, east: 100, north: { flux: 0 }, south: { flux: 0 } },
      parts: [wall],
      probes: places.map(at),
    });
    for (const x of places) {
      const [value, slope] = x < from ? [8 * (1 - x / from), -8 / from] : [100 * (x - to) / (16 - to), 100 / (16 - to)];
      const found = probes[`${x}`] as PointResult;
      near(found.value, value, 1e-9, `${thickness} thick, at ${x}`);
      near(found.flux[1], -slope, 1e-9, `${thickness} thick, at ${x}: flux`);
    }
  }
});

test("what fixed holds has the cells of its nodes, also beside parts", async () => {
  const shapes = [{ kind: "circle", center: [0.5, 0.5], radius: 0.2, value: 3 }] as const;
  const problem = { shape: [17, 33], spacing: [1 / 16, 1 / 16], fixed: { shapes } } as const;
  const rod = { name: "rod", kind: "circle", center: [0.5, 1.5], radius: 0.2, value: 1 } as const;
  const [alone, beside] = [await resultsOf(problem), await resultsOf({ ...problem, parts: [rod] })];
  assert.ok(alone.parts.fixed!.area > 0.1);
  for (const { parts } of [alone, beside]) {
    near(parts.fixed!.area, parts.fixed!.nodes / 256, 1e-12, "area");
    near(parts.fixed!.mean, 3, 1e-12, "mean");
  }
  near(beside.parts.rod!.area, Math.PI * 0.04, 1e-3, "area of the rod");
});
