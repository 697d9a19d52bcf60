/**
 * The error of wrong parts, drawings and probes: one line that names the key at fault, the state it is in, and the key that
 * was meant.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ProblemError } from "../../core/errors.ts";
import { validateProblem } from "../../core/problem/problem.ts";
import { resolveProblem } from "../../core/problem/resolve.ts";

const shape = [5, 6] as const;
const circle = { name: "rod", kind: "circle", center: [1, 1], radius: 1 };
const rod = { ...circle, value: 1 };
const part = (one: object) => ({ shape, parts: [{ ...circle, ...one }] });
const kind = (one: object) => ({ shape, parts: [{ name: "rod", value: 1, ...one }] });

/** Pixels of 5 x 4 cells: white, one red and two blue. */
const data = new Uint8Array(4 * 20).fill(255);
data.set([255, 0, 0, 255, 0, 0, 255, 255, 0, 0, 255, 255]);
const image = (legend: object, more: object = {}) => ({ shape, image: { data, width: 5, height: 4, legend, ...more } });
const probe = (one: unknown, more: object = {}) => ({ shape, probes: [one], ...more });
const at = [1, 1];

/** By topic: each problem, and its error. */
const wrong: Readonly<Record<string, readonly (readonly [problem: unknown, message: string])[]>> = {
  "what is no part": [
    [{ shape, parts: {} }, "parts must be a list"],
    [{ shape, parts: [3] }, "parts[0] must be a table: it is 3"],
    [{ shape, part: [] }, `part is not a key here; did you mean "parts"?`],
    [part({ kind: "cirle", value: 1 }), `parts[0].kind cannot be "cirle"; did you mean "circle"?`],
    [
      part({ kind: 3, value: 1 }),
      "parts[0].kind must be one of circle, ellipse, ring, rect, polygon, polyline, formula, file: it is 3",
    ],
    [kind({}), "parts[0].kind is missing"],
    [kind({ knd: "rect" }), `parts[0].knd is not a key here; did you mean "kind"?`],
    [part({ vale: 1 }), `parts[0].vale is not a key here; did you mean "value"?`],
    [part({ value: 1, width: 3 }), "parts[0].width is not a key here; known: kind, name, value, charge"],
    [part({ value: 1, file: "m.npy" }), "parts[0].file is not a key here; known: kind, name, value, charge"],
    [kind({ kind: "file", file: "m.npy" }), "parts[0].file is a key of problem files only"],
    [part({ value: 1, outline: "cut" }), `parts[0].outline must be "exact" or "nodes": it is "cut"`],
    [part({ value: 1, outside: 1 }), "parts[0].outside must be true or false: it is 1"],
  ],
  "a part without a name of its own": [
    [{ shape, parts: [{ ...kind({ ...rod }).parts[0], name: undefined }] }, "parts[0].name must be text"],
    [{ shape, parts: [{ kind: "circle", center: at, radius: 1, value: 1 }] }, "parts[0].name is missing"],
    [part({ name: "", value: 1 }), `parts[0].name must not be empty: it is ""`],
    [part({ name: "a\tb", value: 1 }), `parts[0].name must be one line: it is "a\\tb"`],
    [
      { shape, parts: [rod, { ...rod, name: "pipe" }, rod] },
      `parts[2].name must differ from that of parts[0]: it is "rod"`,
    ],
    [
      { ...part({ name: "fixed", value: 1 }), fixed: { mask: 1, values: 1 } },
      `parts[0].name must differ from that of fixed: it is "fixed"`,
    ],
    [part({ name: "fixed", value: 1 }), ""],
  ],
  "a part without one role": [
    [part({}), "parts[0] has no role: give it value, charge, conductivity, source, total or hole"],
    [{ shape, parts: [rod, { ...circle, name: "b" }] }, "parts[1] has no role: give it value, charge,"],
    [part({ value: 1, charge: 0 }), "parts[0] has two roles, value and charge; keep one of them"],
    [part({ conductivity: 1, charge: 0 }), "parts[0] has two roles, charge and conductivity; keep one of them"],
    [part({ source: 1, total: 0 }), "parts[0] has two roles, source and total; keep one of them"],
    [part({ value: 1, source: 1, hole: true }), "parts[0] has 3 roles, value, source and hole; keep one of them"],
    [part({ conductivity: 1, source: 1 }), ""],
    [part({ conductivity: 1, source: 1, total: 1 }), "parts[0] has 3 roles, conductivity, source and total;"],
    [part({ hole: false }), "parts[0].hole must be true: it is false"],
    [part({ hole: true }), ""],
  ],
  "a shape without a size": [
    [kind({ kind: "circle", center: at }), "parts[0].radius is missing"],
    [kind({ kind: "ellipse", center: at }), "parts[0].radii is missing"],
    [kind({ kind: "rect", from: at }), "parts[0].to is missing"],
    [kind({ kind: "polygon" }), "parts[0].points is missing"],
    [kind({ kind: "polyline", points: [at, [2, 2]] }), "parts[0].width is missing"],
    [kind({ kind: "formula" }), "parts[0].where is missing"],
    [kind({ kind: "file" }), "parts[0].mask is missing"],
    [part({ value: 1, radius: -1 }), "parts[0].radius must be greater than 0: it is -1"],
    [part({ value: 1, radius: "1 - 2" }), "parts[0].radius must be greater than 0: it is -1"],
    [part({ value: 1, radius: true }), "parts[0].radius must be a number or a formula: it is true"],
    [part({ value: 1, radius: "" }), `parts[0].radius must not be empty: it is ""`],
    [part({ value: 1, radius: "R" }), `parts[0].radius: unknown name "R"; known: width, height, pi`],
    [part({ value: 1, radius: "x" }), `parts[0].radius: unknown name "x"`],
    [part({ value: 1, radius: "1/0" }), `parts[0].radius must give a finite number: "1/0" gives Infinity`],
    [part({ value: 1, center: [1] }), "parts[0].center must be two numbers, [y, x]: it is [1]"],
    [part({ value: 1, center: [1, NaN] }), "parts[0].center[1] must be a finite number: it is NaN"],
    [kind({ kind: "ring", center: at, radii: [2, "1"] }), "parts[0].radii[0] must be less than the outer radius, 1"],
    [kind({ kind: "polygon", points: 3 }), "parts[0].points must be a list of points, [y, x]: it is 3"],
    [kind({ kind: "polygon", points: [at, [2, "q"], [3, 1]] }), `parts[0].points[1][1]: unknown name "q"`],
    [kind({ kind: "polygon", points: [[0, 0], [1, 1], [0, 1], [1, 0]] }), "parts[0].points"],
    [kind({ kind: "formula", where: 3 }), "parts[0].where must be a formula: it is 3"],
    [kind({ kind: "formula", where: "x < q" }), `parts[0].where: unknown name "q"; known: x, y, width, height, pi`],
    [kind({ kind: "file", mask: [1, 2] }), "parts[0].mask must have 5 x 6 values: it has 2"],
  ],
  "a role without a number": [
    [part({ value: true }), "parts[0].value must be a number or a formula: it is true"],
    [part({ value: NaN }), "parts[0].value must be a finite number: it is NaN"],
    [part({ value: 1e200 }), "parts[0].value must be between -1e+140 and 1e+140 in this precision: it is 1e+200"],
    [{ ...part({ value: "1e30*1e8" }), dtype: "f32" }, "parts[0].value must be between -1e+37 and 1e+37 in this"],
    [part({ charge: "x" }), `parts[0].charge: unknown name "x"`],
    [part({ charge: () => 1 }), "parts[0].charge must be a number or a formula"],
    [part({ total: "1/0" }), "parts[0].total must give a finite number"],
    [part({ conductivity: 0 }), "parts[0].conductivity must be greater than 0: it is 0"],
    [part({ conductivity: "1 - 3" }), "parts[0].conductivity must be greater than 0: it is -2"],
    [part({ source: "q*x" }), `parts[0].source: unknown name "q"; known: x, y, width, height, pi`],
  ],
  "a wrong drawing": [
    [{ shape, image: 3 }, "image must be a table: it is 3"],
    [{ shape, image: { data, width: 5, height: 4 } }, "image.legend is missing"],
    [image({}), `image.legend is empty; write one such as { "#ff0000" = { value = 1 } }`],
    [image({ "#ff0000": 1 }), `image.legend."#ff0000" must be a table: it is 1`],
    [image({ red: { value: 1 } }), `image.legend has "red", which is no colour; write six hex digits, "#ff0000"`],
    [image({ "#ff0000": {}, "#FF0000": {} }), `image.legend has "#FF0000" twice`],
    [image({ "#ff0000": { vale: 1 } }), `image.legend."#ff0000".vale is not a key here; did you mean "value"?`],
    [image({ "#ff0000": { value: 1, hole: true } }), `image.legend."#ff0000" has two roles, value and hole;`],
    [
      image({ "#ff0000": { name: "air" } }),
      `image.legend."#ff0000" has no role: give it value, charge, conductivity, source, total or hole, or no name`,
    ],
    [
      image({ "#ff0000": { conductivity: -1 } }),
      `image.legend."#ff0000".conductivity must be greater than 0: it is -1`,
    ],
    [
      image({ "#ff0000": { name: "a", value: 1 }, "#0000ff": { name: "a", value: 2 } }),
      `image.legend."#0000ff".name can be that of image.legend."#ff0000" only with the same role: it is "a"`,
    ],
    [
      { ...image({ "#ff0000": { name: "rod", value: 1 } }), parts: [rod] },
      `image.legend."#ff0000".name must differ from that of parts[0]: it is "rod"`,
    ],
    [
      image({ "#ff0000": { value: 1 }, "#0000fe": { value: 2 } }),
      `image has no point of the colour "#0000fe" that its legend names; colours that it lacks: ` +
      `17 of "#ffffff", 2 of "#0000ff"; correct the legend, or set image.tolerance`,
    ],
    [image({ "#ff0000": { value: 1 }, "#0000fe": { value: 2 } }, { tolerance: 1 }), ""],
    [image({ "#ff0000": {} }, { tolerance: 256 }), "image.tolerance must be a whole number from 0 to 255: it is 256"],
    [image({ "#ff0000": {} }, { pixels: "cell" }), `image.pixels must be "cells" or "nodes": it is "cell"`],
    [
      image({ "#ff0000": {} }, { pixels: "nodes" }),
      "image must fit the grid: it is 5 pixels wide and 4 high, but it needs 6 and 5, one for each point; " +
      `with pixels = "cells", one for each cell between points`,
    ],
    [
      { ...image({ "#ff0000": {} }), shape: [5, 7] },
      "image must fit the grid: it is 5 pixels wide and 4 high, but it needs 6 and 4, one for each cell between points; " +
      `with pixels = "nodes", one for each point`,
    ],
    [image({ "#ff0000": {} }, { data: data.subarray(4) }), "image.data must have 80 bytes, four a pixel: it has 76"],
    [image({ "#ff0000": {} }, { data: [0] }), "image.data must be bytes, four a pixel: it is [0]"],
    [image({ "#ff0000": {} }, { width: 0 }), "image.width must be at least 1: it is 0"],
    [image({ "#ff0000": {} }, { file: "d.png" }), "image.file is a key of problem files only"],
  ],
  "a wrong probe": [
    [probe(3), "probes[0] must be a table: it is 3"],
    [probe({ name: "p" }), "probes[0] has no place: give it at, from and to, or part"],
    [probe({ at }), "probes[0].name is missing"],
    [probe({ name: "p", att: at }), `probes[0].att is not a key here; did you mean "at"?`],
    [probe({ name: "p", at, part: "rod" }, { parts: [rod] }), "probes[0].at cannot stand beside part"],
    [probe({ name: "p", at, from: at, to: at }), "probes[0].at cannot stand beside from, to"],
    [{ shape, probes: [{ name: "p", at }, { name: "p", at }] }, "probes[1].name must differ from that of probes[0]"],
    [probe({ name: "p", at: 3 }), "probes[0].at must be two numbers, [y, x]: it is 3"],
    [probe({ name: "p", at: [1, "q"] }), `probes[0].at[1]: unknown name "q"`],
    [
      probe({ name: "p", at: [5, 1] }),
      "probes[0].at must lie on the grid, y from 0 to 4 and x from 0 to 5: it is [5, 1]",
    ],
    [
      probe({ name: "p", from: at, to: [1, -0.5] }, { spacing: [0.5, 2], origin: [-1, 1] }),
      "probes[0].to must lie on the grid, y from -1 to 1 and x from 1 to 11: it is [1, -0.5]",
    ],
    [probe({ name: "p", from: at }), "probes[0].to is missing"],
    [probe({ name: "p", from: at, to: at }), `probes[0].to must differ from "from": it is [1, 1]`],
    [probe({ name: "p", from: at, to: [2, 2], points: 1 }), "probes[0].points must be at least 2, both ends: it is 1"],
    [
      probe({ name: "p", part: "rd" }, { parts: [rod] }),
      `probes[0].part must be the name of a part: it is "rd"; did you mean "rod"?`,
    ],
    [probe({ name: "p", part: "fixed" }), `probes[0].part must be the name of a part: it is "fixed"; there are none`],
    [probe({ name: "p", part: "fixed" }, { fixed: { mask: 1, values: 1 } }), ""],
    [probe({ name: "p", part: "#ff0000" }, image({ "#FF0000": { value: 1 } })), ""],
  ],
};

