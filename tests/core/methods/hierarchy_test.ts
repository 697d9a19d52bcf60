/**
 * Levels of multigrid: their sizes, and what becomes of them when one fails.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { lower } from "../../../core/discretize/lower.ts";
import type { LevelKernels } from "../../../core/kernels/kernels.ts";
import { Hierarchy, levelSizes } from "../../../core/methods/hierarchy.ts";

test("sizesBelow coarsens the stiffer direction until both are alike, and down to few points", () => {
  const sizes = (shape: [number, number], spacing: [number, number], kind: "plain" | "weighted" = "plain") =>
    levelSizes({ kind, shape, spacing }).map(({ shape: [ny, nx] }) => `${ny} x ${nx}`);
  assert.deepEqual(sizes([65, 65], [1, 1]), ["31 x 31", "15 x 15", "7 x 7"]);
  assert.deepEqual(sizes([65, 65], [1, 1], "weighted"), ["33 x 33", "17 x 17", "9 x 9", "5 x 5"]);
  assert.deepEqual(sizes([65, 65], [1, 4]), ["31 x 63", "15 x 63", "7 x 31", "3 x 15"]);
  assert.deepEqual(sizes([34, 65], [4, 1]), ["32 x 31", "32 x 15", "16 x 7", "8 x 3"]);
  assert.deepEqual(sizes([3, 300], [1, 1]), ["1 x 149", "1 x 74", "1 x 37"]);
  assert.deepEqual(sizes([300, 3], [1, 1], "weighted").at(-1), "38 x 1");
  assert.deepEqual(sizes([5, 5], [1, 1]), ["1 x 1"]);
  assert.deepEqual(sizes([3, 3], [1, 1]), []);
});

test("levels that fail half-way are freed, the last one first", async () => {
  const stencil = lower({ shape: [65, 65] });
  const all = levelSizes(stencil).length;
  for (const [failing, made] of [["level 2", 1], ["operator", all], ["factorization", all]] as const) {
    const fail = () => {
      throw new Error(failing);
    };
    // A level is its number; the grid is 0.
    const alive = [0];
    const freed: number[] = [];
    const unused = () => assert.fail();
    const levels: LevelKernels<number> = {
      coarsen: (fine) => failing === `level ${fine + 1}` ? fail() : alive.push(fine + 1) && fine + 1,
      // A factorization reads it first.
      readOperator: () => failing === "operator" ? fail() : new Proxy(new Float64Array(), { get: fail }),
      free(level) {
        assert.equal(level, alive.pop());
        freed.push(level);
      },
      smoothAndRestrict: unused,
      prolongAndSmooth: unused,
      readRhs: unused,
      writeRhs: unused,
      writeCorrection: unused,
    };
    const creating = Hierarchy.create(levels, levels, 0, levelSizes(stencil), stencil);
    await assert.rejects(creating, { message: failing });
    assert.equal(freed.length, made);
    assert.deepEqual(alive, [0]);
  }
});
