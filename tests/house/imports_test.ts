/**
 * Imports between files run one way: nothing is imported in a circle, types included, and each room imports what the table
 * of ARCHITECTURE.md allows.
 *
 * @module
 */

import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);
/** Of other languages, made by a build, or not ours. */
const OTHERS = /(^|\/)(node_modules|dist|build|assembly)\//;
const sources = globSync("{*.ts,*/**/*.ts}", { cwd: fileURLToPath(root) })
  .map((name) => name.replaceAll("\\", "/")).filter((name) => !OTHERS.test(name)).sort();

/** What a file imports of ours, by what is written at the start of a line; `lazily` what it loads on demand. */
function imports(file: string, lazily = false): string[] {
  const at = new URL(file, root);
  const pattern = lazily ? /\bimport\("(\.[^"]+\.ts)"\)/g : /^(?:import|export|\}).* from "(\.[^"]+\.ts)";$/gm;
  return [...readFileSync(at, "utf8").matchAll(pattern)]
    .map(([, path]) => new URL(path!, at).href.slice(root.href.length))
    .filter((path) => existsSync(new URL(path, root))); // else it stands in the text of a generated program
}

test("no file imports itself, by way of others, not even on demand", () => {
  const graph = new Map(sources.map((file) => [file, [...imports(file), ...imports(file, true)]]));
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

/** A row of the table: the names in its first and in its last cell. */
interface Room {
  readonly names: readonly string[];
  readonly allowed: readonly string[];
}

function table(): Room[] {
  const page = readFileSync(new URL("ARCHITECTURE.md", root), "utf8");
  const [, , ...rows] = /^\|.*may import.*\n(?:\|.*\n)+/m.exec(page)![0].trim().split("\n");
  const namesIn = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
  return rows.map((row) => {
    const cells = row.split("|").slice(1, -1);
    const last = cells.at(-1)!;
    return { names: namesIn(cells[0]!), allowed: last.trim() === "all" ? ["**"] : namesIn(last) };
  });
}

/** Whether a name of the table covers a file: a folder ends in `/`, and `core/*.ts` is its files alone. */
function covers(name: string, file: string): boolean {
  if (name === "**" || name === file) return true;
  if (name.endsWith("/")) return file.startsWith(name);
  const [folder, ending] = name.split("*");
  return ending !== undefined && file.startsWith(folder!) && file.endsWith(ending) &&
    !file.slice(folder!.length).includes("/");
}

test("every room imports what the table of ARCHITECTURE.md allows", () => {
  const rooms = table();
  assert.ok(rooms.length > 15, `${rooms.length} rows were found`);
  const wrong: string[] = [];
  for (const file of sources) {
    const fits = rooms.flatMap((room) =>
      room.names.filter((name) => covers(name, file)).map((name) => ({ name, room }))
    );
    const { room } = fits.sort((a, b) => b.name.length - a.name.length)[0] ?? {};
    if (room === undefined) {
      wrong.push(`${file} has no row`);
      continue;
    }
    for (const to of [...imports(file), ...imports(file, true)]) {
      if (![...room.names, ...room.allowed].some((name) => covers(name, to))) wrong.push(`${file} imports ${to}`);
    }
  }
  assert.deepEqual(wrong, []);
  for (const name of rooms.flatMap(({ names }) => names)) {
    assert.ok(name === "native/" || sources.some((file) => covers(name, file)), `${name} is an empty room`);
  }
});
