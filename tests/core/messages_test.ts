/**
 * Names of parts and probes in messages.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { withName } from "../../core/problem/messages.ts";

const problem = {
  parts: [{ name: "core" }, { name: "a\nb" }, {}, 3, { name: "x".repeat(61) }],
  probes: [{ name: 'the "cut"' }],
};

test("withName puts the name of a part or probe behind the key at fault, where there is one", () => {
  for (
    const [message, expected] of [
      ["parts[0].radius must be 1", `parts[0].radius ("core") must be 1`],
      ["parts[0] has no role", `parts[0] ("core") has no role`],
      ["parts[0].points[1][0]: unknown name", `parts[0].points[1][0] ("core"): unknown name`],
      ["probes[0].at must lie", `probes[0].at ("the \\"cut\\"") must lie`],
      ["parts[1].to is missing", `parts[1].to ("a\\nb") is missing`],
      ["parts[0].name must differ from that of parts[1]", undefined],
      ["parts[2].name is missing", undefined],
      ["parts[2] has no role", undefined],
      ["parts[3] must be a table", undefined],
      ["parts[4] has no role", undefined],
      ["parts[9] has no role", undefined],
      ["edges.north must differ from parts[0]", undefined],
    ] as const
  ) assert.equal(withName(message, problem), expected ?? message);
  for (const parts of [undefined, null, 3, {}]) assert.equal(withName("parts[0] is", { parts }), "parts[0] is");
});

test("withName takes whatever a file may hold, and leaves the message whole", () => {
  fc.assert(fc.property(fc.record({ parts: fc.anything(), probes: fc.array(fc.anything()) }), (problem) => {
    for (const list of ["parts", "probes"]) {
      const named = withName(`${list}[0].to is missing`, problem);
      assert.ok(named.startsWith(`${list}[0].to `) && named.endsWith(" is missing") && !named.includes("\n"));
    }
  }));
});
