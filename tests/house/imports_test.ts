/**
 * Imports between files run one way: nothing is imported in a circle, types included.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const folders = ["backends", "cli", "conformance", "core", "host", "io"];
const files = folders.flatMap((folder) =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
);
const sources = [...files, "cli.ts", "mod.ts", "solve/solve.ts"];

/** What a file imports of ours, by what is written at the start of a line; lazily is another matter. */
function imports(file: string): string[] {
  const at = new URL(file, root);
  const found = readFileSync(at, "utf8").matchAll(/^(?:import|export|\}).* from "(\.[^"]+)";$/gm);
  return [...found].map(([, path]) => new URL(path!, at).href.slice(root.href.length));
}

test("no file imports itself, by way of others", () => {
  const graph = new Map(sources.map((file) => [file, imports(file)]));
  assert.ok([...graph.values()].flat().length > 2 * sources.length, "few imports were found");
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    const before = way.indexOf(file);
    assert.equal(before, -1, [...way.slice(before), file].join(" → "));
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of sources) visit(file, []);
});
