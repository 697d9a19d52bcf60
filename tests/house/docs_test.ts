/**
 * What pages and comments name exists: files and folders of this tree, and tasks of deno.json.
 *
 * @module
 */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };

const root = fileURLToPath(new URL("../..", import.meta.url));
const rooms = "backends|bench|cli|conformance|core|docs|examples|host|io|mpi|native|solve|tests|tools";
const skipped = ["node_modules", ".git", "dist", "native/build", "backends/wasm/build"];

function* filesIn(folder: string): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (skipped.includes(path)) continue;
    if (entry.isDirectory()) yield* filesIn(path);
    else if (/\.(md|ts|c|h|cl|cu|F90|py)$/.test(path)) yield path;
  }
}
const files = [...filesIn("")];
const pages = files.filter((path) => path.endsWith(".md"));
const read = (path: string) => readFileSync(join(root, path), "utf8");

/**
 * From the root, or from the folder of the file that names it, or in any folder if it is a bare name; a pattern stands for
 * its folder. What is built need not be there.
 */
function exists(path: string, from: string): boolean {
  const plain = path.replace(/\/?[^/]*(?:[*{<…]|NAME).*$/, "");
  if (skipped.some((folder) => plain.startsWith(folder))) return true;
  if (plain !== "" && !plain.includes("/") && files.some((file) => file.endsWith(`/${plain}`))) return true;
  return [root, join(root, dirname(from))].some((folder) => existsSync(join(folder, plain)));
}

test("every file and folder that a page names in code, or links to, exists", () => {
  const wrong: string[] = [];
  for (const page of pages) {
    const text = read(page);
    for (const [, code] of text.matchAll(/`([^`\n]+)`/g)) {
      const path = new RegExp(`^(?:\\.\\./)*(?:(?:${rooms})/[^ ]*|[A-Z]+\\.md)$|^[\\w-]+\\.(?:ts|c|cl|cu|F90)$`).exec(
        code!,
      )?.[0];
      if (path !== undefined && !exists(path.replace(/:\d+$/, ""), page)) wrong.push(`${page}: ${path}`);
    }
    for (const [, link] of text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
      if (!existsSync(join(root, dirname(page), link!))) wrong.push(`${page}: ${link}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("every name that a page places in a file is there", () => {
  const wrong: string[] = [];
  for (const page of pages) {
    for (const [said, name, path] of read(page).matchAll(/`([A-Za-z_]\w*)` in\s+`([\w/.-]+\.\w+)`/g)) {
      // An import does not make it a thing of that file.
      const text = existsSync(join(root, path!)) ? read(path!).replaceAll(/^import [^;]*;/gm, "") : "";
      if (!new RegExp(`\\b${name}\\b`).test(text)) {
        wrong.push(`${page}: ${said}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

test("every file of this tree that a comment names exists", () => {
  const wrong: string[] = [];
  const named = new RegExp(
    `(?<![\\w./@-])(?:\\.\\./)*(?:${rooms})/[\\w/.-]+\\.(?:ts|c|h|cl|cu|F90|md|py|toml)\\b`,
    "g",
  );
  for (const file of files.filter((path) => !path.endsWith(".md"))) {
    for (const [line] of read(file).matchAll(/^.*(?:\/\/|\*|!|#).*$/gm)) {
      for (const [path] of line.matchAll(named)) if (!exists(path, file)) wrong.push(`${file}: ${path}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("every task that a page names is in deno.json", () => {
  const wrong: string[] = [];
  for (const page of pages) {
    for (const [, task] of read(page).matchAll(/deno(?:@[\d.]+)?\s+task\s+([a-z][\w:-]*)/g)) {
      if (!(task! in config.tasks)) wrong.push(`${page}: deno task ${task}`);
    }
  }
  assert.deepEqual(wrong, []);
});
