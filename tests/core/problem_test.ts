/**
 * The error of a wrong problem: one line that names the key at fault, the state it is in, and the key that was meant.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { everything } from "../../conformance/compare.ts";
import { ConfigError } from "../../core/errors.ts";
import { validateProblem } from "../../core/problem/problem.ts";
import { lower } from "../../core/discretize/lower.ts";
import { insulated, torus, tube } from "../support/problems.ts";

const EDGE_FORMS = `a value, a formula such as "sin(pi*x/width)", { file = "…" }, ` +
  `{ flux = … } where { flux = 0 } is insulated, { convection = { h = …, ambient = … } }, or "periodic"`;

const AXIS = "edges.west must be absent, or { flux = 0 }: it is the axis, r = 0, where nothing flows";

const shape = [5, 6] as const;
const circle = { kind: "circle", center: [1, 1], radius: 1, value: 1 };
const rect = { kind: "rect", from: [1, 1], to: [2, 2], value: 1 };
const edge = (north: unknown) => ({ shape, edges: { north } });
/** Its first row is at y = 11, its first column at x = 2. */
const placed = (north: unknown) => ({ shape, spacing: [2, 1], origin: [3, 2], edges: { north } });
/** Around an axis. */
const axial = (more: object) => ({ shape, coordinates: "axisymmetric", ...more });
const item = (one: unknown) => ({ shape, fixed: { shapes: [one] } });
const nd = (...size: number[]) => ({ data: new Float64Array(6), shape: size, stride: [6, 1], offset: 0 });

