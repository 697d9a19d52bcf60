import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ConfigError } from "../../core/errors.ts";
import type { Problem } from "../../core/problem/problem.ts";
import { resolveProblem } from "../../core/problem/resolve.ts";
import { writeField } from "../../io/fields.ts";
import { writeAtomically } from "../../io/files.ts";
import { encodePng } from "../../io/png.ts";
import { type ReadOptions, readProblem } from "../../io/problem_file.ts";
import { writePng } from "../support/png_writer.ts";

const line = (n: number) => Float64Array.from({ length: n }, (_, k) => k + 0.5);

/** Reads `text` as the problem file `name`, beside a few fields for a grid of 3 × 4. */
async function read(text: string | Uint8Array, name = "plate.toml", options: ReadOptions = {}): Promise<Problem> {
  const folder = await mkdtemp(join(tmpdir(), "laplace-test-"));
  const at = (file: string) => join(folder, file);
  try {
    await mkdir(at("data"));
    await writeField(at("data/f.npy"), { shape: [3, 4], data: line(12) });
    await writeField(at("column.csv"), { shape: [3, 1], data: line(3) });
    await writeField(at("row.csv"), { shape: [1, 4], data: line(4) });
    await writeField(at("nan.csv"), { shape: [3, 4], data: line(12).fill(NaN, 6, 7) });
    await writeField(at("inf.csv"), { shape: [1, 4], data: line(4).fill(-Infinity, 2, 3) });
    await writeFile(at("bad.csv"), "1,2,3,4\n5,6,x,8\n9,10,11,12\n");
    await writeFile(at("bad.npy"), "");
    const palette = [[255, 0, 0], [0, 0, 255], [255, 255, 255]] as const;
    const pixels = Uint8Array.of(0, 0, 0, 0, 2, 2, 2, 2, 1, 1, 2, 2);
    await writeAtomically(at("p.png"), encodePng({ width: 4, height: 3, pixels, palette }));
    await writeField(at("cells.npy"), { shape: [2, 3], data: line(6) });
    const clear = {
      width: 4,
      height: 3,
      type: 4,
      depth: 8,
      samples: (x: number, y: number) => [x === y ? 0 : 9, 3 - x],
    };
    await writeFile(at("mask.PNG"), writePng(clear));
    const drawn = Uint8Array.of(0, 0, 2, 2, 1, 2);
    await writeAtomically(at("section.png"), encodePng({ width: 3, height: 2, pixels: drawn, palette }));
    await writeFile(at(name), text);
    return await readProblem(at(name), options);
  } catch (error) {
    // Messages name files as the user did: relative to the folder, here.
    if (error instanceof ConfigError) error.message = error.message.replaceAll(folder + "/", "");
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function refuses(text: string | Uint8Array, pattern: RegExp, name = "plate.toml", options: ReadOptions = {}) {
  await assert.rejects(read(text, name, options), (error) => {
    assert.ok(error instanceof ConfigError, String(error));
    assert.match(error.message, /^Cannot read "plate\.\w+": [^\n]+[^.\n]$/);
    assert.match(error.message, pattern);
    return true;
  });
}

const SHAPE = "shape = [3, 4]\n";

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

test("readProblem names the place of a fault in the text", async () => {
  await refuses("shape = [3, 4\nedges = {}", /line 2, column 1: expected comma/);
  await refuses('shape = [3, 4]\nedges.north = "x', /line 2, column 15: unfinished string/);
  await refuses("shape = [3, 4]\nshape = [4, 5]", /line 2, column 1: trying to redefine/);
  await refuses("shape = [3, 99999999999999999999]", /line 1, column 13: integer value/);
  await refuses('{\n "shape": [3, 4],\n}', /line 3, column 1: expected a key/, "plate.json");
  await refuses('{"shape": [3 4]}', /line 1, column 14: expected "," or "\]"/, "plate.json");
  await refuses('{"shape": [3, 4]', /line 1, column 17: expected "," or "\}"/, "plate.json");
  await refuses('{"a": 1, "a": 2}', /column 10: the key "a" occurs twice/, "plate.json");
  await refuses("", /line 1, column 1: unfinished document/, "plate.json");
  await refuses('{"a": "\\x"}', /column 8: unknown escape/, "plate.json");
  await refuses("[1] x", /line 1, column 5: nothing may follow/, "plate.json");
  await refuses("[1]", /must hold one table/, "plate.json");
  await refuses(Uint8Array.of(0x61, 0x3d, 0xff, 0xfe), /not UTF-8/);
  await refuses(SHAPE, /unknown extension "\.tml"; did you mean "\.toml"/, "plate.tml");
});

test("readProblem names the key of a misspelt word, wherever it stands", async () => {
  for (
    const [text, pattern] of [
      ["shpae = [3, 4]", /shpae .*did you mean "shape"/],
      [SHAPE + "edgse = {}", /edgse .*did you mean "edges"/],
      [SHAPE + "edges.nort = 1", /edges\.nort .*did you mean "north"/],
      [SHAPE + 'edges.north = { fiel = "row.csv" }', /edges\.north\.fiel .*did you mean "file"/],
      [SHAPE + "edges.north = { flx = 1 }", /edges\.north\.flx .*did you mean "flux"/],
      [
        SHAPE + "edges.north.convection = { h = 1, ambeint = 2 }",
        /north\.convection\.ambeint .*did you mean "ambient"/,
      ],
      [SHAPE + 'edges.north.flux = { fil = "x" }', /edges\.north\.flux\.fil .*did you mean "file"/],
      [SHAPE + "source.valeu = 1", /source\.valeu .*did you mean "value"/],
      [SHAPE + 'source = { file = "data/f.npy", scale = 2 }', /source\.scale .*known: value, file/],
      [SHAPE + 'fixed.imgae = "p.png"', /fixed\.imgae .*did you mean "image"/],
      [SHAPE + '[[fixed.shapes]]\nkind = "circle"\ncentre = [1, 1]', /fixed\.shapes\[0\]\.cent/],
      [SHAPE + 'edges."a\\nb" = 1', /edges\.a b/],
      [SHAPE + "edges.__proto__ = 1", /edges\.__proto__ is not a key here/],
      [SHAPE + "edges.north.constructor = 1", /edges\.north\.constructor is not a key here/],
      [SHAPE + "toString = 1", /toString is not a key here/],
    ] as const
  ) await refuses(text, pattern);
});

test("readProblem names file, key and place of a bad field", async () => {
  const north = (file: string) => `${SHAPE}edges.north = { file = "${file}" }`;
  const source = (file: string) => `${SHAPE}source = { file = "${file}" }`;
  await refuses(north("column.csv"), /edges\.north\.file: "column\.csv" holds 3 × 1, but the grid needs 4 numbers/);
  await refuses(north("data/f.npy"), /"data\/f\.npy" holds 3 × 4, but the grid needs 4 numbers/);
  await refuses(north("inf.csv"), /"inf\.csv" has -Infinity at point 2/);
  await refuses(source("row.csv"), /source\.file: "row\.csv" holds 1 × 4, but the grid needs 3 × 4/);
  await refuses(source("nan.csv"), /source\.file: "nan\.csv" has NaN at row 1, column 2/);
  await refuses(source("bad.csv"), /source\.file: cannot read "bad\.csv": line 2, column 3 is not a number: "x"/);
  await refuses(source("bad.npy"), /source\.file: cannot read "bad\.npy": it is not a \.npy file/);
  await refuses(source("a\\u0000b.npy"), /source\.file: cannot read "a\\u0000b\.npy": its name holds a zero/);
  await refuses(source("data/g.npy"), /cannot read "data\/g\.npy": there is no such file; did you mean "f\.npy"\?/);
  await refuses(source("data"), /cannot read "data": its name has no extension/);
  await refuses(source("p.png"), /cannot read "p\.png": unknown extension "\.png"; known: \.npy, \.csv/);
  await refuses(`${SHAPE}source.file = 3`, /source\.file: must be the name of a file/);
  await refuses(`${SHAPE}fixed = { mask = "row.csv", values = 1 }`, /fixed\.mask: "row\.csv" holds 1 × 4/);
  await refuses(`${SHAPE}fixed = { mask = "data/f.npy", values = "nan.csv" }`, /fixed\.values: "nan\.csv" has NaN/);
  await refuses(`${SHAPE}fixed.mask = { file = "data/f.npy" }`, /fixed\.mask: must be the name of a file/);
});

test("readProblem refuses what contradicts itself", async () => {
  await refuses(`${SHAPE}edges.north = { file = "row.csv", flux = 1 }`, /edges\.north: has both "file" and "flux"/);
  await refuses(`${SHAPE}edges.north = {}`, /edges\.north: is empty; give it "file" or "flux" or "convection"/);
  await refuses(`${SHAPE}source = { value = 1, file = "data/f.npy" }`, /source: has both "value" and "file"/);
  await refuses(`${SHAPE}fixed = { image = "p.png", mask = "data/f.npy", legend = {} }`, /both "image" and "mask"/);
  await refuses(`${SHAPE}fixed.image = "p.png"`, /fixed\.image: needs fixed\.legend/);
  await refuses(`${SHAPE}fixed.legend = {}`, /fixed\.legend: is of no use without fixed\.image/);
  await refuses(`${SHAPE}fixed.tolerance = 1`, /fixed\.tolerance: is of no use without fixed\.image/);
});

test("readProblem refuses a bad legend or image", async () => {
  const legend = (text: string) => `${SHAPE}fixed = { image = "p.png", legend = ${text} }`;
  await refuses(legend("{}"), /fixed\.image: its legend is empty/);
  await refuses(legend("3"), /its legend must be a table/);
  await refuses(legend('{ red = 1, "#0000ff" = 2 }'), /its legend has "red", which is no colour/);
  await refuses(legend('{ "#f00" = 1 }'), /"#f00", which is no colour/);
  await refuses(legend('{ "#ff0000" = "hot" }'), /must give a finite number for "#ff0000"/);
  await refuses(legend('{ "#ff0000" = nan }'), /fixed\.legend\."#ff0000" must be a finite number/);
  await refuses(legend('{ "#ff0000" = 1, "#FF0000" = 2 }'), /has "#FF0000" twice/);
  await refuses(
    legend('{ "#ff0000" = 1, "#0000fe" = 2 }'),
    /"p\.png" has no point of the colour "#0000fe" .*lacks: 6 of "#ffffff", 2 of "#0000ff"; .*fixed\.tolerance/,
  );
  const image = (name: string) => `shape = [4, 3]\nfixed = { image = "${name}", legend = { "#ff0000" = 1 } }`;
  await refuses(image("p.png"), /cannot read "p\.png": it is 4 pixels wide and 3 high, but the grid needs 3 and 4/);
  await refuses(image("row.csv"), /cannot read "row\.csv": it is not a PNG file/);
  await refuses(image("q.png"), /cannot read "q\.png": there is no such file; did you mean "p\.png"/);
});

test("readProblem leaves the rest to the core, and adds the file's name", async () => {
  await refuses("", /shape/);
  await refuses("shape = [2, 4]", /shape\[0\] must be at least 3/);
  await refuses('shape = 5\nsource.file = "row.csv"', /shape must be two numbers/);
  await refuses(`${SHAPE}edges.north = true`, /edges\.north must be/);
  await refuses(`${SHAPE}edges.north = nan`, /edges\.north must be a finite number: it is NaN/);
  await refuses('{"shape": [3, 4], "source": {"value": 1e999}}', /source\.value must be a finite number/, "plate.json");
  await refuses(`${SHAPE}dtype = "f16"`, /dtype must be/);
  await refuses(`${SHAPE}edges.north = 1979-05-27`, /edges\.north: a date, 1979-05-27, where a number/);
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
    undefined,
    /probes\[2\]\.part must be the name of a part: it is "strip"/,
    /no such file/,
  ];
  assert.equal(others.length, ends.length);
  for (const [n, pattern] of ends.entries()) {
    if (pattern) await refuses(SHAPE + others[n]!, pattern);
    else assert.equal(Object.keys((await read(SHAPE + others[n]!)).image!.legend).length, 3);
  }
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

test("readProblem names file and key of a bad part or drawing", async () => {
  const part = (text: string) => `${SHAPE}[[parts]]\nname = "a"\nvalue = 1\n${text}`;
  await refuses(part('kind = "file"'), /parts\[0\]\.file: must be the name of a file, in quotes/);
  await refuses(
    part('kind = "file"\nfile = "row.csv"'),
    /parts\[0\]\.file: "row\.csv" holds 1 × 4, but the grid needs 3 × 4/,
  );
  await refuses(
    part('kind = "file"\nfile = "section.png"'),
    /parts\[0\]\.file: cannot read "section\.png": it is 3 pixels wide/,
  );
  await refuses(
    part('kind = "file"\nmask = "data/f.npy"'),
    /parts\[0\]\.mask is not a key here/,
  );
  await refuses(part('kind = "file"\nfil = "data/f.npy"'), /parts\[0\]\.fil is not a key here; did you mean "file"/);
  await refuses(part('kind = "rect"\nfile = "data/f.npy"'), /parts\[0\]\.file is not a key here/);
  await refuses(part('kind = "circel"'), /parts\[0\]\.kind cannot be "circel"; did you mean "circle"\?/);
  await refuses(`${SHAPE}parts = 3`, /parts must be a list/);
  await refuses(
    `${SHAPE}conductivity.cells = "data/f.npy"`,
    /conductivity\.cells: "data\/f\.npy" holds 3 × 4, but the grid needs 2 × 3/,
  );
  await refuses(
    `${SHAPE}conductivity = { cells = "cells.npy", value = 1 }`,
    /conductivity: has both "cells" and "value"/,
  );
  await refuses(`${SHAPE}source.cells = "cells.npy"`, /source\.cells is not a key here/);

  const image = (text: string) => `${SHAPE}[image]\n${text}`;
  const legend = '\nlegend = { "#ff0000" = { value = 1 } }';
  await refuses(image(`fiel = "section.png"${legend}`), /image\.fiel is not a key here; did you mean "file"/);
  await refuses(image(`pixels = "cells"${legend}`), /image\.file: must be the name of a file/);
  await refuses(
    image(`file = "p.png"${legend}`),
    /image\.file: cannot read "p\.png": it is 4 pixels wide and 3 high, but the grid needs 3 and 2, one for each cell between points; with pixels = "nodes", one for each point$/,
  );
  await refuses(
    image(`file = "section.png"\npixels = "nodes"${legend}`),
    /needs 4 and 3, one for each point; with pixels = "cells"/,
  );
  await refuses(image(`file = "data/f.npy"${legend}`), /image\.file: cannot read "data\/f\.npy": it is not a PNG file/);
  await refuses(image('file = "section.png"'), /image\.legend is missing/);
  await refuses(
    image('file = "section.png"\nlegend = { "#ff0001" = { value = 1 } }'),
    /image has no point of the colour "#ff0001" .* 3 of "#ffffff", 2 of "#ff0000", 1 of "#0000ff"; .*image\.tolerance/,
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

test("readProblem survives hostile documents", async () => {
  await refuses('{"__proto__": {"polluted": 1}, "shape": [3, 4]}', /__proto__ is not a key/, "plate.json");
  await refuses('{"shape": [3, 4], "edges": {"__proto__": {"north": 1}}}', /edges\.__proto__/, "plate.json");
  assert.equal(({} as { polluted?: number }).polluted, undefined);
  await refuses("[".repeat(100000), /nested too deep/, "plate.json");
  await refuses('{"a":'.repeat(100000), /nested too deep/, "plate.json");
  await refuses(`${SHAPE}source.value = ${"[".repeat(50)}1${"]".repeat(50)}`, /source\.value.*: nested too deep/);
  await refuses("a = " + "[".repeat(100000), /nested/);
  await refuses("a".repeat(5000) + " = 1\nshape = [3, 4]", /is not a key/);
});
