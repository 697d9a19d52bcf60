/**
 * What a command says of a problem that cannot be solved.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { cannotSolve } from "../../cli/cannot_solve.ts";
import { ConfigError, ProblemError } from "../../core/errors.ts";
import type { Problem } from "../../core/problem/problem.ts";

const problem: Problem = {
  shape: [5, 5],
  probes: [
    { name: "middle", at: [2, 2] },
    { name: "9,9", at: [9, 9] },
    { name: "0,0:9,9", from: [0, 0], to: [9, 9] },
  ],
};
const typed = ["--point 9,9", "--line 0,0:9,9"];

test("cannotSolve names the file and the probe, or the flag that has added it", () => {
  const said = (message: string, file?: string) => {
    const error = cannotSolve(new ProblemError(message), file, problem, typed);
    assert.ok(error instanceof ConfigError);
    return error.message;
  };
  assert.equal(said("probes[0].at must lie", "p.toml"), `Cannot solve "p.toml": probes[0].at ("middle") must lie`);
  assert.equal(said("probes[1].at must lie", "p.toml"), "--point 9,9: must lie");
  assert.equal(said("probes[2].to must lie", "p.toml"), "--line 0,0:9,9: to must lie");
  assert.equal(said("probes[1] has no place"), "--point 9,9: has no place");
  assert.equal(said("edges.north must be"), "edges.north must be");
  assert.equal(said("edges.north must be", "p.toml"), `Cannot solve "p.toml": edges.north must be`);
});

test("cannotSolve changes no other error", () => {
  for (const error of [new ConfigError("probes[1] is"), new Error("probes[1] is"), 3]) {
    assert.equal(cannotSolve(error, "p.toml", problem, typed), error);
  }
});
