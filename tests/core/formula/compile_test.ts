/**
 * Formulas as numbers: their functions and scopes, and that rows of points have the bits of single ones.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compilePoint, compileRow, evaluate, notFinite, type Scope } from "../../../core/formula/compile.ts";
import { FUNCTIONS } from "../../../core/formula/operations.ts";
import { parseFormula } from "../../../core/formula/parse.ts";
import { numberOf } from "../../support/formula_value.ts";
import { assertRefused } from "../../support/refuses.ts";
import "../../support/same_cases.ts";

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
