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

/** A word, what to write instead, and where it is banned if not everywhere: the C of native/, or all of it and of backends/. */
type Entry = readonly [pattern: RegExp, instead: string, only?: "C" | "kernels"];

/** A part of an identifier, in camelCase and in snake_case: `team`, `openTeam`, `team_of`, not `steam`. */
function part(word: string): RegExp {
  const capital = word[0]!.toUpperCase() + word.slice(1);
  return new RegExp(`(?<![A-Za-z])${word}(?![a-z])|${capital}(?![a-z])|(?<![A-Za-z])${word.toUpperCase()}(?![A-Za-z])`);
}

/** A member or function of that name, where the word alone is ordinary: `grid.turn`, `turn(`, `laplace_turn`. */
function member(word: string): RegExp {
  return new RegExp(`(?<!\\.)\\.${word}\\b|(?<![.\\w])${word}\\??\\(|_${word}\\b`);
}

const IDENTIFIERS: readonly Entry[] = [
  // multigrid and conjugate gradients
  [part("descend"), "smoothAndRestrict"],
  [part("ascend"), "prolongAndSmooth"],
  [/(?<!\.)\.turn\b|_turn\b/, "prolongSmoothRestrict"],
  [member("refine"), "prolongSolution"],
  [member("equations"), "readOperator"],
  [/\b(set)?[rR]ightSide\b|right_side/, "readRhs, writeRhs"],
  [/\.system\b|_system\b/, "createLevel", "kernels"],
  [/\bCoarsest\b/, "CoarseSolver"],
  [part("remainder"), "computeResidual"],
  [part("aim"), "updateDirection"],
  [/\.move\b|_move\b/, "step"],
  [member("products"), "dots"],
  [part("excess"), "rowSum", "kernels"],
  [part("tight"), "zeroRowSums", "kernels"],
  [part("falling"), "se", "kernels"],
  [part("rising"), "sw", "kernels"],
  [/\.even\b/, "firstIsCoarse"],
  [part("amid"), "centre, edge point", "kernels"],
  // native sweeps
  [/\btake_\w|\bstruct take\b/, "load_row", "C"],
  [/\bgive_\w/, "store_and_restrict", "C"],
  [part("halves"), "half_rows", "kernels"],
  [part("natural"), "unpack", "C"],
  [part("split"), "deinterleave", "C"],
  [part("blank"), "lazy_grid", "C"],
  [part("lifted"), "dimension_lift", "C"],
  [part("cut"), "tiling", "C"],
  [part("strip"), "temporal tile", "kernels"],
  [part("strips"), "temporal tiles", "kernels"],
  [part("ahead"), "nextSweepReady", "C"],
  [/(?<!ghosts_)\bstale\b/, "ghosts_stale", "C"],
  [part("renew"), "fillGhosts", "kernels"],
  [part("image"), "periodic ghost", "C"],
  [part("wrap"), "periodic", "C"],
  [part("lent"), "refcount", "kernels"],
  [part("freed"), "refcount", "C"],
  [/\bmodel_touch\b/, "first_touch"],
  [/\bmodel_team\b/, "parallel_run"],
  [part("fused"), "plate", "C"],
  [part("announce"), "writeLevel"],
  [part("equate"), "galerkinRow"],
  // core and backends
  [/\bPieces?\b|\bpieces\(/, "assemble, FieldChunk"],
  [/\.gap\b/, "spectralGap"],
  [/\.coarser\b|\bcoarser\(/, "coarsenProblem"],
  [part("corrector"), "residual_correction"],
  [/\bWaves\b/, "TrigTransform"],
  [part("bends"), "eigenvalues"],
  [part("synthesize"), "inverse"],
  [/\bstencil\.size\b/, "magnitude"],
  [part("settle"), "gaussSeidel"],
  [/\.proven\b|\bproven\??:/, "boundProven"],
  [/\bstencil\.errorFactor\b/, "errorPerResidual"],
  [part("team"), "thread pool"],
  [part("parties"), "threads"],
  [member("meet"), "barrierWait"],
  [member("deal"), "nextTask"],
  [part("obedient"), "workerLoop"],
  [/\bHands\b/, "Pool"],
  [/\bShare\b/, "ThreadContext"],
  [/\bCourse\b/, "PassPlan"],
  [/\.home\b|\bhome\(/, "localEngine"],
  [member("tell"), "broadcast", "kernels"],
  [member("obey"), "serve a command"],
];

const PHRASES: readonly Entry[] = [
  [/past the caches/, "by non-temporal stores"],
  [/nothing holds/, "singular (pure Neumann or periodic)"],
  [/amid four/, "centre"],
  [/\bobedient/, "that waits for commands"],
  [/gone beyond/, "exceeded"],
  [/to be had/, "available"],
  [/sweeps? a digit/, "sweeps per decimal digit"],
  [/general path/, "black-box path"],
  [/fused path/, "plate path"],
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
    const scopes = [
      undefined,
      /^native\/.*(?<!\.ts)$/.test(name) ? "C" : "",
      /^(native|backends)\//.test(name) ? "kernels" : "",
    ];
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
