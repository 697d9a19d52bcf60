/**
 * The field's words stand for what they name, and the private ones that stood there before do not come back: neither as
 * identifiers nor, where they were phrases, in comments and pages.
 *
 * @module
 */

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

/** A word, what to write instead, and where it is banned if not everywhere: in C, or in native/ and backends/. */
type Entry = readonly [pattern: RegExp, instead: string, only?: "C" | "kernels"];

/** A part of an identifier, in camelCase and in snake_case: `team`, `openTeam`, `team_of`, not `steam`. */
function part(word: string): RegExp {
  const capital = word[0]!.toUpperCase() + word.slice(1);
  return new RegExp(`(?<![A-Za-z])${word}(?![a-z])|${capital}(?![a-z])|(?<![A-Za-z])${word.toUpperCase()}(?![A-Za-z])`);
}

const IDENTIFIERS: readonly Entry[] = [
  // multigrid and conjugate gradients
  [part("descend"), "smoothAndRestrict"],
  [part("ascend"), "prolongAndSmooth"],
  [/\.system\b|_system\b/, "createLevel", "kernels"],
  [/\bCoarsest\b/, "CoarseSolver"],
  // native sweeps
  [part("halves"), "half_rows", "kernels"],
  [part("split"), "deinterleave", "C"],
  [part("blank"), "lazy_grid", "C"],
  [part("fused"), "plate", "C"],
  // threads and WebAssembly
  [part("team"), "pool"],
  [part("parties"), "threads"],
  [part("obedient"), "workerLoop"],
  [part("deal"), "nextTask"],
  [part("announce"), "writeLevel"],
  [part("equate"), "galerkinRow"],
  // core and backends
  [/\.gap\b/, "spectralGap"],
  [part("corrector"), "residual_correction"],
  [part("bends"), "eigenvalues"],
  [part("synthesize"), "inverse"],
  [/\bstencil\.size\b/, "magnitude"],
  [part("settle"), "gaussSeidel"],
  [/\.proven\b|\bproven\??:/, "boundProven"],
  [/\bstencil\.errorFactor\b/, "errorPerResidual"],
];

const PHRASES: readonly Entry[] = [
  [/gone beyond/, "exceeded"],
  [/sweeps? a digit/, "sweeps per decimal digit"],
];

const root = fileURLToPath(new URL("../..", import.meta.url));
const OTHERS = /(^|[\\/])(node_modules|dist|build)[\\/]|words_test\.ts$/;
const files = (pattern: string) => globSync(pattern, { cwd: root }).filter((name) => !OTHERS.test(name)).sort();
const SOURCES = "{*,*/**/*}.{ts,c,h,cl,cu,f90,F90}";

/** The code of a source, line by line: without comments, and without the words inside of strings. */
function codeOf(name: string, text: string): string[] {
  const blank = (found: string) => found.replaceAll(/[^\n]/g, " ");
  const comments = /90$/.test(name) ? /!.*$/gm : /\/\*[^]*?\*\/|(?<!:)\/\/.*$/gm;
  return text.replaceAll(comments, blank).replaceAll(/"[^"\n]*"/g, blank).split("\n");
}

function uses(names: readonly string[], entries: readonly Entry[], lines: (name: string, text: string) => string[]) {
  return names.flatMap((name) => {
    const scopes = [undefined, /\.ts$/.test(name) ? "" : "C", /^(native|backends)\//.test(name) ? "kernels" : ""];
    const here = entries.filter(([, , only]) => scopes.includes(only));
    return lines(name, readFileSync(`${root}/${name}`, "utf8")).flatMap((line, k) =>
      here.flatMap(([pattern, instead]) => {
        const found = pattern.exec(line)?.[0];
        return found === undefined ? [] : [`${name}:${k + 1}: "${found}": write ${instead}`];
      })
    );
  });
}

test("no identifier is a word that the field has another for", () => {
  // In mpi/ the words of MPI stand, and a ring is one of ranks.
  const sources = files(SOURCES).filter((name) => !/^(tests\/)?mpi\//.test(name));
  assert.ok(sources.length > 300, `${sources.length} sources`);
  assert.deepEqual(uses(sources, IDENTIFIERS, codeOf), []);
});

test("no comment and no page has the phrases of a private language", () => {
  const pages = files("{*,.*/**/*,*/**/*}.md");
  assert.deepEqual(uses([...files(SOURCES), ...pages], PHRASES, (_, text) => text.split("\n")), []);
});
