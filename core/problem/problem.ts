/**
 * A problem as its author writes it, and its validation. Keys are those of a problem file; a field may also be
 * a typed array, an ndarray, or a function of (row, column).
 *
 * @module
 */

import * as v from "valibot";
import type { Dtype } from "../contract.ts";
import { largestValue } from "../dtype.ts";
import { ProblemError, suggest } from "../errors.ts";
import { type FieldInput, isField, type Sampler, sampler } from "./field.ts";

/** A field, or the same under the key `value`, as problem files write it. */
export type SectionInput = FieldInput | { readonly value: FieldInput };

/**
 * One edge: held at a value (Dirichlet; units of u; an array has one value per point), a flux `k du/dn` with n outward
 * (Neumann), convection `k du/dn = h (ambient - u)` (Robin), or periodic, together with the opposite edge.
 */
export type EdgeInput =
  | FieldInput
  | { readonly flux: FieldInput }
  | { readonly convection: { readonly h: FieldInput; readonly ambient: FieldInput } }
  | "periodic";

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
  /** ny, nx: rows and columns, edges included; each >= 3. */
  readonly shape: readonly [ny: number, nx: number];
  /** dy, dx; default 1. */
  readonly spacing?: readonly [dy: number, dx: number];
  /** Precision of the field; default f64. */
  readonly dtype?: Dtype;
  /** A missing edge is held at 0. */
  readonly edges?: { readonly [E in EdgeName]?: EdgeInput };
  /** f; default 0. */
  readonly source?: SectionInput;
  /** k > 0; default 1. */
  readonly conductivity?: SectionInput;
  /** First guess; default 0. */
  readonly initial?: SectionInput;
  /** Points held at a value: those where `mask` is nonzero, and those inside `shapes`; later shapes win. */
  readonly fixed?: {
    readonly mask?: FieldInput;
    readonly values?: FieldInput;
    readonly shapes?: readonly Shape[];
  };
}

const finite = v.pipe(v.number("must be a finite number"), v.finite("must be a finite number"));
const positive = v.pipe(finite, v.gtValue(0, "must be greater than 0"));
const field = v.custom<FieldInput>(isField, "must be a number, an array or a function");
const points = v.pipe(
  v.number("must be a whole number"),
  v.integer("must be a whole number"),
  v.minValue(3, "must be at least 3, edges included"),
  v.maxValue(2 ** 31 - 3, "must be below 2^31 - 2"),
);
const table = <E extends v.ObjectEntries>(entries: E) =>
  v.pipe(v.unknown(), v.check(isTable, "must be a table"), v.strictObject(entries));
const never = (message: string) => v.custom<never>(() => false, message);
const pair = <T extends v.GenericSchema<unknown, number>>(item: T, what: string) =>
  v.pipe(
    v.unknown(),
    v.check((input) => Array.isArray(input) && input.length === 2, `must be two numbers, ${what}`),
    v.strictTuple([item, item]),
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
  return isTable(input) ? table({ value: field }) : never("must be a number, an array, a function or a table");
});

const EDGE_FORMS = `must be a value, { file = "…" }, { flux = … } where { flux = 0 } is insulated, ` +
  `{ convection = { h = …, ambient = … } }, or "periodic"`;

const edge = v.lazy((input): v.GenericSchema<unknown, EdgeInput> => {
  if (isField(input)) return field;
  if (typeof input === "string") return v.literal("periodic", EDGE_FORMS);
  if (!isTable(input) || Object.keys(input).length === 0) return never(EDGE_FORMS);
  if (Object.hasOwn(input, "convection")) return table({ convection: table({ h: field, ambient: field }) });
  return table({ flux: field });
});

const circle = v.strictObject({ kind: v.literal("circle"), center: position, radius: positive, value: finite });
const rect = v.strictObject({ kind: v.literal("rect"), from: position, to: position, value: finite });
const shape = v.lazy((input) =>
  isTable(input) ? v.variant("kind", [circle, rect], `must be "circle" or "rect"`) : never("must be a table")
);

