/** A problem on half the spacing: the same problem, and what cannot be refined. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { coarsenProblem } from "../../core/discretize/coarsen_problem.ts";
import { lower } from "../../core/discretize/lower.ts";
import { refineProblem } from "../../core/discretize/refine_problem.ts";
import { type Problem, validateProblem } from "../../core/problem/problem.ts";
import { refuses } from "../support/refuses.ts";

/** All numbers of a problem's stencil. */
function numbers(problem: Problem) {
  const stencil = lower(validateProblem(problem));
  const [ny, nx] = stencil.shape;
  const { kind, shape, spacing, periodic } = stencil;
  return { kind, shape, spacing, periodic, fields: stencil.evaluate({ rows: [0, ny], cols: [0, nx] }) };
}

const PROBLEMS: Readonly<Record<string, Problem>> = {
  formulas: {
    shape: [5, 9],
    spacing: [0.5, 0.25],
    origin: [-1, 2],
    parameters: { a: 3 },
    edges: {
      north: "sin(pi*x/width)",
      south: { flux: "a*x" },
      west: { convection: { h: "y^2", ambient: 4 } },
      east: 2,
    },
    conductivity: { formula: "1 + x^2" },
    source: { formula: "y" },
    parts: [{ name: "p", kind: "circle", center: [0, 2.6], radius: 0.4, value: 1 }],
    fixed: { shapes: [{ kind: "circle", center: [1, 1.5], radius: 0.3, value: 7 }] },
    probes: [{ name: "q", at: [0.1, 3] }],
  },
  "functions of row and column": {
    shape: [5, 7],
    edges: {
      north: (_, col) => col,
      south: (row, col) => row + col,
      west: { flux: (row) => row },
      east: { convection: { h: (row, col) => 1 + row + col, ambient: 3 } },
    },
    conductivity: { value: (row, col) => 1 + row * col },
    source: (row, col) => row - col,
    fixed: { mask: (row, col) => row === 2 && col === 2 ? 1 : 0, values: 5 },
  },
  "periodic both ways": {
    shape: [6, 8],
    spacing: [1, 2],
    edges: { north: "periodic", south: "periodic", west: "periodic", east: "periodic" },
    source: { formula: "sin(2*pi*y/height) + cos(2*pi*x/width)" },
    parts: [{ name: "p", kind: "rect", from: [1, 2], to: [2, 4], value: 0 }],
  },
  axisymmetric: { shape: [5, 5], coordinates: "axisymmetric", edges: { north: 1 } },
};

for (const [what, problem] of Object.entries(PROBLEMS)) {
  test(`every other row and column of a refined problem are the problem: ${what}`, () => {
    const refined = refineProblem(validateProblem(problem));
    const periodic = problem.edges?.north === "periodic";
    assert.deepEqual(refined.shape, problem.shape.map((n) => periodic ? 2 * n : 2 * n - 1));
    const back = coarsenProblem(refined);
    assert.ok(typeof back === "object", String(back));
    assert.deepEqual(numbers(back), numbers(problem));
  });
}

test("a first guess is dropped", () => {
  assert.equal(refineProblem({ shape: [3, 3], initial: new Float64Array(9) }).initial, undefined);
});

test("pixels become four each, and the parts that they draw keep their place", () => {
  const colours = [[255, 0, 0, 255], [0, 0, 255, 255], [255, 255, 255, 255]] as const;
  const drawing = [0, 0, 2, 2, 0, 0, 1, 2, 2, 1, 1, 2];
  const image = {
    data: Uint8Array.from(drawing.flatMap((n) => colours[n]!)).subarray(0),
    width: 4,
    height: 3,
    legend: { "#ff0000": { name: "hot", value: 1 }, "#0000ff": { name: "rock", conductivity: 3 }, "#ffffff": {} },
  };
  const refined = refineProblem(validateProblem({ shape: [4, 5], image }));
  assert.deepEqual([refined.shape, refined.image!.width, refined.image!.height], [[7, 9], 8, 6]);
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j < 8; j++) {
      const pixel = [...refined.image!.data.slice(4 * (8 * i + j), 4 * (8 * i + j) + 4)];
      assert.deepEqual(pixel, colours[drawing[4 * (i >> 1) + (j >> 1)]!]);
    }
  }
  // A view into a larger buffer, such as a decoder returns.
  const shifted = new Uint8Array(image.data.length + 3);
  shifted.set(image.data, 3);
  assert.deepEqual(
    refineProblem({ shape: [4, 5], image: { ...image, data: shifted.subarray(3) } }).image,
    refined.image,
  );
});

test("numbers at nodes and cells, and pixels that are nodes, are refused by their key", () => {
  const shape = [3, 3] as const;
  const nine = new Float64Array(9).fill(1);
  const image = { data: new Uint8Array(36), width: 3, height: 3, pixels: "nodes", legend: {} } as const;
  for (
    const [problem, key] of [
      [{ edges: { north: [1, 2, 3] } }, "edges.north"],
      [{ edges: { west: { flux: [1, 2, 3] } } }, "edges.west.flux"],
      [{ edges: { east: { convection: { h: 1, ambient: [1, 2, 3] } } } }, "edges.east.convection.ambient"],
      [{ source: { value: nine } }, "source"],
      [{ conductivity: nine }, "conductivity"],
      [{ conductivity: { cells: new Float64Array(4) } }, "conductivity.cells"],
      [{ fixed: { mask: nine, values: 1 } }, "fixed.mask"],
      [{ parts: [{ name: "a", kind: "file", mask: nine, value: 1 }] }, "parts[0].file"],
      [{ image }, "image"],
    ] as const
  ) {
    refuses(() => refineProblem({ shape, ...problem } as Problem), `${key} has a `);
  }
});
