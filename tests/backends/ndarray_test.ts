import assert from "node:assert/strict";
import test from "node:test";
import ndarray from "../../backends/ndarray/mod.ts";
import { lower } from "../../core/discretize/lower.ts";
import { problems } from "../support/problems.ts";
import { assertNaNSurfaces, assertSameBits, plan } from "../support/same_bits.ts";

for (const name of Object.keys(problems)) {
  test(`ndarray gives the bits of js: ${name}`, () => assertSameBits(ndarray, name));
}

test("ndarray surfaces NaN", () => assertNaNSurfaces(ndarray));

test("ndarray refuses settings", () => {
  const stencil = lower({ shape: [5, 5] });
  assert.throws(() => ndarray.open(stencil, plan("jacobi", { threads: "2" })), /"ndarray" has no setting "threads"/);
});