const problem = table({
  shape: pair(points, "[ny, nx]"),
  spacing: v.optional(pair(step, "[dy, dx]")),
  dtype: v.optional(v.picklist(["f64", "f32"], `must be "f64" or "f32"`)),
  edges: v.optional(table(v.entriesFromList(EDGES, v.optional(edge)))),
  source: v.optional(section),
  conductivity: v.optional(section),
  initial: v.optional(section),
  fixed: v.optional(table({
    mask: v.optional(field),
    values: v.optional(field),
    shapes: v.optional(v.array(shape, "must be a list")),
  })),
});

/**
 * Local. Checks the form of a problem: its keys, types and ranges. Sizes and values of fields are checked by `lower`.
 *
 * @throws ProblemError, one line that starts with the key at fault.
 */
export function validateProblem(input: unknown): Problem {
  const result = v.safeParse(problem, input, { abortPipeEarly: true });
  // A misspelt key comes first: it is why another is missing.
  if (!result.success) throw new ProblemError(describe(result.issues.find(isUnknownKey) ?? result.issues[0]));
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
  return valid;
}

/** Local. Makes a field of a problem readable, its default where it is missing. @throws ProblemError as `sampler` does */
export function readSection(problem: Problem, key: "source" | "conductivity" | "initial"): Sampler {
  const section = problem[key] ?? (key === "conductivity" ? 1 : 0);
  const most = key === "initial" ? largestValue(problem.dtype ?? "f64") : undefined;
  return sampler(key, isField(section) ? section : section.value, problem.shape, most);
}

function isTable(input: unknown): input is object {
  return typeof input === "object" && input !== null && !Array.isArray(input) && !ArrayBuffer.isView(input);
}

function isUnknownKey(issue: v.BaseIssue<unknown>): boolean {
  return issue.type === "strict_object" && issue.expected === "never";
}

/** One line for an issue that valibot found: key, state, and what to do. */
function describe(issue: v.BaseIssue<unknown>): string {
  const path = (issue.path ?? []).reduce((text, { key }) => {
    if (typeof key === "number") return `${text}[${key}]`;
    const word = key === "" ? `""` : String(key).replace(/\s+/g, " ");
    return text === "" ? word : `${text}.${word}`;
  }, "");
  const last = issue.path?.at(-1);
  if (isUnknownKey(issue) && last) return `${path} ${unknownKey(issue.path!, last)}`;
  if (issue.type === "strict_object" && last && issue.received === "undefined") return `${path} is missing`;
  return `${path || "the problem"} ${issue.message}${shown(issue.input)}`;
}

function shown(input: unknown): string {
  if (typeof input === "number" || typeof input === "boolean" || input === null) return `: it is ${input}`;
  if (typeof input !== "string" && !Array.isArray(input)) return "";
  const text = JSON.stringify(input);
  return text.length <= 60 ? `: it is ${text}` : "";
}

/** What is wrong with a key that its table does not take; those of problem files are known here too. */
function unknownKey(path: readonly v.IssuePathItem[], { key, input }: v.IssuePathItem): string {
  const known = keysAt(path.slice(0, -1), input as object);
  if (!known.includes(String(key))) return `is not a key here${suggest(String(key), known)}`;
  const others = Object.keys(input as object).filter((other) => other !== key);
  return others.length > 0 ? `cannot stand beside ${others.join(", ")}` : "is a key of problem files only";
}

/** The keys that a table can have, given the way to it. */
function keysAt(path: readonly v.IssuePathItem[], table: object): readonly string[] {
  const words = path.map(({ key }) => key).filter((key) => typeof key === "string");
  if (words.length === 0) return ["shape", "spacing", "dtype", "edges", "source", "conductivity", "initial", "fixed"];
  if (words.at(-1) === "convection") return ["h", "ambient"];
  if (words.at(-1) === "shapes") {
    return Object.keys(("kind" in table && table.kind === "rect" ? rect : circle).entries);
  }
  if (words[0] === "edges") return words.length === 1 ? EDGES : ["file", "flux", "convection"];
  return words[0] === "fixed" ? ["mask", "values", "image", "legend", "tolerance", "shapes"] : ["value", "file"];
}
