/**
 * Formulas: what they mean, where they cannot be read, and that rows of points have the bits of single ones.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import fc from "fast-check";
import { ProblemError } from "../../core/errors.ts";
import { compilePoint, compileRow, evaluate, notFinite, type Scope } from "../../core/formula/compile.ts";
import { FUNCTIONS } from "../../core/formula/operations.ts";
import { readParameters } from "../../core/formula/parameters.ts";
import { parseFormula } from "../../core/formula/parse.ts";

// The same cases everywhere: what fails in one place fails in all.
fc.configureGlobal({ seed: Number(process.env.LAPLACE_SEED ?? 20261128) });

const numberOf = (text: string, scope: Scope = {}) => evaluate(parseFormula(text, "key"), scope);

function assertRefused(call: () => unknown, message: string): void {
  assert.throws(call, (error) => {
    assert.ok(error instanceof ProblemError, String(error));
    assert.equal(error.message, message);
    return true;
  });
}

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

test("functions are those of Math", () => {
  const at = (text: string, value: number) => assert.equal(numberOf(text), value, text);
  for (const name of ["sqrt", "cbrt", "exp", "log", "log2", "log10", "sin", "cos", "tan", "sinh", "tanh"] as const) {
    at(`${name}(0.7)`, Math[name](0.7));
  }
  for (const name of ["cosh", "asin", "acos", "atan", "asinh", "atanh", "abs", "sign", "floor", "ceil"] as const) {
    at(`${name}(-0.7)`, Math[name](-0.7));
  }
  at("acosh(1.7)", Math.acosh(1.7));
  at("atan2(1, -2)", Math.atan2(1, -2));
  at("pow(2, 10)", 1024);
  at("min(3, 1)", 1);
  at("max(3, 1, 7, 2)", 7);
  at("hypot(3, 4)", 5);
  at("hypot(2, 3, 6)", 7);
  at("hypot(3e200, 4e200)", Math.hypot(3e200, 4e200));
  at("hypot(3e-200, -4e-200)", Math.hypot(3e-200, 4e-200));
  at("hypot(0, 0)", 0);
});

test("round takes half a unit away from 0, on either side of it", () => {
  for (const [value, rounded] of [[2.5, 3], [-2.5, -3], [0.4, 0], [-1.6, -2], [7, 7]] as const) {
    assert.equal(numberOf("round(a) + 0", { a: value }), rounded);
  }
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

test("a formula sees the names of its scope, and nothing else", () => {
  const scope = { er: 4.4, width: 2, constructor: 3 };
  assert.equal(numberOf("er*width + constructor", scope), 4.4 * 2 + 3);
  assert.deepEqual([...parseFormula("er*sin(pi*er/width) > q", "key").names], ["er", "width", "q"]);
  for (
    const name of ["constructor", "__proto__", "toString", "globalThis", "Math", "Infinity", "NaN", "hasOwnProperty"]
  ) {
    assertRefused(() => numberOf(name, { er: 1 }), `key: unknown name "${name}"; known: er, pi`);
    assert.throws(() => numberOf(`${name}(1)`), new RegExp(`unknown function "${name}"; known`));
  }
  assertRefused(() => numberOf("2*wdith", scope), `key: unknown name "wdith"; did you mean "width"?`);
  assertRefused(
    () => compileRow(parseFormula("q", "key"), { er: 1 }, ["x", "y"]),
    `key: unknown name "q"; known: x, y, er, pi`,
  );
});

test("a value that is not finite is an error that says where", () => {
  assertRefused(() => numberOf("1/a", { a: 0 }), `key must give a finite number: "1/a" gives Infinity`);
  assert.equal(
    notFinite(parseFormula("1/x", "key"), -Infinity, { x: 0, y: 0.5 }).message,
    `key must give a finite number: "1/x" gives -Infinity at x = 0, y = 0.5`,
  );
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

/** A formula as a tree. */
type Tree = number | string | { readonly of: string; readonly args: readonly Tree[] };

const isTrue = (a: number) => a > 0 || a < 0;
const MEANING: Readonly<Record<string, (a: number, b: number, c: number) => number>> = {
  "or": (a, b) => Number(isTrue(a) || isTrue(b)),
  "and": (a, b) => Number(isTrue(a) && isTrue(b)),
  "not": (a) => Number(!isTrue(a)),
  "<": (a, b) => Number(a < b),
  "<=": (a, b) => Number(a <= b),
  ">": (a, b) => Number(a > b),
  ">=": (a, b) => Number(a >= b),
  "==": (a, b) => Number(a === b),
  "!=": (a, b) => Number(a !== b),
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "negative": (a) => -a,
  "^": (a, b) => b === 2 ? a * a : b === 3 ? a * a * a : a ** b,
  "if": (a, b, c) => isTrue(a) ? b : c,
  "sin": Math.sin,
  "exp": Math.exp,
  "abs": Math.abs,
  "atan2": Math.atan2,
  "max": (a, b, c) => Math.max(a, b, c),
};
const LEVELS = [["or"], ["and"], ["not"], ["<", "<=", ">", ">=", "==", "!="], ["+", "-"], ["*", "/"], ["negative"], [
  "^",
]];

