/**
 * The forms that values of a problem can have: schemas that its keys are made of, with their messages. A message that begins
 * with "must" gets the value behind it.
 *
 * @module
 */

import * as v from "valibot";
import { type FieldInput, isField } from "./field.ts";
import type { NumberInput, PlaceFunction, PlaceInput, PointInput } from "./parts.ts";

/** Local. Whether a value is a table of keys. */
export function isTable(input: unknown): input is object {
  return typeof input === "object" && input !== null && !Array.isArray(input) && !ArrayBuffer.isView(input);
}

/** A value that is wrong whatever it is. */
export const never = (message: string) => v.custom<never>(() => false, message);

/** A finite number. */
export const finite = v.pipe(v.number("must be a finite number"), v.finite("must be a finite number"));

/** A number greater than 0. */
export const positive = v.pipe(finite, v.gtValue(0, "must be greater than 0"));

/** A whole number. */
export const whole = v.pipe(v.number("must be a whole number"), v.integer("must be a whole number"));

/** A field on the nodes or along an edge. */
export const field = v.custom<FieldInput>(isField, "must be a number, an array or a function");

/** A table that has these keys and no others. */
export const table = <E extends v.ObjectEntries>(entries: E) =>
  v.pipe(v.unknown(), v.check(isTable, "must be a table"), v.strictObject(entries));

/** A table with keys that its author chooses. @param key what they must be */
export const tableOf = <T extends v.GenericSchema>(item: T, key: v.GenericSchema<string, string> = v.string()) =>
  v.pipe(v.unknown(), v.check(isTable, "must be a table"), v.record(key, item));

/** Two of something that is called `what`. */
export const pair = <T extends v.GenericSchema>(item: T, what: string) =>
  v.pipe(
    v.unknown(),
    v.check((input) => Array.isArray(input) && input.length === 2, `must be two numbers, ${what}`),
    v.strictTuple([item, item]),
  );

/** A line of text. */
export const line = v.pipe(
  v.string("must be text"),
  v.check((text) => text.trim() !== "", "must not be empty"),
  v.check((text) => !/\p{Cc}/u.test(text), "must be one line"),
);

const formula = v.pipe(v.string(), v.check((text) => text.trim() !== "", "must not be empty"));

/** A number, or a formula of the parameters. */
export const numberInput = v.lazy((input): v.GenericSchema<unknown, NumberInput> =>
  typeof input === "number" ? finite : typeof input === "string" ? formula : never("must be a number or a formula")
);

/** A position. */
export const pointInput: v.GenericSchema<unknown, PointInput> = pair(numberInput, "[y, x]");

const placeFunction = v.custom<PlaceFunction>((input) => typeof input === "function");

/** A formula of the position, or a function of it. */
export const formulaInput = v.lazy((input): v.GenericSchema<unknown, string | PlaceFunction> =>
  typeof input === "function" ? placeFunction : typeof input === "string" ? formula : never("must be a formula")
);

/** A number, a formula of the position, or a function of it. */
export const placeInput = v.lazy((input): v.GenericSchema<unknown, PlaceInput> =>
  typeof input === "function" ? placeFunction : numberInput
);
