/**
 * The problem files of examples/fields/: each is sound and explains itself, and its numbers come to the known ones as fast
 * as the grid is refined.
 *
 * @module
 */

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  answerOf,
  errorsOf,
  EXACT_FIELDS,
  JOBS,
  KNOWN_ANSWERS,
  type KnownAnswer,
  onGrid,
  resultAt,
} from "../../examples/fields/known_answers.ts";
import { readProblem } from "../../io/problem_file.ts";
import { solve } from "../../solve/solve.ts";

const folder = fileURLToPath(new URL("../../examples/fields/", import.meta.url));
const files = globSync("*.toml", { cwd: folder }).map((name) => name.slice(0, -".toml".length)).sort();
const read = (file: string) => readProblem(`${folder}${file}.toml`, { onWarning: assert.fail });

test("every problem file has a known answer, and every known answer a file", () => {
  const known = [...KNOWN_ANSWERS, ...JOBS, ...EXACT_FIELDS].map(({ file }) => file);
  assert.deepEqual(files, [...new Set(known)].sort());
});

for (const file of files) {
  test(`${file}.toml begins with two sentences and its title, and is sound`, async () => {
    const text = readFileSync(`${folder}${file}.toml`, "utf8");
    const [, comment, title] = /^((?:# .*\n)+)title = "(.*)"\n/.exec(text)!;
    assert.match(comment!, /[.:)][^.]* .*\.\n$/s);
    const problem = await read(file);
    assert.equal(problem.title, title);
    assert.ok(problem.shape.every((n) => n % 2 === 1 || problem.image), `${problem.shape}`);
  });
}

async function valueOf(answer: KnownAnswer, factor: number): Promise<number> {
  const { file, parameters } = answer;
  const problem = onGrid(await read(file), factor, parameters);
  const { results, status } = await solve(problem, { tol: 1e-10, stop: "residual" });
  assert.ok(status === "converged" || status === "stalled", status);
  return answerOf(answer, (name) => resultAt(results!, name));
}

for (const answer of [...KNOWN_ANSWERS, ...JOBS]) {
  const { file, parameters, quantity, exact, order, coarsest = 1 / 4 } = answer;
  const name = [file, ...Object.entries(parameters ?? {}).map(([key, value]) => `${key} = ${value}`)].join(", ");
  // A drawing has one grid; its solution is known from a sparse direct solver, on the same cells.
  if (file === "cold-bridge") continue;
  test(`${name}: the error of ${quantity} falls with h to the power of ${order.toFixed(2)}`, async () => {
    const errors: number[] = [];
    for (const grid of [1, 2, 4]) errors.push(Math.abs(await valueOf(answer, grid * coarsest) / exact - 1));
    const [coarse, , fine] = errors as [number, number, number];
    // Outlines lie differently between the nodes of each grid: a third of an order less is theirs.
    assert.ok(fine <= coarse / 4 ** (order - 1 / 3) || fine < 1e-6, errors.join(", "));
  });
}

test("cold-bridge is solved on the cells of its drawing", async () => {
  const bridge = JOBS.find(({ file }) => file === "cold-bridge")!;
  // By a sparse direct solver (SuperLU), with the mean of two cells along the side between them.
  const expected = 9.493482295586674 / 10;
  assert.ok(Math.abs(await valueOf(bridge, 1) / expected - 1) < 1e-8);
  // The standard prints one digit after the point, of W/m.
  assert.equal((10 * expected).toFixed(1), "9.5");
});

for (const field of EXACT_FIELDS) {
  const { file } = field;
  test(`${file}: the field is exact at every node`, async () => {
    const problem = file === "rods" ? await read(file) : onGrid(await read(file), 1 / 4);
    const { u, results, status } = await solve(problem, { tol: 1e-11 });
    assert.equal(status, "converged");
    const errors = errorsOf(field, problem, { u, results: results! });
    assert.ok(errors.u <= 1e-12, `u is off by ${errors.u} of its scale`);
    assert.ok(Math.abs(results!.imbalance) <= 1e-10, `${results!.imbalance}`);
    assert.ok(errors.totals === undefined || errors.totals <= 1e-10, `totals are off by ${errors.totals}`);
  });
}
