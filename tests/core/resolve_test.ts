/**
 * From what was written to numbers: formulas are the functions that they say, at the nodes where they say; parts, drawings and
 * probes have the numbers of their parameters.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { everything } from "../../conformance/compare.ts";
import { lower } from "../../core/discretize/lower.ts";
import { ProblemError } from "../../core/errors.ts";
import { frameOf, withParameters } from "../../core/problem/frame.ts";
import { type EdgeName, EDGES, type Problem, validateProblem } from "../../core/problem/problem.ts";
import { quantityOf } from "../../core/problem/quantity.ts";
import { resolveProblem } from "../../core/problem/resolve.ts";

const resolve = (problem: unknown) => resolveProblem(validateProblem(problem));

/** The place of a row and column, as docs/problem.md has it. */
const place = ({ shape: [ny], spacing: [dy, dx] = [1, 1], origin: [y, x] = [0, 0] }: Problem, i: number, j: number) =>
  [y + (ny - 1 - i) * dy, x + j * dx] as const;

const frames = fc.record({
  shape: fc.tuple(fc.integer({ min: 3, max: 9 }), fc.integer({ min: 3, max: 9 })),
  spacing: fc.tuple(fc.constantFrom(1, 0.5, 0.1), fc.constantFrom(1, 0.25, 3)),
  origin: fc.tuple(fc.constantFrom(0, -1.5, 0.7), fc.constantFrom(0, 2, 0.3)),
  coordinates: fc.constantFrom("planar" as const, "axisymmetric" as const),
  rows: fc.boolean(),
  cols: fc.boolean(),
});

/** A problem of such a frame, in which every quantity is `formula`. */
function everywhere(
  { rows, cols, ...frame }: typeof frames extends fc.Arbitrary<infer F> ? F : never,
  formula: string,
) {
  const edges: Record<EdgeName, unknown> = {
    north: formula,
    south: { flux: formula },
    west: formula,
    east: { formula },
  };
  if (rows) edges.north = edges.south = "periodic";
  // An axis is insulated.
  if (frame.coordinates === "axisymmetric" && frame.origin[1] === 0) edges.west = { flux: 0 };
  else if (cols && frame.coordinates === "planar") edges.west = edges.east = "periodic";
  const problem = { ...frame, edges, source: { formula }, initial: { formula }, parameters: { a: 2, b: "a^2" } };
  return validateProblem(problem);
}

test("a formula is read at the positions of the nodes, in the domain and along its edges", () => {
  fc.assert(fc.property(frames, (frame) => {
    const planar = frame.coordinates === "planar";
    const problem = everywhere(frame, planar ? "b*x - y/a + width/height" : "b*r - z/a + width/height");
    const { edges, source, initial, extent: [height, width] } = resolveProblem(problem);
    const [ny, nx] = problem.shape;
    const [dy, dx] = problem.spacing!;
    const periods = [problem.edges!.north === "periodic", problem.edges!.west === "periodic"].map(Number);
    assert.deepEqual([height, width], [(ny - 1 + periods[0]!) * dy, (nx - 1 + periods[1]!) * dx]);
    const expected = (i: number, j: number) => {
      const [y, x] = place(problem, i, j);
      return 4 * x - y / 2 + width / height;
    };
    const near = (value: number, i: number, j: number) =>
      assert.ok(Math.abs(value - expected(i, j)) <= 1e-13 * (1 + Math.abs(expected(i, j))), `${i}, ${j}: ${value}`);
    for (const field of [source, initial]) {
      for (let i = 0; i < ny; i++) for (let j = 0; j < nx; j++) near(field.at(i, j), i, j);
    }
    for (const name of EDGES) {
      const edge = edges[name];
      if (edge.kind === "periodic") continue;
      const field = edge.kind === "fixed" ? edge.value : edge.flux;
      if (field.uniform === 0) continue; // the axis
      const lengthwise = name === "north" || name === "south";
      for (let n = 0; n < (lengthwise ? nx : ny); n++) {
        const [i, j] = lengthwise ? [name === "north" ? 0 : ny - 1, n] : [n, name === "west" ? 0 : nx - 1];
        near(lengthwise ? field.at(0, n) : field.at(n, 0), i, j);
      }
    }
  }));
});

