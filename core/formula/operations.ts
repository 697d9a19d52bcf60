/**
 * The operations of formulas, each a loop over rows of numbers. A single number is a row of one, so that numbers and rows
 * have the same bits. Each operation is a loop of its own: engines then call no function and allocate nothing per point.
 *
 * Comparisons give 1 or 0. True is every number but 0 and NaN.
 *
 * @module
 */

/** Local. Evaluates an operation at `n` points; `out` may be one of the operands. */
export type Loop = (n: number, out: Float64Array, a: Float64Array, b: Float64Array, c: Float64Array) => void;

/** An operation, and how it is called. */
export interface Operation {
  readonly arity: 1 | 2 | 3;
  /** Whether it takes more arguments too: f(a, b, c) is f(f(a, b), c). */
  readonly folds: boolean;
  readonly run: Loop;
}

const UNARY: Readonly<Record<string, Loop>> = {
  sqrt(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.sqrt(a[i]!);
  },
  cbrt(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.cbrt(a[i]!);
  },
  exp(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.exp(a[i]!);
  },
  log(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.log(a[i]!);
  },
  log2(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.log2(a[i]!);
  },
  log10(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.log10(a[i]!);
  },
  sin(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.sin(a[i]!);
  },
  cos(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.cos(a[i]!);
  },
  tan(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.tan(a[i]!);
  },
  asin(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.asin(a[i]!);
  },
  acos(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.acos(a[i]!);
  },
  atan(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.atan(a[i]!);
  },
  sinh(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.sinh(a[i]!);
  },
  cosh(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.cosh(a[i]!);
  },
  tanh(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.tanh(a[i]!);
  },
  asinh(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.asinh(a[i]!);
  },
  acosh(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.acosh(a[i]!);
  },
  atanh(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.atanh(a[i]!);
  },
  abs(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.abs(a[i]!);
  },
  sign(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.sign(a[i]!);
  },
  floor(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.floor(a[i]!);
  },
  ceil(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.ceil(a[i]!);
  },
  // Half a unit goes away from 0, so that fields that mirror each other stay so; Math.round goes up.
  round(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = Math.sign(a[i]!) * Math.round(Math.abs(a[i]!));
  },
};

const BINARY: Readonly<Record<string, Loop>> = {
  atan2(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = Math.atan2(a[i]!, b[i]!);
  },
  pow(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = power(a[i]!, b[i]!);
  },
};

/** Those that take two arguments or more. */
const FOLDS: Readonly<Record<string, Loop>> = {
  min(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = Math.min(a[i]!, b[i]!);
  },
  max(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = Math.max(a[i]!, b[i]!);
  },
  hypot(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = length(a[i]!, b[i]!);
  },
};

const TERNARY: Readonly<Record<string, Loop>> = {
  if(n, out, a, b, c) {
    for (let i = 0; i < n; i++) out[i] = a[i]! ? b[i]! : c[i]!;
  },
};

const PREFIX: Readonly<Record<string, Loop>> = {
  "-"(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = -a[i]!;
  },
  not(n, out, a) {
    for (let i = 0; i < n; i++) out[i] = a[i]! ? 0 : 1;
  },
};

const INFIX: Readonly<Record<string, Loop>> = {
  "+"(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! + b[i]!;
  },
  "-"(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! - b[i]!;
  },
  "*"(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! * b[i]!;
  },
  "/"(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! / b[i]!;
  },
  "<"(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! < b[i]! ? 1 : 0;
  },
  "<="(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! <= b[i]! ? 1 : 0;
  },
  ">"(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! > b[i]! ? 1 : 0;
  },
  ">="(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! >= b[i]! ? 1 : 0;
  },
  "=="(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! === b[i]! ? 1 : 0;
  },
  "!="(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! !== b[i]! ? 1 : 0;
  },
  and(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! && b[i]! ? 1 : 0;
  },
  or(n, out, a, b) {
    for (let i = 0; i < n; i++) out[i] = a[i]! || b[i]! ? 1 : 0;
  },
};

/** Squares and cubes are products: the same bits in every engine, and faster than Math.pow. */
function power(a: number, b: number): number {
  return b === 2 ? a * a : b === 3 ? a * a * a : Math.pow(a, b);
}

/** Math.hypot, which takes four times as long, only where squares overflow or lose digits. */
function length(a: number, b: number): number {
  const square = a * a + b * b;
  return square > 1e-280 && square < Infinity ? Math.sqrt(square) : Math.hypot(a, b);
}

const operations = (loops: Readonly<Record<string, Loop>>, arity: 1 | 2 | 3, folds = false) =>
  Object.entries(loops).map(([name, run]): [string, Operation] => [name, { arity, folds, run }]);

/** The names that have a value everywhere. */
export const CONSTANTS: ReadonlyMap<string, number> = new Map([["pi", Math.PI]]);

/** What is called by a name, with arguments in parentheses. */
export const FUNCTIONS: ReadonlyMap<string, Operation> = new Map([
  ...operations(UNARY, 1),
  ...operations(BINARY, 2),
  ...operations(FOLDS, 2, true),
  ...operations(TERNARY, 3),
]);

/** Operators before their operand. */
export const PREFIXES: ReadonlyMap<string, Operation> = new Map(operations(PREFIX, 1));

/** Operators between their operands. */
export const INFIXES: ReadonlyMap<string, Operation> = new Map(operations({ ...INFIX, "^": BINARY.pow! }, 2));
