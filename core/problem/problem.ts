/**
 * A problem as its author writes it, and its validation. Keys are those of a problem file; a field may also be a typed array,
 * an ndarray, or a function of (row, column), and where a file has a formula there may be a function of (x, y).
 *
 * @module
 */

import * as v from "valibot";
import type { Dtype } from "../contract.ts";
import { ProblemError } from "../errors.ts";
import { type FieldInput, isField } from "./field.ts";
import {
  field,
  finite,
  formulaInput,
  isTable,
  line,
  never,
  numberInput,
  pair,
  positive,
  table,
  tableOf,
  whole,
} from "./forms.ts";
import { describe, MISPLACED, PROBLEM_KEYS } from "./messages.ts";
import { imageForm, partForm, probeForm } from "./part_forms.ts";
import { checkParts } from "./part_rules.ts";
import type { ImageInput, NumberInput, PartInput, PlaceFunction, ProbeInput } from "./parts.ts";

/** A formula of the position, or a function of it. */
export interface FormulaInput {
  /** Of x and y; axisymmetric: r and z. */
  readonly formula: string | PlaceFunction;
}

/** A quantity along an edge: a field, a formula of the position, or a function of it. */
export type QuantityInput = FieldInput | string | FormulaInput;

/** A field, the same under the key `value`, as problem files write it, or a formula. */
export type SectionInput = FieldInput | { readonly value: FieldInput } | FormulaInput;

/** Conductivity may also be given cell by cell: between four nodes, (ny − 1) × (nx − 1); around a periodic direction one more. */
export type ConductivityInput = SectionInput | { readonly cells: FieldInput };

/**
 * One edge: held at a value (Dirichlet; units of u; an array has one value per point, a string is a formula), a flux `k du/dn`
 * with n outward (Neumann), convection `k du/dn = h (ambient - u)` (Robin), or "periodic", together with the opposite edge.
 */
export type EdgeInput =
  | QuantityInput
  | { readonly flux: QuantityInput }
  | { readonly convection: { readonly h: QuantityInput; readonly ambient: QuantityInput } };

/** Planar: x to the right and y up. Axisymmetric: r to the right and z up; r = 0 is the axis. */
export type Coordinates = "planar" | "axisymmetric";

/** A region whose points are held at a value. Lengths are in units of `spacing`, measured from node (0, 0). */
export type Shape =
  | {
    readonly kind: "circle";
    readonly center: readonly [y: number, x: number];
    readonly radius: number;
    readonly value: number;
  }
  | {
    readonly kind: "rect";
    readonly from: readonly [y: number, x: number];
    readonly to: readonly [y: number, x: number];
    readonly value: number;
  };

/** The names of the edges. */
export const EDGES: readonly EdgeName[] = ["north", "south", "west", "east"];
/** One of the four edges. */
export type EdgeName = "north" | "south" | "west" | "east";

/** div(k grad u) + f = 0 on a uniform grid, vertex-centred, edges included. */
export interface Problem {
  /** Of the summary. */
  readonly title?: string;
  /** Default planar. */
  readonly coordinates?: Coordinates;
  /** y and x of the south-west node, in units of `spacing`; default 0, 0. Axisymmetric: x is r >= 0. */
  readonly origin?: readonly [y: number, x: number];
  /** Planar: totals are per this depth; default 1. */
  readonly depth?: number;
  /** Of u; printed, never computed with. */
  readonly unit?: string;
  /** ny, nx: rows and columns, edges included; each >= 3. */
  readonly shape: readonly [ny: number, nx: number];
  /** dy, dx; default 1. */
  readonly spacing?: readonly [dy: number, dx: number];
  /** Precision of the field; default f64. */
  readonly dtype?: Dtype;
  /** Numbers that formulas name, or formulas of others. */
  readonly parameters?: Readonly<Record<string, NumberInput>>;
  /** A missing edge is held at 0; on the axis it is insulated. */
  readonly edges?: { readonly [E in EdgeName]?: EdgeInput };
  /** f; default 0. */
  readonly source?: SectionInput;
  /** k > 0; default 1. */
  readonly conductivity?: ConductivityInput;
  /** First guess; default 0. */
  readonly initial?: SectionInput;
  /** Points held at a value: those where `mask` is nonzero, and those inside `shapes`; later shapes win. */
  readonly fixed?: {
    readonly mask?: FieldInput;
    readonly values?: FieldInput;
    readonly shapes?: readonly Shape[];
  };
  /** Shapes with a role each, over the drawing; later parts win. */
  readonly parts?: readonly PartInput[];
  /** A drawing whose colours have roles. */
  readonly image?: ImageInput;
  /** What is asked about the field at points, along lines and in parts. */
  readonly probes?: readonly ProbeInput[];
}

const points = v.pipe(
  whole,
  v.minValue(3, "must be at least 3, edges included"),
  v.maxValue(2 ** 31 - 3, "must be below 2^31 - 2"),
);
const position = pair(finite, "[y, x]");
// Beyond these, squares of a spacing overflow or vanish.
const step = v.pipe(
  positive,
  v.minValue(1e-100, "must be at least 1e-100"),
  v.maxValue(1e100, "must be at most 1e100"),
);

const section = v.lazy((input) => {
  if (isField(input)) return field;
  if (!isTable(input)) return never("must be a number, an array, a function or a table");
  return "formula" in input ? table({ formula: formulaInput }) : table({ value: field });
});