test("a formula has the same bits in any part of a row, and as a function", () => {
  const call = (x: number, y: number) => Math.sin(x) * y - x / (1 + y * y);
  fc.assert(fc.property(frames, fc.nat(8), fc.nat(8), fc.nat(8), (frame, i, one, other) => {
    const { rows: _, cols: __, ...problem } = { ...frame, coordinates: "planar" };
    const read = (formula: unknown) => resolve({ ...problem, source: { formula } }).source;
    const [text, fn] = [read("sin(x)*y - x/(1 + y*y)"), read(call)];
    const row = i % problem.shape[0];
    const [from, to] = [one, other].map((j) => j % problem.shape[1]).sort((a, b) => a - b) as [number, number];
    const [a, b] = [new Float64Array(to - from), new Float64Array(to - from)];
    text.read(row, from, to, a);
    fn.read(row, from, to, b);
    assert.deepEqual(a, b);
    for (let j = from; j < to; j++) assert.equal(text.at(row, j), a[j - from]);
  }));
});

test("a formula of parameters alone is one number, and the stencil that of the number", () => {
  const shape = [7, 8] as const;
  const edges = { north: "2*v", west: { formula: "v" } };
  const written = { shape, parameters: { v: 3 }, edges, conductivity: { formula: "v/2" }, source: { formula: "v" } };
  const plain = { shape, edges: { north: 6, west: 3 }, conductivity: 1.5, source: 3 };
  const [one, other] = [written, plain].map((problem) => lower(validateProblem(problem)));
  assert.equal(one!.kind, "plain");
  assert.deepEqual(one!.evaluate(everything(shape)), other!.evaluate(everything(shape)));
});

test("a formula gives the stencil of the function of rows and columns that it is", () => {
  const [shape, spacing, origin] = [[9, 12], [0.5, 0.25], [-2, 1]] as const;
  const at = (f: (x: number, y: number) => number) => (i: number, j: number) => {
    const [y, x] = place({ shape, spacing, origin }, i, j);
    return f(x, y);
  };
  const frame = { shape, spacing, origin };
  const written = {
    ...frame,
    edges: { north: "x^2", south: { flux: "x*y" }, west: "y", east: { convection: { h: "1 + y*y", ambient: "x" } } },
    conductivity: { formula: "1 + x*x" },
    source: { formula: "x - y" },
    initial: { formula: "x*y" },
  };
  const called = {
    ...frame,
    edges: {
      north: at((x) => x * x),
      south: { flux: at((x, y) => x * y) },
      west: at((_, y) => y),
      east: { convection: { h: at((_, y) => 1 + y * y), ambient: at((x) => x) } },
    },
    conductivity: at((x) => 1 + x * x),
    source: at((x, y) => x - y),
    initial: at((x, y) => x * y),
  };
  const [one, other] = [written, called].map((problem) => lower(validateProblem(problem)).evaluate(everything(shape)));
  assert.deepEqual(one, other);
});

test("a source is not asked for where a value is held", () => {
  const problem = { shape: [5, 6], source: { formula: "1/x" }, edges: { east: { flux: 0 } } };
  lower(validateProblem(problem)).evaluate(everything([5, 6]));
  const free = { ...problem, edges: { west: { flux: 0 } } };
  assert.throws(() => lower(validateProblem(free)).evaluate(everything([5, 6])), {
    message: "source.formula must give a finite number: at row 1, column 0 (x = 0, y = 3) it is Infinity",
  });
});

test("a quantity is read at any point, and names the point where it is out of range", () => {
  const frame = frameOf({ shape: [5, 6], coordinates: "axisymmetric", parameters: { a: 2 } });
  const quantity = quantityOf(frame, "a/(r - z)", "parts[3].value", { most: 10 });
  assert.equal(quantity.uniform, undefined);
  assert.equal(quantity.at(3, 1), 1);
  const refuses = (action: () => unknown, message: string) =>
    assert.throws(action, (error) => error instanceof ProblemError && error.message === message);
  refuses(() => quantity.at(1, 1), "parts[3].value must give a finite number: at r = 1, z = 1 it is Infinity");
  const range = "parts[3].value must be between -10 and 10 in this precision: at r = 1.125, z = 1 it is 16";
  refuses(() => quantity.at(1.125, 1), range);
  const out = new Float64Array(3);
  const x = Float64Array.of(3, 1, 5);
  quantity.row(x, 1, 3, out, Float64Array.of(NaN, 7, NaN));
  assert.deepEqual([...out], [1, 0, 0.5]);
  refuses(
    () => quantity.row(x, 1, 3, out, undefined, [2, 4]),
    "parts[3].value must give a finite number: at row 2, column 5 (r = 1, z = 1) it is Infinity",
  );
  quantity.row(x, 1, 1, out);
  assert.equal(out[0], 1);
});

