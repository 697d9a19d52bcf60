/**
 * Reads formulas: from text to a program in postfix order, by precedence climbing. Nothing of JavaScript is within reach of
 * a formula: it consists of numbers, names and the operations of `operations.ts`.
 *
 * From weakest to strongest: `or`, `and`, `not`, comparisons, `+ -`, `* /`, signs, `^`. Comparisons do not chain; `^` binds
 * to the right, so that -x^2 is -(x^2) and 2^3^2 is 2^9.
 *
 * @module
 */

import { counted, ProblemError, suggest } from "../errors.ts";
import { CONSTANTS, FUNCTIONS, INFIXES, type Operation, PREFIXES } from "./operations.ts";

/** A formula that has been read. */
export interface Formula {
  /** The key that messages name. */
  readonly path: string;
  /** As it was written. */
  readonly text: string;
  /** The names that it needs; pi is none. */
  readonly names: ReadonlySet<string>;
  /** In postfix order: numbers and names put a value on a stack, operations replace their operands there by the result. */
  readonly program: readonly (number | string | Operation)[];
}

/** How strongly the operators bind. */
const INFIX: ReadonlyMap<string, { readonly strength: number; readonly operation: Operation }> = new Map(
  [["or"], ["and"], [], ["<", "<=", ">", ">=", "==", "!="], ["+", "-"], ["*", "/"], [], ["^"]].flatMap(
    (symbols, strength) => symbols.map((symbol) => [symbol, { strength, operation: INFIXES.get(symbol)! }]),
  ),
);
const NOT = 2;
const COMPARISON = 3;
const SIGN = 6;
const POWER = 7;

const ALIASES: ReadonlyMap<string, string> = new Map([["&&", "and"], ["||", "or"], ["!", "not"]]);

/** How other languages write an operator, and people. */
const FOREIGN: ReadonlyMap<string, string> = new Map([
  ["**", "^"],
  ["=", "=="],
  ["&", "and"],
  ["|", "or"],
  ["×", "*"],
  ["·", "*"],
  ["−", "-"],
]);

/** Levels that a formula may nest: the reader calls itself for each. */
const DEEPEST = 200;

/**
 * Local. Reads a formula; a number is one, too.
 *
 * @param path the key that messages name
 * @throws ProblemError that gives the column where the formula cannot be read, and what was expected there
 */
export function parseFormula(input: number | string, path: string): Formula {
  if (typeof input === "string") return parse(input, path);
  if (!Number.isFinite(input)) throw new ProblemError(`${path} must be a finite number: it is ${input}`);
  return { path, text: String(input), names: new Set(), program: [input] };
}

function parse(text: string, path: string): Formula {
  const tokens = tokenize(text);
  const names = new Set<string>();
  const program: (number | string | Operation)[] = [];
  let at = 0;
  let depth = 0;

  const error = (problem: string, { column }: Token = tokens[at]!) =>
    new ProblemError(`${path}: cannot read ${excerpt(text, column)} at column ${column}: ${problem}`);

  const expected = (what: string) => {
    const { text: found } = tokens[at]!;
    const meant = FOREIGN.get(found);
    return error(`expected ${what}${meant === undefined ? "" : `; "${found}" is written "${meant}"`}`);
  };

  const skip = (symbol: string) => {
    const found = tokens[at]!.text === symbol;
    if (found) at++;
    return found;
  };

  /** Operands, and the operators between them that bind with at least this strength. */
  const expression = (least: number): void => {
    if (++depth > DEEPEST) throw error(`nested more than ${DEEPEST} levels deep`);
    operand(least);
    for (let compared = false;;) {
      const infix = INFIX.get(tokens[at]!.text);
      if (infix === undefined || infix.strength < least) break;
      const { strength, operation } = infix;
      if (compared && strength === COMPARISON) throw error(`comparisons do not chain; join two by "and"`);
      compared ||= strength === COMPARISON;
      at++;
      expression(strength === POWER ? POWER : strength + 1);
      program.push(operation);
    }
    depth--;
  };

  const operand = (least: number): void => {
    const token = tokens[at]!;
    if (skip("(")) {
      expression(0);
      if (!skip(")")) throw expected(`an operator or ")"`);
    } else if (skip("+")) {
      expression(SIGN);
    } else if (skip("-")) {
      expression(SIGN);
      program.push(PREFIXES.get("-")!);
    } else if (least <= NOT && skip("not")) {
      expression(NOT);
      program.push(PREFIXES.get("not")!);
    } else if (token.kind === "number") {
      const value = Number(token.text);
      if (!Number.isFinite(value)) throw error(`${token.text} is too large a number`);
      program.push(value);
      at++;
    } else if (token.kind === "name") {
      if (FUNCTIONS.has(token.text) || tokens[at + 1]?.text === "(") call(token);
      else name(token);
    } else {
      throw expected(`a number, a name or "("`);
    }
  };

  const name = ({ text }: Token): void => {
    const value = CONSTANTS.get(text);
    if (value === undefined) names.add(text);
    program.push(value ?? text);
    at++;
  };

  const call = (token: Token): void => {
    const operation = FUNCTIONS.get(token.text);
    if (operation === undefined) {
      throw error(`unknown function "${token.text}"${suggest(token.text, [...FUNCTIONS.keys()])}`);
    }
    at++;
    if (!skip("(")) throw expected(`"(" after "${token.text}"`);
    const { arity, folds } = operation;
    let count = 0;
    do {
      expression(0);
      if (folds && count > 0) program.push(operation);
      count++;
    } while (skip(","));
    if (!skip(")")) throw expected(`an operator, "," or ")"`);
    if (folds ? count < arity : count !== arity) {
      const takes = `${counted(arity, "argument")}${folds ? " or more" : ""}`;
      throw error(`"${token.text}" takes ${takes}, not ${count}`, token);
    }
    if (!folds) program.push(operation);
  };

  expression(0);
  if (tokens[at]!.kind !== "end") throw expected("an operator or the end");
  return { path, text, names, program };
}

interface Token {
  readonly kind: "number" | "name" | "symbol" | "end";
  readonly text: string;
  /** Of its first character, counted from 1. */
  readonly column: number;
}

const TOKEN = /(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?<name>[A-Za-z_]\w*)|[<>=!]=|&&|\|\||\*\*|\S/gu;

function tokenize(text: string): Token[] {
  const tokens = Array.from(text.matchAll(TOKEN), ({ 0: found, index, groups }): Token => {
    const symbol = ALIASES.get(found) ?? found;
    const operator = INFIX.has(symbol) || PREFIXES.has(symbol);
    const kind = groups?.number !== undefined ? "number" : groups?.name !== undefined && !operator ? "name" : "symbol";
    return { kind, text: symbol, column: index + 1 };
  });
  return [...tokens, { kind: "end", text: "", column: text.trimEnd().length + 1 }];
}

/** The text around a column, in quotes and on one line. */
function excerpt(text: string, column: number): string {
  const [from, to] = [Math.max(0, column - 60), column + 40];
  return JSON.stringify(`${from > 0 ? "…" : ""}${text.slice(from, to)}${to < text.length ? "…" : ""}`);
}
