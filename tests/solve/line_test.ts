/** Transmission lines against closed forms. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Problem } from "../../core/problem/problem.ts";
import { EPS0, LIGHT, transmissionLine } from "../../solve/line.ts";
import { free, insulated } from "../support/problems.ts";
import { quarter } from "../support/sections.ts";

const js = { plugin: "js" } as const;
const VACUUM = 1 / (LIGHT * EPS0);

function near(found: number, exact: number, part: number): void {
  assert.ok(Math.abs(found / exact - 1) <= part, `${found}, exact ${exact}: off by ${found / exact - 1}`);
}

/** A quarter of a strip without thickness between two planes, as wide as they are apart. */
const STRIPLINE: Problem = {
  shape: [17, 65],
  spacing: [1 / 32, 1 / 32],
  depth: 4,
  parameters: { er: 2.2 },
  conductivity: { formula: "er" },
  edges: {
    south: free,
    west: free,
    // What is left there falls like exp(−πx).
    east: { convection: { h: "pi*er", ambient: 0 } },
  },
  parts: [{ name: "strip", kind: "rect", from: [0, 0], to: [0, 0.5], value: 1 }],
};

test("a stripline has the impedance of Cohn's formula", async () => {
  const { line, coupled, filled } = await transmissionLine(STRIPLINE, ["strip"], { ...js, to: 1e-5 });
  assert.equal(filled.why, undefined);
  // The edge in the east has the conductivity of the dielectric, without it too: 1e-5.
  near(line!.impedance * Math.sqrt(2.2), 65.3536251, 2e-5);
  near(line!.capacitance, 2.2 * 5.76448992428 * EPS0, 1e-5);
  const { uncertainty, uncertainties } = line!;
  assert.ok(uncertainty! <= 1e-5);
  near(uncertainties!.impedance, uncertainty! * line!.impedance, 1e-12);
  assert.equal(coupled, undefined);
});

test("a microstrip in air has the impedance of its conformal map, and a grid in the open is nearly enough", async () => {
  const h = 1 / 8;
  const { line } = await transmissionLine(
    {
      shape: [65, 65],
      spacing: [h, h],
      depth: 2,
      edges: {
        west: free,
        // The field of a dipole on the plane, u = y / (x² + y²).
        north: { convection: { h: "(y^2 - x^2)/(y*(x^2 + y^2))", ambient: 0 } },
        east: { convection: { h: "2*x/(x^2 + y^2)", ambient: 0 } },
      },
      parts: [{ name: "strip", kind: "rect", from: [1, 0], to: [1, 1], value: 1 }],
    },
    ["strip"],
    { ...js, to: 1e-5 },
  );
  near(line!.impedance, 89.02875, 1e-5);
});

test("a round coaxial line of two dielectrics: C of gaps in series, L of the whole gap", async () => {
  const [a, b, c] = [0.3, 0.55, 1];
  const problem = quarter([
    { name: "tube", kind: "circle", center: [0, 0], radius: c, outside: true, value: 0 },
    { name: "coating", kind: "circle", center: [0, 0], radius: b, conductivity: 4 },
    { name: "wire", kind: "circle", center: [0, 0], radius: a, value: 1 },
  ]);
  const { line, filled, empty } = await transmissionLine(problem, ["wire"], { ...js, to: 1e-5 });
  const [C, C0] = [Math.log(b / a) / 4 + Math.log(c / b), Math.log(c / a)].map((gap) => 2 * Math.PI * EPS0 / gap) as [
    number,
    number,
  ];
  near(line!.capacitance, C, 1e-5);
  near(line!.inductance, 1 / (LIGHT ** 2 * C0), 1e-5);
  near(line!.impedance, Math.sqrt(line!.inductance / line!.capacitance), 1e-12);
  near(line!.velocityFactor, Math.sqrt(C0 / C), 1e-5);
  near(line!.delay, Math.sqrt(line!.inductance * line!.capacitance), 1e-12);
  near(line!.permittivity, C / C0, 1e-5);
  assert.notEqual(filled, empty);
  // To first order a root is half as uncertain as its square, relatively; a product as uncertain as both.
  const { capacitance, inductance, impedance, velocityFactor, delay, permittivity } = line!.uncertainties!;
  const [ofC, ofC0] = [capacitance / line!.capacitance, inductance / line!.inductance];
  near(ofC, filled.uncertainty! / filled.matrix[0]![0]!, 1e-12);
  near(ofC0, empty.uncertainty! / empty.matrix[0]![0]!, 1e-12);
  near(permittivity / line!.permittivity, ofC + ofC0, 1e-12);
  near(impedance / line!.impedance, (ofC + ofC0) / 2, 1e-12);
  near(velocityFactor / line!.velocityFactor, (ofC + ofC0) / 2, 1e-12);
  near(delay / line!.delay, (ofC + ofC0) / 2, 1e-12);
});