test("parts have the numbers of their parameters", () => {
  const written = [
    { name: "a", kind: "circle", center: ["h", 0], radius: "h/2", value: "h" },
    { name: "b", kind: "ellipse", center: [0, 0], radii: ["h", 1], conductivity: "1 + x", source: 3, outside: true },
    { name: "c", kind: "ring", center: [0, 0], radii: [1, "h"], source: "h", outline: "nodes" },
    { name: "d", kind: "rect", from: ["-height", 0], to: [0, "width"], angle: 30, total: "2*h" },
    { name: "e", kind: "polygon", points: [[0, 0], ["h", 0], [0, "h"]], charge: 1 },
    { name: "f", kind: "polyline", points: [[0, 0], ["h", 0]], width: "h/4", hole: true },
    { name: "g", kind: "file", mask: (i: number) => i, value: 2 },
    { name: "h", kind: "formula", where: "x < h", value: (x: number, y: number) => x - y },
    { name: "i", kind: "formula", where: (x: number, y: number) => x < y, hole: true },
  ];
  const { parts } = resolve({ shape: [5, 6], parameters: { h: 2 }, parts: written });
  const figures = [
    { kind: "circle", center: [2, 0], radius: 1 },
    { kind: "ellipse", center: [0, 0], radii: [2, 1], angle: 0 },
    { kind: "ring", center: [0, 0], radii: [1, 2] },
    { kind: "rect", from: [-4, 0], to: [0, 5], angle: 30 },
    { kind: "polygon", points: [[0, 0], [2, 0], [0, 2]] },
    { kind: "polyline", points: [[0, 0], [2, 0]], width: 0.5 },
  ];
  assert.deepEqual(parts.slice(0, 6).map(({ figure }) => figure), figures);
  assert.deepEqual(parts.map(({ name, path }) => [name, path]), written.map(({ name }, n) => [name, `parts[${n}]`]));
  const roles = ["held", "material", "source", "source", "floating", "hole", "held", "held", "hole"];
  assert.deepEqual(parts.map(({ role }) => role), roles);
  assert.deepEqual(parts.map(({ outside }) => outside), written.map((part) => "outside" in part));
  assert.deepEqual(parts.map(({ exact }) => exact), written.map(({ name }) => name !== "c" && name !== "g"));
  const [a, b, c, d, e, , g, h, i] = parts;
  assert.ok(a?.role === "held" && a.value.uniform === 2);
  assert.ok(b?.role === "material" && b.conductivity.at(3, 0) === 4 && b.source?.uniform === 3);
  assert.ok(c?.role === "source" && c.source?.uniform === 2 && c.total === undefined);
  assert.ok(d?.role === "source" && d.source === undefined && d.total === 4);
  assert.ok(e?.role === "floating" && e.charge === 1);
  assert.ok(g?.mask?.at(3, 1) === 3 && g.figure === undefined);
  assert.ok(h?.role === "held" && h.value.at(3, 1) === 2);
  for (const [part, inside] of [[h, [1.5, 0]], [i, [0, 1]]] as const) {
    assert.ok(part?.figure?.kind === "formula");
    assert.ok(part.figure.where(inside[0], inside[1]) > 0);
    assert.ok(!(part.figure.where(2, 2) > 0));
  }
});

