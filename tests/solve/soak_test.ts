/**
 * A cut of the soak: hard problems in any units, by every method and plugin on the CPU, against exact solutions.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { hardSolve, judge } from "../support/hard_problems.ts";

const RUNS = 400;
/**
 * Ended wrong once: a mean subtracted in f32, subnormal steps, a comparison function of nothing but rounding; cycles whose
 * residual was that of f32 corrections; held values rounded to f32.
 */
const FOUND = [102197, 104916, 16159, 26526, 29063, 116037];

test(`what is converged is within what was asked, and all errors are within their bounds: ${RUNS} hard problems`, async () => {
  const counts: Record<string, number> = {};
  for (const seed of [...Array(RUNS).keys(), ...FOUND]) {
    const { status, wrong } = await judge(hardSolve(seed));
    counts[status] = (counts[status] ?? 0) + 1;
    assert.equal(wrong, undefined, `seed ${seed}: ${wrong}`);
  }
  assert.ok(counts.converged! > RUNS / 4, JSON.stringify(counts));
});
