/**
 * What is wrong with a problem, in one line: the key, its state, and the key that was meant. Keys of problem files are known
 * here too.
 *
 * @module
 */

import type * as v from "valibot";
import { suggest } from "../errors.ts";
import { isTable } from "./forms.ts";
import { IMAGE_KEYS, keysOfPart, PROBE_KEYS, ROLE } from "./part_forms.ts";

/** The keys of a problem. */
export const PROBLEM_KEYS: readonly string[] = [
  "title",
  "coordinates",
  "origin",
  "depth",
  "unit",
  "shape",
  "spacing",
  "dtype",
  "parameters",
  "edges",
  "source",
  "conductivity",
  "initial",
  "parts",
  "image",
  "fixed",
  "probes",
];
const FIXED = ["mask", "values", "image", "legend", "tolerance", "shapes"];

const LONGEST_NAME = 60;

/**
 * Local. A message about a problem with the name of the part or probe behind the key at fault, since nobody counts from 0:
 * `parts[2].radius ("core") must be greater than 0`.
 *
 * @param problem as far as it is known; it need not be valid
 */
export function withName(message: string, problem: object): string {
  const [path, list, place, key] = /^(parts|probes)\[(\d+)\]((?:\.[\w-]+|\[\d+\])*)/.exec(message) ?? [];
  if (path === undefined || key === ".name") return message;
  const items: unknown = Object.entries(problem).find(([name]) => name === list)?.[1];
  const item: unknown = Array.isArray(items) ? items[Number(place)] : undefined;
  const name = isTable(item) && "name" in item ? item.name : undefined;
  if (typeof name !== "string" || name.length > LONGEST_NAME) return message;
  return `${path} (${JSON.stringify(name)})${message.slice(path.length)}`;
}

/** Local. What is wrong with a key that its table does not know. @param path the way to the key, which ends with it */
export function notAKey(path: string, key: string, known: readonly string[]): string {
  if (path !== key && PROBLEM_KEYS.includes(key)) return `is not a key here: ${ABOVE}`;
  const hint = /^edges\.\w+\.value$/.test(path) ? "; a bare number holds the value" : "";
  return `is not a key here${suggest(key, known)}${hint}`;
}

const ABOVE = "keys of the problem stand above the first table";

/** Local. What is wrong with a parameter that has the name of a key of the problem. */
export const MISPLACED = `cannot be a parameter: ${ABOVE}, and a parameter needs another name`;

/** Local. One line for the first issue that explains the others: a misspelt key is why another is missing. */
export function describe(issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string {
  const issue = issues.find(isUnknownKey) ?? issues[0];
  const path = (issue.path ?? []).reduce((text, { key }) => {
    if (typeof key === "number") return `${text}[${key}]`;
    const word = key === "" || String(key).startsWith("#") ? JSON.stringify(key) : String(key).replace(/\s+/g, " ");
    return text === "" ? word : `${text}.${word}`;
  }, "");
  const last = issue.path?.at(-1);
  if (isUnknownKey(issue) && last) return `${path} ${unknownKey(issue.path!, last, path)}`;
  if (issue.type === "strict_object" && last && issue.received === "undefined") return `${path} is missing`;
  const value = issue.message.startsWith("must") ? shown(issue.input) : "";
  return `${path || "the problem"} ${issue.message}${value}`;
}

function isUnknownKey(issue: v.BaseIssue<unknown>): boolean {
  return issue.type === "strict_object" && issue.expected === "never";
}

function shown(input: unknown): string {
  if (typeof input === "number" || typeof input === "boolean" || input === null) return `: it is ${input}`;
  if (typeof input !== "string" && !Array.isArray(input)) return "";
  const text = JSON.stringify(input);
  return text.length <= 60 ? `: it is ${text}` : "";
}

/** What is wrong with a key that its table does not take. */
function unknownKey(path: readonly v.IssuePathItem[], { key, input }: v.IssuePathItem, text: string): string {
  const known = keysAt(path.slice(0, -1), input as object);
  if (!known.includes(String(key))) return notAKey(text, String(key), known);
  const others = Object.keys(input as object).filter((other) => other !== key && other !== "name");
  const inFiles = others.length === 0 || (key === "file" && ["parts", "image"].includes(String(path[0]!.key)));
  return inFiles ? "is a key of problem files only" : `cannot stand beside ${others.join(", ")}`;
}

/** The keys that a table can have, given the way to it. */
function keysAt(path: readonly v.IssuePathItem[], table: object): readonly string[] {
  const [first, second, ...more] = path.map(({ key }) => key).filter((key) => typeof key === "string");
  const last = more.at(-1) ?? second ?? first;
  if (first === undefined) return PROBLEM_KEYS;
  const kind = "kind" in table ? table.kind : undefined;
  if (first === "parts") return keysOfPart(kind);
  if (first === "probes") return PROBE_KEYS;
  if (first === "image") return second === "legend" ? ["name", ...Object.keys(ROLE)] : IMAGE_KEYS;
  if (last === "convection") return ["h", "ambient"];
  if (last === "shapes") {
    return kind === "rect" ? ["kind", "from", "to", "value"] : ["kind", "center", "radius", "value"];
  }
  if (first === "edges") return second === undefined ? ["north", "south", "west", "east"] : quantityKeys(last);
  if (first === "fixed") return FIXED;
  return first === "conductivity" ? ["value", "file", "formula", "cells"] : ["value", "file", "formula"];
}

function quantityKeys(key: unknown): readonly string[] {
  return ["flux", "h", "ambient"].includes(String(key))
    ? ["file", "formula"]
    : ["file", "formula", "flux", "convection"];
}
