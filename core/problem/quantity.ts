/**
 * Quantities of the position: what a formula or a function of x and y becomes. They are evaluated anywhere, a row at a time
 * where that is faster; on a grid they are fields.
 *
 * @module
 */

import { compileRow } from "../formula/compile.ts";
import { parseFormula } from "../formula/parse.ts";
import type { NodeGrid } from "../geometry/region.ts";
import { ProblemError } from "../errors.ts";
import { type Sampler, sampler } from "./field.ts";
import { type Frame, numberOf } from "./frame.ts";
import type { PlaceInput } from "./parts.ts";

/** A row and a column of a grid. */
type NodeIndex = readonly [row: number, col: number];

/** A quantity that depends on the position; it throws a ProblemError where its value is out of range. */
export interface Quantity {
  /** Its value, where it is the same everywhere. */
  readonly uniform: number | undefined;
  /** Local. Its value at a point. `node` is named in errors. */
  at(x: number, y: number, node?: NodeIndex): number;
  /**
   * Local. Writes its values at the first `count` of the points `x`, all at the same y. Unless it is uniform, it is neither
   * called nor checked where `held` has a number, and 0 there. Errors name `first`, the node at x[0], if it is given.
   */
  row(x: Float64Array, y: number, count: number, out: Float64Array, held?: Float64Array, first?: NodeIndex): void;
}

/** What values a quantity may have, besides that they are finite. */
export interface ValueRange {
  /** The largest absolute value. */
  readonly most?: number;
  /** Whether they must be greater than 0. */
  readonly positive?: boolean;
}

type Evaluate = (x: Float64Array, y: number, count: number, out: Float64Array, held?: Float64Array) => void;

/**
 * Local. Makes a number, a formula or a function readable.
 *
 * @param path the key that messages name
 * @throws ProblemError for a formula with a fault, or a number out of range; other values are checked as they are read.
 */
export function quantityOf(frame: Frame, input: PlaceInput, path: string, range: ValueRange = {}): Quantity {
  const { most = Number.MAX_VALUE, positive = false } = range;
  const least = positive ? Number.MIN_VALUE : -most;
  const rule = (value: number) => {
    if (!Number.isFinite(value)) return "give a finite number";
    return value < least && positive ? "be greater than 0" : `be between ${-most} and ${most} in this precision`;
  };
  const refuse = (value: number, x: number, y: number, node?: NodeIndex) => {
    const point = `${frame.axes[0]} = ${x}, ${frame.axes[1]} = ${y}`;
    const where = node ? `row ${node[0]}, column ${node[1]} (${point})` : point;
    return new ProblemError(`${path} must ${rule(value)}: at ${where} it is ${value}`);
  };

  let evaluate: Evaluate;
  if (typeof input === "function") evaluate = (x, y, count, out, held) => callRow(input, x, y, count, out, held);
  else {
    const formula = typeof input === "string" ? parseFormula(input, path) : undefined;
    if (formula === undefined || [...formula.names].every((name) => Object.hasOwn(frame.constants, name))) {
      const value = numberOf(frame, input, path);
      if (value >= least && value <= most) return uniform(value);
      throw new ProblemError(`${path} must ${rule(value)}: it is ${value}`);
    }
    evaluate = compileRow(formula, frame.constants, frame.axes);
  }
  const [onePoint, oneValue] = [new Float64Array(1), new Float64Array(1)];
  return {
    uniform: undefined,
    at(x, y, node) {
      onePoint[0] = x;
      evaluate(onePoint, y, 1, oneValue);
      const value = oneValue[0]!;
      if (value >= least && value <= most) return value;
      throw refuse(value, x, y, node);
    },
    row(x, y, count, out, held, first) {
      evaluate(x, y, count, out, held);
      const j = firstOutside(least, most, count, out, held);
      if (j < count) throw refuse(out[j]!, x[j]!, y, first && [first[0], first[1] + j]);
    },
  };
}

/** Local. A quantity on the nodes of a grid, or of an edge, which is a grid of one row or column. */
export function samplerOf(
  quantity: Quantity,
  { shape: [ny, nx], spacing: [dy, dx], origin: [y0, x0] }: NodeGrid,
): Sampler {
  if (quantity.uniform !== undefined) return sampler("", quantity.uniform, [ny, nx]);
  const x = Float64Array.from({ length: nx }, (_, j) => x0 + j * dx);
  const y = (row: number) => y0 + (ny - 1 - row) * dy;
  return {
    uniform: undefined,
    single: false,
    at: (row, col) => quantity.at(x[col]!, y(row), [row, col]),
    read(row, from, to, out, held) {
      quantity.row(from === 0 ? x : x.subarray(from), y(row), to - from, out, held, [row, from]);
    },
  };
}

function uniform(value: number): Quantity {
  return {
    uniform: value,
    at: () => value,
    row: (_x, _y, count, out) => void out.fill(value, 0, count),
  };
}

// ---- helpers: what is done for every point is a function of its own, which engines optimize ----

function callRow(
  call: (x: number, y: number) => unknown,
  x: Float64Array,
  y: number,
  count: number,
  out: Float64Array,
  held?: Float64Array,
): void {
  for (let j = 0; j < count; j++) {
    const value = held !== undefined && held[j] === held[j] ? 0 : call(x[j]!, y);
    // Text is no number, even if it looks like one.
    out[j] = typeof value === "number" ? value : NaN;
  }
}

/** Clears what is held. @returns the first of the others that is not between `least` and `most`; `count` if there is none */
function firstOutside(least: number, most: number, count: number, out: Float64Array, held?: Float64Array): number {
  for (let j = 0; j < count; j++) {
    if (held !== undefined && held[j] === held[j]) out[j] = 0;
    else if (!(out[j]! >= least && out[j]! <= most)) return j;
  }
  return count;
}