for (const [topic, problems] of Object.entries(wrong)) {
  test(`validateProblem and resolveProblem name the key at fault, in one line: ${topic}`, () => {
    for (const [problem, expected] of problems) {
      let found: unknown;
      try {
        resolveProblem(validateProblem(problem));
      } catch (cause) {
        found = cause;
      }
      // An empty message: no error, to show that a message next to it is not too strict.
      if (expected === "") {
        assert.equal(found, undefined);
        continue;
      }
      assert.ok(found instanceof ProblemError, `${expected}: ${found}`);
      assert.equal(found.message.slice(0, expected.length), expected);
      assert.ok(!found.message.includes("\n") && !found.message.endsWith("."), found.message);
    }
  });
}

test("whatever stands at a key, the error is one line, and no crash", () => {
  const names = [
    "title",
    "origin",
    "depth",
    "parameters",
    "conductivity",
    "edges",
    "parts",
    "image",
    "probes",
    "initial",
  ];
  const words = [
    "kind",
    "circle",
    "formula",
    "file",
    "name",
    "value",
    "hole",
    "center",
    "radius",
    "where",
    "legend",
    "at",
  ];
  const word = fc.constantFrom(...words, "#ff0000", "x", "1/x", "north", "cells", "flux", "", "__proto__");
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, undefined, NaN, 1, -1, true, image({}).image, rod, circle),
      word,
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(word, tie("value"), { maxKeys: 5 }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3 }), (problem) => {
      try {
        resolveProblem(validateProblem({ shape, ...problem }));
      } catch (error) {
        assert.ok(error instanceof ProblemError, String(error));
        assert.ok(!error.message.includes("\n"), error.message);
      }
    }),
    { numRuns: 2000 },
  );
});
