/**
 * The parameters of a problem: named numbers, and formulas of each other in any order.
 *
 * @module
 */

import { ProblemError, suggest } from "../errors.ts";
import { evaluate, type Scope, unknownName } from "./compile.ts";
import { CONSTANTS, FUNCTIONS, INFIXES, PREFIXES } from "./operations.ts";
import { parseFormula } from "./parse.ts";

/** Numbers and formulas by name, as an author writes them. */
export type ParametersInput = Readonly<Record<string, number | string>>;

/** What the language uses a name for. */
const RESERVED: ReadonlyMap<string, string> = new Map([
  ...[...FUNCTIONS.keys()].map((name) => [name, "a function"] as const),
  ...[...INFIXES.keys(), ...PREFIXES.keys()].map((name) => [name, "an operator"] as const),
  ...[...CONSTANTS.keys()].map((name) => [name, "a constant"] as const),
  ...["x", "y", "r", "z"].map((name) => [name, "a coordinate"] as const),
  ...["width", "height"].map((name) => [name, "a size of the domain"] as const),
]);

/**
 * Local. The values of all parameters.
 *
 * @param overrides what replaces parameters of the problem: `--param er=4.4`
 * @param known further names that they may use, like width and height
 * @returns numbers in the order of the problem, all finite
 * @throws ProblemError for a name that is none or has a meaning, for a formula that is wrong, not finite or depends on
 *     itself, and for an override of what is no parameter
 */
export function readParameters(
  parameters: ParametersInput,
  overrides: ParametersInput = {},
  known: Scope = {},
): Scope {
  const names = Object.keys(parameters);
  for (const name of names) checkName(name);
  for (const name of Object.keys(overrides)) {
    if (Object.hasOwn(parameters, name)) continue;
    throw new ProblemError(`--param ${name}: the problem has no parameter "${name}"${suggest(name, names)}`);
  }
  const formulas = new Map(names.map((name) => {
    const overridden = Object.hasOwn(overrides, name);
    return [
      name,
      parseFormula((overridden ? overrides : parameters)[name]!, overridden ? `--param ${name}` : `parameters.${name}`),
    ];
  }));

  const values = new Map(Object.entries(known));
  for (const name of names) {
    // Those that wait for the one behind them.
    const way = [name];
    while (way.length > 0) {
      const current = way.at(-1)!;
      const formula = formulas.get(current)!;
      const missing = [...formula.names].find((other) => !values.has(other));
      if (missing === undefined) {
        const scope = Object.fromEntries([...formula.names].map((other) => [other, values.get(other)!]));
        values.set(current, evaluate(formula, scope));
        way.pop();
        continue;
      }
      const next = formulas.get(missing);
      if (next === undefined) throw unknownName(formula, missing, [...names, ...Object.keys(known)]);
      const first = way.indexOf(missing);
      if (first >= 0) {
        throw new ProblemError(`${next.path}: depends on itself: ${[...way.slice(first), missing].join(", ")}`);
      }
      way.push(missing);
    }
  }
  return Object.fromEntries(names.map((name) => [name, values.get(name)!]));
}

function checkName(name: string): void {
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    throw new ProblemError(`parameters.${JSON.stringify(name)} must be a name: a letter or "_", then also digits`);
  }
  const meaning = RESERVED.get(name);
  if (meaning !== undefined) {
    throw new ProblemError(`parameters.${name} needs another name: in formulas "${name}" is ${meaning}`);
  }
}