/** Writes a tree with the parentheses that it needs where an operator binds at least so. */
function print(tree: Tree, least = 0): string {
  if (typeof tree !== "object") return String(tree);
  const { of, args } = tree;
  const level = LEVELS.findIndex((level) => level.includes(of));
  if (level < 0) return `${of}(${args.map((arg) => print(arg)).join(",")})`;
  if (level < least) return `(${print(tree)})`;
  const [a, b] = args as [Tree, Tree];
  if (of === "not") return `not ${print(a, level)}`;
  if (of === "negative") return `-${print(a, level)}`;
  if (of !== "^") return `${print(a, level === 3 ? 4 : level)} ${of} ${print(b, level + 1)}`;
  return `${print(a, level + 1)}^${print(b, typeof b === "object" && b.of === "negative" ? 0 : level)}`;
}

function valueOf(tree: Tree, scope: Scope): number {
  if (typeof tree === "number") return tree;
  if (typeof tree === "string") return scope[tree]!;
  const [a = 0, b = 0, c = 0] = tree.args.map((arg) => valueOf(arg, scope));
  return MEANING[tree.of]!(a, b, c);
}

const number = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, 0.5),
  fc.double({ min: 0, max: 1e3, noNaN: true }),
  fc.constant(1e200),
);
const arity = (of: string) =>
  ["not", "negative", "sin", "exp", "abs"].includes(of) ? 1 : ["if", "max"].includes(of) ? 3 : 2;
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6 },
    fc.oneof(number, fc.constantFrom("x", "y", "a")),
    fc.constantFrom(...Object.keys(MEANING)).chain((of) =>
      fc.tuple(...Array.from({ length: arity(of) }, () => tie("tree"))).map((args) => ({ of, args }))
    ),
  ),
}));
const coordinate = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, 1, -1, 2, 3, Infinity, NaN),
  fc.double({ min: -9, max: 9 }),
);

test("a random formula has the value of its tree, at a point, along rows and as a number", () => {
  const points = fc.array(coordinate, { minLength: 1, maxLength: 20 });
  let numbers = 0;
  fc.assert(
    fc.property(tree, points, fc.array(coordinate, { minLength: 2, maxLength: 2 }), coordinate, (tree, xs, ys, a) => {
      const formula = parseFormula(print(tree), "key");
      const point = compilePoint(formula, { a }, ["x", "y"]);
      const row = compileRow(formula, { a }, ["x", "y"]);
      const column = compileRow(formula, { a }, ["y", "x"]);
      const along = Float64Array.from(xs);
      const out = new Float64Array(xs.length + 1).fill(77);
      for (const y of ys) {
        const expected = xs.map((x) => valueOf(tree, { x, y, a }));
        row(along, y, xs.length, out);
        assert.deepEqual([...out], [...expected, 77]);
        assert.deepEqual([...along], xs);
        xs.forEach((x, i) => {
          assert.ok(Object.is(point(x, y), expected[i]));
          column(new Float64Array([y]), x, 1, out);
          assert.ok(Object.is(out[0], expected[i]));
          if (!Number.isFinite(expected[i])) return;
          assert.ok(Object.is(evaluate(formula, { x, y, a }), expected[i]));
          numbers++;
        });
      }
    }),
    { numRuns: 1000 },
  );
  assert.ok(numbers > 1000, `${numbers} values were finite`);
});

test("a function keeps its bits when an engine has optimized its loop", () => {
  const along = Float64Array.from({ length: 256 }, (_, i) => Math.sinh((i - 99.3) / 20));
  for (const [name, { arity }] of [...FUNCTIONS, ["^", { arity: 2 }]] as const) {
    const call = name === "^" ? "x^round(y)" : `${name}(${["x", "y", "1 - x"].slice(0, arity).join(", ")})`;
    const row = compileRow(parseFormula(call, "key"), {}, ["x", "y"]);
    const [first, last] = [new Float64Array(256), new Float64Array(256)];
    row(along, 4.3, 256, first);
    for (let n = 0; n < 500; n++) row(along, 4.3, 256, last);
    assert.deepEqual(last, first, call);
  }
});

test("rows may become longer and shorter, and may be a number or a coordinate", () => {
  const long = Float64Array.from({ length: 100 }, (_, i) => i);
  const cases: [text: string, meaning: (x: number, y: number) => number][] = [
    ["2 + 3", () => 5],
    ["a", () => 7],
    ["x", (x) => x],
    ["y", (_, y) => y],
    ["y^2 + a", (_, y) => y * y + 7],
  ];
  cases.push([
    "if(x > y, x*y - (1 - x)*(y - x*(x + 1)), y)",
    (x, y) => x > y ? x * y - (1 - x) * (y - x * (x + 1)) : y,
  ]);
  for (const [text, meaning] of cases) {
    const row = compileRow(parseFormula(text, "key"), { a: 7 }, ["x", "y"]);
    for (const [count, y] of [[3, 1], [100, 2], [10, 4], [100, 50]] as const) {
      const out = new Float64Array(100).fill(-1);
      row(long, y, count, out);
      assert.deepEqual([...out], [...long].map((x) => x < count ? meaning(x, y) : -1), text);
    }
  }
});

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
