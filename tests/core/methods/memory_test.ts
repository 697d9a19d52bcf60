/**
 * What a solve needs of the host's memory, by method, and where it does not fit.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import js from "../../../backends/js/mod.ts";
import type { Backend, Method } from "../../../core/contract.ts";
import { lower } from "../../../core/discretize/lower.ts";
import { hostBytes, type Memory, unfit } from "../../../core/methods/memory.ts";
import { planFor } from "../../../core/methods/plan.ts";
import { fake } from "../../support/fake_backend.ts";
import { free, plate } from "../../support/problems.ts";

test("unfit says what leaves no more memory, where it is not the machine", () => {
  const stencil = lower(plate(1025));
  const why = (memory: Memory) => unfit(js, stencil, { method: "jacobi", settings: {} }, memory);
  assert.equal(why({ bytes: 2 ** 24 }), "1025 x 1025 points need 0.0 GiB of memory, and 0.0 GiB are free");
  assert.equal(
    why({ bytes: 2 ** 24, limit: "the memory limit of its cgroup" }),
    "1025 x 1025 points need 0.0 GiB of memory, and 0.0 GiB are free below the memory limit of its cgroup",
  );
  assert.equal(why({ bytes: 4 * 8 * 1025 * 1025 }), undefined);
});

test("unfit counts what a method keeps besides the grid", () => {
  const plain = lower(plate(101));
  const need = (backend: Backend, method: Method, stencil = plain) => {
    // The least memory that is enough, in arrays.
    let arrays = 1;
    while (unfit(backend, stencil, planFor(backend, stencil, method, {}), { bytes: arrays * 8 * 101 * 101 })) arrays++;
    return arrays;
  };
  assert.equal(need(js, "jacobi"), 4);
  assert.equal(need(js, "multigrid"), 28);
  // Seven arrays of the grid, and aggregates.
  assert.equal(need(js, "multigrid", lower(plate(101, { edges: { west: free } }))), 28 + 5 + 18);
  assert.equal(
    need(fake("x", 1, { estimate: (stencil, plan) => ({ hostBytes: hostBytes(stencil, plan, 16) }) }), "multigrid"),
    6,
  );
  // Of ranks on several machines, this one has a quarter; the answer is whole.
  assert.equal(
    need(fake("x", 1, { estimate: (stencil, plan) => ({ hostBytes: hostBytes(stencil, plan, 16) / 4 }) }), "multigrid"),
    3,
  );
});
