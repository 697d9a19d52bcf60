/**
 * Parameters: numbers by name, formulas of each other, and those that replace them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { readParameters } from "../../../core/formula/parameters.ts";
import { numberOf } from "../../support/formula_value.ts";
import { assertRefused } from "../../support/refuses.ts";

test("parameters are formulas of each other, in any order", () => {
  const parameters = { area: "w*h", w: "2*gap", gap: 3, h: "gap + 1", constructor: "2*area", __proto: 1 };
  assert.deepEqual(readParameters(parameters), { area: 24, w: 6, gap: 3, h: 4, constructor: 48, __proto: 1 });
  assert.deepEqual(Object.keys(readParameters(parameters)), Object.keys(parameters));
  assert.deepEqual(readParameters({}), {});
  assert.deepEqual(readParameters({ w: "width/4" }, {}, { width: 2, height: 1 }), { w: 0.5 });
});

test("overrides replace parameters, by formulas too", () => {
  const parameters = { er: 9.8, w: "2*er" };
  assert.deepEqual(readParameters(parameters, { er: "4.4" }), { er: 4.4, w: 8.8 });
  assert.deepEqual(readParameters(parameters, { er: "w/2", w: 3 }), { er: 1.5, w: 3 });
  assertRefused(
    () => readParameters({ eps0: 1, w: 2 }, { eps: 1 }),
    `--param eps: the problem has no parameter "eps"; did you mean "eps0"?`,
  );
  assertRefused(() => readParameters({}, { er: 1 }), `--param er: the problem has no parameter "er"; there are none`);
  assertRefused(
    () => readParameters(parameters, { er: "4,4" }),
    `--param er: cannot read "4,4" at column 2: expected an operator or the end`,
  );
});

test("parameters that are wrong are named", () => {
  const wrong: readonly (readonly [parameters: Readonly<Record<string, number | string>>, message: string])[] = [
    [{ a: "b", b: "2*a" }, "parameters.a: depends on itself: a, b, a"],
    [{ a: "a" }, "parameters.a: depends on itself: a, a"],
    [{ c: "1 + d", d: "e", e: "f + d", f: 1 }, "parameters.d: depends on itself: d, e, d"],
    [{ a: Infinity }, "parameters.a must be a finite number: it is Infinity"],
    [{ a: "1/b", b: 0 }, `parameters.a must give a finite number: "1/b" gives Infinity`],
    [{ a: "sqrt(-1)" }, `parameters.a must give a finite number: "sqrt(-1)" gives NaN`],
    [{ a: "gapp", gap: 1 }, `parameters.a: unknown name "gapp"; did you mean "gap"?`],
    [{ a: "x", gap: 1 }, `parameters.a: unknown name "x"; known: a, gap, pi`],
    [{ a: "1 +" }, `parameters.a: cannot read "1 +" at column 4: expected a number, a name or "("`],
    [{ "a-b": 1 }, `parameters."a-b" must be a name: a letter or "_", then also digits`],
    [{ "1a": 1 }, `parameters."1a" must be a name: a letter or "_", then also digits`],
    [{ "": 1 }, `parameters."" must be a name: a letter or "_", then also digits`],
    [{ sin: 1 }, `parameters.sin needs another name: in formulas "sin" is a function`],
    [{ if: 1 }, `parameters.if needs another name: in formulas "if" is a function`],
    [{ not: 1 }, `parameters.not needs another name: in formulas "not" is an operator`],
    [{ and: 1 }, `parameters.and needs another name: in formulas "and" is an operator`],
    [{ pi: 3 }, `parameters.pi needs another name: in formulas "pi" is a constant`],
    [{ r: 1 }, `parameters.r needs another name: in formulas "r" is a coordinate`],
    [{ width: 1 }, `parameters.width needs another name: in formulas "width" is a size of the domain`],
  ];
  for (const [parameters, message] of wrong) assertRefused(() => readParameters(parameters), message);
});

test("parameters in a long chain, and one called __proto__", () => {
  const chain = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`p${i}`, i < 2999 ? `p${i + 1} + 1` : 0]));
  assert.equal(readParameters(chain).p0, 2999);
  const parameters = Object.fromEntries([["__proto__", 5], ["a", "__proto__ + 1"]]);
  const read = readParameters(parameters);
  assert.deepEqual(Object.entries(read), [["__proto__", 5], ["a", 6]]);
  assert.equal(numberOf("a + __proto__", read), 11);
});
