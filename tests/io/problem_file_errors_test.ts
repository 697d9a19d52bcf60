/**
 * Problem files that cannot be read: the message names the file, and the place or the key at fault.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { refuses, SHAPE } from "../support/read_problem.ts";

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

test("readProblem says that a formula stands in quotes, where a value looks like one", async () => {
  const values = ["b", "-w/2", "(b + c)/2", "2*b", "2 * b", "1/12", "sin(x)", "[0, width]", "{ value = b }", "b # c"];
  for (const value of values) await refuses(`${SHAPE}depth = ${value}`, /: line 2, .* \(a formula stands in quotes\)$/);
  await refuses('{"shape": [3, 4], "depth": 2*b}', /: line 1, .* \(a formula stands in quotes\)$/, "plate.json");
  for (const value of ["", "1.2.3", "True", "'x", "12mm", '"a" b', "[1, 2"]) {
    await refuses(`${SHAPE}depth = ${value}`, /: line \d, column \d+: (?!.*quotes)/);
  }
});

test("readProblem names parts and probes at fault", async () => {
  const rod = `${SHAPE}[[parts]]\nname = "rod"\nkind = "circle"\ncenter = [1, 1]\n`;
  await refuses(`${rod}value = 1\nradius = true`, /: parts\[0\]\.radius \("rod"\) must be a number or a formula/);
  await refuses(`${rod}value = 1\nradius = inf`, /: parts\[0\]\.radius \("rod"\) must be a finite number/);
  await refuses(`${rod}radius = 1`, /: parts\[0\] \("rod"\) has no role/);
  await refuses(`${SHAPE}[[probes]]\nname = "p"\natt = [1, 1]`, /: probes\[0\]\.att \("p"\) is not a key here; did/);
  const mask = `${SHAPE}[[parts]]\nname = "m"\nvalue = 1\nkind = "file"\n`;
  await refuses(`${mask}file = "row.csv"`, /: parts\[0\]\.file \("m"\): "row\.csv" holds 1 × 4/);
  await refuses(`${mask}fil = "row.csv"`, /: parts\[0\]\.fil \("m"\) is not a key here/);
});

test("readProblem refuses keys of the problem below the first table, and says where they stand", async () => {
  const above = /: (parameters|edges)\.(depth|title|shape) .*: keys of the problem stand above the first table/;
  await refuses(`${SHAPE}[parameters]\na = 1\ndepth = 4`, above);
  await refuses(`${SHAPE}[parameters]\ntitle = "hello"`, above);
  await refuses("[parameters]\nshape = [3, 4]", above);
  await refuses(`${SHAPE}[edges]\ndepth = 4`, above);
  await refuses(
    `${SHAPE}edges.west = { value = 3 }`,
    /edges\.west\.value .*; known: .*; a bare number holds the value$/,
  );
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

test("readProblem names file and key of a bad part or drawing", async () => {
  const part = (text: string) => `${SHAPE}[[parts]]\nname = "a"\nvalue = 1\n${text}`;
  await refuses(part('kind = "file"'), /parts\[0\]\.file \("a"\): must be the name of a file, in quotes/);
  await refuses(
    part('kind = "file"\nfile = "row.csv"'),
    /parts\[0\]\.file \("a"\): "row\.csv" holds 1 × 4, but the grid needs 3 × 4/,
  );
  await refuses(
    part('kind = "file"\nfile = "section.png"'),
    /parts\[0\]\.file \("a"\): cannot read "section\.png": it is 3 pixels wide/,
  );
  await refuses(
    part('kind = "file"\nmask = "data/f.npy"'),
    /parts\[0\]\.mask \("a"\) is not a key here/,
  );
  await refuses(
    part('kind = "file"\nfil = "data/f.npy"'),
    /parts\[0\]\.fil \("a"\) is not a key here; did you mean "file"/,
  );
  await refuses(part('kind = "rect"\nfile = "data/f.npy"'), /parts\[0\]\.file \("a"\) is not a key here/);
  await refuses(part('kind = "circel"'), /parts\[0\]\.kind \("a"\) cannot be "circel"; did you mean "circle"\?/);
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
