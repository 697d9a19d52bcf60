/**
 * Layers of parts: later ones are on top, whatever their roles; sources and their totals; parts that change nothing are refused
 * with the reason.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { StencilBlock } from "../../core/contract.ts";
import { lower } from "../../core/discretize/lower.ts";
import { ProblemError } from "../../core/errors.ts";
import type { PartInput, RoleInput } from "../../core/problem/parts.ts";
import { type Problem, validateProblem } from "../../core/problem/problem.ts";
import { solve } from "../../solve/solve.ts";
import { free } from "../support/problems.ts";

const base = {
  shape: [17, 17],
  spacing: [1 / 16, 1 / 16],
  edges: { north: free, south: free, west: 1, east: 0 },
} as const satisfies Problem;

function stencilOf(problem: Problem): Required<StencilBlock> {
  const stencil = lower(validateProblem(problem));
  const [ny, nx] = stencil.shape;
  return stencil.evaluate({ rows: [0, ny], cols: [0, nx] }) as Required<StencilBlock>;
}

/** Checks that two problems have the same stencil, to rounding. */
function sameStencils(one: Problem, other: Problem, what: string): void {
  const [a, b] = [stencilOf(one), stencilOf(other)];
  for (const field of ["an", "as", "aw", "ae", "d", "g"] as const) {
    a[field].forEach((value: number, n: number) => {
      const wanted = b[field][n]!;
      assert.ok(
        Math.abs(value - wanted) <= 1e-11 * Math.max(1, Math.abs(wanted)),
        `${what}: ${field} ${n} is ${value}, not ${wanted}`,
      );
    });
  }
}

const rect = (name: string, [y0, x0]: readonly number[], [y1, x1]: readonly number[], role: RoleInput): PartInput => ({
  name,
  kind: "rect",
  from: [y0!, x0!],
  to: [y1!, x1!],
  ...role,
});

const ROLES: Readonly<Record<string, RoleInput>> = {
  held: { value: 2 },
  floating: { charge: 1 },
  material: { conductivity: 5 },
  "material with a source": { conductivity: 0.3, source: 4 },
  hole: { hole: true },
};

for (const [under, lowRole] of Object.entries(ROLES)) {
  for (const [over, highRole] of Object.entries(ROLES)) {
    test(`of parts that overlap the later one wins: ${over} over ${under}`, () => {
      // On grid lines, and off them.
      for (const at of [0.5, 0.53]) {
        const lower = rect("a", [0.26, 0.2], [0.71, 0.8], lowRole);
        const rest = rect("a", [0.26, 0.2], [0.71, at], lowRole);
        const upper = rect("b", [0.13, at], [0.9, 0.9], highRole);
        sameStencils({ ...base, parts: [lower, upper] }, { ...base, parts: [rest, upper] }, `${at}`);
      }
    });
  }
}

test("a source lies in whatever is there, but for holes and what is held; other parts replace it", () => {
  const heater = (to: number, role: RoleInput = { source: 3 }) => rect("heater", [0.25, 0.2], [0.7, to], role);
  for (const role of [{ hole: true }, { value: 2 }] as const) {
    const block = rect("block", [0.1, 0.53], [0.9, 0.93], role);
    for (const parts of [[heater(0.8), block], [block, heater(0.8)]]) {
      sameStencils({ ...base, parts }, { ...base, parts: [heater(0.53), block] }, JSON.stringify(role));
    }
  }
  const block = rect("block", [0.1, 0.53], [0.9, 0.93], { conductivity: 4 });
  sameStencils({ ...base, parts: [heater(0.8), block] }, { ...base, parts: [heater(0.53), block] }, "replaced");
  const { g, d } = stencilOf({ ...base, parts: [block, heater(0.8)] });
  const at = 8 * 17 + 11;
  assert.ok(Math.abs(g[at]! * d[at]! - 3 / 256) < 1e-15, `${g[at]! * d[at]!}`);
});

test("of sources that overlap the later one counts", () => {
  const parts = [rect("a", [0.2, 0.2], [0.8, 0.8], { source: 3 }), rect("b", [0.2, 0.4], [0.8, 0.9], { source: -1 })];
  const apart = [rect("a", [0.2, 0.2], [0.8, 0.4], { source: 3 }), parts[1]!];
  sameStencils({ ...base, parts }, { ...base, parts: apart }, "sources");
});

