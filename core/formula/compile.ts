/**
 * Evaluates formulas: for numbers, at points, and along rows of points, where each operation is one loop over the row.
 *
 * The program of a formula is run once over kinds of values instead of values. What depends on constants alone is computed
 * then and there; what depends on the number that a row has in common is computed once a row; the rest becomes loops over
 * a few rows of temporaries.
 *
 * @module
 */

import { ProblemError, suggest } from "../errors.ts";
import { CONSTANTS, type Loop } from "./operations.ts";
import type { Formula } from "./parse.ts";

/** Numbers by name. */
export type Scope = Readonly<Record<string, number>>;

/**
 * Evaluates a formula at `count` points: at `along[i]`, with `across` the same for all of them, into `out`, which must be
 * another array than `along`.
 */
export type RowFunction = (along: Float64Array, across: number, count: number, out: Float64Array) => void;

/**
 * Local. The value of a formula.
 *
 * @param scope the names that it may use
 * @throws ProblemError for an unknown name, and for a value that is not finite
 */
export function evaluate(formula: Formula, scope: Scope): number {
  const out = new Float64Array(1);
  compileRow(formula, scope, [])(new Float64Array(1), 0, 1, out);
  if (!Number.isFinite(out[0])) throw notFinite(formula, out[0]!);
  return out[0]!;
}

/**
 * Local. A formula as a function of two coordinates, for points in no order. Its bits are those of rows.
 *
 * @param constants the names that it may use besides the two
 * @returns a function whose values may be infinite or NaN: `notFinite` makes the error
 * @throws ProblemError for an unknown name
 */
export function compilePoint(
  formula: Formula,
  constants: Scope,
  variables: readonly [along: string, across: string],
): (along: number, across: number) => number {
  const row = compileRow(formula, constants, variables);
  const place = new Float64Array(1);
  const out = new Float64Array(1);
  return (along, across) => {
    place[0] = along;
    row(place, across, 1, out);
    return out[0]!;
  };
}

/** Local. The error of a formula that is not finite, at coordinates like `{ x: 0, y: 0.5 }`. */
export function notFinite({ path, text }: Formula, value: number, at: Scope = {}): ProblemError {
  const place = Object.entries(at).map(([name, coordinate]) => `${name} = ${coordinate}`).join(", ");
  const where = place === "" ? "" : ` at ${place}`;
  return new ProblemError(`${path} must give a finite number: ${JSON.stringify(text)} gives ${value}${where}`);
}

/** Local. The error of a name that a formula cannot use. */
export function unknownName({ path }: Formula, name: string, known: readonly string[]): ProblemError {
  return new ProblemError(`${path}: unknown name "${name}"${suggest(name, [...known, ...CONSTANTS.keys()])}`);
}

/** What a value changes with: nothing, rows, or points. */
const CONSTANT = 0;
const ROW = 1;
const POINT = 2;

/** A value on the stack: an array, of one number unless it changes with points. */
interface Value {
  readonly changes: number;
  /** Which of the arrays it is. */
  readonly place: number;
}

/** A loop, and which arrays it writes and reads. */
interface Instruction {
  readonly run: Loop;
  readonly out: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/**
 * Local. A formula as a function of a row of points. It keeps its temporaries from row to row, and makes new ones only if
 * a row is longer than those before.
 *
 * @param constants the names that it may use besides the two
 * @param variables the coordinate along the row, and the one that a row has in common
 * @returns a function whose values may be infinite or NaN: `notFinite` makes the error
 * @throws ProblemError for an unknown name
 */
export function compileRow(
  formula: Formula,
  constants: Scope,
  [along, across]: readonly [along?: string, across?: string],
): RowFunction {
  const arrays: Float64Array[] = [];
  const add = (length: number) => arrays.push(new Float64Array(length)) - 1;
  const x: Value = { changes: POINT, place: add(0) };
  const y: Value = { changes: ROW, place: add(1) };
  const temporaries = new Set<number>();
  const free: number[] = [];
  const perRow: Instruction[] = [];
  const perPoint: Instruction[] = [];

  const constant = (value: number): Value => {
    const place = add(1);
    arrays[place]![0] = value;
    return { changes: CONSTANT, place };
  };

  const lookUp = (name: string): Value => {
    if (name === along) return x;
    if (name === across) return y;
    if (Object.hasOwn(constants, name)) return constant(constants[name]!);
    const variables = [along, across].filter((variable) => variable !== undefined);
    throw unknownName(formula, name, [...variables, ...Object.keys(constants)]);
  };

  const instruction = (run: Loop, out: number, [a = 0, b = a, c = a]: readonly number[]) => ({ run, out, a, b, c });

  /** Adds a loop over points, which may write to a temporary that it reads. */
  const loop = (run: Loop, operands: readonly number[]): number => {
    free.push(...operands.filter((place) => temporaries.has(place)));
    const out = free.pop() ?? add(0);
    temporaries.add(out);
    perPoint.push(instruction(run, out, operands));
    return out;
  };

  const rowOf = ({ changes, place }: Value): number => changes === POINT ? place : loop(fill, [place]);

  const apply = (run: Loop, operands: readonly Value[]): Value => {
    const changes = Math.max(...operands.map((operand) => operand.changes));
    if (changes === POINT) return { changes, place: loop(run, operands.map(rowOf)) };
    const out = add(1);
    const once = instruction(run, out, operands.map(({ place }) => place));
    if (changes === ROW) perRow.push(once);
    else execute(once, arrays, 1);
    return { changes, place: out };
  };

  const stack: Value[] = [];
  for (const step of formula.program) {
    if (typeof step === "number") stack.push(constant(step));
    else if (typeof step === "string") stack.push(lookUp(step));
    else stack.push(apply(step.run, stack.splice(-step.arity)));
  }
  const value = stack[0]!;
  // The temporary that holds the result is the caller's array.
  const result = value === x ? loop(copy, [value.place]) : rowOf(value);
  let capacity = 0;

  return (along, across, count, out) => {
    if (count > capacity) {
      capacity = count;
      for (const place of temporaries) if (place !== result) arrays[place] = new Float64Array(count);
    }
    arrays[x.place] = along;
    arrays[y.place]![0] = across;
    arrays[result] = out;
    for (const step of perRow) execute(step, arrays, 1);
    for (const step of perPoint) execute(step, arrays, count);
  };
}

function execute({ run, out, a, b, c }: Instruction, arrays: readonly Float64Array[], count: number): void {
  run(count, arrays[out]!, arrays[a]!, arrays[b]!, arrays[c]!);
}

function copy(n: number, out: Float64Array, a: Float64Array): void {
  for (let i = 0; i < n; i++) out[i] = a[i]!;
}

function fill(n: number, out: Float64Array, a: Float64Array): void {
  out.fill(a[0]!, 0, n);
}