test("without dielectrics one matrix is enough, and waves have the speed of light", async () => {
  const { conductivity: _, ...empty } = STRIPLINE;
  const found = await transmissionLine(empty, ["strip"], js);
  assert.equal(found.filled, found.empty);
  assert.deepEqual([found.line!.velocityFactor, found.line!.permittivity], [1, 1]);
  near(found.line!.delay, 1 / LIGHT, 1e-12);
  near(found.line!.impedance, VACUUM * EPS0 / found.line!.capacitance, 1e-12);
  assert.deepEqual([found.line!.uncertainty, found.line!.uncertainties], [undefined, undefined]);
  const { uncertainties } = (await transmissionLine(empty, ["strip"], { ...js, to: 1e-3 })).line!;
  assert.deepEqual([uncertainties!.velocityFactor, uncertainties!.delay, uncertainties!.permittivity], [0, 0, 0]);
});

/** Two wires over a plane, in a box, with a slab below them. */
const PAIR: Problem = {
  shape: [33, 65],
  spacing: [1 / 16, 1 / 16],
  parts: [
    { name: "slab", kind: "rect", from: [0, 0], to: [0.75, 4], conductivity: 4 },
    { name: "a", kind: "rect", from: [0.75, 1.25], to: [0.875, 1.75], value: 1 },
    { name: "b", kind: "rect", from: [0.75, 2.25], to: [0.875, 2.75], value: 1 },
  ],
};

test("two lines have an even and an odd mode, whichever is named first", async () => {
  const { line, coupled, filled } = await transmissionLine(PAIR, ["a", "b"], { ...js, tol: 1e-9 });
  assert.equal(line, undefined);
  const { even, odd, capacitance, inductance } = coupled!;
  const [[own, mutual]] = filled.matrix as [[number, number]];
  near(even.capacitance, EPS0 * (own + mutual), 1e-6);
  near(odd.capacitance, EPS0 * (own - mutual), 1e-6);
  near(even.inductance, inductance[0]![0]! + inductance[0]![1]!, 1e-6);
  near(odd.inductance, inductance[0]![0]! - inductance[0]![1]!, 1e-6);
  near(capacitance[0]![1]!, EPS0 * mutual, 1e-12);
  near(coupled!.differentialImpedance, 2 * odd.impedance, 1e-12);
  near(coupled!.commonImpedance, even.impedance / 2, 1e-12);
  assert.ok(even.impedance > odd.impedance);
  const { coupled: swapped } = await transmissionLine(PAIR, ["b", "a"], { ...js, tol: 1e-9 });
  near(swapped!.commonImpedance, even.impedance / 2, 1e-7);
});

test("in one dielectric L C is 1 / c² times its permittivity", async () => {
  const { parts, ...rest } = PAIR;
  const { coupled } = await transmissionLine({ ...rest, parts: parts!.slice(1), conductivity: 3 }, ["a", "b"], {
    ...js,
    tol: 1e-9,
  });
  const { capacitance: C, inductance: L } = coupled!;
  for (const i of [0, 1]) {
    for (const j of [0, 1]) {
      const product = (L[i]![0]! * C[0]![j]! + L[i]![1]! * C[1]![j]!) * LIGHT ** 2 / 3;
      assert.ok(Math.abs(product - (i === j ? 1 : 0)) < 1e-6, `${product}`);
    }
  }
  const { even, odd } = coupled!;
  near(even.velocityFactor, odd.velocityFactor, 1e-7);
});

test("what floats takes no charge: a thin ring where the field has one value changes nothing but its thickness", async () => {
  const problem = quarter([
    { name: "tube", kind: "circle", center: [0, 0], radius: 1, outside: true, value: 0 },
    { name: "ring", kind: "ring", center: [0, 0], radii: [0.6, 0.7], charge: 0 },
    { name: "wire", kind: "circle", center: [0, 0], radius: 0.3, value: 1 },
  ]);
  const { line, filled } = await transmissionLine(problem, ["wire"], { ...js, to: 1e-4 });
  assert.deepEqual(filled.names, ["wire", "ring"]);
  near(line!.capacitance, 2 * Math.PI * EPS0 / (Math.log(2) + Math.log(1 / 0.7)), 1e-4);
});

test("what is wrong is refused", async () => {
  const refuses = async (problem: Problem, signals: readonly [string, string?], message: RegExp) => {
    await assert.rejects(transmissionLine(problem, signals, js), message);
  };
  await refuses(PAIR, ["c"], /^ConfigError: There is no conductor "c"; known: a, b$/);
  await refuses(PAIR, ["a", "slab"], /^ConfigError: There is no conductor "slab"; known: a, b$/);
  await refuses(PAIR, ["a", "a"], /^ConfigError: The second conductor must differ from the first: both are "a"$/);
  await refuses({ shape: [9, 9] }, ["a"], /^ConfigError: parts has no conductor/);
  await refuses({ ...PAIR, coordinates: "axisymmetric" }, ["a"], /^ConfigError: coordinates must be planar/);
  await refuses({ ...PAIR, edges: insulated }, ["a", "b"], /^ConfigError: parts has nothing across from "a" and "b": /);
});
