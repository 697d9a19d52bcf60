/**
 * The value of a formula. Not a test itself.
 *
 * @module
 */

import { evaluate, type Scope } from "../../core/formula/compile.ts";
import { parseFormula } from "../../core/formula/parse.ts";

/** Reads a formula and evaluates it. @throws ProblemError about the key `key` */
export function numberOf(text: string, scope: Scope = {}): number {
  return evaluate(parseFormula(text, "key"), scope);
}
