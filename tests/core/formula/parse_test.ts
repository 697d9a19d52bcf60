/**
 * Formulas as text: what they mean, and where they cannot be read.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "../../../core/formula/compile.ts";
import { parseFormula } from "../../../core/formula/parse.ts";
import { numberOf } from "../../support/formula_value.ts";
import { assertRefused } from "../../support/refuses.ts";

test("operators bind as on paper", () => {
  const values: readonly (readonly [text: string, value: number])[] = [
    ["7", 7],
    [" .5\n+ 5. ", 5.5],
    ["1e-3 + 2.5E+1", 25.001],
    ["1 + 2*3 - 4/8", 6.5],
    ["(1 + 2)*3", 9],
    ["8 - 3 - 2", 3],
    ["8/4/2", 1],
    ["2*6/3*4", 16],
    ["2^3^2", 512],
    ["(2^3)^2", 64],
    ["-3^2", -9],
    ["(-3)^2", 9],
    ["2^-2", 0.25],
    ["2^-2*8", 2],
    ["2^-2^2", 1 / 16],
    ["-2*-3", 6],
    ["1 - -1", 2],
    ["+-+2", -2],
    ["- 2 + 5", 3],
    ["pi", Math.PI],
    ["-pi^2/2", -(Math.PI ** 2) / 2],
  ];
  for (const [text, value] of values) assert.equal(numberOf(text), value, text);
});

test("comparisons and logic give 1 or 0, and bind weaker than arithmetic", () => {
  const yes = ["1 < 2", "2 <= 2", "3 > 2", "2 >= 2", "1 + 1 == 2", "1 != 2", "-1 < 1", "2*3 > 5"];
  yes.push("1 and -2", "0 or 3", "not 0", "not 1 > 2", "not not 5", "1 or 1 and 0", "not 0 and 1", "1 && 2", "0 || 1");
  yes.push("!0", "! 1 == 2", "(1 < 2) == 1", "sqrt(0 - 1) != 0", "not sqrt(0 - 1)");
  const no = ["2 < 1", "2 <= 1", "1 > 2", "1 >= 2", "1 == 2", "2 != 2", "1 and 0", "0 or 0", "not -1", "not 1 or 0"];
  no.push("!1", "1 && 0", "0 || 0", "(1 or 1) and 0", "not (0 or 1)", "sqrt(0 - 1) < 2", "sqrt(0 - 1) or 0");
  for (const text of yes) assert.equal(numberOf(text), 1, text);
  for (const text of no) assert.equal(numberOf(text), 0, text);
});

test("if selects, whatever the other branch is", () => {
  assert.equal(numberOf("if(2 > 1, 10, 1/0)"), 10);
  assert.equal(numberOf("if(0, sqrt(0 - 1), 20)"), 20);
  assert.equal(numberOf("if(0/0, 10, 20)"), 20);
  assert.equal(numberOf("1 + if(1, if(0, 1, 2), 3)*2"), 5);
});

test("a formula that cannot be read gives the column and what was expected there", () => {
  const operand = `expected a number, a name or "("`;
  const end = "expected an operator or the end";
  const wrong: readonly (readonly [text: string, column: number, problem: string])[] = [
    ["", 1, operand],
    ["  ", 1, operand],
    ["100*sin(", 9, operand],
    ["1 +  ", 4, operand],
    ["1 + * 2", 5, operand],
    ["sin()", 5, operand],
    ["1 + not 2", 5, operand],
    ["1, 2", 2, end],
    ["2x", 2, end],
    ["1.2.3", 4, end],
    ["0x10", 2, end],
    ["1e", 2, end],
    ["2 (3)", 3, end],
    ["1)", 2, end],
    ["a.b", 2, end],
    ["a[0]", 2, end],
    ["a;b", 2, end],
    ["`a`", 1, operand],
    ["a => 1", 3, `${end}; "=" is written "=="`],
    ["x = 1", 3, `${end}; "=" is written "=="`],
    ["x**2", 2, `${end}; "**" is written "^"`],
    ["a & b", 3, `${end}; "&" is written "and"`],
    ["a | b", 3, `${end}; "|" is written "or"`],
    ["2 × a", 3, `${end}; "×" is written "*"`],
    ["2 · a", 3, `${end}; "·" is written "*"`],
    ["−a", 1, `${operand}; "−" is written "-"`],
    ["(1 + 2", 7, `expected an operator or ")"`],
    ["min(1, 2", 9, `expected an operator, "," or ")"`],
    ["min(1 2)", 7, `expected an operator, "," or ")"`],
    ["sin x", 5, `expected "(" after "sin"`],
    ["if", 3, `expected "(" after "if"`],
    ["1 + sinn(2)", 5, `unknown function "sinn"; did you mean "sin"?`],
    ["sin(1, 2)", 1, `"sin" takes 1 argument, not 2`],
    ["1 + atan2(1)", 5, `"atan2" takes 2 arguments, not 1`],
    ["if(1, 2)", 1, `"if" takes 3 arguments, not 2`],
    ["max(1)", 1, `"max" takes 2 arguments or more, not 1`],
    ["0 < x < 1", 7, `comparisons do not chain; join two by "and"`],
    ["1e999", 1, "1e999 is too large a number"],
  ];
  for (const [text, column, problem] of wrong) {
    const message = `edges.north: cannot read ${JSON.stringify(text)} at column ${column}: ${problem}`;
    assertRefused(() => parseFormula(text, "edges.north"), message);
  }
  assert.throws(() => numberOf("foo(2)"), /unknown function "foo"; known: sqrt, cbrt, .*, if$/);
  assertRefused(() => numberOf("1\n+"), `key: cannot read "1\\n+" at column 4: ${operand}`);
  const sum = "1 + ".repeat(100);
  assertRefused(() => numberOf(sum), `key: cannot read "…${sum.slice(340)}" at column 400: ${operand}`);
});

test("a number is a formula, if it is finite", () => {
  assert.equal(evaluate(parseFormula(2.5, "key"), {}), 2.5);
  assertRefused(() => parseFormula(NaN, "key"), "key must be a finite number: it is NaN");
});

test("what is nested too deep is refused, what is long is not", () => {
  const nested = (levels: number) => "(".repeat(levels) + "1" + ")".repeat(levels);
  assert.equal(numberOf(nested(199)), 1);
  for (const opening of ["(", "-", "not ", "sin(", "2^", "1-(", "if(1,"]) {
    assert.throws(
      () => numberOf(opening.repeat(20_000)),
      /^ConfigError: key: cannot read ".{100,110}" at column \d+: nested more than 200 levels deep$/,
    );
  }
  assert.equal(numberOf("1 + ".repeat(20_000) + "1"), 20_001);
  assert.equal(numberOf(`max(${"1, ".repeat(20_000)}2)`), 2);
});