test("a drawing has a part for each name, and the medium where the legend has none", () => {
  const colours = {
    ".": [255, 255, 255, 255],
    r: [255, 0, 0, 255],
    R: [250, 0, 0, 255],
    b: [0, 0, 255, 255],
    " ": [0, 0, 0, 0],
  };
  const data = (rows: string) => Uint8Array.from([...rows].flatMap((pixel) => colours[pixel as "."]));
  const legend = {
    "#ff0000": { name: "wire", value: "v" },
    "#ffffff": {},
    "#fa0000": { name: "wire", value: "v" },
    "#0000ff": { conductivity: 4 },
  };
  const problem = { shape: [4, 5], parameters: { v: 5 } };
  const read = (rows: string, width: number, more: object = {}) => {
    const image = { data: data(rows), width, height: rows.length / width, legend, ...more };
    const { edges, ...drawn } = { edges: {}, ...more };
    return resolve({ ...problem, edges, image: { ...image, ...drawn } }).drawing!;
  };
  const { pixels, shape, numbers, parts } = read("rR. .bb...br", 4);
  assert.deepEqual([pixels, shape], ["cells", [3, 4]]);
  assert.deepEqual([...numbers], [1, 1, 0, 0, 0, 2, 2, 0, 0, 0, 2, 1]);
  assert.deepEqual(parts.map(({ name, path, role }) => [name, path, role]), [
    ["wire", 'image.legend."#ff0000"', "held"],
    ["#0000ff", 'image.legend."#0000ff"', "material"],
  ]);
  assert.ok(parts[0]!.role === "held" && parts[0]!.value.uniform === 5);
  assert.deepEqual(read("rR.bb" + ".....".repeat(3), 5, { pixels: "nodes" }).shape, [4, 5]);
});

test("a drawing and cells have a row or column more around a periodic direction", () => {
  const data = new Uint8Array(4 * 20).fill(255);
  const legend = { "#ffffff": { value: 1 } };
  const [rows, cols] = [["north", "south"], ["west", "east"]].map((pair) =>
    Object.fromEntries(pair.map((name) => [name, "periodic"]))
  );
  const cells = { cells: new Float64Array(20).fill(2) };
  for (const [edges, shape] of [[rows, [4, 6]], [cols, [5, 5]], [{ ...rows, ...cols }, [4, 5]]] as const) {
    const image = { data, width: 5, height: 4, legend };
    const resolved = resolve({ shape, edges, image, conductivity: cells });
    assert.deepEqual(resolved.drawing!.shape, [4, 5]);
    assert.equal(resolved.cells!.at(3, 4), 2);
  }
});

test("probes lie on the edges of the domain in spite of rounding", () => {
  const problem = { shape: [4, 8], spacing: [0.1, 0.1], origin: [0.7, 0.1], parameters: { a: 0.1 } };
  const probes = [
    { name: "corner", at: ["0.7 + 3*a", "0.1 + 7*a"] },
    { name: "cut", from: [0.7, "a"], to: ["0.7 + height", "a + width"] },
    { name: "all", part: "fixed" },
  ];
  const found = resolve({ ...problem, probes, fixed: { mask: 1, values: 1 } }).probes;
  const [north, east] = [0.7 + 3 * 0.1, 0.1 + 7 * 0.1];
  assert.deepEqual(found, [
    { name: "corner", kind: "point", at: [north, east] },
    { name: "cut", kind: "line", from: [0.7, 0.1], to: [north, east], points: 101 },
    { name: "all", kind: "part", part: "fixed" },
  ]);
});

test("totals are per depth, or of the full turn about an axis, which is insulated", () => {
  assert.equal(resolve({ shape: [3, 3] }).depth, 1);
  assert.equal(resolve({ shape: [3, 3], depth: 2.5 }).depth, 2.5);
  const turned = { shape: [3, 3], coordinates: "axisymmetric" };
  const { depth, edges } = resolve(turned);
  assert.equal(depth, 2 * Math.PI);
  assert.ok(edges.west.kind === "free" && edges.west.flux.uniform === 0 && edges.east.kind === "fixed");
  assert.equal(resolve({ ...turned, edges: { west: { flux: "0*width" } } }).edges.west.kind, "free");
  assert.equal(resolve({ ...turned, origin: [0, 0.5] }).edges.west.kind, "fixed");
  assert.equal(resolve({ ...turned, origin: [0, 0.5], edges: { west: 3 } }).edges.west.kind, "fixed");
});

test("withParameters replaces parameters, which others may depend on", () => {
  const problem: Problem = { shape: [3, 3], parameters: { a: 1, b: "2*a" }, edges: { north: "b" } };
  const north = (overrides: Record<string, number | string>) => {
    const edge = resolveProblem(withParameters(problem, overrides)).edges.north;
    return edge.kind === "fixed" ? edge.value.uniform : undefined;
  };
  assert.equal(north({}), 2);
  assert.equal(north({ a: "3 + width" }), 10);
  assert.equal(north({ b: 7 }), 7);
  assert.throws(() => north({ c: 1 }), { message: /no parameter "c"/ });
  assert.throws(() => north({ a: "b" }), { message: /depends on itself/ });
});
