/**
 * Problem files: what is read from TOML, JSON and the files that they name.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { resolveProblem } from "../../core/problem/resolve.ts";
import { line, read, refuses, SHAPE } from "../support/read_problem.ts";

/** A value as TOML writes it on one line. */
function inToml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inToml).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value).map(([key, item]) => `${key} = ${inToml(item)}`).join(", ")} }`;
}

test("readProblem reads the same problem from TOML and JSON", async () => {
  const toml = `
    shape = [3, 4]
    spacing = [0.5, 0.25]
    dtype = "f32"
    [edges]
    north = 100
    south = { flux = -1.5 }
    west = { convection = { h = 0.3, ambient = 20 } }
    [source]
    value = 2
    [[fixed.shapes]]
    kind = "circle"
    center = [0.5, 0.5]
    radius = 1
    value = 3`;
  const problem = {
    shape: [3, 4],
    spacing: [0.5, 0.25],
    dtype: "f32",
    edges: { north: 100, south: { flux: -1.5 }, west: { convection: { h: 0.3, ambient: 20 } } },
    source: { value: 2 },
    fixed: { shapes: [{ kind: "circle", center: [0.5, 0.5], radius: 1, value: 3 }] },
  };
  const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
  assert.deepEqual(plain(await read(toml)), problem);
  assert.deepEqual(plain(await read(JSON.stringify(problem), "plate.json")), problem);
});

test("readProblem resolves files relative to the problem, wherever they are allowed", async () => {
  const problem = await read(`${SHAPE}
    edges.north = { file = "row.csv" }
    edges.west = { file = "column.csv" }
    edges.east = { flux = { file = "column.csv" } }
    edges.south = { convection = { h = { file = "row.csv" }, ambient = 20 } }
    source = { file = "data/f.npy" }
    conductivity.file = "data/f.npy"
    initial.file = "data/../data/f.npy"
    [fixed]
    mask = "data/f.npy"
    values = "data/f.npy"`);
  const { north, west, east, south } = problem.edges!;
  assert.deepEqual([north, west], [line(4), line(3)]);
  assert.deepEqual({ ...east as object }, { flux: line(3) });
  assert.deepEqual({ ...(south as { convection: object }).convection }, { h: line(4), ambient: 20 });
  for (const field of [problem.source, problem.conductivity, problem.initial]) assert.deepEqual(field, line(12));
  assert.deepEqual({ ...problem.fixed }, { mask: line(12), values: line(12) });
});

test("readProblem turns an image and its legend into fixed points", async () => {
  const { fixed } = await read(`${SHAPE}fixed = { image = "p.png", legend = { "#FF0000" = 100, "#0000ff" = -1 } }`);
  assert.deepEqual([...fixed!.mask as Uint8Array], [1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0]);
  assert.deepEqual([...fixed!.values as Float64Array], [100, 100, 100, 100, 0, 0, 0, 0, -1, -1, 0, 0]);
  assert.ok(!("image" in fixed!) && !("legend" in fixed!));
});

test("readProblem reads formulas, parts and probes from TOML and JSON", async () => {
  const problem = {
    title: "a wire",
    coordinates: "axisymmetric",
    origin: [0, 1],
    unit: "V",
    shape: [3, 4],
    parameters: { v: 2, w: "v/2" },
    edges: {
      north: "v*r",
      west: { formula: "z" },
      south: { flux: { formula: "z" } },
      east: { convection: { h: "v", ambient: { formula: "z" } } },
    },
    source: { formula: "r*z" },
    conductivity: { formula: "1 + r" },
    initial: { formula: "w" },
    parts: [
      { name: "wire", kind: "circle", center: ["height/2", 2], radius: "w", value: "v" },
      { name: "slit", kind: "polyline", points: [[0, 1], [1, "w"]], width: 0.1, hole: true },
      { name: "oil", kind: "formula", where: "r < 2", conductivity: "1 + z", source: 1, outside: true },
    ],
    probes: [{ name: "p", at: ["height", "1 + w"] }, { name: "q", from: [0, 1], to: [1, 2] }, {
      name: "r",
      part: "oil",
    }],
  };
  const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
  assert.deepEqual(plain(await read(JSON.stringify(problem), "plate.json")), problem);
  const toml = Object.entries(problem).map(([key, value]) => `${key} = ${inToml(value)}`).join("\n");
  assert.deepEqual(plain(await read(toml)), problem);
});

test("readProblem reads cells, masks and drawings from files", async () => {
  const { conductivity, parts, image } = await read(`${SHAPE}
    conductivity.cells = "cells.npy"
    [[parts]]
    name = "numbers"
    kind = "file"
    file = "data/f.npy"
    value = 1
    [[parts]]
    kind = "file"
    file = "mask.PNG"
    name = "pixels"
    hole = true
    [image]
    file = "section.png"
    tolerance = 3
    legend = { "#ff0000" = { name = "wire", value = "width" }, "#0000ff" = { charge = 0 }, "#fefefe" = {} }`);
  assert.deepEqual({ ...conductivity as object }, { cells: line(6) });
  assert.deepEqual({ ...parts![0] }, { name: "numbers", kind: "file", value: 1, mask: line(12) });
  // Neither black, which is on the diagonal, nor clear, as is the last column.
  const mask = Uint8Array.of(0, 1, 1, 0, 1, 0, 1, 0, 1, 1, 0, 0);
  assert.deepEqual({ ...parts![1] }, { name: "pixels", kind: "file", hole: true, mask });
  const { width, height, tolerance, data, legend } = image!;
  assert.deepEqual([width, height, tolerance, data.length], [3, 2, 3, 24]);
  assert.deepEqual([...data.subarray(0, 4), ...data.subarray(16, 20)], [255, 0, 0, 255, 0, 0, 255, 255]);
  assert.deepEqual(Object.keys(legend), ["#ff0000", "#0000ff", "#fefefe"]);
});

test("readProblem knows that cells and pixels go around periodic directions", async () => {
  const rows = 'edges = { north = "periodic", south = "periodic" }';
  const legend = 'legend = { "#ff0000" = { value = 1 } }';
  const { image } = await read(`shape = [3, 5]\n${rows}\nimage = { file = "p.png", ${legend} }`);
  assert.deepEqual([image!.width, image!.height], [4, 3]);
  await refuses(`${SHAPE}${rows}\nimage = { file = "section.png", ${legend} }`, /the grid needs 3 and 3/);
  await refuses(
    `${SHAPE}${rows}\nconductivity.cells = "cells.npy"`,
    /"cells\.npy" holds 2 × 3, but the grid needs 3 × 3/,
  );
});

test("readProblem warns of pixels that the legend of a drawing lacks", async () => {
  const warnings: string[] = [];
  const onWarning = (warning: string) => warnings.push(warning);
  const drawn = (legend: string) =>
    read(`${SHAPE}image = { file = "section.png", legend = ${legend} }`, "plate.toml", { onWarning });
  await drawn('{ "#ff0000" = { value = 1 }, "#0000ff" = { hole = true } }');
  assert.deepEqual(warnings, [], "one colour is the background");
  await drawn('{ "#ff0000" = { value = 1 }, "#ffffff" = {} }');
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0]!,
    /^image of ".*plate\.toml": 1 pixel in 1 colour that its legend lacks, which are medium: 1 of "#0000ff" \(nearest: "#ff0000", 255 apart\); set image\.tolerance .* colour of the medium the value \{\}$/,
  );
});

test("readProblem replaces parameters", async () => {
  const text = `${SHAPE}parameters = { a = 1, b = "2*a" }\nedges.north = "b"`;
  const { parameters } = await read(text, "plate.toml", { parameters: { a: "3 + 1", b: 5 } });
  assert.deepEqual({ ...parameters }, { a: "3 + 1", b: 5 });
  const wrong = (parameters: Record<string, string>, pattern: RegExp) =>
    refuses(text, pattern, "plate.toml", { parameters });
  await wrong({ apha: "1" }, /--param apha: the problem has no parameter "apha"; known: a, b/);
  await wrong({ a: "1 +" }, /--param a: cannot read "1 \+" at column/);
  await wrong({ a: "b" }, /depends on itself/);
  await wrong({ a: "1/0" }, /--param a must give a finite number/);
});

test("the examples of docs/problem.md are problems", async () => {
  const page = await readFile(new URL("../../docs/problem.md", import.meta.url), "utf8");
  const [whole, ...others] = [...page.matchAll(/^```toml\n([^]*?)^```/gm)].map(([, text]) => text!);
  const { parts, probes, extent } = resolveProblem(await read(whole!));
  assert.deepEqual(parts.map(({ name, role }) => [name, role]), [["board", "material"], ["strip", "held"]]);
  const [board] = parts;
  assert.ok(board!.figure?.kind === "rect");
  assert.deepEqual([...board!.figure.from, ...board!.figure.to], [0, -extent[1] / 2, 0.635e-3, extent[1] / 2]);
  assert.equal(probes.length, 1);
  // Of what the others name, only a drawing is here.
  const ends = [
    /no such file/,
    ["edges", ["north", "south", "west", "east"]],
    ["image", ["#ff0000", "#0000ff", "#ffffff"]],
    /probes\[2\]\.part \("mean of the strip"\) must be the name of a part: it is "strip"/,
    /no such file/,
  ] as const;
  assert.equal(others.length, ends.length);
  for (const [n, end] of ends.entries()) {
    if (end instanceof RegExp) await refuses(SHAPE + others[n]!, end);
    else {
      const { edges, image } = await read(SHAPE + others[n]!);
      assert.deepEqual(Object.keys(end[0] === "edges" ? edges! : image!.legend), end[1]);
    }
  }
});