/** By topic: each problem, and its error. */
const wrong: Readonly<Record<string, readonly (readonly [problem: unknown, message: string])[]>> = {
  "what is no table of keys": [
    [undefined, "the problem must be a table"],
    [null, "the problem must be a table: it is null"],
    [[], "the problem must be a table: it is []"],
    ["plate", `the problem must be a table: it is "plate"`],
    [{}, "shape is missing"],
    [{ shape, edges: 5 }, "edges must be a table: it is 5"],
    [{ shape, edges: [] }, "edges must be a table: it is []"],
    [{ shape, fixed: null }, "fixed must be a table: it is null"],
    [item(3), "fixed.shapes[0] must be a table: it is 3"],
    [{ shape, fixed: { shapes: {} } }, "fixed.shapes must be a list"],
  ],
  "a misspelt key at any level": [
    [{ shap: shape }, `shap is not a key here; did you mean "shape"?`],
    [{ shape, edegs: {} }, `edegs is not a key here; did you mean "edges"?`],
    [{ shape, edges: { nort: 1 } }, `edges.nort is not a key here; did you mean "north"?`],
    [edge({ flx: 1 }), `edges.north.flx is not a key here; did you mean "flux"?`],
    [edge({ convecton: {} }), `edges.north.convecton is not a key here; did you mean "convection"?`],
    [
      edge({ convection: { h: 1, ambinet: 2 } }),
      `edges.north.convection.ambinet is not a key here; did you mean "ambient"?`,
    ],
    [{ shape, source: { vale: 1 } }, `source.vale is not a key here; did you mean "value"?`],
    [{ shape, conductivity: { valeu: 1 } }, `conductivity.valeu is not a key here; did you mean "value"?`],
    [{ shape, fixed: { msk: 1 } }, `fixed.msk is not a key here; did you mean "mask"?`],
    [item({ ...circle, radus: 2 }), `fixed.shapes[0].radus is not a key here; did you mean "radius"?`],
    [item({ ...rect, radius: 2 }), `fixed.shapes[0].radius is not a key here; known: kind, from, to, value`],
    [JSON.parse(`{ "shape": [5, 6], "edges": { "constructor": 1 } }`), "edges.constructor is not a key here"],
    [JSON.parse(`{ "shape": [5, 6], "__proto__": 1 }`), "__proto__ is not a key here"],
    [{ shape, edges: { depth: 1 } }, "edges.depth is not a key here: keys of the problem stand above the first table"],
    [edge({ value: 3 }), "edges.north.value is not a key here; known: file, formula, flux, convection; a bare number"],
    [{ shape, edges: { "no\nrth": 1 } }, `edges.no rth is not a key here; did you mean "north"?`],
    [{ shape, source: { value: 1, file: "f.npy" } }, "source.file cannot stand beside value"],
    [edge({ file: "n.npy" }), "edges.north.file is a key of problem files only"],
  ],
  "a wrong shape": [
    [{ shape: 5 }, "shape must be two numbers, [ny, nx]: it is 5"],
    [{ shape: [5] }, "shape must be two numbers, [ny, nx]: it is [5]"],
    [{ shape: [5, 6, 7] }, "shape must be two numbers, [ny, nx]: it is [5,6,7]"],
    [{ shape: [2, 2] }, "shape[0] must be at least 3, edges included: it is 2"],
    [{ shape: [5, 2] }, "shape[1] must be at least 3, edges included: it is 2"],
    [{ shape: [5, -6] }, "shape[1] must be at least 3, edges included: it is -6"],
    [{ shape: [5.5, 6] }, "shape[0] must be a whole number: it is 5.5"],
    [{ shape: [NaN, 6] }, "shape[0] must be a whole number: it is NaN"],
    [{ shape: [5, Infinity] }, "shape[1] must be a whole number: it is Infinity"],
    [{ shape: ["5", 6] }, `shape[0] must be a whole number: it is "5"`],
    [{ shape: [5, 1e10] }, "shape[1] must be below 2^31 - 2: it is 10000000000"],
  ],
  "a wrong spacing or dtype": [
    [{ shape, spacing: 1 }, "spacing must be two numbers, [dy, dx]: it is 1"],
    [{ shape, spacing: [0, 1] }, "spacing[0] must be greater than 0: it is 0"],
    [{ shape, spacing: [1, -1] }, "spacing[1] must be greater than 0: it is -1"],
    [{ shape, spacing: [1, NaN] }, "spacing[1] must be a finite number: it is NaN"],
    [{ shape, spacing: [Infinity, 1] }, "spacing[0] must be a finite number: it is Infinity"],
    [{ shape, spacing: [1e200, 1] }, "spacing[0] must be at most 1e100: it is 1e+200"],
    [{ shape, spacing: [1, 1e-200] }, "spacing[1] must be at least 1e-100: it is 1e-200"],
    [{ shape, dtype: "f16" }, `dtype must be "f64" or "f32": it is "f16"`],
    [{ shape, dtype: 64 }, `dtype must be "f64" or "f32": it is 64`],
    [{ shape, dtype: "f\n64" }, `dtype must be "f64" or "f32": it is "f\\n64"`],
  ],
  "a wrong edge": [
    [edge("insulated"), `edges.north must be ${EDGE_FORMS}: it is "insulated"`],
    [edge(null), `edges.north must be ${EDGE_FORMS}: it is null`],
    [edge({}), `edges.north must be ${EDGE_FORMS}`],
    [edge({ flux: "one" }), `edges.north.flux: unknown name "one"`],
    [edge({ flux: true }), "edges.north.flux must be a number, a formula, an array or a function: it is true"],
    [edge({ flux: NaN }), "edges.north.flux must be a finite number: it is NaN"],
    [edge({ flux: 1, convection: { h: 1, ambient: 1 } }), "edges.north.flux cannot stand beside convection"],
    [edge({ convection: { h: 1 } }), "edges.north.convection.ambient is missing"],
    [edge({ convection: 3 }), "edges.north.convection must be a table: it is 3"],
    [edge({ convection: { h: -1, ambient: 3 } }), "edges.north.convection.h must not be negative: it is -1"],
    [edge({ convection: { h: [1, 2, 3, 4, 5, -6], ambient: 3 } }), "edges.north.convection.h must not be negative"],
    [edge({ convection: { h: 1, ambient: Infinity } }), "edges.north.convection.ambient must be a finite number"],
    [edge("periodic"), `edges.south must be "periodic" too: the opposite edge is`],
    [{ shape, edges: { west: 3, east: "periodic" } }, `edges.west must be "periodic" too: the opposite edge is`],
    [edge([1, 2]), "edges.north must have 6 values: it has 2"],
    [{ shape, edges: { west: [1, 2, 3, 4, 5, 6] } }, "edges.west must have 5 values: it has 6"],
    [edge(nd(5)), "edges.north must have 6 values: its shape is 5"],
    [edge(NaN), "edges.north must be a finite number: it is NaN"],
    [edge([1, 2, 3, NaN, 5, 6]), "edges.north must hold finite numbers: at row 0, column 3 it is NaN"],
    [edge(["1", 2, 3, 4, 5, 6]), "edges.north must hold finite numbers: at row 0, column 0 it is 1"],
    [edge(() => NaN), "edges.north must give a finite number: at row 0, column 1 it gives NaN"],
    [edge(() => "warm"), "edges.north must give a finite number: at row 0, column 1 it gives warm"],
  ],
  "a wrong field": [
    [{ shape, source: "1" }, `source must be a number, an array, a function or a table: it is "1"`],
    [{ shape, source: {} }, "source.value is missing"],
    [{ shape, source: { value: NaN } }, "source must be a finite number: it is NaN"],
    [{ shape, source: [1, 2, 3] }, "source must have 5 x 6 values: it has 3"],
    [{ shape, source: new Float64Array(31) }, "source must have 5 x 6 values: it has 31"],
    [{ shape, source: nd(6, 5) }, "source must have 5 x 6 values: its shape is 6 x 5"],
    [{ shape, source: nd(5, 6) }, "source must hold finite numbers: at row 1, column 0 it is undefined"],
    [{ shape, conductivity: 0 }, "conductivity must be greater than 0: at row 0, column 0 it is 0"],
    [{ shape, conductivity: -1 }, "conductivity must be greater than 0: at row 0, column 0 it is -1"],
    [
      { shape, conductivity: (i: number, j: number) => i === 2 && j === 3 ? 0 : 1 },
      "conductivity must be greater than 0: at row 2, column 3 it is 0",
    ],
    [{ shape, initial: new Float64Array(30).fill(Infinity) }, "initial must hold finite numbers: at row 0, column 0"],
  ],
  "wrong fixed points": [
    [{ shape, fixed: { mask: 1 } }, "fixed.values is missing: mask and values go together"],
    [{ shape, fixed: { values: 1 } }, "fixed.mask is missing: mask and values go together"],
    [{ shape, fixed: { mask: [1], values: 2 } }, "fixed.mask must have 5 x 6 values: it has 1"],
    [{ shape, fixed: { mask: 1, values: NaN } }, "fixed.values must be a finite number: it is NaN"],
    [item({ ...circle, kind: "circl" }), `fixed.shapes[0].kind must be "circle" or "rect": it is "circl"`],
    [item({}), `fixed.shapes[0].kind must be "circle" or "rect"`],
    [item({ ...circle, radius: 0 }), "fixed.shapes[0].radius must be greater than 0: it is 0"],
    [item({ ...circle, center: [1] }), "fixed.shapes[0].center must be two numbers, [y, x]: it is [1]"],
    [item({ ...circle, value: undefined }), "fixed.shapes[0].value must be a finite number"],
    [item({ ...circle, center: [1.5, 1.5], radius: 0.1 }), "fixed.shapes[0] covers no point of the grid"],
    [item({ ...circle, center: [100, 1] }), "fixed.shapes[0] covers no point of the grid"],
    [
      { shape, fixed: { shapes: [circle, { ...rect, from: [3, 1] }] } },
      `fixed.shapes[1].from must not lie beyond "to"`,
    ],
    [item({ ...rect, value: NaN }), "fixed.shapes[0].value must be a finite number: it is NaN"],
    [edge(1e140), ""],
    [edge(1e308), "edges.north must be between -1e+140 and 1e+140 in this precision: it is 1e+308"],
    [
      edge([1, 2, 3, -1e150, 5, 6]),
      "edges.north must be between -1e+140 and 1e+140 in this precision: at row 0, column 3",
    ],
    [{ shape, dtype: "f32", edges: { north: 1e39 } }, "edges.north must be between -1e+37 and 1e+37 in this precision"],
    [
      { shape, initial: new Float64Array(30).fill(1e300) },
      "initial must be between -1e+140 and 1e+140 in this precision",
    ],
    [item({ ...rect, value: 1e200 }), "fixed.shapes[0].value must be between"],
  ],
  "a wrong frame": [
    [{ shape, title: "" }, `title must not be empty: it is ""`],
    [{ shape, title: "one\ntwo" }, `title must be one line: it is "one\\ntwo"`],
    [{ shape, unit: 3 }, "unit must be text: it is 3"],
    [{ shape, origin: 3 }, "origin must be two numbers, [y, x]: it is 3"],
    [{ shape, origin: ["h", 0] }, `origin[0] must be a finite number: it is "h"`],
    [{ shape, depth: 0 }, "depth must be greater than 0: it is 0"],
    [{ shape, coordinates: "polar" }, `coordinates must be "planar" or "axisymmetric": it is "polar"`],
    [axial({ depth: 1 }), "depth is of planar problems only: axisymmetric totals are of the full turn"],
    [axial({ origin: [0, -0.1] }), "origin[1] must not be negative: it is a radius, -0.1"],
    [axial({ edges: tube }), `edges.west cannot be "periodic": it is at a radius`],
    ...[0, "1", [0, 0, 0, 0, 0], { flux: 1 }, { flux: "width" }, { convection: { h: 1, ambient: 0 } }].map((west) =>
      [axial({ edges: { west } }), AXIS] as const
    ),
  ],
  "wrong parameters and formulas": [
    [{ shape, parameters: 3 }, "parameters must be a table: it is 3"],
    [{ shape, parameters: { a: true } }, "parameters.a must be a number or a formula: it is true"],
    ...["depth", "title", "shape", "parameters", "probes"].map((key) =>
      [
        { shape, parameters: { a: 1, [key]: "1" } },
        `parameters.${key} cannot be a parameter: keys of the problem stand above the first table, and a parameter needs`,
      ] as const
    ),
    [{ shape, parameters: { depths: 1, shap: 2 } }, ""],
    [{ shape, parameters: { a: NaN } }, "parameters.a must be a finite number: it is NaN"],
    [{ shape, parameters: { a: "b", b: "c + 1", c: "a" } }, "parameters.a: depends on itself: a, b, c, a"],
    [{ shape, parameters: { a: "2*a" } }, "parameters.a: depends on itself: a, a"],
    [{ shape, parameters: { a: "x" } }, `parameters.a: unknown name "x"`],
    [{ shape, parameters: { a: "1/0" } }, `parameters.a must give a finite number: "1/0" gives Infinity`],
    [{ shape, parameters: { width: 1 } }, `parameters.width needs another name: in formulas "width" is a size`],
    [edge("sin(pi*x/width"), `edges.north: cannot read "sin(pi*x/width" at column 15: expected`],
    [edge("sni(x)"), `edges.north: cannot read "sni(x)" at column 1: unknown function "sni"; did you mean "sin"?`],
    [edge("widht*x"), `edges.north: unknown name "widht"; did you mean "width"?`],
    [edge("r + 1"), `edges.north: unknown name "r"; `],
    [axial({ edges: { north: "y + 1" } }), `edges.north: unknown name "y"; `],
    [edge({ formula: 3 }), "edges.north.formula must be a formula: it is 3"],
    [edge({ formula: "" }), `edges.north.formula must not be empty: it is ""`],
    [edge({ formula: "x", flux: 1 }), "edges.north.flux cannot stand beside formula"],
    [edge({ flux: { formul: "x" } }), "edges.north.flux must be a number, a formula, an array or a function"],
    [placed("1/(x - 4)"), "edges.north must give a finite number: at row 0, column 2 (x = 4, y = 11) it is Infinity"],
    [placed({ flux: "log(x - 3)" }), "edges.north.flux must give a finite number: at row 0, column 1 (x = 3, y = 11)"],
    [placed({ convection: { h: "x - 3", ambient: 0 } }), "edges.north.convection.h must not be negative: it is -1"],
    [edge("1e200"), "edges.north must be between -1e+140 and 1e+140 in this precision: it is 1e+200"],
    [placed("1e150*x"), "edges.north must be between -1e+140 and 1e+140 in this precision: at row 0, column 1 (x = 3"],
    [placed({ formula: () => "warm" }), "edges.north.formula must give a finite number: at row 0, column 1 (x = 3"],
    [{ shape, source: { formula: "1/0" } }, `source.formula must give a finite number: "1/0" gives Infinity`],
    [{ shape, source: { formula: "x", value: 1 } }, "source.value cannot stand beside formula"],
    [{ shape, source: { cells: 1 } }, "source.cells is not a key here; known: value, file, formula"],
    [
      { ...placed(1), conductivity: { formula: "8 - y" } },
      "conductivity.formula must be greater than 0: at row 0, column 0 (x = 2, y = 11) it is -3",
    ],
    [
      { ...placed(1), source: { formula: (x: number, y: number) => x === 4 && y === 7 ? NaN : 0 } },
      "source.formula must give a finite number: at row 2, column 2 (x = 4, y = 7) it is NaN",
    ],
    [{ shape, conductivity: { cells: [1] } }, "conductivity.cells must have 4 x 5 values: it has 1"],
    [{ shape, conductivity: { cells: -1 } }, "conductivity.cells must be greater than 0: at row 0, column 0 it is -1"],
    [{ shape, conductivity: { cells: 1, value: 1 } }, "conductivity.value cannot stand beside cells"],
  ],
  "a problem without a solution": [
    [
      { shape, edges: { ...insulated, north: { flux: 1 } } },
      "source and fluxes do not balance: 5 flows in and nothing takes it out; fix a point, add convection or",
    ],
    [{ shape, edges: torus, source: 1 }, "source and fluxes do not balance: 30 flows in"],
    [
      {
        shape,
        edges: { ...insulated, north: { flux: 1 }, south: { convection: { h: [0, 0, 0, 0, 0, 0], ambient: 0 } } },
      },
      "source and fluxes do not balance: 5 flows in",
    ],
  ],
};

