/**
 * The forms of parts, drawings and probes: their keys and the types of these, each by itself. What several keys must agree
 * about is in `part_rules.ts`.
 *
 * @module
 */

import * as v from "valibot";
import { suggest } from "../errors.ts";
import {
  field,
  formulaInput,
  isTable,
  line,
  never,
  numberInput,
  pair,
  placeInput,
  pointInput,
  table,
  tableOf,
  whole,
} from "./forms.ts";
import type { ImageInput, PartInput, ProbeInput } from "./parts.ts";

const angle = v.optional(numberInput);
const pointList = v.array(pointInput, "must be a list of points, [y, x]");

/** What each kind of shape consists of. */
const FIGURES = {
  circle: { center: pointInput, radius: numberInput },
  ellipse: { center: pointInput, radii: pair(numberInput, "[ry, rx]"), angle },
  ring: { center: pointInput, radii: pair(numberInput, "[inner, outer]") },
  rect: { from: pointInput, to: pointInput, angle },
  polygon: { points: pointList },
  polyline: { points: pointList, width: numberInput },
  formula: { where: formulaInput },
  file: { mask: field },
} as const;

/** What each role is given by. */
export const ROLE = {
  value: v.optional(placeInput),
  charge: v.optional(numberInput),
  conductivity: v.optional(placeInput),
  source: v.optional(placeInput),
  total: v.optional(numberInput),
  hole: v.optional(v.literal(true, "must be true")),
};

const flag = v.optional(v.boolean("must be true or false"));
const PART = {
  name: line,
  ...ROLE,
  outside: flag,
  outline: v.optional(v.picklist(["exact", "nodes"], `must be "exact" or "nodes"`)),
};

function isKind(kind: unknown): kind is keyof typeof FIGURES {
  return typeof kind === "string" && Object.hasOwn(FIGURES, kind);
}

function wrongKind({ input }: v.BaseIssue<unknown>): string {
  const kinds = Object.keys(FIGURES);
  if (typeof input !== "string") return `must be one of ${kinds.join(", ")}`;
  return `cannot be ${JSON.stringify(input.slice(0, 80))}${suggest(input, kinds)}`;
}

/** The keys that a part can have, in a problem file: those of its kind, or if that is unknown, of all kinds. */
export function keysOfPart(kind?: unknown): readonly string[] {
  const own = isKind(kind) ? [FIGURES[kind]] : Object.values(FIGURES);
  const keys = own.flatMap((figure) => Object.keys(figure)).map((key) => key === "mask" ? "file" : key);
  return [...new Set(["kind", ...Object.keys(PART), ...keys])];
}

const ANY_PART = Object.fromEntries([...keysOfPart(), "mask"].map((key) => [key, v.optional(v.unknown())]));

/** A part. */
export const partForm = v.lazy((input): v.GenericSchema => {
  if (!isTable(input)) return never("must be a table");
  const kind = "kind" in input ? input.kind : undefined;
  if (!isKind(kind)) return v.strictObject({ ...ANY_PART, kind: v.custom(isKind, wrongKind) });
  return v.strictObject({ kind: v.literal(kind), ...PART, ...FIGURES[kind] });
}) as v.GenericSchema<unknown, PartInput>;

const bytes = v.custom<ImageInput["data"]>(
  (data) => data instanceof Uint8Array || data instanceof Uint8ClampedArray,
  "must be bytes, four a pixel",
);
const pixels = v.pipe(
  whole,
  v.minValue(1, "must be at least 1"),
);

/** A drawing. */
export const imageForm = table({
  data: bytes,
  width: pixels,
  height: pixels,
  pixels: v.optional(v.picklist(["cells", "nodes"], `must be "cells" or "nodes"`)),
  tolerance: v.optional(v.pipe(
    v.number("must be a whole number from 0 to 255"),
    v.integer("must be a whole number from 0 to 255"),
    v.minValue(0, "must be a whole number from 0 to 255"),
    v.maxValue(255, "must be a whole number from 0 to 255"),
  )),
  legend: tableOf(table({ name: v.optional(line), ...ROLE })),
});

const MOST_POINTS = 1e6;
const pointCount = v.pipe(
  whole,
  v.minValue(2, "must be at least 2, both ends"),
  v.maxValue(MOST_POINTS, `must be at most ${MOST_POINTS}`),
);

/** The keys of probes. */
export const PROBE_KEYS: readonly string[] = ["name", "at", "from", "to", "points", "part"];

/** A probe. */
export const probeForm = v.lazy((input): v.GenericSchema => {
  if (!isTable(input)) return never("must be a table");
  if ("part" in input) return v.strictObject({ name: line, part: line });
  if (["from", "to", "points"].some((key) => key in input)) {
    return v.strictObject({ name: line, from: pointInput, to: pointInput, points: v.optional(pointCount) });
  }
  const placed = "at" in input || Object.keys(input).some((key) => !PROBE_KEYS.includes(key));
  return placed
    ? v.strictObject({ name: line, at: pointInput })
    : never("has no place: give it at, from and to, or part");
}) as v.GenericSchema<unknown, ProbeInput>;

/** The keys of drawings in problem files. */
export const IMAGE_KEYS: readonly string[] = ["file", "pixels", "tolerance", "legend"];