test("a total is met exactly: across edges, holes, conductors, other sources, and around an axis", async () => {
  const heater: PartInput = { name: "heater", kind: "circle", center: [0.47, 0.31], radius: 0.23, total: 2.5 };
  const others: Readonly<Record<string, readonly PartInput[]>> = {
    alone: [],
    "a hole": [{ name: "hole", kind: "circle", center: [0.5, 0.5], radius: 0.2, hole: true }],
    "a conductor": [{ name: "rod", kind: "circle", center: [0.5, 0.5], radius: 0.2, value: 3 }],
    "a thin wall": [{ name: "wall", kind: "polyline", points: [[0.1, 0.2], [0.9, 0.4]], width: 0.01, hole: true }],
    "a hole beside a conductor": [
      { name: "hole", kind: "circle", center: [0.5, 0.5], radius: 0.2, hole: true },
      { name: "rod", kind: "circle", center: [0.3, 0.3], radius: 0.1, value: 3 },
    ],
  };
  for (const [what, parts] of Object.entries(others)) {
    for (const center of [[0.47, 0.31], [0.47, 0.02], [1.1, -0.1], [0.5, 0.5]] as const) {
      for (const coordinates of ["planar", "axisymmetric"] as const) {
        const edges = { ...base.edges, ...(coordinates === "axisymmetric" && { west: free }) };
        const problem: Problem = {
          ...base,
          coordinates,
          edges,
          depth: 2,
          parts: [{ ...heater, center } as PartInput, ...parts],
        };
        const { depth: _, ...turned } = problem;
        const { results } = await solve(coordinates === "planar" ? problem : turned, {
          plugin: "js",
          method: "multigrid",
          stop: "residual",
          tol: 1e-13,
        });
        const { source, imbalance } = results!;
        assert.ok(Math.abs(source - 2.5) < 1e-12, `${what}, ${center}, ${coordinates}: ${source}`);
        assert.ok(Math.abs(imbalance) < 1e-10, `${what}, ${center}, ${coordinates}: ${imbalance}`);
      }
    }
  }
});

test("areas of rects are exact at any offset, those of circles nearly", async () => {
  const area = async (part: PartInput) => {
    const { results } = await solve({ ...base, parts: [part] }, { plugin: "js" });
    return results!.parts.a!.area;
  };
  for (const role of Object.values(ROLES)) {
    if (role.charge !== undefined) continue;
    const found = await area(rect("a", [0.213, 0.307], [0.719, 0.811], role));
    assert.ok(Math.abs(found - 0.506 * 0.504) < 1e-12, `${found}`);
    const round = await area({ name: "a", kind: "circle", center: [0.51, 0.47], radius: 0.3, ...role } as PartInput);
    assert.ok(Math.abs(round - Math.PI * 0.09) < 3e-4, `${round}`);
  }
  // Slivers and strips between lines.
  const strip = await area(rect("a", [0.51, 0.1], [0.512, 0.9], { conductivity: 2 }));
  assert.ok(Math.abs(strip - 0.0016) < 1e-12, `${strip}`);
});

// ---- masks, drawings and cells ----

const mask = Uint8Array.from({ length: 289 }, (_, n) => n % 17 > 3 && n % 17 < 9 && n > 5 * 17 && n < 11 * 17 ? 1 : 0);
/** The same nodes: rows 5 to 10, columns 4 to 8, as a rect. */
const nodes = (role: RoleInput): PartInput => rect("p", [6 / 16, 4 / 16], [11 / 16, 8 / 16], role);

test("a mask and a drawing by nodes are a shape with outline = nodes", () => {
  for (const [what, role] of Object.entries(ROLES)) {
    const shape: Problem = { ...base, parts: [{ ...nodes(role), outline: "nodes" }] };
    sameStencils({ ...base, parts: [{ name: "p", kind: "file", mask, ...role }] }, shape, `mask, ${what}`);
    sameStencils({ ...base, image: drawing(role, "nodes", 17) }, shape, `drawing, ${what}`);
    // All but the others.
    const others = Uint8Array.from(mask, (one) => 1 - one);
    sameStencils(
      { ...base, parts: [{ name: "p", kind: "file", mask: others, outside: true, ...role }] },
      shape,
      `outside, ${what}`,
    );
  }
});

test("a drawing by cells is a shape on grid lines", () => {
  for (const [what, role] of Object.entries(ROLES)) {
    // Pixels of rows 5 to 10 and columns 4 to 8.
    const shape: Problem = { ...base, parts: [rect("p", [5 / 16, 4 / 16], [11 / 16, 9 / 16], role)] };
    sameStencils({ ...base, image: drawing(role, "cells", 16) }, shape, what);
  }
});

function drawing(role: RoleInput, pixels: "cells" | "nodes", size: number): Problem["image"] & object {
  const data = new Uint8Array(4 * size * size).fill(255);
  for (let i = 5; i < 11; i++) {
    for (let j = 4; j < 9; j++) data.set([255, 0, 0, 255], 4 * (i * size + j));
  }
  return { data, width: size, height: size, pixels, legend: { "#ff0000": { name: "p", ...role }, "#ffffff": {} } };
}

test("parts lie over cells: their links have their own conductivity", () => {
  const cells = Float64Array.from({ length: 256 }, (_, n) => 1 + n % 3);
  const block = rect("block", [0.21, 0.22], [0.77, 0.81], { conductivity: 5 });
  const { ae, d } = stencilOf({ ...base, conductivity: { cells }, parts: [block] });
  const link = (i: number, j: number) => ae[i * 17 + j]! * d[i * 17 + j]!;
  assert.ok(Math.abs(link(8, 8) - 5) < 1e-12, `inside: ${link(8, 8)}`);
  // Beyond it the mean of two cells.
  assert.ok(Math.abs(link(2, 7) - (cells[16 + 7]! + cells[2 * 16 + 7]!) / 2) < 1e-12, `outside: ${link(2, 7)}`);
  // In the link from 0.75 to 0.8125 it ends at 0.81: cells 12 of rows 7 and 8 are beyond.
  const beyond = (cells[7 * 16 + 12]! + cells[8 * 16 + 12]!) / 2;
  const part = (0.81 - 0.75) * 16;
  assert.ok(Math.abs(link(8, 12) - 1 / (part / 5 + (1 - part) / beyond)) < 1e-12, `across: ${link(8, 12)}`);
  const hole = stencilOf({
    ...base,
    conductivity: { cells },
    parts: [rect("block", [0.21, 0.22], [0.77, 0.81], { hole: true })],
  });
  assert.equal(hole.d[8 * 17 + 8], 0);
});