for (const [topic, problems] of Object.entries(wrong)) {
  test(`validateProblem and lower name the key at fault, in one line: ${topic}`, () => {
    for (const [problem, expected] of problems) {
      let found: unknown;
      try {
        // Fields are read as far as they are needed.
        lower(validateProblem(problem)).evaluate(everything(shape));
      } catch (cause) {
        found = cause;
      }
      // An empty message: no error, to show that a message next to it is not too strict.
      if (expected === "") {
        assert.equal(found, undefined);
        continue;
      }
      assert.ok(found instanceof ConfigError, `${expected}: ${found}`);
      assert.equal(found.message.slice(0, expected.length), expected);
      assert.ok(!found.message.includes("\n") && !found.message.endsWith("."), found.message);
    }
  });
}

test("validateProblem takes every form of a formula", () => {
  const formula = (x: number, y: number) => x + y;
  const problem = {
    title: "a plate",
    coordinates: "planar",
    origin: [-1, 2],
    depth: 2,
    unit: "K",
    shape: [5, 6],
    parameters: { a: 1, b: "2*a" },
    edges: {
      north: "b*x",
      south: { formula },
      west: { flux: "y" },
      east: { convection: { h: { formula: "a" }, ambient: { formula } } },
    },
    source: { formula: "x" },
    conductivity: { formula: () => 2 },
    initial: { formula: "sin(x)" },
  };
  assert.deepEqual(validateProblem(problem), problem);
  lower(validateProblem(problem)).evaluate(everything(shape));
});

test("validateProblem takes every form of every field", () => {
  const problem = {
    shape: [5, 6],
    spacing: [0.1, 0.2],
    dtype: "f32",
    edges: {
      north: 1,
      south: [1, 2, 3, 4, 5, 6],
      west: { flux: new Float64Array(5) },
      east: { convection: { h: 1, ambient: () => 2 } },
    },
    source: { value: 3 },
    conductivity: new Float32Array(30).fill(1),
    initial: (row: number, col: number) => row + col,
    fixed: {
      mask: new Uint8Array(30),
      values: 1,
      shapes: [{ ...circle, center: [0.1, 0.2] }, { ...rect, from: [0, 0] }],
    },
  };
  assert.deepEqual(validateProblem(problem), problem);
  lower(validateProblem(problem));
});
