/** What must stand once: the list of methods, the parser of LAPLACE_REQUIRE, the rough field of the tests. */

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const sources = globSync("{*,*/**/*}.ts", { cwd: root })
  .filter((name) => !/(^|\/)(node_modules|dist|build)\/|once_test\.ts$/.test(name))
  .map((name) => ({ name, text: readFileSync(`${root}${name}`, "utf8") }));

const ONCE: readonly [what: string, pattern: RegExp, where: readonly string[]][] = [
  // A plugin's own list says what it offers.
  ["the list of methods", /(?<!methods: \[)"jacobi",\s*"sor",\s*"multigrid",\s*"cg",\s*"direct",\s*"spectral"/, [
    "core/contract.ts",
  ]],
  // suite_test.ts sets the variable, to see what the parser makes of it.
  [
    "the parser of LAPLACE_REQUIRE",
    /env(\.|\[")LAPLACE_REQUIRE|"LAPLACE_REQUIRE"/,
    ["conformance/required.ts", "tests/conformance/suite_test.ts"],
  ],
  ["the rough field", /\b(const rough =|function rough\b)/, ["tests/support/problems.ts"]],
];

for (const [what, pattern, where] of ONCE) {
  test(`${what} stands once`, () => {
    assert.deepEqual(sources.filter(({ text }) => pattern.test(text)).map(({ name }) => name).sort(), where);
  });
}
