/** The progress line: what it says, and that it fits its terminal. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { progressLine } from "../../cli/progress.ts";

const early = { sweeps: 231, residual: 0.137, seconds: 1.14 };
const late = { sweeps: 10_000_000, residual: 1.234e-16, seconds: 123456.7 };

test("progressLine has a bar and all figures where there is room", () => {
  assert.equal(progressLine(early, 0.19), " 19 %  231 sweeps  residual 1.37e-1  1.1 s");
  assert.equal(
    progressLine(early, 0.5, 79),
    `[${"#".repeat(12)}${".".repeat(12)}]  50 %  231 sweeps  residual 1.37e-1  1.1 s`,
  );
  assert.equal(progressLine(early, 1, 79), `[${"#".repeat(24)}] 100 %  231 sweeps  residual 1.37e-1  1.1 s`);
});

test("progressLine shortens the bar first, then leaves out figures", () => {
  assert.equal(progressLine(early, 0.5, 55), "[#####.....]  50 %  231 sweeps  residual 1.37e-1  1.1 s");
  assert.equal(progressLine(early, 0.5, 50), " 50 %  231 sweeps  residual 1.37e-1  1.1 s");
  assert.equal(
    progressLine(early, 0.5, 40),
    " 50 %  residual 1.37e-1  1.1 s",
  );
  assert.equal(progressLine(early, 0.5, 19), " 50 %  1.1 s");
});

test("progressLine fits terminals of 20 columns and more", () => {
  for (let columns = 19; columns < 200; columns++) {
    for (const progress of [early, late]) {
      for (const share of [0, 0.5, 1]) {
        const line = progressLine(progress, share, columns);
        assert.ok(line.length <= columns, line);
        assert.match(line, / % {2}/);
      }
    }
  }
});