test("the link to a conductor that a drawing holds has the mean of the cells beside it", () => {
  const size = 16;
  const data = new Uint8Array(4 * size * size).fill(255);
  for (let i = 8; i < 16; i++) for (let j = 0; j < 16; j++) data.set([0, 0, 255, 255], 4 * (i * size + j));
  for (let j = 6; j < 10; j++) data.set([255, 0, 0, 255], 4 * (7 * size + j));
  const legend = {
    "#0000ff": { name: "substrate", conductivity: 9 },
    "#ff0000": { name: "strip", value: 1 },
    "#ffffff": {},
  };
  const { aw, d, g } = stencilOf({ ...base, image: { data, width: size, height: size, legend } });
  // The strip's lower right corner is node (8, 10); beside it half the face is substrate, half the medium.
  const at = 8 * 17 + 11;
  assert.equal(aw[at], 0);
  assert.ok(Math.abs(g[at]! * d[at]! - 5) < 1e-12, `${g[at]! * d[at]!}`);
});

// ---- messages ----

const table: [string, readonly PartInput[], RegExp][] = [];
for (const [what, role] of Object.entries({ ...ROLES, source: { source: 1 }, total: { total: 1 } })) {
  const far = rect("far", [0.2, 3], [0.4, 4], role);
  table.push([
    `${what} outside of the plate`,
    [far],
    /^parts\[0\] lies outside of the plate \(x from 0 to 1, y from 0 to 1\); move it/,
  ]);
  const all: PartInput = {
    name: "all",
    kind: "circle",
    center: [0.5, 0.5],
    radius: 3,
    outside: true,
    ...role,
  } as PartInput;
  table.push([
    `${what} outside of everything`,
    [all],
    /^parts\[0\] is everything outside of a shape that covers the plate/,
  ]);
  const below = rect("below", [0.3, 0.3], [0.4, 0.4], role);
  const cover = rect("cover", [0.2, 0.2], [0.6, 0.6], what === "held" ? { conductivity: 3 } : { value: 3 });
  const [west, east] = [0.3, 0.34].map((x, n) => ({ ...cover, ...rect(`half ${n}`, [0.2, x], [0.6, x + 0.07], {}) }));
  table.push([`${what} below another`, [below, cover], /^parts\[0\] is covered by "cover"; list it after that, or/]);
  table.push([
    `${what} below two`,
    [below, west!, east!],
    /^parts\[0\] is covered by later parts; list it after them, or/,
  ]);
  if (what === "source" || what === "total") continue;
  const tiny = rect("tiny", [0.51, 0.51], [0.512, 0.512], role);
  table.push([
    `${what} between nodes`,
    [cover, tiny].slice(1),
    /^parts\[0\] is too small for this grid: it lies between the nodes/,
  ]);
}

for (const [what, parts, message] of table) {
  test(`a part that changes nothing is refused: ${what}`, () => {
    assert.throws(
      () => stencilOf({ ...base, parts }),
      (error) => error instanceof ProblemError && message.test(error.message),
    );
  });
}

test("around a period a shape must not reach too far", () => {
  const edges = { north: 0, south: 1, west: "periodic", east: "periodic" } as const;
  const far = (x: number) => stencilOf({ ...base, edges, parts: [rect("p", [0.2, x], [0.4, x + 0.3], { value: 1 })] });
  far(-90);
  assert.throws(() => far(1e9), /parts\[0\] reaches more than 100 periods beyond the plate/);
});

test("parts partly outside of the plate are cut at its edges", () => {
  for (const role of [...Object.values(ROLES), { source: 1 }]) {
    sameStencils(
      { ...base, parts: [rect("p", [-3, 0.71], [0.44, 9], role)] },
      { ...base, parts: [rect("p", [0, 0.71], [0.44, 1], role)] },
      JSON.stringify(role),
    );
  }
});

test("a part that covers the plate leaves nothing of the medium", () => {
  const all = (role: RoleInput) => stencilOf({ ...base, parts: [rect("all", [-1, -1], [2, 2], role)] });
  assert.ok(Array.from(all({ value: 2 }).d).every((d) => d === 0));
  const { ae, d } = all({ conductivity: 5 });
  assert.ok(Math.abs(ae[8 * 17 + 8]! * d[8 * 17 + 8]! - 5) < 1e-14);
  assert.throws(() => all({ hole: true }), /parts\[0\]: holes leave no node/);
});