const conductivity = v.lazy((input): v.GenericSchema =>
  isTable(input) && "cells" in input ? table({ cells: field }) : section
);

const QUANTITY_FORMS = "must be a number, a formula, an array or a function";

const quantity = v.lazy((input): v.GenericSchema<unknown, QuantityInput> => {
  if (isField(input)) return field;
  if (typeof input === "string") return formulaInput;
  return isTable(input) && "formula" in input ? table({ formula: formulaInput }) : never(QUANTITY_FORMS);
});

const FORMULA_NAMES = ["x", "y", "r", "z", "width", "height", "pi"];

const EDGE_FORMS = `must be a value, a formula such as "sin(pi*x/width)", { file = "…" }, ` +
  `{ flux = … } where { flux = 0 } is insulated, { convection = { h = …, ambient = … } }, or "periodic"`;

const edge = v.lazy((input): v.GenericSchema<unknown, EdgeInput> => {
  if (isField(input) || (typeof input === "string" && input.trim() !== "")) return quantity;
  if (!isTable(input) || Object.keys(input).length === 0) return never(EDGE_FORMS);
  if (Object.hasOwn(input, "convection")) return table({ convection: table({ h: quantity, ambient: quantity }) });
  return Object.hasOwn(input, "formula") ? quantity : table({ flux: quantity });
});

const circle = v.strictObject({ kind: v.literal("circle"), center: position, radius: positive, value: finite });
const rect = v.strictObject({ kind: v.literal("rect"), from: position, to: position, value: finite });
const shape = v.lazy((input) =>
  isTable(input) ? v.variant("kind", [circle, rect], `must be "circle" or "rect"`) : never("must be a table")
);

const parameterName = v.pipe(v.string(), v.check((name) => !PROBLEM_KEYS.includes(name), MISPLACED));

const problem = table({
  title: v.optional(line),
  coordinates: v.optional(v.picklist(["planar", "axisymmetric"], `must be "planar" or "axisymmetric"`)),
  origin: v.optional(position),
  depth: v.optional(positive),
  unit: v.optional(line),
  shape: pair(points, "[ny, nx]"),
  spacing: v.optional(pair(step, "[dy, dx]")),
  dtype: v.optional(v.picklist(["f64", "f32"], `must be "f64" or "f32"`)),
  parameters: v.optional(tableOf(numberInput, parameterName)),
  edges: v.optional(table(v.entriesFromList(EDGES, v.optional(edge)))),
  source: v.optional(section),
  conductivity: v.optional(conductivity),
  initial: v.optional(section),
  fixed: v.optional(table({
    mask: v.optional(field),
    values: v.optional(field),
    shapes: v.optional(v.array(shape, "must be a list")),
  })),
  parts: v.optional(v.array(partForm, "must be a list")),
  image: v.optional(imageForm),
  probes: v.optional(v.array(probeForm, "must be a list")),
});

/**
 * Local. Checks the form of a problem: its keys, types and ranges. Sizes and values of fields are checked by `lower`.
 *
 * @throws ProblemError, one line that starts with the key at fault.
 */
export function validateProblem(input: unknown): Problem {
  const result = v.safeParse(problem, input, { abortPipeEarly: true });
  if (!result.success) throw new ProblemError(describe(result.issues));
  const valid = result.output as Problem;
  for (const [one, other] of [["north", "south"], ["west", "east"]] as const) {
    const [a, b] = [valid.edges?.[one], valid.edges?.[other]];
    if ((a === "periodic") !== (b === "periodic")) {
      throw new ProblemError(`edges.${a === "periodic" ? other : one} must be "periodic" too: the opposite edge is`);
    }
  }
  const { mask, values } = valid.fixed ?? {};
  if ((mask === undefined) !== (values === undefined)) {
    throw new ProblemError(`fixed.${mask === undefined ? "mask" : "values"} is missing: mask and values go together`);
  }
  valid.fixed?.shapes?.forEach((shape, n) => {
    if (shape.kind === "rect" && (shape.from[0] > shape.to[0] || shape.from[1] > shape.to[1])) {
      throw new ProblemError(`fixed.shapes[${n}].from must not lie beyond "to"`);
    }
  });
  EDGES.forEach((name) => checkWord(valid, name));
  checkAxis(valid);
  checkParts(valid);
  return valid;
}

/** An edge that is a word, such as "insulated": a formula only if the word is known. */
function checkWord({ edges, parameters = {} }: Problem, name: EdgeName): void {
  const edge = edges?.[name];
  if (typeof edge !== "string" || edge === "periodic" || !/^[A-Za-z_]\w*$/.test(edge.trim())) return;
  if ([...FORMULA_NAMES, ...Object.keys(parameters)].includes(edge.trim())) return;
  throw new ProblemError(`edges.${name} ${EDGE_FORMS}: it is ${JSON.stringify(edge)}`);
}

/** What around an axis cannot be. */
function checkAxis({ coordinates, origin, depth, edges = {} }: Problem): void {
  if (coordinates !== "axisymmetric") return;
  if (depth !== undefined) {
    throw new ProblemError("depth is of planar problems only: axisymmetric totals are of the full turn");
  }
  if (origin && origin[1] < 0) throw new ProblemError(`origin[1] must not be negative: it is a radius, ${origin[1]}`);
  if (edges.west === "periodic") throw new ProblemError(`edges.west cannot be "periodic": it is at a radius`);
}
